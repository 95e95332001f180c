"""Sentences for the next page: kept in the session until a page shows them, and never many."""

from typing import Any

from django.contrib.messages.storage.session import SessionStorage

MOST = 5


class NewestSaid(SessionStorage):
    """The newest few, each once. Of who answers by a script, or never opens the next page, they would pile up.

    The same sentence about two forms stands twice: each tells the browser which text it need not keep (`kept:`).
    """

    def _store(self, messages: Any, response: Any, *args: Any, **more: Any) -> Any:
        newest = {(one.level, one.message, one.extra_tags): one for one in reversed(messages)}
        return super()._store(list(newest.values())[:MOST][::-1], response, *args, **more)  # type: ignore[misc]
