"""Any history of tasks, enrolments, authority and drift against the plainest rule there is, to the second."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from groups.models import Enrolment, Guardianship, Level, StaffAssignment
from groups.records.services.memberships import check_access
from groups.roles import Role
from messaging.models import Participation, Thread
from messaging.talks.services.chairs import chairs_of
from portal.core.actor import Actor
from tests import rows
from tests.messaging.conftest import NOW, Town
from tests.messaging.talk import FAMILY, STAFF, start
from tests.share import share

DAYS = st.integers(-3, 6)
TEACHERS = ["Anna", "Joost", "Thijs"]
PARENTS = ["Karima", "Said", "Riet", "Thijs"]


class Stay(NamedTuple):
    """Somebody somewhere, from a day until a day or for good."""

    who: str
    where: str
    begins: int
    ends: int | None

    @property
    def span(self) -> tuple[datetime, datetime | None]:
        ends = None if self.ends is None else at(max(self.ends, self.begins))
        return at(self.begins), ends


def at(day: int) -> datetime:
    return NOW + timedelta(days=day)


def stays(who: list[str], where: list[str]) -> Any:
    one = st.builds(Stay, st.sampled_from(who), st.sampled_from(where), DAYS, st.none() | DAYS)
    return st.lists(one, max_size=4, unique_by=lambda stay: (stay.who, stay.where))


def holds(span: tuple[datetime, datetime | None], moment: datetime) -> bool:
    begins, ends = span
    return begins <= moment and (ends is None or moment < ends)


class History(NamedTuple):
    tasks: list[Stay]
    places: list[Stay]
    authority: list[Stay]


HISTORIES = st.builds(
    History,
    stays(TEACHERS, ["g4", "g7"]),
    stays(["Noor"], ["g4", "g7"]),
    stays(PARENTS, [Level.WITH_AUTHORITY, Level.ADMITTED_READER, Level.WITHOUT_AUTHORITY]).map(
        lambda found: list({stay.who: stay for stay in found}.values())
    ),
)


def happen(town: Town, history: History) -> None:
    """Put this history in the place of the town's own, and let rights follow it."""
    StaffAssignment.objects.filter(staff__in=[town.staff[name] for name in TEACHERS]).delete()
    Enrolment.objects.filter(child=town.child["Noor"], group__kind="class").delete()
    Guardianship.objects.filter(child=town.child["Noor"]).delete()
    for stay in history.tasks:
        rows.task(town.staff[stay.who], Role.TEACHER, town.group[stay.where], *stay.span)
    for stay in history.places:
        rows.enrolment(town.child["Noor"], town.group[stay.where], *stay.span)
    for stay in history.authority:
        rows.guardianship(town.caregiver[stay.who], town.child["Noor"], stay.where, *stay.span)
    town.sync(at(-4))


def naive(history: History, moment: datetime) -> set[tuple[str, str]]:
    """Who reads the conversation of Karima and Said with Anna of groep 4, started at NOW: the rule in plain words."""
    found = set()
    family = {stay.who for stay in history.authority if holds(stay.span, moment)}
    for stay in history.authority:
        if stay.who in ("Karima", "Said") and stay.where == Level.WITH_AUTHORITY and holds(stay.span, moment):
            found.add((stay.who, FAMILY))
    is_there = any(stay.where == "g4" and holds(stay.span, moment) for stay in history.places)
    for stay in history.tasks:
        serves = stay.where == "g4" and holds(stay.span, moment) and is_there
        if serves and (stay.who == "Anna" or stay.span[0] > NOW) and stay.who not in family:
            found.add((stay.who, STAFF))
    return found


def reading(town: Town, thread: Thread, moment: datetime) -> set[tuple[str, str]]:
    return {
        (name, hat)
        for name, user in town.user.items()
        for hat in (FAMILY, STAFF)
        if Thread.objects.visible_to(Actor(user, hat, moment)).filter(pk=thread.pk).exists()
    }


def moments(history: History) -> Iterable[datetime]:
    """Every boundary, and the second before it; the conversation is there from NOW on."""
    edges = {moment for stays in history for stay in stays for moment in stay.span if moment}
    found = {NOW, *edges, *(edge - timedelta(seconds=1) for edge in edges)}
    return sorted(moment for moment in found if moment >= NOW)


@pytest.fixture
def talk(town: Town) -> Thread:
    return start(town, "Anna", parents=("Karima", "Said"))


@given(history=HISTORIES)
@settings(max_examples=share(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_who_reads_is_the_plain_rule_at_every_second(town: Town, talk: Thread, history: History) -> None:
    with transaction.atomic():
        Participation.objects.filter(thread=talk).update(valid_from=NOW)
        happen(town, history)
        assert check_access(now=NOW)["messaging.ThreadGrant"] == (0, 0)
        for moment in moments(history):
            expected = naive(history, moment)
            assert reading(town, talk, moment) == expected
            names = {(chair.user_id, chair.hat) for chair in chairs_of([talk], now=moment)[talk.pk]}
            assert names == {(town.user[name].pk, hat) for name, hat in expected}
        transaction.set_rollback(True)
