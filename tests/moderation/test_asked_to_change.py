"""A kind word says what is possible: its reader can change the words for one more day (POL-66)."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from groups.roles import Hat
from messaging.models import Reply
from messaging.writings.services.written import TooLateToEditError, edit_words
from moderation.cases.services.notes import address_colleague, address_writer
from portal.core.actor import Actor
from tests.cast import Cast
from tests.moderation.reporting import reported
from tests.scene import Scene

A_DAY = timedelta(days=1)


def writes(cast: Cast, reply: Reply, at: datetime, name: str = "mother") -> None:
    current = Reply.objects.get(pk=reply.pk)
    by = Actor(cast.user(name), Hat.FAMILY, at)
    edit_words(written=current, version=current.version, text=f"Anders, {at.isoformat()}", by=by)


def test_who_was_asked_changes_the_words_for_a_day(cast: Cast, scene: Scene) -> None:
    case, now = reported(cast, scene.reply).case, timezone.now()
    late = now + timedelta(hours=1)
    with pytest.raises(TooLateToEditError):
        writes(cast, scene.reply, late)
    address_writer(case=case, text="Kijkt u er nog eens naar?", by=Actor(cast.directie, Hat.ANY, late))
    writes(cast, scene.reply, late + A_DAY - timedelta(seconds=1))
    with pytest.raises(TooLateToEditError):
        writes(cast, scene.reply, late + A_DAY)
    with pytest.raises(TooLateToEditError):
        writes(cast, scene.reply, late, "father")


def test_a_text_that_is_away_stays_as_it_is(cast: Cast, scene: Scene) -> None:
    case, late = reported(cast, scene.reply).case, timezone.now() + timedelta(hours=1)
    address_writer(case=case, text="Kijkt u er nog eens naar?", by=Actor(cast.directie, Hat.ANY, late))
    Reply.objects.filter(pk=scene.reply.pk).update(state="hidden", hidden_at=late, hidden_by=cast.directie)
    with pytest.raises(TooLateToEditError):
        writes(cast, scene.reply, late)


def test_who_may_not_speak_to_somebody_opens_nothing(cast: Cast, scene: Scene) -> None:
    with pytest.raises(PermissionDenied):
        address_colleague(written=scene.reply, text="Dag.", by=Actor(cast.teacher, Hat.STAFF, timezone.now()))
    assert Reply.objects.get(pk=scene.reply.pk).editable_until is None
