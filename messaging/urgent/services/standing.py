"""What is urgent and not read yet: it stands above everything else at home."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.core.cache import cache
from django.db import transaction
from django.db.models import QuerySet

from groups.roles import Hat
from messaging.urgent.domain import STANDS_FOR
from messaging.urgent.models import UrgentMessage
from messaging.urgent.policies import can_alarm
from messaging.urgent.querysets import alarmed_by
from messaging.writings.models import Post
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.models import User
from portal.core.noted import note, noted, on_every_page

MOST = 5
NOTHING, REMEMBERED = "urgent:nothing", 60
"""Seconds for which it is remembered that nothing is urgent anywhere; whatever is sent makes that anew at once."""


@compiled
def schools_to_alarm(actor: Actor) -> QuerySet:
    """By key the schools at which `actor` sends what cannot wait: who finds the way there where one writes."""
    return alarmed_by(actor).values_list("pk")[:1]


def may_follow(post: Post, *, by: Actor) -> bool:
    """Whether `by` follows whom this message reached: one that every family has to read, by who phones about it."""
    return post.is_essential and can_alarm(by.wearing(Hat.STAFF), post.school)


class UrgentLine(NamedTuple):
    """As it stands above the feed."""

    uid: UUID
    title: str
    group: str
    published_at: datetime


def standing_for(actor: Actor) -> Sequence[UrgentLine]:
    """What stands there, the newest first; mostly without a question, as mostly there is nothing."""
    if noted(_nothing, actor=actor):
        return []
    found = [UrgentLine(*row) for row in _standing(actor=actor)]
    if not found and not UrgentMessage.objects.filter(post__published_at__gt=actor.now - STANDS_FOR).exists():
        note(_nothing, True, actor=actor, seconds=REMEMBERED)
    return found


def begin_anew() -> None:
    """Something urgent was sent: now, and again when it is in the database, as a page in between may remember."""
    cache.delete(NOTHING)
    transaction.on_commit(lambda: cache.delete(NOTHING))


@on_every_page
def _nothing(_: User) -> str:
    return NOTHING


@compiled
def _standing(actor: Actor) -> QuerySet:
    rows = UrgentMessage.objects.standing_for(actor).order_by("-post__published_at", "-pk")
    return rows.values_list("post__uid", "post__title", "post__group__name", "post__published_at")[:MOST]
