"""How often a group hears something (POL-26): which weeks count, what is asked in them, and the verdict of a week.

A week is the ISO week on the school's clock, from Monday to Monday, also over New Year and where the clock changes. It
counts as soon as one of its working days is a school day: the norm is advice, and half a week is enough for a message.
A week without school days asks nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from groups.records.domain.working_hours import DaysOff, is_off
from messaging.newsletter.domain import IsoWeek
from portal.core.domain.moments import SCHOOL_ZONE

WORKING_DAYS = range(1, 6)
HINT_AT = time(12)
DAY_ENDS = time(17)


class WeekVerdict(StrEnum):
    """What a week of a group was: `not_asked` in a holiday or without a norm."""

    NOT_ASKED = "not_asked"
    SILENT = "silent"
    BELOW = "below"
    WITHIN = "within"
    ABOVE = "above"


@dataclass(frozen=True)
class Norm:
    """So many messages a week at least, and at most (None: as many as one likes)."""

    least: int = 0
    most: int | None = None

    @property
    def asks(self) -> bool:
        return self.least > 0 or self.most is not None


def verdict_of(posts: int, norm: Norm, school_days: int) -> WeekVerdict:
    """What `posts` messages in a week with so many school days are worth."""
    if not (school_days and norm.asks):
        return WeekVerdict.NOT_ASKED
    if posts < norm.least:
        return WeekVerdict.BELOW if posts else WeekVerdict.SILENT
    return WeekVerdict.ABOVE if norm.most is not None and posts > norm.most else WeekVerdict.WITHIN


def school_days(week: IsoWeek, off: DaysOff) -> list[date]:
    """The working days of a week on which there is school."""
    days = [week.day(number) for number in WORKING_DAYS]
    return [day for day in days if is_school_day(day, off)]


def is_school_day(day: date, off: DaysOff) -> bool:
    return day.isoweekday() in WORKING_DAYS and not is_off(day, off)


def hint_window(days: Sequence[date]) -> tuple[datetime, datetime] | None:
    """From when to when a silent group's teachers are told: noon of the middle school day until the last one ends.

    Of a whole week that is Wednesday noon to Friday afternoon; of a week that begins on Thursday, Friday only.
    """
    if not days:
        return None
    begins = datetime.combine(days[len(days) // 2], HINT_AT, SCHOOL_ZONE)
    return begins, datetime.combine(days[-1], DAY_ENDS, SCHOOL_ZONE)


@dataclass(frozen=True)
class Column:
    """One week in a chart, from below: `posts` messages, or a mark on the floor where there were none."""

    x: int
    y: int
    height: int
    verdict: WeekVerdict


@dataclass(frozen=True)
class Chart:
    """The weeks of one group side by side in whole units; `band` is the norm, from `band_y` on so high."""

    columns: tuple[Column, ...]
    width: int
    band_y: int
    band: int


STEP, ROOM, UNIT, FLOOR = 12, 2, 8, 2
"""A column takes a step, with room on both sides; a message is a unit high; the floor is where nothing stands."""
TALLEST = 5
HEIGHT = TALLEST * UNIT + FLOOR
SLOTS = 8
"""As wide is every chart; the last week stands at its end."""


def chart_of(weeks: Sequence[tuple[int, WeekVerdict]], norm: Norm) -> Chart:
    """The same measure for every chart, so that they can be compared; more than five stand as five."""
    first = max(SLOTS - len(weeks), 0)
    columns = tuple(_column(first + place, *week) for place, week in enumerate(weeks))
    most = min(norm.most if norm.most is not None else TALLEST, TALLEST)
    band = (most - max(norm.least - 1, 0)) * UNIT if norm.asks else 0
    return Chart(columns, (first + len(weeks)) * STEP, HEIGHT - FLOOR - most * UNIT, max(band, 0))


def _column(place: int, posts: int, verdict: WeekVerdict) -> Column:
    height = min(posts, TALLEST) * UNIT + FLOOR
    return Column(place * STEP + ROOM, HEIGHT - height, height, verdict)
