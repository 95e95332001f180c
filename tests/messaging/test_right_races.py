"""Two changes of truth at once: afterwards the rights are what the truth says, and nobody got an error."""

import time
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import pytest

from groups.models import Level
from groups.people.services.guardianships import decide_guardianship
from groups.people.services.restrictions import restrict_person
from groups.roles import Hat
from groups.schools.services import change_school
from groups.staff.services.staff import appoint, end_assignment
from portal.core import access
from portal.core.actor import Actor, clock
from tests.consent.test_races import TIMES
from tests.messaging.conftest import NOW, Town, _build
from tests.messaging.talk import start
from tests.races import on_postgresql, race

__all__ = ["race"]


@pytest.fixture
def town() -> Town:
    return _build()


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the two looks of a projection, at the rows and at the truth, there is time for another one to end."""
    turns = count()

    def slow(project: Any) -> Any:
        def slowly(*scope: Any) -> list[tuple]:
            time.sleep(0.01 if next(turns) % 2 else 0.04)
            return list(project(*scope))

        return slowly

    for label, one in list(access._projections.items()):
        monkeypatch.setitem(access._projections, label, replace(one, project=slow(one.project)))


@pytest.mark.usefixtures("wide")
@on_postgresql
def test_rights_equal_the_truth_whatever_happens_at_once(town: Town, race: Any) -> None:
    """A conversation that begins meets another one, a decision, a restriction, a task, and the whole school anew."""
    both, petra = race(2), town.user["Petra"]
    said = town.caregiver["Said"].guardianships.get(child=town.child["Noor"])
    levels, moderate, minutes = [Level.ADMITTED_READER, Level.WITH_AUTHORITY], [False, True], count(1)

    def decide(turn: int) -> None:
        said.refresh_from_db()
        open_one = type(said).objects.get(caregiver=said.caregiver, child=said.child, valid_until=None)
        at = NOW + timedelta(minutes=next(minutes))
        decide_guardianship(guardianship=open_one, level=levels[turn % 2], by=Actor(petra, Hat.ANY, at))

    def restrict(turn: int) -> None:
        at = NOW + timedelta(minutes=next(minutes))
        restrict_person(
            person=town.user["Lotte"],
            school=town.school,
            kind="limited",
            until=at + timedelta(days=1),
            case_uid=uuid4(),
            by=Actor(petra, Hat.ANY, at),
        )

    def task(turn: int) -> None:
        at = NOW + timedelta(minutes=next(minutes))
        staff, group = town.staff["Joost"], town.group["g4"]
        given = appoint(staff=staff, role="teacher", school=town.school, group=group, by=clock(at))
        end_assignment(assignment=given, by=clock(at + timedelta(seconds=30)))

    def whole_school(turn: int) -> None:
        change_school(school=town.school, by=Actor(petra, Hat.ANY, NOW), teachers_moderate=moderate[turn % 2])

    for turn in range(TIMES):
        other = [lambda t: start(town, title=f"Ander {t}"), decide, restrict, task, whole_school][turn % 5]
        both.run(lambda t=turn: start(town, title=f"Gesprek {t}"), lambda t=turn, deed=other: deed(t // 5))
        found = access.drift(school=town.school)
        assert found == dict.fromkeys(found, (0, 0)), (turn, found)
