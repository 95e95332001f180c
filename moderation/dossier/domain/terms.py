"""How long a hard copy is kept: case closed plus some years; without a case the end of the school year plus some."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

OF_A_CASE, OF_A_YEAR = 2, 1
LEAP_DAY = (2, 29)


@dataclass(frozen=True)
class Terms:
    """In years."""

    after_case: int = OF_A_CASE
    after_year: int = OF_A_YEAR


def term_of(year_ends: datetime | None, closings: Sequence[datetime | None], terms: Terms) -> datetime | None:
    """When the term of a copy is over; None while a case about it is open, or its school year is not known.

    `closings`: when each case about it was closed, None for an open one.
    """
    if closings:
        closed = [moment for moment in closings if moment is not None]
        return years_later(max(closed), terms.after_case) if len(closed) == len(closings) else None
    return years_later(year_ends, terms.after_year) if year_ends else None


def years_later(moment: datetime, years: int) -> datetime:
    """The same day so many years on; for 29 February the last of the month."""
    leaps = (moment.month, moment.day) == LEAP_DAY
    return moment.replace(year=moment.year + years, day=28 if leaps else moment.day)
