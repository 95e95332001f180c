"""How the tests of moderation report and visit."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from groups.roles import Hat
from messaging.models import Message, Placement, Post, Reply
from moderation.cases.services.reports import report_content, report_person
from moderation.models import Case, Report
from portal.core import access
from portal.core.actor import Actor
from tests.cast import NAMES, Cast
from tests.consent.pages import visit as visit


def reported(cast: Cast, content: Any, by: str = "father", now: datetime | None = None, **more: Any) -> Report:
    """What somebody of the cast doubts, in the hat in which this person reads it."""
    user, at = cast.user(by), now or timezone.now()
    rows = type(content).objects.visible_to(Actor(user, "family", at))
    hat = "family" if rows.filter(pk=content.pk).exists() else "staff"
    words: dict[str, Any] = {"reason": "hurtful", "words": "Dit doet pijn.", **more}
    return report_content(content=content, by=Actor(user, hat, at), **words)


def person_reported(cast: Cast, seen_in: Post | Reply | Message, by: str = "father", hat: str = "family") -> Report:
    now = timezone.now()
    return report_person(seen_in=seen_in, reason="hurtful", words="Al lang.", by=Actor(cast.user(by), hat, now))


def written_case(**facts: Any) -> Case:
    """A case as a row, with the rights that follow from it."""
    case = Case.objects.create(**facts)
    access.reproject(school=case.school)
    return case


def photo_in(written: Post | Message) -> Placement:
    return Placement.objects.get(writing=written)


def handlers(cast: Cast, case: Case) -> set[str]:
    """Who of the cast handles this case now."""
    now = timezone.now()
    return {
        name
        for name in NAMES
        if Case.objects.visible_to(Actor(cast.user(name), Hat.ANY, now)).filter(pk=case.pk).exists()
    }
