"""From chairs to who reads a conversation when, and how far back. Pure, no database, no clock."""

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from groups.records.domain.derivation import FOREVER, Span


class Reading(NamedTuple):
    """In which time somebody reads what was said from `since` on."""

    span: Span
    since: datetime


def farthest_back(readings: Iterable[Reading]) -> list[Reading]:
    """The same without overlap: where several hold, the one that reaches back farthest.

    Example: from Monday on what was said since Monday, and from Wednesday on everything, is two: Monday to Wednesday,
    and from Wednesday on.
    """
    given = list(readings)
    ends = {reading.span.end or FOREVER for reading in given}
    moments = sorted({reading.span.start for reading in given} | ends)
    farthest: list[Reading] = []
    for start, end in pairwise(moments):
        held = [one.since for one in given if one.span.start <= start and end <= (one.span.end or FOREVER)]
        if not held:
            continue
        since, last = min(held), farthest[-1] if farthest else None
        if last and last.since == since and last.span.end == start:
            start = farthest.pop().span.start
        farthest.append(Reading(Span(start, end), since))
    return [
        one._replace(span=Span(one.span.start, None if one.span.end == FOREVER else one.span.end)) for one in farthest
    ]
