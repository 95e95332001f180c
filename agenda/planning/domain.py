"""What stands on a day, and how days are laid out: in weeks that are coming, and in a month. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.utils.functional import Promise

from agenda.events.domain.words import StandingWords

DAY, WEEK = timedelta(days=1), timedelta(days=7)
EVENT, OFF = "event", "off"


@dataclass(frozen=True)
class Dated:
    """Something on a day, or from one day up to and including another.

    `kind` is `EVENT`, `OFF`, or what an app above calls its own. `groups` are keys of the groups it is for; a day off
    is for a `school`, and has its key too. `page` is the route of its own page, by hat and `uid`. Other programs know
    it as `known_as`, where that is not `uid`, and a change by `version` and `touched_at`. To take out of
    Kring it has its words as `said`, and what goes out `instead` where these may not. `language`: of its words, where
    somebody wrote them in one of their own.
    """

    kind: str
    uid: UUID
    title: str | Promise
    first_day: date
    last_day: date
    begins_at: time | None = None
    ends_at: time | None = None
    place: str = ""
    language: str = ""
    groups: frozenset[int] = frozenset()
    school: str = ""
    school_key: int = 0
    page: str = ""
    known_as: UUID | None = None
    is_cancelled: bool = False
    is_series: bool = False
    changed_at: datetime | None = None
    version: int = 1
    touched_at: datetime | None = None
    said: StandingWords | None = None
    instead: str | Promise = ""

    @property
    def is_off(self) -> bool:
        return self.kind == OFF

    @property
    def lasts(self) -> bool:
        """Whether it is more than one day."""
        return self.last_day > self.first_day


def in_order(entries: Iterable[Dated]) -> list[Dated]:
    """As a day is read: days off, what lasts all day, and then by the clock."""
    return sorted(
        entries,
        key=lambda one: (one.first_day, not one.is_off, one.begins_at or time.min, str(one.title), one.uid.int),
    )


@dataclass(frozen=True)
class AgendaDay:
    """A day with what stands on it."""

    day: date
    entries: list[Dated] = field(default_factory=list)
    is_of_month: bool = True


@dataclass(frozen=True)
class AgendaWeek:
    """A week by its Monday, with those of its days on which something stands."""

    monday: date
    days: list[AgendaDay]

    @property
    def sunday(self) -> date:
        return self.monday + 6 * DAY

    @property
    def number(self) -> int:
        """The number of the ISO week: the last days of December may be in week 1, the first of January in week 53."""
        return self.monday.isocalendar().week


def monday_of(day: date) -> date:
    return day - DAY * day.weekday()


def weeks_of(entries: Iterable[Dated], *, first: date, last: date) -> list[AgendaWeek]:
    """The weeks in which something stands; each thing once, on its first day, or on `first` where it began before."""
    by_day: dict[date, list[Dated]] = {}
    for one in in_order(entries):
        by_day.setdefault(max(one.first_day, first), []).append(one)
    weeks: dict[date, list[AgendaDay]] = {}
    for day in sorted(by_day):
        if day <= last:
            weeks.setdefault(monday_of(day), []).append(AgendaDay(day, by_day[day]))
    return [AgendaWeek(monday, days) for monday, days in weeks.items()]


def month_of(entries: Collection[Dated], *, month: date) -> list[AgendaWeek]:
    """The whole weeks that have a day in this month; what lasts stands on each of its days."""
    last = (month + 31 * DAY).replace(day=1) - DAY
    ordered = in_order(entries)
    weeks = []
    monday = monday_of(month)
    while monday <= last:
        days = [monday + DAY * place for place in range(7)]
        on_day = [[one for one in ordered if one.first_day <= day <= one.last_day] for day in days]
        weeks.append(
            AgendaWeek(
                monday,
                [
                    AgendaDay(day, found, is_of_month=month <= day <= last)
                    for day, found in zip(days, on_day, strict=True)
                ],
            )
        )
        monday += WEEK
    return weeks


def month_after(month: date) -> date:
    return (month + 31 * DAY).replace(day=1)


def month_before(month: date) -> date:
    return (month - DAY).replace(day=1)
