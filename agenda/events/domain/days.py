"""On which days something is: once, some days on end, or again and again until a day. Pure, on the school's calendar.

Days and clocks are those of the school, never moments: what begins at 20.00 does so in summer and in winter.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from groups.records.domain.working_hours import DaysOff, is_off
from portal.core.domain.moments import SCHOOL_ZONE, end_of_day

ONCE, WEEKS, MONTHS = "", "weeks", "months"
MOST_WEEKS = 6
LONGEST = timedelta(days=31)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
LAST = 5
"""The fifth Tuesday of a month is its last one: not every month has five."""


class NotThen(StrEnum):
    """Why something cannot be on these days."""

    BEFORE_FIRST = "before_first"
    TOO_LONG = "too_long"
    NO_BEGINNING = "no_beginning"
    ENDS_BEFORE = "ends_before"
    NO_UNTIL = "no_until"
    UNTIL_BEFORE = "until_before"
    REPEATED_PERIOD = "repeated_period"
    PAST = "past"
    NONE_LEFT = "none_left"
    NEXT_YEAR = "next_year"
    ALL_OFF = "all_off"


class DaysRefusedError(ValueError):
    """It cannot be then: `why`, and in which `field` of the form."""

    def __init__(self, field: str, why: NotThen) -> None:
        super().__init__(why)
        self.field, self.why = field, why


@dataclass(frozen=True)
class Days:
    """From `first_day` up to and including `last_day`; with `repeats` again, every so many weeks or each month.

    `begins_at` and `ends_at` are of the first and the last day; without them it is all day. `until` is the last day on
    which it may begin again; of what is once its last day.
    """

    first_day: date
    last_day: date
    begins_at: time | None
    ends_at: time | None
    repeats: str
    every: int
    until: date

    @property
    def is_series(self) -> bool:
        return self.repeats != ONCE

    def beginnings(self) -> Iterator[date]:
        """The days on which it begins, in order."""
        if self.repeats == WEEKS:
            yield from _stepped(self.first_day, self.until, WEEK * self.every)
        elif self.repeats == MONTHS:
            yield from _monthly(self.first_day, self.until)
        else:
            yield self.first_day

    def between(self, first: date, last: date, *, off: DaysOff = ()) -> list[tuple[date, date]]:
        """The times it is on, as first and last day, that have a day in common with these.

        What comes back is not on the school's days `off`: nobody means the gym of Christmas.
        """
        lasts = self.last_day - self.first_day
        days = self.beginnings() if not self.is_series else (day for day in self.beginnings() if not is_off(day, off))
        return [(day, day + lasts) for day in days if day <= last and day + lasts >= first]

    def meets(self, off: DaysOff) -> bool:
        """Whether what is once has a day in common with these days off; what comes back is not on them."""
        return not self.is_series and any(first <= self.last_day and last >= self.first_day for first, last in off)

    def is_over(self, last: date, now: datetime) -> bool:
        """Whether a time that ends on this day was over by `now`: at its clock, or else with the day."""
        ends = datetime.combine(last, self.ends_at, SCHOOL_ZONE) if self.ends_at else end_of_day(last)
        return ends <= now

    def over_by(self, now: datetime) -> set[date]:
        """The days on which it began and that were over by `now`."""
        lasts = self.last_day - self.first_day
        return {day for day in self.beginnings() if self.is_over(day + lasts, now)}


def _stepped(first: date, until: date, step: timedelta) -> Iterator[date]:
    day = first
    while day <= until:
        yield day
        day += step


def place_in_month(day: date) -> int:
    """The how-manyth of its weekday it is in its month, from 1; 5 is the last."""
    return (day.day - 1) // 7 + 1


def _monthly(first: date, until: date) -> Iterator[date]:
    """Each month on the same weekday: the second Tuesday, or the last one."""
    place, month = place_in_month(first), first.replace(day=1)
    while (day := _nth(month, first.weekday(), place)) <= until:
        yield day
        month = (month + LONGEST).replace(day=1)


def _nth(month: date, weekday: int, place: int) -> date:
    first = month + DAY * ((weekday - month.weekday()) % 7)
    if place < LAST:
        return first + WEEK * (place - 1)
    last = first + WEEK * (LAST - 1)
    return last if last.month == month.month else last - WEEK


def tidy_days(
    *,
    first_day: date,
    last_day: date | None = None,
    begins_at: time | None = None,
    ends_at: time | None = None,
    repeats: str = ONCE,
    every: int = 1,
    until: date | None = None,
) -> Days:
    """These days as they are kept; what begins once before its end comes back never. Raises `DaysRefusedError` for
    what cannot be.
    """
    last = last_day or first_day
    _demand(last >= first_day, "last_day", NotThen.BEFORE_FIRST)
    _demand(last - first_day <= LONGEST, "last_day", NotThen.TOO_LONG)
    _demand(begins_at is not None or ends_at is None, "begins_at", NotThen.NO_BEGINNING)
    if begins_at and ends_at and last == first_day:
        _demand(ends_at > begins_at, "ends_at", NotThen.ENDS_BEFORE)
    once = Days(first_day, last, begins_at, ends_at, ONCE, 1, last)
    if repeats == ONCE:
        return once
    _demand(last == first_day, "last_day", NotThen.REPEATED_PERIOD)
    if until is None:
        raise DaysRefusedError("until", NotThen.NO_UNTIL)
    _demand(until > first_day, "until", NotThen.UNTIL_BEFORE)
    *_, really = Days(first_day, last, begins_at, ends_at, repeats, every, until).beginnings()
    if really == first_day:
        return once
    return Days(first_day, last, begins_at, ends_at, repeats, every if repeats == WEEKS else 1, really)


def demand_to_come(days: Days, *, today: date, year_ends: date, was: Days | None = None) -> None:
    """What is made begins today or later, and is over before the groups are (their year). Raises `DaysRefusedError`.

    `was`: its days before a change; that first day may be past. Who lets a series end before its next time wants no
    time of it any more, even where "until" says today.
    """
    _demand(days.first_day >= today or (was is not None and days.first_day == was.first_day), "first_day", NotThen.PAST)
    if was and was.is_series:
        _demand(days.until >= today, "until", NotThen.NONE_LEFT)
    _demand(days.until >= today, "until" if days.is_series else "last_day", NotThen.PAST)
    over = days.until if days.is_series else days.last_day
    _demand(over <= year_ends, "until" if days.is_series else "first_day", NotThen.NEXT_YEAR)


def demand_some_on(days: Days, *, off: DaysOff) -> None:
    """Of what comes back a time is left beside the school's days off. Raises `DaysRefusedError`."""
    _demand(bool(days.between(days.first_day, days.until, off=off)), "first_day", NotThen.ALL_OFF)


def _demand(holds: bool, field: str, why: NotThen) -> None:
    if not holds:
        raise DaysRefusedError(field, why)
