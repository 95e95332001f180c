"""The agenda as other programs read it (RFC 5545): title, day and place, or where to read these, and nothing else.

Each thing has an identity that stays, a number that goes up with each change (SEQUENCE) and the moment of the last one.
The same agenda is the same bytes, whenever it is written.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from uuid import UUID

from icalendar import Calendar, Component, Timezone, vRecur
from icalendar import Event as Entry

from agenda.events.domain.days import LAST, MONTHS, Days, place_in_month
from portal.core.domain.moments import SCHOOL_ZONE

WRITER = "-//Kring//Agenda//NL"
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
DAY = timedelta(days=1)
EVERY = timedelta(hours=1)
"""How often a program may look, if it asks."""
ZONE = """BEGIN:VTIMEZONE
TZID:Europe/Amsterdam
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19960331T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
"""
"""The rule of the European Union since 1996 (directive 2000/84/EC)."""
SECRET = re.compile(r"[\w-]{43}")


def digest_of(secret: str) -> str:
    """What is kept of it."""
    return sha256(secret.encode()).hexdigest()


@dataclass(frozen=True)
class CalendarItem:
    """Something as it goes into a calendar. Of a series `left_out` does not exist and `called_off` stands cancelled.

    `url`: where its words are read, of what goes out without them.
    """

    uid: UUID
    title: str
    days: Days
    place: str = ""
    version: int = 1
    touched_at: datetime | None = None
    is_cancelled: bool = False
    left_out: frozenset[date] = field(default=frozenset())
    called_off: frozenset[date] = field(default=frozenset())
    url: str = ""

    @property
    def touched(self) -> datetime:
        """When it last changed; of what nobody changes, such as a holiday of the region, always the same moment."""
        return self.touched_at or datetime.combine(self.days.first_day, time(), UTC)


def write_calendar(items: Iterable[CalendarItem], *, name: str = "") -> bytes:
    """A calendar file of these. `name`: what a program calls it that keeps looking."""
    calendar = Calendar()
    calendar.add("prodid", WRITER)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    if name:
        calendar.add("x-wr-calname", name)
        calendar.add("name", name)
        calendar.add("refresh-interval", EVERY, {"VALUE": "DURATION"})
    calendar.add_component(Timezone.from_ical(ZONE))
    for item in items:
        for entry in _entries(item):
            calendar.add_component(entry)
    return bytes(calendar.to_ical())


def _entries(item: CalendarItem) -> Iterable[Component]:
    """The thing itself, and each time of it that was called off."""
    days = item.days
    entry = _entry(item, days.first_day, days.last_day, is_cancelled=item.is_cancelled)
    if days.is_series:
        entry.add("rrule", _rule(days))
        for day in sorted(item.left_out):
            entry.add("exdate", _begins(days, day))
    yield entry
    for day in sorted(item.called_off):
        again = _entry(item, day, day, is_cancelled=True)
        again.add("recurrence-id", _begins(days, day))
        yield again


def _entry(item: CalendarItem, first: date, last: date, *, is_cancelled: bool) -> Component:
    entry = Entry()
    entry.add("uid", str(item.uid))
    entry.add("dtstamp", item.touched.astimezone(UTC))
    entry.add("last-modified", item.touched.astimezone(UTC))
    entry.add("sequence", item.version - 1)
    entry.add("summary", item.title)
    if item.place:
        entry.add("location", item.place)
    if item.url:
        entry.add("url", item.url)
    entry.add("dtstart", _begins(item.days, first))
    if item.days.begins_at is None:
        entry.add("dtend", last + DAY)
    elif item.days.ends_at:
        entry.add("dtend", _at(last, item.days.ends_at))
    elif last > first:  # without an end it would stand on its first day alone
        entry.add("dtend", _at(last + DAY, time()))
    entry.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    entry.add("transp", "TRANSPARENT")
    return entry


def _begins(days: Days, day: date) -> date:
    """A day, or a moment on the school's clock."""
    return _at(day, days.begins_at) if days.begins_at else day


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, SCHOOL_ZONE)


def _rule(days: Days) -> vRecur:
    """UNTIL is of the kind of DTSTART: a day, or the moment in UTC."""
    last = _at(days.until, days.begins_at).astimezone(UTC) if days.begins_at else days.until
    if days.repeats == MONTHS:
        place = place_in_month(days.first_day)
        weekday = f"{-1 if place == LAST else place}{WEEKDAYS[days.first_day.weekday()]}"
        return vRecur(freq="monthly", byday=weekday, until=last)
    return vRecur(freq="weekly", interval=days.every, until=last)
