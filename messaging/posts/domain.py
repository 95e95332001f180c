"""Where the line "Nieuw sinds gisteren" stands in a list that stays in order of time: at most one pair a page."""

from collections.abc import Sequence
from typing import NamedTuple


class Lines(NamedTuple):
    """Index before which each line stands; None: it does not stand on this page."""

    new_at: int | None
    read_at: int | None


def place_lines(unread: Sequence[bool]) -> Lines:
    """The new ones begin at the first unread message; the read ones after the last."""
    if not any(unread):
        return Lines(None, None)
    first = unread.index(True)
    after_last = len(unread) - list(reversed(unread)).index(True)
    return Lines(first, after_last if after_last < len(unread) else None)
