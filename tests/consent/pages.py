"""How the tests of consent's pages visit them: in English, without the second step."""

from datetime import datetime
from typing import Any

from django.test import Client
from django.utils import timezone

from consent.answers.services.decisions import decide_for_child
from consent.asking.domain.purposes import Says
from consent.asking.services.starting import start_consent
from consent.asking.services.texts import PurposeTexts
from consent.models import Purpose
from groups.roles import Hat
from portal.core.actor import Actor
from tests.cast import SIGN_IN, Cast

WORDS = PurposeTexts("Jaarboek", "Yearbook", "Een foto in het jaarboek.", "A photo in the yearbook.")
"""Of a purpose of the school's own."""


def visit(cast: Cast, name: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    user = cast.user(name)
    user.language = "en"
    user.save(update_fields=["language"])
    client.force_login(user, backend=SIGN_IN)
    return client


def begun(cast: Cast, now: datetime | None = None) -> dict[str, Purpose]:
    """The first school with Kring's purposes that are asked, by key."""
    start_consent(school=cast.linde, by=Actor(cast.directie, Hat.ANY, now or timezone.now()))
    return {purpose.key: purpose for purpose in Purpose.objects.asked().filter(school=cast.linde)}


def answer(cast: Cast, person: str, child: str, now: datetime | None = None, **said: str) -> None:
    """What a parent says, by key of the purpose: `images="yes"`."""
    purposes = {purpose.key: purpose for purpose in Purpose.objects.filter(school=cast.linde, key__in=said)}
    answers: Any = {
        purposes[key]: (Says(says), purposes[key].texts.latest("number").number) for key, says in said.items()
    }
    decide_for_child(
        child=cast.child(child), answers=answers, by=Actor(cast.user(person), Hat.ANY, now or timezone.now())
    )
