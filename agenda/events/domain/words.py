"""Words that stand somewhere and go out again later. Pure."""

from datetime import datetime
from typing import NamedTuple


class StandingWords(NamedTuple):
    """What is read there, by the readers of `groups` (keys), and `since` when: then its names passed (POL-40)."""

    texts: tuple[str, ...]
    groups: frozenset[int]
    since: datetime
