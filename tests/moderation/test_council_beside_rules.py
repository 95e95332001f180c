"""Beside the rules stands who sits in the MR and how parents reach it (POL-67), and nobody who is not to be named."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from groups.models import Level, School, StaffMember
from groups.people.services.shields import shield_child
from groups.roles import Hat
from groups.schools.services import change_school
from groups.staff.services.councils import read_councils
from groups.staff.services.staff import seat_council_member
from portal.core.actor import Actor, clock
from tests import rows
from tests.cast import Cast
from tests.moderation.reporting import visit
from tests.moderation.ruling import in_force


@pytest.fixture(autouse=True)
def _one_step(settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False


def page(cast: Cast, name: str) -> str:
    return visit(cast, name).get(reverse("moderation:rules"), headers={"accept-language": "en"}).content.decode()


def seated(cast: Cast) -> list[tuple[list[str], list[str]]]:
    return [(one.parents, one.staff) for one in read_councils(cast.linde, now=timezone.now())]


def test_everybody_of_the_school_reads_who_sits_there_and_how_to_reach_them(cast: Cast) -> None:
    in_force(cast)
    teacher = StaffMember.objects.get(user=cast.teacher)
    seat_council_member(group=cast.mr, staff=teacher, by=clock(timezone.now()))
    parent = cast.caregiver("council_member").full_name
    assert seated(cast) == [([parent], [f"{teacher.display_name}, {teacher.function}"])]
    shown = page(cast, "mother")
    assert (parent in shown, teacher.display_name in shown) == (True, True)
    assert cast.linde.phone in shown.split("mr")[-1]
    school = School.objects.get(pk=cast.linde.pk)
    change_school(school=school, council_contact="mr@linde.example", by=clock(timezone.now()))
    for name in ("mother", "teacher", "directie"):
        assert "mr@linde.example" in page(cast, name)
    assert parent not in page(cast, "parent_elsewhere")


def test_nobody_is_named_around_whose_child_a_shield_or_a_ban_stands(cast: Cast) -> None:
    member = cast.caregiver("council_member")
    child = member.guardianships.first().child
    assert seated(cast) == [([member.full_name], [])]
    banned = rows.guardianship(rows.caregiver(cast.linde, "Ver"), child, level=Level.CONTACT_BAN)
    assert seated(cast) == []
    banned.delete()
    shield_child(child=child, reason="Geheim.", by=Actor(cast.directie, Hat.ANY, timezone.now()))
    assert seated(cast) == []
