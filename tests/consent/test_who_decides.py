"""One rule, five uses: the card on the page, its buttons, the policy, the refusal, and who is written to."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from consent.answers.policies import can_decide_for
from consent.answers.services.choices import children_cards, is_waited_for
from consent.answers.services.decisions import decide_for_child
from consent.models import Purpose
from groups.models import Child
from groups.roles import Hat
from portal.core.actor import Actor
from tests.cast import NAMES, Cast
from tests.consent.answering import begin, turn_16

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


def decides(user: Any, child: Child) -> bool:
    """Whether the service lets this person answer; nothing is answered."""
    try:
        decide_for_child(child=child, answers={}, by=Actor(user, Hat.ANY, timezone.now()))
    except PermissionDenied:
        return False
    return True
