"""How many families there are is one number, wherever it stands."""

import pytest
from django.utils import timezone

from consent.overview.services import lines_of, progress_at, progress_in, progress_of
from groups.models import Group
from groups.people.services.families import classes_of, reach_of, reach_of_all
from groups.records.domain.families import family_number
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


def test_of_all_classes_together_the_policy_page_counts_as_the_page_of_consent(cast: Cast) -> None:
    begun(cast)
    now = timezone.now()
    whole, said = progress_at(cast.linde, now=now), progress_in(list(classes_of([cast.linde.pk], now=now)), now=now)
    assert (said.total, said.answered) == (whole.total, whole.answered)
    assert said.total > 0


def test_the_same_caregivers_make_one_family_whoever_is_named_first() -> None:
    """The keys stand apart: 1 and 12 are not 11 and 2."""
    several = [[5], [5, 8], [8], [1, 12], [11, 2], [1, 2]]
    assert len({family_number(one) for one in several}) == len(several)
    assert family_number([8, 5, 5]) == family_number([5, 8])
    assert 0 <= family_number([5]) < 2**63
