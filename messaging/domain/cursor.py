"""Where the next page of a list begins: the moment and the uid of the last message shown. Nothing of the inside."""

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WRITTEN = re.compile(r"([0-9]{1,16})-([0-9a-f]{32})", re.ASCII)


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
