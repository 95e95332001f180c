"""Two at once: whoever changes the truth of a school waits for whoever is doing so already."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from groups.letters.services import people
from groups.models import Group, Guardianship
from groups.people.services.guardianships import AlreadyDecidedError, end_guardianship
from groups.records.services import truth
from groups.records.services.memberships import check_access
from groups.roles import Hat
from groups.roster.domain import caregivers
from groups.roster.services import roster
from groups.roster.services.roster import RosterImport, SchoolCode, import_roster
from groups.schools.services import change_school
from portal.core import access
from portal.core.actor import Actor, clock
from tests.groups.rosterfiles import Parent, csv_of
from tests.groups.small_school import NOW, SmallSchool, account, come_in
from tests.races import all_done

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite writes one at a time"),
]
LONG_ENOUGH = 1.0


def meeting(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> tuple[threading.Event, threading.Event]:
    """Makes `module.name` say that it was reached, and wait a while for the other before its caller goes on."""
    reached, finished = threading.Event(), threading.Event()
    real = getattr(module, name)

    def slowly(*args: Any, **kwargs: Any) -> Any:
        result = real(*args, **kwargs)
        result = iter(list(result)) if name == "derive" else result
        if not reached.is_set():
            reached.set()
            finished.wait(LONG_ENOUGH)
        return result

    monkeypatch.setattr(module, name, slowly)
    return reached, finished


def end_after(reached: threading.Event, finished: threading.Event, row: Guardianship, by: Any) -> Callable[[], None]:
    def end() -> None:
        reached.wait(10)
        end_guardianship(guardianship=row, by=Actor(by, Hat.ANY, NOW))
        finished.set()

    return end


@pytest.fixture
def small() -> SmallSchool:
    return SmallSchool.make("99ZZ")


def sees_nothing(user: Any) -> bool:
    now = timezone.now()
    return not Group.objects.visible_to(Actor(user, Hat.ANY, now)).exists() and not any(check_access(now=now).values())


def test_coming_in_while_the_directie_ends_it(small: SmallSchool, monkeypatch: pytest.MonkeyPatch) -> None:
    mother, boss = small.caregiver(small.child(), "karima@thuis.example"), small.directie()
    user = account("karima@thuis.example")
    meet = meeting(monkeypatch, access, "reproject")
    all_done(lambda: people.claim_records(user=user, now=NOW), end_after(*meet, mother.guardianships.get(), boss))
    mother.refresh_from_db()
    assert mother.user == user
    assert sees_nothing(user)


@pytest.mark.nightly
def test_a_whole_school_synced_while_the_directie_ends_it(small: SmallSchool, monkeypatch: pytest.MonkeyPatch) -> None:
    mother, boss = small.caregiver(small.child(), "karima@thuis.example"), small.directie()
    user = come_in(mother)
    meet = meeting(monkeypatch, truth, "derive")
    all_done(
        lambda: change_school(school=small.school, by=Actor(boss, Hat.ANY, NOW), teachers_moderate=False),
        end_after(*meet, mother.guardianships.get(), boss),
    )
    assert sees_nothing(user)


def test_an_import_that_admits_while_the_directie_ends_it(small: SmallSchool, monkeypatch: pytest.MonkeyPatch) -> None:
    child, boss = small.child(), small.directie()
    father = small.caregiver(child, "said@thuis.example", level="unverified", first_name="Said")
    user = come_in(father)
    line = Parent(child.roster_key, "Said", father.email, relation="vader", last=father.last_name, prefix="")
    listed = caregivers.parse(csv_of([line]), file="lijst.csv")
    order = RosterImport(SchoolCode("99ZZ", "00"), None, listed)
    meet = meeting(monkeypatch, roster, "take_snapshot")
    ends_after_reading = end_newest_after(*meet, father, boss)
    all_done(lambda: import_roster(order=order, by=clock(NOW)), ends_after_reading)
    assert sees_nothing(user)


def end_newest_after(reached: threading.Event, finished: threading.Event, caregiver: Any, by: Any) -> Callable:
    """What stands open when the import is done is what this directie ends, or is told that it changed."""

    def end() -> None:
        reached.wait(10)
        row = Guardianship.objects.get(caregiver=caregiver, valid_until=None)
        try:
            end_guardianship(guardianship=row, by=Actor(by, Hat.ANY, timezone.now()))
        except AlreadyDecidedError:
            now_open = Guardianship.objects.get(caregiver=caregiver, valid_until=None)
            end_guardianship(guardianship=now_open, by=Actor(by, Hat.ANY, timezone.now()))
        finished.set()

    return end
