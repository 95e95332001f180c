"""What follows from a change of consent reaches no further than the change (docs/adr/0034).

Rows are taken away that nothing here is about: of who may be shown at another school, and of another right. What
derived those too would put them back, and would read a whole country for the tap of one parent.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from consent.answers.services.decisions import decide_for_self
from consent.answers.services.reluctance import end_reluctance, note_reluctance
from consent.asking.domain.purposes import IMAGES, NAMES, PRESS, Says
from consent.asking.services.starting import start_consent
from consent.asking.services.texts import (
    add_purpose,
    change_purpose,
    require_everybody,
    resume_purpose,
    retire_purpose,
)
from consent.models import Clearance, Purpose
from consent.paper.services import Signed, record_paper
from consent.rounds.services.rounds import close_round, open_round
from groups.models import GroupGrant
from groups.roles import Hat
from portal.core.actor import Actor
from portal.core.domain.moments import at_school
from tests.cast import Cast
from tests.consent.answering import begin, purpose
from tests.consent.pages import WORDS, answer
from tests.messaging.photo_files import picture

pytestmark = pytest.mark.django_db
NOW = timezone.now()
HOW: dict[str, Any] = {"basis": "consent", "reach": "groups", "requires_all": False}


@pytest.fixture(autouse=True)
def _own_disk(tmp_path: Any, settings: Any) -> None:
    settings.KRING_DATA_DIR = tmp_path


def head(cast: Cast, later: int = 0) -> Actor:
    return Actor(cast.directie, Hat.ANY, NOW + timedelta(seconds=later))


def _started(cast: Cast) -> None:
    Purpose.objects.filter(school=cast.linde, key=PRESS).update(key="newspaper")
    assert start_consent(school=cast.linde, by=head(cast))


def _asked_otherwise(cast: Cast) -> None:
    change_purpose(purpose=purpose(cast.linde, IMAGES), version=1, **HOW | {"requires_all": True}, by=head(cast))


def _asked_again(cast: Cast) -> None:
    asked = retire_purpose(purpose=purpose(cast.linde, NAMES), by=head(cast))
    resume_purpose(purpose=asked, by=head(cast, 1))


def _round(cast: Cast) -> None:
    day = (NOW + timedelta(days=9)).date()
    opened = open_round(school=cast.linde, closes_on=day, by=head(cast))
    close_round(round=opened, by=head(cast, 1))


def _rather_not(cast: Cast) -> None:
    teacher = Actor(cast.teacher, Hat.ANY, NOW)
    note_reluctance(child=cast.child("Finn"), note="", by=teacher)
    end_reluctance(child=cast.child("Finn"), by=teacher)


def _on_paper(cast: Cast) -> None:
    day = at_school(NOW).date()
    signed = Signed(cast.child("Noor"), cast.caregiver("mother"), day, {purpose(cast.linde, NAMES): Says.NO})
    record_paper(signed=signed, scan=picture(), key=uuid4(), by=head(cast))


def _about_oneself(cast: Cast) -> None:
    answers = {purpose(cast.linde, IMAGES): (Says.YES, 1)}
    decide_for_self(school=cast.linde, answers=answers, by=Actor(cast.teacher, Hat.ANY, NOW))


CHANGES: dict[str, Callable[[Cast], object]] = {
    "the school begins": _started,
    "it asks otherwise": _asked_otherwise,
    "it asks no more, and again": _asked_again,
    "it asks something of its own": lambda cast: add_purpose(school=cast.linde, words=WORDS, **HOW, by=head(cast)),
    "everybody has to": lambda cast: require_everybody(school=cast.linde, everybody=True, by=head(cast)),
    "a round": _round,
}
OF_ONE: dict[str, Callable[[Cast], object]] = {
    "a parent answers": partial(answer, person="mother", child="Noor", images="no"),
    "a child would rather not": _rather_not,
    "on paper": _on_paper,
    "about oneself": _about_oneself,
}


@pytest.mark.parametrize("change", [*CHANGES, *OF_ONE])
def test_another_right_and_another_school_are_not_derived_again(cast: Cast, change: str) -> None:
    begin(cast, now=NOW - timedelta(days=2))
    _answered_elsewhere(cast)
    GroupGrant.objects.filter(user=cast.user("father")).delete()
    Clearance.objects.filter(school=cast.berk).delete()
    (CHANGES | OF_ONE)[change](cast)
    assert not GroupGrant.objects.filter(user=cast.user("father")).exists()
    assert not Clearance.objects.filter(school=cast.berk).exists()


@pytest.mark.parametrize("change", OF_ONE)
def test_nor_is_another_child(cast: Cast, change: str) -> None:
    begin(cast, now=NOW - timedelta(days=2))
    answer(cast, "parent_of_two", "Lot", NOW - timedelta(days=1), images="yes")
    answer(cast, "teacher_who_is_parent", "Jet", NOW - timedelta(days=1), images="yes")
    others = Clearance.objects.filter(child__in=[cast.child("Lot"), cast.child("Jet")])
    assert others.count() == 2
    others.delete()
    OF_ONE[change](cast)
    assert not others.exists()


def _answered_elsewhere(cast: Cast) -> None:
    """Somebody at the other school may be shown."""
    asked, teacher = purpose(cast.berk, IMAGES), cast.user("teacher_elsewhere")
    decide_for_self(school=cast.berk, answers={asked: (Says.YES, 1)}, by=Actor(teacher, Hat.ANY, NOW))
    assert Clearance.objects.filter(school=cast.berk).exists()
