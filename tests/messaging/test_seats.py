"""Which chairs hold is a row: whoever changes what it follows from lets it follow, also for who never came in."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from groups.letters.services.claims import unlink_account
from groups.letters.services.people import claim
from groups.models import StaffMember
from groups.people.services.guardianships import decide_guardianship, end_guardianship
from groups.people.services.restrictions import restrict_person
from groups.records.services.memberships import check_access
from groups.roles import Hat, Role
from groups.schools.services import change_school
from groups.staff.services.staff import appoint, end_assignment
from messaging.models import Participation, Seat, Thread
from messaging.talks.domain.seats import SeatSide
from messaging.talks.services.joining import ask_in, hand_over
from portal.core import access
from portal.core.actor import Actor, clock
from tests import rows
from tests.messaging import steering
from tests.messaging.conftest import NOW, Town, later
from tests.messaging.talk import start

pytestmark = pytest.mark.engines

TABLE = "messaging.Seat"
GIVEN, THEN = later(minutes=5), later(hours=2)
"""When most tasks are given, and when what each act changed is looked at."""


def seated(thread: Thread, now: datetime = THEN) -> set[str]:
    """Who sits in it, each beside the side."""
    chairs = Seat.objects.filter(thread=thread).select_related("chair__caregiver", "chair__staff")
    held = [one for side in SeatSide for one in chairs.held(side, now=now)]
    return {f"{(one.chair.caregiver or one.chair.staff).first_name} {one.side}" for one in held}


def task(town: Town, name: str, role: str = Role.TEACHER, key: str | None = None, at: datetime = GIVEN) -> Any:
    group = town.group[key] if key else None
    return appoint(
        staff=town.staff[name], role=role, school=town.school, group=group, by=Actor(town.user["Petra"], Hat.ANY, at)
    )


def never_came_in(town: Town, name: str) -> StaffMember:
    """A member of staff without an account, and without a task yet."""
    town.staff[name] = rows.staff(town.school, name)
    return town.staff[name]


def about_pim(town: Town) -> Thread:
    """Nienke, Pim's mother, never came in."""
    return start(town, "Anna", child="Pim", parents=("Nienke",))


def decided(town: Town, level: str) -> Thread:
    thread, row = about_pim(town), town.caregiver["Nienke"].guardianships.get()
    decide_guardianship(guardianship=row, level=level, by=Actor(town.user["Petra"], Hat.ANY, later(minutes=5)))
    return thread


def ended(town: Town) -> Thread:
    thread, row = about_pim(town), town.caregiver["Nienke"].guardianships.get()
    end_guardianship(guardianship=row, by=Actor(town.user["Petra"], Hat.ANY, later(minutes=5)))
    return thread


def successor(town: Town) -> Thread:
    thread = start(town)
    never_came_in(town, "Bo")
    task(town, "Bo", key="g4")
    return thread


def successor_gone(town: Town) -> Thread:
    thread = successor(town)
    given = town.staff["Bo"].assignments.get()
    end_assignment(assignment=given, by=Actor(town.user["Petra"], Hat.ANY, later(minutes=9)))
    return thread


def successor_directs(town: Town) -> Thread:
    thread = successor(town)
    task(town, "Bo", Role.ICT, at=later(minutes=9))
    return thread


def successor_is_the_directie(town: Town) -> Thread:
    """The account of the directie turns out to be that of the new teacher too."""
    thread = successor(town)
    with transaction.atomic():
        claim([town.staff["Bo"]], user=town.user["Petra"], now=later(minutes=9), how="address")
    return thread


def teacher_directs_under_another_record(town: Town) -> Thread:
    thread = start(town)
    task(town, "Joost", key="g4")
    other = never_came_in(town, "Bo")
    StaffMember.objects.filter(pk=other.pk).update(user=town.user["Joost"], joined_at=NOW)
    task(town, "Bo", Role.DIRECTIE, at=later(minutes=9))
    return thread


def teacher_gone(town: Town) -> Thread:
    thread = start(town)
    end_assignment(assignment=town.staff["Anna"].assignments.get(), by=clock(later(minutes=5)))
    return thread


def directie(town: Town) -> Thread:
    never_came_in(town, "Lies")
    task(town, "Lies", Role.DIRECTIE, at=NOW)
    return steering.ask_in(town, start(town), now=later(minutes=5))


def directie_gone(town: Town) -> Thread:
    thread = directie(town)
    end_assignment(
        assignment=town.staff["Lies"].assignments.get(), by=Actor(town.user["Petra"], Hat.ANY, later(minutes=9))
    )
    return thread


def new_directie(town: Town) -> Thread:
    thread = steering.ask_in(town, start(town), now=later(minutes=5))
    never_came_in(town, "Lies")
    task(town, "Lies", Role.DIRECTIE, at=later(minutes=9))
    return thread


def asked(town: Town) -> Thread:
    """Bo works for the whole school and is asked by name."""
    never_came_in(town, "Bo")
    task(town, "Bo", Role.COLLEAGUE, at=NOW)
    karima = Actor(town.user["Karima"], "family", later(minutes=5))
    return ask_in(thread=start(town), staff=town.staff["Bo"], earlier=False, by=karima)


def handed(town: Town) -> Thread:
    karima = Actor(town.user["Karima"], "family", later(minutes=9))
    return hand_over(thread=asked(town), staff=town.staff["Bo"], by=karima)


def stopped(town: Town) -> Thread:
    """A restriction takes rights away; the chair is whose it was."""
    petra = Actor(town.user["Petra"], Hat.ANY, later(minutes=5))
    facts: Any = {"kind": "suspended", "until": later(days=9), "case_uid": uuid4(), "by": petra}
    thread = start(town)
    restrict_person(person=town.user["Karima"], school=town.school, **facts)
    return thread


def unlinked(town: Town) -> Thread:
    thread = start(town)
    unlink_account(caregiver=town.caregiver["Karima"], by=Actor(town.user["Petra"], Hat.ANY, later(minutes=5)))
    return thread


def whole_school(town: Town) -> Thread:
    thread = successor(town)
    change_school(school=town.school, by=Actor(town.user["Petra"], Hat.ANY, later(minutes=9)), teachers_moderate=False)
    return thread


BOTH = {"Karima family", "Anna staff"}
ACTS: dict[str, tuple[Callable[[Town], Thread], set[str]]] = {
    "begun": (start, BOTH),
    "begun with a mother who is not in": (about_pim, {"Nienke family", "Anna staff"}),
    "a mother who is not in reads along only": (lambda town: decided(town, "admitted_reader"), {"Anna staff"}),
    "a mother who is not in cares daily": (lambda town: decided(town, "daily_carer"), {"Nienke family", "Anna staff"}),
    "a mother who is not in belongs here no more": (ended, {"Anna staff"}),
    "a task": (successor, BOTH | {"Bo staff"}),
    "the end of a task": (successor_gone, BOTH),
    "a task that runs the school": (successor_directs, BOTH),
    "one account for two": (successor_is_the_directie, BOTH),
    "a task under another record": (teacher_directs_under_another_record, BOTH),
    "the teacher is gone": (teacher_gone, {"Karima family"}),
    "the directie asked in": (directie, BOTH | {"Petra directie", "Lies directie"}),
    "one of the directie is gone": (directie_gone, BOTH | {"Petra directie"}),
    "a new directie": (new_directie, BOTH | {"Petra directie", "Lies directie"}),
    "asked by name": (asked, BOTH | {"Bo staff"}),
    "handed over": (handed, BOTH | {"Bo staff"}),
    "suspended": (stopped, BOTH),
    "the account taken off": (unlinked, BOTH),
    "the school": (whole_school, BOTH | {"Bo staff"}),
}
"""What is done, and who sits in the conversation two hours later."""


@pytest.mark.parametrize("name", ACTS)
def test_the_seats_are_what_the_truth_says(town: Town, name: str) -> None:
    act, expected = ACTS[name]
    thread = act(town)
    found = access.drift()
    assert found == dict.fromkeys(found, (0, 0))
    assert seated(thread) == expected


def test_a_seat_begins_and_ends_in_its_second(town: Town) -> None:
    """It is known today that Anna's task ends; nobody does anything in that second."""
    thread, end = start(town), later(days=3)
    town.staff["Anna"].assignments.update(valid_until=end)
    access.reproject(staff=[town.staff["Anna"].pk])
    [until] = Seat.objects.filter(thread=thread, side="staff").values_list("valid_until", flat=True)
    assert until == end
    assert seated(thread, later(days=3, seconds=-1)) == BOTH
    assert seated(thread, end) == {"Karima family"}


def test_the_night_finds_a_seat_too_few_and_one_too_many(town: Town) -> None:
    thread = start(town)
    Seat.objects.filter(thread=thread, side="staff").delete()
    chair = Participation.objects.get(thread=thread, staff=town.staff["Anna"])
    Seat.objects.create(chair=chair, thread=thread, side="directie", valid_from=NOW)
    found = check_access(now=NOW)[TABLE]
    assert (found.missing, found.extra) == (1, 1)
    check_access(repair=True, now=NOW)
    assert not check_access(now=NOW)[TABLE]
    assert seated(thread) == BOTH


def test_who_is_left_to_read_is_asked_of_the_seats(town: Town) -> None:
    """Anna writes to a mother who never came in; once she belongs here no more there is nobody to write to."""
    start(town)
    thread = about_pim(town)
    anna = Actor(town.user["Anna"], "staff", later(minutes=6))
    assert Thread.objects.writable_by(anna).filter(pk=thread.pk).exists()
    row = town.caregiver["Nienke"].guardianships.get()
    end_guardianship(guardianship=row, by=Actor(town.user["Petra"], Hat.ANY, later(minutes=5)))
    assert not Thread.objects.writable_by(anna).filter(pk=thread.pk).exists()
    assert Thread.objects.visible_to(anna).filter(pk=thread.pk).exists()
