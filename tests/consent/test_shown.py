"""A no works when the row is read; the database and the pure rule agree."""

import pytest
from django.utils import timezone

from consent.answers.services.decisions import decide_for_child
from consent.asking.domain.purposes import IMAGES, Says
from consent.asking.services.starting import start_consent
from consent.models import Clearance, Purpose
from groups.models import Child
from groups.roles import Hat
from portal.core.actor import Actor
from tests.cast import Cast

pytestmark = pytest.mark.engines


def shown(cast: Cast) -> set[str]:
    rule = Clearance.objects.shows_child(IMAGES, child="pk", now=timezone.now())
    return set(Child.objects.filter(rule).values_list("first_name", flat=True))


def answer(cast: Cast, person: str, child: str, says: Says) -> None:
    purpose = Purpose.objects.get(school=cast.linde, key=IMAGES)
    now = timezone.now()
    decide_for_child(child=cast.child(child), answers={purpose: (says, 1)}, by=Actor(cast.user(person), Hat.ANY, now))


def test_one_yes_shows_a_child_and_any_no_hides_it(cast: Cast) -> None:
    start_consent(school=cast.linde, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    assert shown(cast) == set()
    answer(cast, "mother", "Noor", Says.YES)
    assert shown(cast) == {"Noor"}
    answer(cast, "father", "Noor", Says.NO)
    assert shown(cast) == set()
    answer(cast, "father", "Noor", Says.YES)
    assert shown(cast) == {"Noor"}
