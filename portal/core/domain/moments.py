"""How far away a moment is for somebody who reads it in the school: the ground under "vandaag 14.10"."""

from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

SCHOOL_ZONE = ZoneInfo("Europe/Amsterdam")
SLOT = timedelta(minutes=10)
"""What somebody does within such a time belongs together, and is one mail."""


class Distance(Enum):
    """Which words a reader needs: the clock, the day, or the day with its year."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    TOMORROW = "tomorrow"
    SAME_YEAR = "same_year"
    OTHER_YEAR = "other_year"


def at_school(moment: datetime) -> datetime:
    """The moment on the school's clock; refuses a moment without a time zone."""
    if moment.utcoffset() is None:
        raise ValueError("A moment has a time zone.")
    return moment.astimezone(SCHOOL_ZONE)


def school_day(now: datetime) -> date:
    """Which day it is at school."""
    return at_school(now).date()


def noon_of(now: datetime) -> datetime:
    """The middle of the school's day: what is drawn for a day depends on no other moment of it."""
    return at_school(now).replace(hour=12, minute=0, second=0, microsecond=0)


def end_of_day(day: date) -> datetime:
    """The first moment after this day, on the school's clock."""
    return datetime.combine(day + timedelta(days=1), time(), SCHOOL_ZONE)


def distance(moment: datetime, *, now: datetime) -> Distance:
    """How far `moment` is from `now`, in days of the school's calendar and not in hours."""
    day, today = at_school(moment).date(), at_school(now).date()
    near = {
        today: Distance.TODAY,
        today - timedelta(days=1): Distance.YESTERDAY,
        today + timedelta(days=1): Distance.TOMORROW,
    }
    if day in near:
        return near[day]
    return Distance.SAME_YEAR if day.year == today.year else Distance.OTHER_YEAR


def slot_end(moment: datetime) -> datetime:
    """The end of the ten minutes that `moment` falls in."""
    seconds = int(moment.timestamp())
    size = int(SLOT.total_seconds())
    return datetime.fromtimestamp(seconds - seconds % size + size, UTC)
