"""Sentences for the next page: kept in the session until a page shows them, and never many.

With one of them goes what of a form arrived, so that the browser keeps it no longer (keep.js). A form that keeps sends
its name along; what was said to succeed has arrived, and no view has to think of it.
"""

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.session import SessionStorage
from django.http import HttpRequest

MOST = 5
KEPT = "kept:"
NAMED = "kept"
"""Under which name `form[data-keep]` sends what it is called."""
LONGEST_NAME = 200
NO_WORDS = " "


class NewestSaid(SessionStorage):
    """The newest few, each once. Of who answers by a script, or never opens the next page, they would pile up.

    The same sentence about two forms stands twice: each tells the browser which text it need not keep (`kept:`).
    """

    def add(self, level: int, message: str, extra_tags: str | None = "") -> None:
        """A warning clears nothing: with what was typed one goes on."""
        name = self.request.POST.get(NAMED, "")[:LONGEST_NAME] if level == messages.SUCCESS else ""
        super().add(level, message, extra_tags or (name and KEPT + name))

    def _store(self, messages: Sequence[Message], response: object, *args: object, **more: object) -> list[Message]:
        newest = {(one.level, one.message, one.extra_tags): one for one in reversed(messages)}
        return super()._store(list(newest.values())[:MOST][::-1], response, *args, **more)  # type: ignore[misc]


def let_go(request: HttpRequest) -> None:
    """What was typed arrived, and the next page shows that by itself: only the browser hears of it."""
    if NAMED in request.POST:
        messages.success(request, NO_WORDS)
