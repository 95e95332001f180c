"""A worker that dies in the middle of an act on many things: each in the dossier once, or still there (DR26)."""

import time
from datetime import timedelta
from random import Random
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from groups.roles import Hat
from messaging.models import Reply
from messaging.posts.services.posts import publish_post
from messaging.posts.services.replies import publish_reply
from moderation.desk.services.bulk import PATIENCE, begin_act, counts_of
from moderation.models import BulkAct, Outcome
from portal.core.actor import Actor
from portal.core.models import DossierEntry
from tests.cast import Cast
from tests.drills.machine import Installation, needs_redis, until

pytestmark = [needs_redis, pytest.mark.django_db(transaction=True)]
MANY = 60
SWEEP = "moderation.ring_forgotten_acts"


def written_under_one_post(cast: Cast) -> list[Reply]:
    now = timezone.now()
    words = {"topic": "update", "title": "Vandaag", "text": "In de kring.", "replies": "on"}
    [post] = publish_post(groups=[cast.groep_4], **words, by=Actor(cast.teacher, "staff", now))
    said = (f"Nare woorden {number}" for number in range(MANY))
    return [publish_reply(post=post, text=text, by=Actor(cast.mother, "family", now)) for text in said]


def done(act: BulkAct) -> int:
    connection.close()
    return counts_of(act)[Outcome.DONE]


@pytest.mark.nightly
@pytest.mark.parametrize("kills", [1, pytest.param(5, marks=pytest.mark.long)], ids=["once", "five times"])
def test_worker_killed_in_the_middle_of_many_removals(kring: Installation, cast: Cast, kills: int) -> None:
    written = written_under_one_post(cast)
    act = begin_act(
        verb="remove",
        kind="reply",
        chosen=[one.pk for one in written],
        reason="Dit kwetst.",
        key=uuid4(),
        by=Actor(cast.directie, Hat.ANY, timezone.now()),
    )
    dice = Random(7)
    for kill in range(kills):
        before = done(act)
        worker = kring.worker()
        kring.ring(SWEEP)
        until(lambda before=before: done(act) > before, "the worker removes")
        time.sleep(dice.uniform(0, 0.05))
        worker.kill()
        assert done(act) < MANY, f"kill {kill} came too late"
        held = F("claimed_at") - PATIENCE - timedelta(minutes=1)
        BulkAct.objects.filter(pk=act.pk, claimed_at__isnull=False).update(claimed_at=held)
    kring.worker()
    kring.ring(SWEEP)
    until(lambda: done(act) == MANY, "everything is removed")
    entries = DossierEntry.objects.filter(subject_uid__in=[one.uid for one in written])
    assert (entries.count(), entries.values("subject_uid").distinct().count()) == (MANY, MANY)
    assert set(Reply.objects.filter(pk__in=[one.pk for one in written]).values_list("state", flat=True)) == {"removed"}
