"""When somebody at school reads: the own regular working days and hours (POL-27), school days only.

Pure; the clock and the school's days off come in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from portal.core.domain.moments import SCHOOL_ZONE, at_school

DaysOff = Sequence[tuple[date, date]]
"""Holidays and single days off of a school: first and last day of each, both included; they may overlap."""
LONGEST_OFF = 370


@dataclass(frozen=True)
class WorkingHours:
    """`days` are weekday numbers, Monday is 1; from `start` up to but not at `end`, on the clock of the school."""

    days: frozenset[int]
    start: time
    end: time


def is_off(day: date, off: DaysOff) -> bool:
    """Whether the day is one of these days off."""
    return any(first <= day <= last for first, last in off)


def is_working(hours: WorkingHours, now: datetime, off: DaysOff) -> bool:
    """Whether `now` lies within the working hours of a school day."""
    local = at_school(now)
    return _works_on(hours, local.date(), off) and hours.start <= local.time() < hours.end


def next_reading_moment(hours: WorkingHours, now: datetime, off: DaysOff) -> datetime:
    """`now` itself within working hours, else the start of the next working day that is a school day.

    Days off for more than a year on end are a slip of the pen: then the ordinary week counts.
    """
    if is_working(hours, now, off):
        return now
    today = at_school(now).date()
    ahead = [today + timedelta(days=days) for days in range(LONGEST_OFF)]
    for taken in (off, ()):
        for day in ahead:
            begins = datetime.combine(day, hours.start, SCHOOL_ZONE)
            if _works_on(hours, day, taken) and begins > now:
                return begins
    raise ValueError("works on no day of the week")


def school_days_later(moment: datetime, count: int, off: DaysOff) -> datetime:
    """The same time of the clock, `count` school days after `moment`; days off for a year on end are a slip of the pen.

    Example: three school days after Thursday ten o'clock is Tuesday ten o'clock; after any time of a Saturday it is
    that time on Wednesday.
    """
    local = at_school(moment)
    ahead = [local.date() + timedelta(days=days) for days in range(1, LONGEST_OFF)]
    week = WorkingHours(frozenset(range(1, 6)), time.min, time.max)
    for taken in (off, ()):
        days = [day for day in ahead if _works_on(week, day, taken)]
        if len(days) >= count:
            return datetime.combine(days[count - 1], local.time(), SCHOOL_ZONE)
    raise ValueError("a year has more school days than that")


def _works_on(hours: WorkingHours, day: date, off: DaysOff) -> bool:
    return day.isoweekday() in hours.days and not is_off(day, off)
