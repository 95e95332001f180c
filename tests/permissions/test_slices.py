"""The rows of one school, or of somebody, are those of everybody that are theirs: no more and no fewer."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from consent.answers.services.decisions import decide_for_child
from consent.asking.domain.purposes import Says
from consent.asking.services.texts import change_purpose
from groups.models import Child, School, StaffMember
from groups.people.services.restrictions import restrict_person
from groups.people.services.shields import shield_child
from groups.roles import Hat
from moderation.access_requests.services.access_requests import draw_up
from portal.core import access
from portal.core.access import People
from portal.core.actor import Actor
from portal.core.models import User
from tests.cast import Cast
from tests.consent.answering import begin, purpose
from tests.moderation.asking import mark, start, submit
from tests.moderation.reporting import reported
from tests.scene import Scene

NAMES = ("mother", "father", "other_parent", "council_member", "teacher", "teacher_who_is_parent", "directie", "pupil",
         "case_officer", "parent_elsewhere")  # fmt: skip


@pytest.fixture
def everything(cast: Cast, scene: Scene) -> None:
    """Rows of every kind that is derived, of two children and at two schools."""
    now = timezone.now()
    directie = Actor(cast.directie, Hat.ANY, now)
    mother = Actor(cast.mother, Hat.FAMILY, now)
    begin(cast, now=now)
    website = purpose(cast.linde, "website")
    how: dict[str, Any] = {
        "version": website.version,
        "basis": "objection",
        "reach": website.reach,
        "requires_all": False,
    }
    change_purpose(purpose=website, by=directie, **how)
    decide_for_child(child=cast.child("Noor"), answers={purpose(cast.linde, "images"): (Says.YES, 1)}, by=mother)
    asked = start(reported(cast, scene.reply).case, cast.directie)
    draw_up(asked=asked, by=directie)
    mark(asked, cast.directie)
    submit(asked, cast.directie)
    shield_child(child=cast.child("Noor"), reason="Een huisverbod.", by=directie)
    restrict_person(
        person=User.objects.get(pk=key_of(cast, "other_parent")),
        school=cast.linde,
        kind="limited",
        until=now + timedelta(days=7),
        case_uid=uuid4(),
        by=directie,
    )


def key_of(cast: Cast, name: str) -> int:
    return cast.user(name).pk or 0


def slices(cast: Cast) -> Iterator[tuple[School | None, People | None]]:
    alone = [
        *(People(users=frozenset([key_of(cast, name)])) for name in NAMES),
        *(People(children=frozenset([child])) for child in Child.objects.values_list("pk", flat=True)),
        *(People(staff=frozenset([staff])) for staff in StaffMember.objects.values_list("pk", flat=True)),
    ]
    for school in (None, cast.linde, cast.berk):
        yield school, None
        yield from ((school, people) for people in (alone if school != cast.berk else ()))


@pytest.mark.usefixtures("everything")
def test_a_part_is_computed_as_it_stands_in_the_whole(cast: Cast) -> None:
    differing = [
        (label, school, people)
        for label, projection in access._projections.items()
        for school, people in slices(cast)
        if projection.compare(school, people and people.plus(projection.reach(people))) != (set(), [])
    ]
    assert differing == []
    assert all(projection.rows._default_manager.exists() for projection in access._projections.values())
