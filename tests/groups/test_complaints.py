"""Whom one can turn to who does not agree with school: asked in the details, found by everybody (POL-65, 68)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from groups.models import Child, Group, School, SchoolYear, StaffAssignment
from groups.roles import Hat
from groups.staff.services.staff import end_assignment
from moderation.cases.services.measures import record_measure
from portal.core import access
from portal.core.actor import Actor, clock
from portal.core.models import User
from tests.cast import Cast, address
from tests.moderation.reporting import reported, visit
from tests.scene import Scene

PAGE, FILLED = (
    "/school/gegevens/",
    {
        "confidant": "Wil Postma, 0597-01 23 98",
        "board_contact": "klachten@stichting.example",
        "complaints_committee": "Commissie Noord",
        "privacy_officer": "Sam de Wit",
    },
)


@pytest.fixture(autouse=True)
def _one_step(settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False


def complaints(cast: Cast, name: str) -> str:
    return visit(cast, name).get(reverse("groups:complaints")).content.decode()


def helped(cast: Cast, name: str) -> str:
    return visit(cast, name).get(reverse("groups:help")).content.decode()


@pytest.mark.parametrize("name", ["directie", "ict"])
def test_what_the_school_fills_in_everybody_of_the_school_finds(cast: Cast, name: str) -> None:
    version = School.objects.get(pk=cast.linde.pk).version
    answer = visit(cast, name).post(PAGE, {**FILLED, "version": version})
    assert answer.status_code == 302
    school = School.objects.get(pk=cast.linde.pk)
    assert {field: getattr(school, field) for field in FILLED} == FILLED
    assert school.phone == cast.linde.phone
    for reader in ("mother", "teacher", "directie"):
        page = complaints(cast, reader)
        assert [value for value in FILLED.values() if value not in page] == []
    assert FILLED["confidant"] not in complaints(cast, "parent_elsewhere")


def test_what_is_too_long_is_said_and_kept(cast: Cast) -> None:
    answer = visit(cast, "directie").post(PAGE, {**FILLED, "confidant": "x" * 201})
    assert (answer.status_code, "x" * 201 in answer.content.decode()) == (422, True)


def test_whoever_may_not_come_in_any_more_still_finds_the_way(cast: Cast, scene: Scene) -> None:
    """Suspended, and told so: the school of that message stands there."""
    by, until = Actor(cast.directie, Hat.ANY, timezone.now()), timezone.localdate() + timedelta(days=3)
    facts = {"words": "Intern.", "told": "Dit gaat te ver.", "heard": True, "until": until}
    record_measure(case=reported(cast, scene.reply).case, kind="suspended", **facts, by=by)
    assert not Group.objects.visible_to(Actor(cast.mother, Hat.ANY, timezone.now())).exists()
    for page in (complaints(cast, "mother"), helped(cast, "mother")):
        assert cast.linde.name in page


@pytest.mark.parametrize("name", ["ict", "case_officer"])
def test_whoever_works_without_a_group_finds_whom_to_call(cast: Cast, name: str) -> None:
    for page in (complaints(cast, name), helped(cast, name)):
        assert cast.linde.name in page
        assert "kind" not in page.partition("<main")[2].partition("</main>")[0]
    assert cast.linde.phone in helped(cast, name)
    assert "Karima" not in helped(cast, name)


def test_who_left_school_finds_it(cast: Cast) -> None:
    """The last child left with the year, and the archive of that year is closed."""
    now = timezone.now()
    year = SchoolYear.objects.current(now=now).get()
    Child.objects.filter(guardianships__caregiver__user=cast.mother).update(left_at=year.ends_at)
    access.reproject(users=[cast.mother.pk])
    with time_machine.travel(year.archive_until, tick=False):
        for page in (complaints(cast, "mother"), helped(cast, "mother")):
            assert cast.linde.name in page
            assert cast.berk.name not in page
        assert cast.linde.phone in helped(cast, "mother")
        assert "You belong to no group" not in helped(cast, "mother")


def test_a_colleague_who_left_finds_the_school_and_asks_what_it_keeps(cast: Cast) -> None:
    """The first page leads there: it was "You belong to no group", and a school that was not named."""
    for task in StaffAssignment.objects.filter(staff__user=cast.colleague):
        end_assignment(assignment=task, by=clock(timezone.now()))
    client, asks = visit(cast, "colleague"), reverse("moderation:ask_access", args=["staff"])
    for page in (complaints(cast, "colleague"), helped(cast, "colleague")):
        assert cast.linde.name in page
    assert all(place in client.get(reverse("settings")).content.decode() for place in about_me("staff")[:2])
    assert "School still writes them" not in client.get(reverse("moderation:rules")).content.decode()
    answer = client.post(asks, {"school": str(cast.linde.uid)}, follow=True)
    assert "You get the answer on" in answer.content.decode()
    assert client.post(asks, {"school": str(cast.berk.uid)}).status_code == 404


def test_help_leads_there(cast: Cast) -> None:
    assert reverse("groups:complaints") in helped(cast, "mother")


def test_a_pupil_begins_at_what_is_his_own(cast: Cast) -> None:
    page = visit(cast, "pupil").get(reverse("home")).content.decode()
    assert reverse("consent:own_choices") in page
    assert all(place in page for place in about_me("family"))
    assert reverse("groups:letter") not in page.partition("<main")[2].partition("</main>")[0]
    assert cast.linde.phone in helped(cast, "pupil")


def about_me(hat: str) -> list[str]:
    """Where whoever school knows reads what it keeps and told, and how to disagree."""
    asked = [reverse(name, args=[hat]) for name in ("groups:told", "moderation:ask_access")]
    return [f'href="{place}"' for place in (*asked, reverse("groups:complaints"))]


@pytest.mark.parametrize(
    ("name", "hat"),
    [("former_parent", "family"), ("colleague", "staff"), ("stranger", "family"), ("stranger", "staff")],
)
def test_who_left_finds_what_school_keeps_and_how_to_disagree(cast: Cast, name: str, hat: str) -> None:
    """A stranger, whom no school knows, is asked for a letter alone."""
    for task in StaffAssignment.objects.filter(staff__user=cast.colleague):
        end_assignment(assignment=task, by=clock(timezone.now()))
    vars(cast)["stranger"] = User.objects.create_user(address("stranger"))
    main = visit(cast, name).get(reverse("home")).content.decode().partition("<main")[2].partition("</main>")[0]
    assert [place in main for place in about_me(hat)] == [name != "stranger"] * 3
    assert reverse("groups:letter") in main


def test_a_colleague_who_left_reads_that_there_is_no_task_now(cast: Cast) -> None:
    """Not that another school of the foundation still sets Kring up, nor that a parent hears from it."""
    School.objects.filter(pk=cast.berk.pk).update(opened_at=None)
    for task in StaffAssignment.objects.filter(staff__user=cast.colleague):
        end_assignment(assignment=task, by=clock(timezone.now()))
    page = visit(cast, "colleague").get(reverse("home")).content.decode()
    said = ["You have no task at school now.", "Did school give you a letter?", "still sets Kring up"]
    assert [words in page for words in said] == [True, False, False]
    page = visit(cast, "former_parent").get(reverse("home")).content.decode()
    assert [words in page for words in said] == [False, True, False]


@pytest.mark.parametrize(
    ("name", "preparing", "is_told"),
    [("former_parent", "linde", True), ("former_parent", "berk", False), ("stranger", "berk", True)],
)
def test_that_a_school_still_sets_kring_up_is_said_to_whom_it_keeps_out(
    cast: Cast, name: str, preparing: str, is_told: bool
) -> None:
    School.objects.filter(pk=getattr(cast, preparing).pk).update(opened_at=None)
    vars(cast)["stranger"] = User.objects.create_user(address("stranger"))
    assert ("still sets Kring up" in visit(cast, name).get(reverse("home")).content.decode()) == is_told


def test_schools_that_still_set_kring_up_are_named_in_a_row(cast: Cast) -> None:
    School.objects.filter(pk__in=[cast.linde.pk, cast.berk.pk]).update(opened_at=None)
    words = f"{cast.berk.name} and {cast.linde.name} still set Kring up"
    assert words in visit(cast, "former_parent").get(reverse("home")).content.decode()


@pytest.mark.parametrize(("name", "route"), [("directie", "school"), ("ict", "school"), ("directie", "overview")])
def test_where_the_board_appointed_no_case_officer_who_keeps_the_school_reads_that(
    cast: Cast, name: str, route: str
) -> None:
    """Until somebody reported the directie nobody could know; then it waited for nobody."""
    page, said = reverse(f"groups:{route}"), "The board appointed no case officer yet."
    assert said not in visit(cast, name).get(page).content.decode()
    task = StaffAssignment.objects.get(staff__user=cast.case_officer)
    end_assignment(assignment=task, by=clock(timezone.now()))
    assert said in visit(cast, name).get(page).content.decode()
