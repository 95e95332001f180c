"""Sentences for the next page: kept in the session until a page shows them, and never many."""

from collections.abc import Sequence

from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.session import SessionStorage

MOST = 5


class NewestSaid(SessionStorage):
    """The newest few, each once. Of who answers by a script, or never opens the next page, they would pile up.

    The same sentence about two forms stands twice: each tells the browser which text it need not keep (`kept:`).
    """

    def _store(self, messages: Sequence[Message], response: object, *args: object, **more: object) -> list[Message]:
        newest = {(one.level, one.message, one.extra_tags): one for one in reversed(messages)}
        return super()._store(list(newest.values())[:MOST][::-1], response, *args, **more)  # type: ignore[misc]
