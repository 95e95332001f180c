"""For random worlds: which chairs hold, on which side, equals a naive rule on plain sets, at every second.

One second to either side of every moment at which something begins or ends; of people with and without an account, of
one account with two records, and with truth that changes after the first seats were written.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from groups.models import StaffMember
from groups.records.services.memberships import check_access
from messaging.models import Participation, Seat, Thread
from messaging.talks.domain.seats import SeatSide
from portal.core import access
from tests import rows
from tests.permissions.test_derivation_property import (
    ARCHIVE_CLOSES,
    DAY,
    LEVELS,
    YEAR_ENDS,
    YEAR_STARTS,
    held,
    periods,
)
from tests.share import share

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
EVER = (YEAR_STARTS, None)
SOME_DAYS = (YEAR_STARTS + DAY, YEAR_STARTS + 3 * DAY)
CAREGIVERS, STAFF, CLASSES = range(2), range(3), ["g4", "g5"]
ACCOUNTS = {("caregiver", 0): 0, ("staff", 0): 1, ("staff", 1): 1}
"""Whose account it is: one caregiver and one member of staff never came in; one account has two records of staff."""
TASKS = [("teacher", "g4"), ("teacher", "g5"), ("editor", None), ("directie", None), ("ict", None), ("directie", "g4")]
COMING = [("start", "g4"), ("task", "g4"), ("task", "g5"), ("asked", "g5"), ("asked", None), ("directie", None)]
RUNNING = {"directie", "ict", "case_officer"}


class Task(NamedTuple):
    staff: int
    role: str
    group: str | None
    period: tuple[datetime, datetime | None]


class Chair(NamedTuple):
    """`kind` is caregiver or staff, and `person` which of them."""

    kind: str
    person: int
    came: str
    group: str | None
    period: tuple[datetime, datetime | None]


@dataclass
class World:
    """Plain sets; the last of the guardianships, enrolments and tasks come when seats were written already."""

    chairs: list[Chair] = field(default_factory=list)
    guardianships: list = field(default_factory=list)
    enrolments: list = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    late: int = 1

    def sides(self, chair: Chair, at: datetime) -> set[str]:
        if not held(chair.period, at):
            return set()
        if chair.kind == "caregiver":
            return {"family"} if self._talks(chair.person, at) else set()
        mine = [one for one in self.tasks if one.staff == chair.person and held(one.period, at)]
        from_then = [one for one in mine if one.period[0] <= chair.period[0]]
        teaches = any(one.role == "teacher" and one.group == chair.group for one in from_then)
        taught = chair.group is not None and teaches and self._is_there(chair.group, at)
        served = chair.group is None and chair.came == "asked" and any(one.role not in RUNNING for one in mine)
        directs = any((one.role, one.group) == ("directie", None) for one in from_then)
        found = {"directie"} if chair.came == "directie" and directs else set()
        if (taught or served) and not (chair.came == "task" and self._runs(chair.person, at)):
            found.add("staff")
        return found

    def _talks(self, person: int, at: datetime) -> bool:
        levels = {level for who, level, period in self.guardianships if who == person and held(period, at)}
        return bool(levels & {"with_authority", "daily_carer"})

    def _is_there(self, group: str, at: datetime) -> bool:
        there = any(place == group and held(period, at) for place, period in self.enrolments)
        return there and YEAR_STARTS <= at < YEAR_ENDS

    def _runs(self, person: int, at: datetime) -> bool:
        same = {one for one in STAFF if one == person or self._account(one) == self._account(person) is not None}
        return any(one.staff in same and one.role in RUNNING and held(one.period, at) for one in self.tasks)

    @staticmethod
    def _account(staff: int) -> int | None:
        return ACCOUNTS.get(("staff", staff))

    def moments(self) -> list[datetime]:
        rows = (*self.chairs, *self.guardianships, *self.enrolments, *self.tasks)
        breaks = {at for row in rows for at in row[-1] if at} | {YEAR_STARTS, YEAR_ENDS}
        return sorted({at + step for at in breaks for step in (-SECOND, timedelta(), SECOND)})

    def answers(self, at: datetime) -> set[tuple[int, str]]:
        return {(number, side) for number, chair in enumerate(self.chairs) for side in self.sides(chair, at)}


@st.composite
def worlds(draw: st.DrawFn) -> World:
    def some(one: Any, most: int, **more: Any) -> list:
        return draw(st.lists(one, max_size=most, **({"unique": True} | more)))

    task = st.tuples(st.sampled_from(STAFF), st.sampled_from(TASKS))
    coming = st.tuples(st.sampled_from(STAFF), st.sampled_from(COMING))
    once: Any = {"unique": False, "unique_by": lambda one: (one[0], one[1][1] or one[1][0])}
    family = [("caregiver", who, ("start", None)) for who in some(st.sampled_from(CAREGIVERS), 2)]
    school = [("staff", *one) for one in some(coming, 4, min_size=1, **once)]
    return World(
        [Chair(kind, who, *how, draw(periods)) for kind, who, how in family + school],
        [(who, draw(st.sampled_from(LEVELS)), draw(periods)) for who in some(st.sampled_from(CAREGIVERS), 2)],
        [(group, draw(periods)) for group in some(st.sampled_from(CLASSES), 2)],
        [Task(who, *what, draw(periods)) for who, what in some(task, 5)],
        draw(st.integers(0, 2)),
    )


class Rows:
    """The same world as rows, about one child."""

    def __init__(self, world: World) -> None:
        self.school = rows.school()
        year = rows.school_year("2099-2100", YEAR_STARTS, YEAR_ENDS, ARCHIVE_CLOSES)
        self.groups = {key: rows.group(self.school, year, key) for key in CLASSES}
        self.users = [rows.account(f"p{n}@x.example") for n in range(2)]
        self.child = rows.child(self.school)
        self.caregivers = [rows.caregiver(self.school, **self._came("caregiver", n)) for n in CAREGIVERS]
        self.staff = [rows.staff(self.school, **self._came("staff", n)) for n in STAFF]
        at = {"created_at": YEAR_STARTS, "last_message_at": YEAR_STARTS, "started_by": self.users[0], "hat": "family"}
        self.thread = Thread.objects.create(school=self.school, child=self.child, title="x", **at)
        self.chairs = [self._chair(one) for one in world.chairs]
        self._write_early_and_late(world)

    def _came(self, kind: str, number: int) -> dict[str, Any]:
        account = ACCOUNTS.get((kind, number))
        return {} if account is None else {"user": self.users[account], "since": YEAR_STARTS}

    def _chair(self, one: Chair) -> Participation:
        people = self.caregivers if one.kind == "caregiver" else self.staff
        start, end = one.period
        return Participation.objects.create(
            **{one.kind: people[one.person]},
            thread=self.thread,
            group=self.groups[one.group] if one.group else None,
            came=one.came,
            valid_from=start,
            valid_until=end,
            reads_from=start,
        )

    def _write_early_and_late(self, world: World) -> None:
        families = max(len(world.guardianships) - world.late, 0)
        tasks = max(len(world.tasks) - world.late, 0)
        for group, period in world.enrolments:
            rows.enrolment(self.child, self.groups[group], *period)
        for row in world.guardianships[:families]:
            self._guard(*row)
        for row in world.tasks[:tasks]:
            self._give(row)
        access.reproject(school=self.school)
        for row in world.guardianships[families:]:
            self._guard(*row)
            account = ACCOUNTS.get(("caregiver", row[0]))
            users = [] if account is None else [self.users[account].pk]
            access.reproject(school=self.school, users=users, children=[self.child.pk])
        for row in world.tasks[tasks:]:
            self._give(row)
            staff = self.staff[row.staff]
            access.reproject(school=self.school, users=StaffMember.objects.came_in([staff.pk]), staff=[staff.pk])

    def _guard(self, who: int, level: str, period: Any) -> None:
        rows.guardianship(self.caregivers[who], self.child, level, *period)

    def _give(self, task: Task) -> None:
        group = self.groups[task.group] if task.group else None
        rows.task(self.staff[task.staff], task.role, group, *task.period)

    def answers(self, at: datetime) -> set[tuple[int, str]]:
        numbers = {chair.pk: number for number, chair in enumerate(self.chairs)}
        seats = Seat.objects.all()
        rows = ((side.value, seats.held(side, now=at).values_list("chair", flat=True)) for side in SeatSide)
        return {(numbers[pk], side) for side, chairs in rows for pk in chairs}


def of_staff(person: int, came: str, group: str | None, *tasks: Task, start: datetime = YEAR_STARTS) -> World:
    """One chair, by a task that is given when seats were written already; the child is in groep 4."""
    return World([Chair("staff", person, came, group, (start, None))], [], [("g4", EVER)], list(tasks), late=len(tasks))


NOBODY_CAME_IN = 2
TEACHES = Task(NOBODY_CAME_IN, "teacher", "g4", EVER)


@example(of_staff(NOBODY_CAME_IN, "start", "g4", TEACHES))
@example(of_staff(NOBODY_CAME_IN, "task", "g4", TEACHES, Task(NOBODY_CAME_IN, "ict", None, SOME_DAYS)))
@example(of_staff(NOBODY_CAME_IN, "asked", "g4", TEACHES, Task(NOBODY_CAME_IN, "ict", None, SOME_DAYS)))
@example(of_staff(0, "task", "g4", Task(0, "teacher", "g4", EVER), Task(1, "directie", None, SOME_DAYS)))
@example(of_staff(0, "task", "g4", Task(0, "teacher", "g4", EVER), Task(1, "directie", "g4", SOME_DAYS)))
@example(of_staff(0, "start", "g4", Task(0, "teacher", "g4", SOME_DAYS)))
@example(of_staff(0, "start", "g4", Task(0, "teacher", "g4", SOME_DAYS), start=YEAR_STARTS + 2 * DAY))
@example(of_staff(NOBODY_CAME_IN, "asked", None, Task(NOBODY_CAME_IN, "editor", None, SOME_DAYS)))
@example(of_staff(NOBODY_CAME_IN, "directie", None, Task(NOBODY_CAME_IN, "directie", None, EVER)))
@example(of_staff(NOBODY_CAME_IN, "directie", None, Task(NOBODY_CAME_IN, "directie", None, SOME_DAYS)))
@example(World([Chair("caregiver", 1, "start", None, EVER)], [(1, "daily_carer", SOME_DAYS)]))
@example(World([Chair("caregiver", 1, "start", None, SOME_DAYS)], [(1, "with_authority", EVER)]))
@example(World([Chair("caregiver", 1, "start", None, EVER)], [(1, "admitted_reader", EVER)]))
@settings(
    max_examples=share(8),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(world=worlds())
def test_which_chairs_hold_equals_the_naive_rule_at_every_second(world: World) -> None:
    with transaction.atomic():
        rows = Rows(world)
        drift = check_access(now=YEAR_STARTS)
        for at in world.moments():
            assert rows.answers(at) == world.answers(at), at
        transaction.set_rollback(True)
    drift.pop("messaging.Thread")
    assert drift == dict.fromkeys(drift, (0, 0))
