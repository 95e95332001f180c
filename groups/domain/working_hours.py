"""When somebody at school reads: the own regular working days and hours (POL-27). Pure; the clock comes in."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from portal.core.domain.moments import SCHOOL_ZONE, at_school


@dataclass(frozen=True)
class WorkingHours:
    """`days` are weekday numbers, Monday is 1; from `start` up to but not at `end`, on the clock of the school."""

    days: frozenset[int]
    start: time
    end: time


def is_working(hours: WorkingHours, now: datetime) -> bool:
    """Whether `now` lies within the working hours."""
    local = at_school(now)
    return local.isoweekday() in hours.days and hours.start <= local.time() < hours.end


def next_reading_moment(hours: WorkingHours, now: datetime) -> datetime:
    """`now` itself within working hours, else the start of the next working day."""
    if is_working(hours, now):
        return now
    local = at_school(now)
    ahead = (local.date() + timedelta(days=days) for days in range(8))
    starts = (datetime.combine(day, hours.start, SCHOOL_ZONE) for day in ahead if day.isoweekday() in hours.days)
    return next(start for start in starts if start > local)
