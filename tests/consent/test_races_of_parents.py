"""Both parents in the same second (W12), and one parent's double click: proved where rows are locked."""

from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from consent.answers.services.decisions import decide_for_child
from consent.asking.domain.purposes import WEBSITE, Says
from consent.models import Clearance, Decision
from groups.letters.services.claims import unlink_account
from groups.models import Caregiver, Child, Claim
from groups.roles import Hat
from portal.core import access
from portal.core.actor import Actor
from portal.core.models import User
from tests import rows
from tests.cast import Cast
from tests.consent.answering import begin, purpose
from tests.races import all_done, together

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite writes one at a time"),
]


def is_shown(child: Child) -> bool:
    rule = Clearance.objects.shows_child(WEBSITE, child="pk", now=timezone.now())
    return Child.objects.filter(rule, pk=child.pk).exists()


def answer(cast: Cast, person: str, child: Child, says: Says) -> Callable[[], Any]:
    asked, by = purpose(cast.linde, WEBSITE), cast.user(person)

    def deed() -> None:
        decide_for_child(child=child, answers={asked: (says, 1)}, by=Actor(by, Hat.ANY, timezone.now()))

    return deed


def test_parents_who_contradict_each_other_at_once_end_at_no(cast: Cast) -> None:
    begin(cast)
    noor, dice = cast.child("Noor"), Random(12)
    for _ in range(25):
        all_done(answer(cast, "mother", noor, Says.YES), answer(cast, "father", noor, Says.YES))
        assert is_shown(noor)
        deeds = [answer(cast, "mother", noor, Says.YES), answer(cast, "father", noor, Says.NO)]
        dice.shuffle(deeds)
        all_done(*deeds)
        assert not is_shown(noor)


def test_a_yes_while_the_account_is_taken_off_counts_for_nobody(cast: Cast) -> None:
    """Each time the first yes of that account: whoever takes it off sees it, or it is not kept."""
    begin(cast)
    noor = cast.child("Noor")
    for number in range(25):
        user, now = rows.account(f"vreemde{number}@elders.example"), timezone.now()
        parent = rows.caregiver(cast.linde, user=user)
        rows.guardianship(parent, noor, "with_authority")
        Claim.objects.create(caregiver=parent, user=user, how="address", claimed_at=now)
        access.reproject(school=cast.linde, users=[user.pk])
        took_off, said = together(partial(take_off, cast, parent), partial(say_yes, cast, user, noor))
        assert took_off is None
        assert isinstance(said, PermissionDenied | list)
        assert not is_shown(noor), number


def take_off(cast: Cast, parent: Caregiver) -> None:
    unlink_account(caregiver=parent, by=Actor(cast.directie, Hat.ANY, timezone.now()))


def say_yes(cast: Cast, user: User, child: Child) -> list[Decision]:
    asked = {purpose(cast.linde, WEBSITE): (Says.YES, 1)}
    return decide_for_child(child=child, answers=asked, by=Actor(user, Hat.ANY, timezone.now()))


def test_a_double_click_makes_one_row_and_one_receipt(cast: Cast) -> None:
    begin(cast)
    noor = cast.child("Noor")
    all_done(*[answer(cast, "mother", noor, Says.YES)] * 6)
    assert Decision.objects.filter(child=noor).count() == 1
