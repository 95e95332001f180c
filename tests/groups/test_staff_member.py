"""The staff as a list of people, each row one way to a page where everything stands that can be done about somebody."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from groups.models import StaffMember
from groups.roles import Hat, Role
from groups.staff.services.staff_entry import print_staff_letter, use_staff_letter
from portal.core.actor import Actor
from portal.core.models import User
from tests.groups.small_school import NOW, SmallSchool, account, come_in, visitor

pytestmark = pytest.mark.django_db
LIST = "/school/mensen/medewerkers/"


@pytest.fixture(autouse=True)
def _now_without_second_factor(settings: Any) -> Iterator[None]:
    settings.KRING_SECOND_FACTOR = False
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def small() -> SmallSchool:
    return SmallSchool.make()


@pytest.fixture
def petra(small: SmallSchool) -> User:
    return small.directie()


@pytest.fixture
def bo(small: SmallSchool) -> StaffMember:
    return small.staff("", group=small.group)


def read_by(user: User, url: str) -> str:
    client = Client()
    client.force_login(user)
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def page_of(staff: StaffMember) -> str:
    return reverse("groups:staff_member", args=[staff.uid])


def ways_on(body: str) -> set[str]:
    """Where the page itself leads to, without its frame."""
    return set(re.findall(r'<a[^>]* href="([^"]+)"', body.partition("<main")[2].partition("</main")[0]))


def names_on(body: str) -> list[str]:
    return re.findall(r"<b>([^<]+)</b><small>", body)


def test_who_is_not_in_stands_first_and_each_row_is_one_way(small: SmallSchool, petra: User) -> None:
    for first, last, is_in in (("Ada", "Zand", False), ("Bo", "Aker", True), ("Cas", "Berg", False)):
        one = small.staff(f"{first}@school.example", group=small.group)
        StaffMember.objects.filter(pk=one.pk).update(first_name=first, prefix="", last_name=last)
        if is_in:
            come_in(one)
    body = read_by(petra, LIST)
    head = petra.staff_records.get()
    assert re.findall(r"fam\">([^<]+)<", body) == ["Not in yet", "In"]
    assert names_on(body) == ["Berg, Cas", "Zand, Ada", "Aker, Bo", head.sort_name]
    rows = re.findall(r"<li><div>(.*?)</div></li>", body, re.S)
    assert [row.count("<a ") for row in rows] == [1] * 4
    assert set(re.findall(r'<a href="([^"]+)"', "".join(rows))) == {
        page_of(one) for one in StaffMember.objects.filter(school=small.school)
    }


def test_a_dutch_reader_finds_who_is_in_among_who_is_in(petra: User) -> None:
    client = visitor()
    client.force_login(petra)
    body = client.get(LIST, headers={"accept-language": "nl"}).content.decode()
    assert petra.staff_records.get().sort_name in names_on(body)
    assert "Nog niet binnen" not in body


def test_on_the_page_stands_what_the_directie_can_do(petra: User, bo: StaffMember) -> None:
    body = read_by(petra, page_of(bo))
    assert bo.full_name in body
    assert {
        reverse("groups:signature", args=[bo.uid]),
        reverse("groups:staff_entry", args=[bo.uid]),
        reverse("groups:staff_task", args=[bo.uid, "editor"]),
    } <= ways_on(body)


def test_the_it_administrator_finds_the_way_in_and_nothing_else(small: SmallSchool, bo: StaffMember) -> None:
    ict = come_in(small.staff("ict@school.example", Role.ICT))
    ways = ways_on(read_by(ict, page_of(bo)))
    assert reverse("groups:staff_entry", args=[bo.uid]) in ways
    assert reverse("groups:signature", args=[bo.uid]) not in ways
    assert not [way for way in ways if "/taken/" in way]


def test_who_came_in_by_an_address_of_the_roster_has_no_way_in_to_look_after(petra: User, small: SmallSchool) -> None:
    anna = small.staff("anna@school.example", group=small.group)
    come_in(anna)
    StaffMember.objects.filter(pk=anna.pk).update(joined_at=NOW)
    body = read_by(petra, page_of(anna))
    assert reverse("groups:staff_entry", args=[anna.uid]) not in ways_on(body)
    assert "In since" in body


def test_who_came_in_by_letter_can_be_looked_up_ever_after(petra: User, bo: StaffMember) -> None:
    letter, _code = print_staff_letter(staff=bo, by=Actor(petra, Hat.ANY, NOW))
    use_staff_letter(letter=letter.uid, user=account("bo@thuis.example"), now=NOW)
    StaffMember.objects.filter(pk=bo.pk).update(settles_at=None)
    assert reverse("groups:staff_entry", args=[bo.uid]) in ways_on(read_by(petra, page_of(bo)))


def test_nobody_else_has_the_page(small: SmallSchool, bo: StaffMember) -> None:
    teacher = come_in(small.staff("juf@school.example", group=small.group))
    mother = come_in(small.caregiver(small.child(), "moeder@thuis.example"))
    other = SmallSchool.make("99YY").directie("elders@school.example")
    for user in (teacher, mother, other):
        client = visitor()
        client.force_login(user)
        assert client.get(page_of(bo)).status_code == 404


def test_a_task_given_there_comes_back_there(petra: User, small: SmallSchool) -> None:
    anna = small.staff("anna@school.example", group=small.group)
    client = visitor()
    client.force_login(petra)
    answer = client.post(reverse("groups:staff_task", args=[anna.uid, "editor"]), {"act": "give"}, follow=True)
    assert answer.redirect_chain == [(page_of(anna), 302)]
    assert "End it" in answer.content.decode()
