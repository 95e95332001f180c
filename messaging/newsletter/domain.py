"""The ISO week on the school's calendar, and when in it a weekly newsletter closes: at the school's day and hour."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from messaging.writings.domain.mailing import BUNDLE, GRACE
from portal.core.domain.moments import SCHOOL_ZONE, at_school

WEEK = timedelta(days=7)
STILL_SENT = timedelta(hours=48)
_NAME = re.compile(r"^(\d{4})-W(\d{2})$")


class UnknownWeekError(ValueError):
    """Not an ISO week as 2026-W47."""


@dataclass(frozen=True, order=True)
class IsoWeek:
    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}-W{self.number:02}"

    @classmethod
    def of(cls, day: date) -> "IsoWeek":
        year, number, _ = day.isocalendar()
        return cls(year, number)

    @classmethod
    def at(cls, moment: datetime) -> "IsoWeek":
        """The week on the school's calendar in which `moment` falls."""
        return cls.of(at_school(moment).date())

    @classmethod
    def named(cls, name: str) -> "IsoWeek":
        """Raises `UnknownWeekError` for what is no week, week 53 of a year without one included."""
        match = _NAME.match(name)
        if not match:
            raise UnknownWeekError(name)
        week = cls(int(match[1]), int(match[2]))
        try:
            week.day(1)
        except ValueError as error:
            raise UnknownWeekError(name) from error
        return week

    def day(self, weekday: int) -> date:
        return date.fromisocalendar(self.year, self.number, weekday)

    @property
    def monday(self) -> date:
        return self.day(1)

    @property
    def following(self) -> "IsoWeek":
        return IsoWeek.of(self.monday + WEEK)

    @property
    def preceding(self) -> "IsoWeek":
        return IsoWeek.of(self.monday - WEEK)

    def weeks_until(self, count: int) -> list["IsoWeek"]:
        """`count` weeks in a row, of which this one is the last."""
        return [IsoWeek.of(self.monday - back * WEEK) for back in reversed(range(count))]

    def weeks_after(self, count: int) -> list["IsoWeek"]:
        """The `count` weeks that come after this one."""
        return [IsoWeek.of(self.monday + (ahead + 1) * WEEK) for ahead in range(count)]

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """From Monday midnight up to but not at the next one, on the school's clock: 167 to 169 hours."""
        days = self.monday, self.following.monday
        since, until = (datetime.combine(day, time(), SCHOOL_ZONE) for day in days)
        return since, until

    @property
    def middle(self) -> datetime:
        """Thursday noon: in the year that the week belongs to."""
        return datetime.combine(self.day(4), time(12), SCHOOL_ZONE)


@dataclass(frozen=True)
class Moment:
    """The day (1 is Monday) and hour at which a school's newsletter closes."""

    weekday: int
    hour: int

    def cut_in(self, week: IsoWeek) -> datetime:
        """In UTC; an hour that the summer clock skips counts as the next one."""
        return datetime.combine(week.day(self.weekday), time(self.hour), SCHOOL_ZONE).astimezone(UTC)

    def week_to_come(self, now: datetime) -> IsoWeek:
        """The week whose newsletter closes next."""
        return next(self.weeks_before(now)).following

    def weeks_before(self, now: datetime) -> Iterator[IsoWeek]:
        """The weeks whose cut has passed, the latest first; without end."""
        day = at_school(now).date()
        while True:
            week = IsoWeek.of(day)
            if self.cut_in(week) + GRACE <= now:
                yield week
            day -= WEEK


def window_opens(cut_at: datetime, last_cut: datetime | None) -> datetime:
    """A window begins where the last edition's ended; the very first covers a week."""
    return cut_at - WEEK if last_cut is None else last_cut


def is_still_sent(cut_at: datetime, now: datetime) -> bool:
    """A missed cut is made up for within two days; later its messages go into the next newsletter."""
    return now - cut_at <= STILL_SENT


def bundle_from(
    moment: datetime, *, closed_at: datetime | None = None, next_opens: datetime | None = None
) -> tuple[datetime, datetime]:
    """The window (from, until] of a bundle whose first message is of `moment`, between the one before and the next.

    It begins a little earlier: who placed something in the same instant may have read another clock.
    """
    since = moment - GRACE if closed_at is None else max(closed_at, moment - GRACE)
    until = moment + BUNDLE if next_opens is None else min(next_opens, moment + BUNDLE)
    return since, until
