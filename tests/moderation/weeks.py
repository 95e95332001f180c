"""Moments of a week, for the tests of what groups place."""

from datetime import datetime, time
from typing import Any

from messaging.newsletter.domain import IsoWeek
from portal.core.domain.moments import SCHOOL_ZONE

W46, W47, W48 = (IsoWeek(2026, number) for number in (46, 47, 48))
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(1, 8)


def at(week: IsoWeek, weekday: int, hour: int = 9, minute: int = 0) -> datetime:
    """A moment on the school's clock."""
    return datetime.combine(week.day(weekday), time(hour, minute), SCHOOL_ZONE)


def begun(place: Any) -> None:
    """The school placed its first message weeks ago: from then on something is asked."""
    place("Petra", "@school", now=at(IsoWeek(2026, 40), MONDAY))
