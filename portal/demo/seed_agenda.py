"""What the demo's schools do in the coming weeks: each by its own writer, as far as the school year reaches.

Days are counted in working days from the day of seeding, so that there is always something to come. Something was
moved, something called off, and one time of a series skipped: a visitor sees what that looks like.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from agenda.events.domain.days import MONTHS, ONCE, WEEKS, tidy_days
from agenda.events.models import Event
from agenda.events.services.events import Written, cancel_event, edit_event, make_event, skip_day
from groups.models import Group, StaffMember
from groups.records.domain.working_hours import DaysOff, is_off
from groups.records.models.schools import Region
from groups.records.services.working import days_off_of
from groups.roles import Hat
from groups.schools.services import change_school, set_holiday
from portal.core.actor import Actor, clock
from portal.core.domain.moments import at_school
from portal.core.models import User
from portal.demo.cast import DIRECTIES, KLINKERHOEK
from portal.demo.seed_people import SeededSchool

MADE = timedelta(days=6)
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
STUDY_DAY = "Studiedag van het team"


@dataclass(frozen=True)
class DemoEvent:
    """`groups` are roster keys; `ahead` working days from today, for so many days (`lasts`), or again for `weeks`."""

    groups: tuple[str, ...]
    title: str
    ahead: int
    place: str = ""
    begins: time | None = None
    ends: time | None = None
    lasts: int = 1
    repeats: str = ONCE
    every: int = 1
    weeks: int = 0
    then: Callable[[Event, "DemoEvent", date, Actor], object] | None = None


def _moved(event: Event, plan: DemoEvent, day: date, by: Actor) -> object:
    """Half an hour later than was said at first."""
    later = DemoEvent(plan.groups, plan.title, plan.ahead, plan.place, time(20), time(21, 30))
    return edit_event(event=event, version=event.version, written=_written(later, day), by=by)


def _called_off(event: Event, plan: DemoEvent, day: date, by: Actor) -> object:
    return cancel_event(event=event, by=by)


def _skipped(event: Event, plan: DemoEvent, day: date, by: Actor) -> object:
    return skip_day(event=event, day=day + plan.every * WEEK, by=by)


OF_KLINKERHOEK = (
    DemoEvent(("G4",), "Gym", 2, "Sporthal", time(10, 45), time(11, 45), repeats=WEEKS, weeks=10, then=_skipped),
    DemoEvent(("G4",), "Kijkuurtje in de klas", 6, "Lokaal van groep 4", time(8, 30), time(9, 15)),
    DemoEvent(("G4",), "Naar het dierenpark", 9, begins=time(9), ends=time(14), then=_called_off),
    DemoEvent(("G7",), "Verkeersexamen oefenen", 4, "Plein", time(13), time(14, 30), repeats=WEEKS, every=2, weeks=8),
    DemoEvent(("G4", "G7"), "Groep 7 leest voor aan groep 4", 8, "Bibliotheek van de school", time(11), time(12)),
    DemoEvent(("G7", "G8"), "Kamp", 30, "Kampeerboerderij De Grutto", time(9), time(15), lasts=3),
    DemoEvent(("@school",), "Ouderavond over schermtijd", 7, "Aula", time(19, 30), time(21), then=_moved),
    DemoEvent(("@school",), "Koffie met de directeur", 5, "Aula", time(8, 30), time(9), repeats=MONTHS, weeks=26),
    DemoEvent(("@school",), "Schoolfotograaf", 11),
    DemoEvent(("@school",), "Zingen op het plein met de hele school", 19, "Schoolplein", time(14)),
    DemoEvent(
        ("@staff",), "Teamoverleg", 1, "Personeelskamer", time(15, 15), time(16, 30), repeats=WEEKS, every=2, weeks=12
    ),
)
OF_THE_OTHER = (
    DemoEvent(("@school",), "Open ochtend", 6, "Hele school", time(9), time(11)),
    DemoEvent(("@school",), "Schoolfotograaf", 10),
)


def fill_agenda(seeded: SeededSchool, *, now: datetime) -> None:
    """Put in the agenda what is to come, and a study day; in the last weeks of a year less and less is.

    Both schools lie in the north, so that nothing stands in a holiday.
    """
    is_first = seeded.school.brin == KLINKERHOEK.brin
    groups = {group.roster_key: group for group in Group.objects.filter(school=seeded.school)}
    staff = {one.roster_key: one.user for one in StaffMember.objects.filter(school=seeded.school, user__isnull=False)}
    directie = User.objects.get(email=DIRECTIES[seeded.school.brin][1])
    off = days_off_of(change_school(school=seeded.school, region=Region.NORTH, by=clock(now)))
    year_ends = date(seeded.plan.starts_on.year + 1, 7, 31)
    made = max(now - MADE, seeded.opened_at + timedelta(minutes=20))
    for plan in OF_KLINKERHOEK if is_first else OF_THE_OTHER:
        day = _workday(at_school(now).date(), plan.ahead, off)
        if day + plan.weeks * WEEK + plan.lasts * DAY > year_ends:
            continue
        teachers = [one.key for one in seeded.plan.outline.staff if plan.groups == one.groups]
        by = Actor(staff[teachers[0]] if teachers else directie, Hat.STAFF, made)
        event = make_event(groups=[groups[key] for key in plan.groups], written=_written(plan, day), by=by)
        if plan.then:
            plan.then(event, plan, day, by._replace(now=max(made, now - DAY)))
    study_day = _workday(at_school(now).date(), 13, off)
    if is_first and study_day < year_ends:
        set_holiday(school=seeded.school, name=STUDY_DAY, first_day=study_day, last_day=study_day, by=clock(made))


def _workday(today: date, ahead: int, off: DaysOff) -> date:
    day = today
    while ahead:
        day += DAY
        ahead -= day.weekday() < 5 and not is_off(day, off)
    return day


def _written(plan: DemoEvent, day: date) -> Written:
    days = tidy_days(
        first_day=day,
        last_day=day + (plan.lasts - 1) * DAY,
        begins_at=plan.begins,
        ends_at=plan.ends,
        repeats=plan.repeats,
        every=plan.every,
        until=day + plan.weeks * WEEK if plan.repeats else None,
    )
    return Written(plan.title, days, plan.place)
