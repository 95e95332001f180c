"""How many families there are is one number, wherever it stands."""

import pytest
from django.utils import timezone

from consent.overview.services import lines_of, progress_at, progress_of
from groups.models import Group
from groups.people.services.families import classes_of, reach_of, reach_of_all
from groups.records.domain.families import families_by_child
from groups.roles import Hat
from messaging.writings.services.audience import audience_of, families_per_group
from moderation.promises.services.promises import account_of
from portal.core.actor import Actor
from tests.cast import Cast
from tests.consent.pages import begun

pytestmark = pytest.mark.django_db


def test_composer_people_consent_and_the_policy_page_count_the_same_families(cast: Cast) -> None:
    begun(cast)
    now = timezone.now()
    classes = list(classes_of([cast.linde.pk], now=now))
    whole = Group.objects.get(school=cast.linde, kind="school")
    composer = audience_of([whole], now=now).families
    consent = progress_at(cast.linde, now=now)
    said = [
        figure for _, lines in account_of(cast.linde, now=now).chapters for line in lines for figure in line.figures
    ]
    assert composer == audience_of(classes, now=now).families == reach_of_all(classes, now=now)[0] == consent.total
    assert sum(f" {composer} " in figure for figure in said) == 2


def test_each_class_counts_the_same_families_too(cast: Cast) -> None:
    begun(cast)
    now = timezone.now()
    classes = list(classes_of([cast.linde.pk], now=now))
    composer = families_per_group(classes, now=now)
    assert {one.group.pk: one.total for one in reach_of(classes, now=now)} == {
        group.pk: composer.get(group.pk, 0) for group in classes
    }
    assert {one.group.pk: one.total for one in progress_at(cast.linde, now=now).groups} == {
        group.pk: composer.get(group.pk, 0) for group in classes
    }
    assert progress_of(lines_of(classes[0], [], by=Actor(cast.directie, Hat.ANY, now))).total == composer[classes[0].pk]


def test_the_same_caregivers_make_one_family_and_a_child_of_nobody_stands_alone() -> None:
    """Keys of children and of caregivers are counted apart: child 5 is not caregiver 5."""
    found = families_by_child([(5, None), (6, 5), (7, 5), (7, 8), (9, 8), (9, 5), (9, 5), (10, None)])
    assert found[7] == found[9]
    assert len({*found.values()}) == 4
