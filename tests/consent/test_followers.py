"""Who follows an answer is rung with it, and only when it stands; consent does not know who they are."""

import io
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone
from PIL import Image as Pillow

from consent.answers.services.reluctance import note_reluctance
from consent.asking.domain.purposes import IMAGES, Says
from consent.models import Purpose
from consent.paper.services import Signed, record_paper
from groups.roles import Hat
from portal.core.actor import Actor
from portal.core.domain.moments import at_school
from tests.cast import Cast
from tests.consent.pages import answer, begun

pytestmark = pytest.mark.engines

FOLLOWERS = ["messaging.follow_refusals"]


def answered(cast: Cast) -> None:
    answer(cast, "mother", "Noor", images="no")


def signed(cast: Cast) -> None:
    images, now = Purpose.objects.get(school=cast.linde, key=IMAGES), timezone.now()
    Pillow.new("RGB", (64, 48), "teal").save(scan := io.BytesIO(), "JPEG")
    paper = Signed(cast.child("Noor"), cast.caregiver("mother"), at_school(now).date(), {images: Says.NO})
    record_paper(signed=paper, scan=scan.getvalue(), key=uuid4(), by=Actor(cast.directie, Hat.ANY, now))


def rather_not(cast: Cast) -> None:
    note_reluctance(child=cast.child("Noor"), note="", by=Actor(cast.teacher, Hat.ANY, timezone.now()))


def rung(callbacks: list[Callable[[], None]]) -> list[str]:
    """The tasks that were rung, the outbox apart."""
    names = [ring.args[0] for ring in callbacks if isinstance(ring, partial)]
    return [name for name in names if not name.startswith("core.")]


@pytest.mark.parametrize("act", [answered, signed, rather_not])
def test_who_follows_is_rung_after_the_commit(
    cast: Cast, tmp_path: Any, settings: Any, act: Callable[[Cast], None], django_capture_on_commit_callbacks: Any
) -> None:
    settings.KRING_DATA_DIR = tmp_path
    begun(cast)
    with django_capture_on_commit_callbacks() as callbacks:
        act(cast)
    assert rung(callbacks) == FOLLOWERS


def test_an_answer_that_does_not_stand_rings_nobody(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    begun(cast)
    with django_capture_on_commit_callbacks() as callbacks, transaction.atomic():
        answered(cast)
        transaction.set_rollback(True)
    assert rung(callbacks) == []
