"""When a school has no school: the holidays of its region, and its own days.

The days of the regions are those the ministry of education published ("Overzicht schoolvakanties", rijksoverheid.nl),
first and last day included. Spring and autumn are advice there, and many schools take more of May: a school's own
holiday takes the place of the region's. On the feast days of the whole country no school is open; of Good Friday and
Liberation Day each school says itself whether it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from groups.records.domain.working_hours import DaysOff

AUTUMN, CHRISTMAS, SPRING, MAY, SUMMER = (
    _("Autumn holiday"),
    _("Christmas holiday"),
    _("Spring holiday"),
    _("May holiday"),
    _("Summer holiday"),
)
EASTER_MONDAY, KINGS_DAY, ASCENSION_DAY, WHIT_MONDAY = (
    _("Easter Monday"),
    _("King’s Day"),
    _("Ascension Day"),
    _("Whit Monday"),
)
A_HOLIDAY = timedelta(days=5)
"""So long is a holiday; less is a day off that stands beside the region's holidays."""


@dataclass(frozen=True)
class Vacation:
    name: str | Promise
    first_day: date
    last_day: date

    def meets(self, first: date, last: date) -> bool:
        """Whether they have a day in common."""
        return first <= self.last_day and self.first_day <= last


_PUBLISHED: tuple[tuple[Promise, str, tuple[str, ...]], ...] = (
    (AUTUMN, "2025-10-18 2025-10-26", ("north", "middle")),
    (AUTUMN, "2025-10-11 2025-10-19", ("south",)),
    (CHRISTMAS, "2025-12-20 2026-01-04", ("north", "middle", "south")),
    (SPRING, "2026-02-21 2026-03-01", ("north",)),
    (SPRING, "2026-02-14 2026-02-22", ("middle", "south")),
    (MAY, "2026-04-25 2026-05-03", ("north", "middle", "south")),
    (SUMMER, "2026-07-04 2026-08-16", ("north",)),
    (SUMMER, "2026-07-18 2026-08-30", ("middle",)),
    (SUMMER, "2026-07-11 2026-08-23", ("south",)),
    (AUTUMN, "2026-10-10 2026-10-18", ("north",)),
    (AUTUMN, "2026-10-17 2026-10-25", ("middle", "south")),
    (CHRISTMAS, "2026-12-19 2027-01-03", ("north", "middle", "south")),
    (SPRING, "2027-02-20 2027-02-28", ("north", "middle")),
    (SPRING, "2027-02-13 2027-02-21", ("south",)),
    (MAY, "2027-04-24 2027-05-02", ("north", "middle", "south")),
    (SUMMER, "2027-07-10 2027-08-22", ("north",)),
    (SUMMER, "2027-07-17 2027-08-29", ("middle",)),
    (SUMMER, "2027-07-24 2027-09-05", ("south",)),
    (AUTUMN, "2027-10-16 2027-10-24", ("north", "middle")),
    (AUTUMN, "2027-10-23 2027-10-31", ("south",)),
    (CHRISTMAS, "2027-12-25 2028-01-09", ("north", "middle", "south")),
    (SPRING, "2028-02-19 2028-02-27", ("north",)),
    (SPRING, "2028-02-26 2028-03-05", ("middle", "south")),
    (MAY, "2028-04-29 2028-05-07", ("north", "middle", "south")),
    (SUMMER, "2028-07-15 2028-08-27", ("north",)),
    (SUMMER, "2028-07-08 2028-08-20", ("middle",)),
    (SUMMER, "2028-07-22 2028-09-03", ("south",)),
)
_OF_THE_COUNTRY: tuple[tuple[Promise, str], ...] = (
    (EASTER_MONDAY, "2026-04-06 2027-03-29 2028-04-17"),
    (KINGS_DAY, "2026-04-27 2027-04-27 2028-04-27"),
    (ASCENSION_DAY, "2026-05-14 2027-05-06 2028-05-25"),
    (WHIT_MONDAY, "2026-05-25 2027-05-17 2028-06-05"),
)
FEAST_DAYS = [
    Vacation(name, day, day) for name, days in _OF_THE_COUNTRY for day in map(date.fromisoformat, days.split())
]
"""The days on which no school of the country is open, but for those that are in each region's holidays."""


def published_for(region: str) -> list[Vacation]:
    """The holidays of a region in the order of the calendar; none for a school that chose no region."""
    vacations = [Vacation(name, *_days(days)) for name, days, regions in _PUBLISHED if region in regions]
    return sorted(vacations, key=lambda one: one.first_day)


def _days(words: str) -> Iterator[date]:
    return map(date.fromisoformat, words.split())


def holding_for(region: str, own: DaysOff) -> list[Vacation]:
    """What of the region, and of the whole country, holds at a school with these days of its `own`: an own holiday
    takes the place of the region's; a feast day within other days off is none beside them.

    Example: a school that is free from 18 April to 3 May has its own May holiday and not the region's of 25 April;
    one that only notes down Good Friday keeps every holiday of the region. Nobody chose a region: nothing holds.
    """
    if not region:
        return []
    holidays = [(first, last) for first, last in own if last - first >= A_HOLIDAY - timedelta(days=1)]
    regional = [one for one in published_for(region) if not any(one.meets(*days) for days in holidays)]
    taken = [*own, *((one.first_day, one.last_day) for one in regional)]
    feasts = [day for day in FEAST_DAYS if not any(day.meets(*days) for days in taken)]
    return sorted([*regional, *feasts], key=lambda one: one.first_day)


def days_off(region: str, own: DaysOff) -> DaysOff:
    """Every stretch without school: the school's own, its region's and the country's."""
    return [*own, *((one.first_day, one.last_day) for one in holding_for(region, own))]
