"""The own child at work, while the list says whose it is and nobody came in with that record yet (POL-15)."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied

from groups.models import Caregiver, Child, Level
from groups.records.policies import concerns_directie
from groups.records.services.contacts import teachers_of
from groups.roles import Hat, Role
from groups.staff.services.staff import appoint
from messaging.models import Participation, Thread
from messaging.talks.services.joining import people_to_ask
from portal.core.actor import Actor, clock
from tests import rows
from tests.messaging.conftest import NOW, Town, later
from tests.messaging.steering import ask_in, second_directie
from tests.messaging.talk import FAMILY, STAFF, readers, start


def named_parent(town: Town, name: str, child: str = "Noor") -> Caregiver:
    """The list says, with the address that this colleague proved, that she is a parent; the school did not look yet."""
    user = town.user[name]
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return rows.caregiver(town.school, name, town.child[child], level=Level.UNVERIFIED, email=user.email)


def acting(town: Town, name: str, hat: str = STAFF) -> Actor:
    return Actor(town.user[name], hat, NOW)


def test_a_teacher_does_not_teach_her_own_child(town: Town) -> None:
    taught = Child.objects.taught_by(acting(town, "Anna"))
    assert town.child["Noor"] in taught
    named_parent(town, "Anna")
    assert town.child["Noor"] not in taught.all()
    assert "Anna" not in [one.staff.first_name for one in teachers_of(town.child["Noor"], now=NOW)]
    with pytest.raises(PermissionDenied):
        start(town)


def test_who_reads_along_with_one_child_talks_with_school_about_the_own_one_only(town: Town) -> None:
    rows.guardianship(town.caregiver["Riet"], town.child["Pim"], "with_authority", NOW - timedelta(days=9))
    town.sync()
    riet = acting(town, "Riet", FAMILY)
    assert set(Child.objects.visible_to(riet)) == {town.child["Fenna"], town.child["Pim"]}
    assert set(Child.objects.cared_for_by(riet)) == {town.child["Pim"]}


@pytest.mark.parametrize(("role", "group"), [(Role.TEACHER, "g4"), (Role.COLLEAGUE, None)])
def test_nobody_asks_her_into_a_conversation_about_it(town: Town, role: str, group: str | None) -> None:
    """Neither as a teacher of the child nor as who works for the whole school."""
    place = town.group[group] if group else None
    appoint(staff=town.staff["Thijs"], role=role, school=town.school, group=place, by=clock(NOW))
    thread = start(town)
    assert "Thijs" in [one.staff.first_name for one in people_to_ask(thread, now=NOW)]
    named_parent(town, "Thijs")
    assert "Thijs" not in [one.staff.first_name for one in people_to_ask(thread, now=NOW)]


def test_her_task_brings_no_chair_in_it(town: Town) -> None:
    noor, fenna = start(town), start(town, "Lotte", child="Fenna", parents=("Lotte",))
    named_parent(town, "Joost")
    joost, then = town.staff["Joost"], later(hours=1)
    appoint(staff=joost, role=Role.TEACHER, school=town.school, group=town.group["g4"], by=clock(then))
    assert list(Participation.objects.filter(staff=joost).values_list("thread", flat=True)) == [fenna.pk]
    assert "Joost" not in readers(town, noor, now=then)


def test_a_directie_is_not_asked_into_a_conversation_about_her_own_child(town: Town) -> None:
    """Where she is the only one nobody is asked in; a second one reads it, and she does not."""
    thread = start(town)
    named_parent(town, "Petra")
    powers = Thread.objects.visible_to(acting(town, "Karima", FAMILY)).with_powers_for(acting(town, "Karima", FAMILY))
    assert powers.get(pk=thread.pk).may_join is False
    second_directie(town)
    assert powers.get(pk=thread.pk).may_join is True
    ask_in(town, thread)
    assert readers(town, thread) == {"Karima", "Anna", "Ruud"}


@pytest.mark.parametrize("child", ["Noor", "Fenna"])
def test_what_is_about_her_family_is_for_the_case_officer(town: Town, child: str) -> None:
    """Said is Noor's father, and not Fenna's: of the directie who is Noor's mother he is the own family."""
    named_parent(town, "Petra", child)
    is_own = concerns_directie(town.user["Said"], town.school, child=None, now=NOW)
    about = concerns_directie(town.user["Anna"], town.school, child=town.child[child], now=NOW)
    assert (is_own, about) == (child == "Noor", True)


def test_an_address_that_she_did_not_prove_says_nothing(town: Town) -> None:
    anna = town.user["Anna"]
    EmailAddress.objects.create(user=anna, email=anna.email, verified=False, primary=True)
    rows.caregiver(town.school, "Anna", town.child["Noor"], email=anna.email)
    assert town.child["Noor"] in Child.objects.taught_by(Actor(town.user["Anna"], Hat.STAFF, NOW))
    assert "Anna" in [one.staff.first_name for one in teachers_of(town.child["Noor"], now=NOW)]
