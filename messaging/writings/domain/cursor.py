"""Where the next page of a list begins: the moment and the uid of the last message shown. Nothing of the inside.

And the page of a long list on which one reply stands.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypedDict
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WRITTEN = re.compile(r"([0-9]{1,16})-([0-9a-f]{32})", re.ASCII)

REPLY = "reactie"
"""The part of an address that names a reply."""


class Cursor(NamedTuple):
    published_at: datetime
    uid: UUID

    def __str__(self) -> str:
        return f"{(self.published_at - _EPOCH) // timedelta(microseconds=1)}-{self.uid.hex}"


def read_cursor(written: str) -> Cursor | None:
    """The cursor in a URL; None for anything that we did not write ourselves (U16)."""
    match = _WRITTEN.fullmatch(written)
    if not match:
        return None
    return Cursor(_EPOCH + timedelta(microseconds=int(match[1])), UUID(hex=match[2]))


class Before(TypedDict, total=False):
    """A cursor, as a compiled question is handed one."""

    before_at: datetime
    before_uid: UUID


def as_arguments(before: Cursor | None) -> Before:
    """How a compiled question is handed a cursor: `before_at` and `before_uid`, or neither."""
    return {"before_at": before.published_at, "before_uid": before.uid} if before else {}


def from_arguments(before_at: datetime | None, before_uid: UUID | None) -> Cursor | None:
    """The cursor of these two again."""
    return Cursor(before_at, before_uid) if before_at and before_uid else None


def at_reply(uid: UUID) -> str:
    """The end of an address that opens the page of a post where this reply stands, however many came after it."""
    return f"?{REPLY}={uid}#{REPLY}-{uid}"
