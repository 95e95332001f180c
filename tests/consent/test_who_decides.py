"""One rule, five uses: the card on the page, its buttons, the policy, the refusal, and who is written to."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from consent.answers.policies import can_decide_for
from consent.answers.services.choices import children_cards, is_waited_for
from consent.answers.services.decisions import decide_for_child
from consent.asking.domain.purposes import IMAGES, Says
from consent.models import Purpose
from groups.models import Child, Guardianship, Level
from groups.roles import Hat
from portal.core.actor import Actor
from tests import rows
from tests.cast import NAMES, Cast
from tests.consent.answering import begin, purpose, turn_16

pytestmark = pytest.mark.django_db
CHILDREN = ["Noor", "Sem", "Tess", "Finn", "Lot", "Mila", "Bram", "Pim", "Jet", "Saar", "Daan"]


@pytest.fixture(autouse=True)
def _asked(cast: Cast) -> None:
    begin(cast)
    turn_16(cast.child("Lot"))


@pytest.mark.parametrize("name", NAMES)
def test_page_button_policy_refusal_and_recipients_agree(cast: Cast, name: str) -> None:
    user, now = cast.user(name), timezone.now()
    decided = {child for child in CHILDREN if decides(user, cast.child(child))}
    by_policy = {child for child in CHILDREN if can_decide_for(Actor(user, Hat.ANY, now), cast.child(child))}
    cards = children_cards(actor=Actor(user, Hat.ANY, now))
    on_page = {card.child.first_name for card in cards if card.child and card.may_choose and card.choices}
    waiting = (
        Purpose.objects.asked().waiting_on(now=now).filter(caregiver__user=user.pk, caregiver__user__is_active=True)
    )
    written_to = set(waiting.values_list("child__first_name", flat=True))
    assert decided == by_policy == on_page
    assert written_to == by_policy
    assert (user.is_authenticated and user.is_active and is_waited_for(actor=Actor(user, Hat.ANY, now))) == bool(
        by_policy
    )


def test_of_who_has_two_records_the_one_with_authority_over_this_child_answers(cast: Cast) -> None:
    """Two lines of a list, one account: over one child as its mother, of another as who may read along."""
    noor, mother = cast.child("Noor"), cast.user("mother")
    since = timezone.now() - timedelta(days=9)
    rows.caregiver(cast.linde, "Karima", cast.child("Finn"), user=mother, since=since)
    rows.caregiver(cast.linde, "K.", noor, level="admitted_reader", user=mother, since=since)
    decided = decide_for_child(
        child=noor, answers={purpose(cast.linde, IMAGES): (Says.YES, 1)}, by=Actor(mother, Hat.ANY, timezone.now())
    )
    assert [one.caregiver for one in decided] == [cast.caregiver("mother")]


def test_who_answered_one_thing_is_waited_for_until_everything_is_answered(cast: Cast) -> None:
    noor, by = cast.child("Noor"), Actor(cast.user("mother"), Hat.ANY, timezone.now())
    asked = list(Purpose.objects.asked().filter(school=cast.linde))
    for left, one in zip(range(len(asked), 0, -1), asked, strict=True):
        assert is_waited_for(actor=by), left
        decide_for_child(child=noor, answers={one: (Says.NO, 1)}, by=by)
    assert not is_waited_for(actor=by)


def test_the_answer_of_who_lost_authority_counts_for_nobody_also_while_the_bond_is_there(cast: Cast) -> None:
    """One answer of the family is enough, of who may give it."""
    noor, father, asked = cast.child("Noor"), cast.user("father"), Purpose.objects.asked().filter(school=cast.linde)
    answers = {one: (Says.NO, 1) for one in asked}
    decide_for_child(child=noor, answers=answers, by=Actor(father, Hat.ANY, timezone.now()))
    assert not waits(noor)
    bond = Guardianship.objects.filter(caregiver__user=father, child=noor)
    assert bond.update(level=Level.DAILY_CARER) == 1
    assert waits(noor)


def waits(child: Child) -> bool:
    """Whether school waits for an answer about this child."""
    return Child.objects.filter(Purpose.objects.leaves_waiting(now=timezone.now()), pk=child.pk).exists()


def decides(user: Any, child: Child) -> bool:
    """Whether the service lets this person answer; nothing is answered."""
    try:
        decide_for_child(child=child, answers={}, by=Actor(user, Hat.ANY, timezone.now()))
    except PermissionDenied:
        return False
    return True
