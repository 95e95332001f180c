"""Who asks: the one argument of every rule."""

from datetime import datetime
from typing import Any, NamedTuple


class Actor(NamedTuple):
    """Somebody, wearing a hat, at a moment; made once by the middleware, a task or a command, and handed on.

    `user` is a User, nobody signed in (`AnonymousUser`), or an `OuterRef` where a rule is asked for many. `hat` is
    `Hat.FAMILY`, `Hat.STAFF`, or `Hat.ANY` where both count; a rule that knows one hat only does not look at it.
    """

    user: Any
    hat: str
    now: datetime

    def wearing(self, hat: str) -> "Actor":
        """The same person at the same moment, in this hat."""
        return self._replace(hat=hat)


def clock(now: datetime) -> Actor:
    """Nobody: what happens at its moment by itself, or is ordered on the server."""
    return Actor(None, "", now)
