"""Who has still to confirm the rules, asked on every page: remembered for a moment when there is nothing to ask.

What is remembered is no right. It ends by the clock, when a version begins, and at once when one is decided.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.core.cache import cache
from django.db import transaction
from django.db.models import QuerySet

from groups.roles import Hat
from moderation.rules.domain.protocols import Asking, asked
from moderation.rules.models.protocols import Protocol
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.models import User
from portal.core.noted import note, noted, on_every_page

REMEMBERED = timedelta(minutes=5)
"""How long a new task, or a second school, may go unnoticed."""
_SERIAL = "rules:serial"


@dataclass(frozen=True)
class WaitingProtocol:
    """A version that this person did not confirm yet, and whether it may wait."""

    protocol: Protocol
    asked: Asking


def waiting_for(actor: Actor) -> list[WaitingProtocol]:
    """Every version `actor` has still to confirm, what cannot wait first (POL-67)."""
    waiting = [WaitingProtocol(row, _asked(row, actor.now)) for row in _waiting(actor=actor.wearing(Hat.ANY))]
    return sorted(waiting, key=lambda one: one.asked != Asking.MUST)


@compiled
def _waiting(actor: Actor) -> QuerySet:
    return Protocol.objects.waiting_for(actor).select_related("school").order_by("school__name", "pk")


def _asked(row: Any, now: datetime) -> Asking:
    return asked(
        effective_at=row.effective_at,
        required_at=row.required_at,
        as_staff=row.as_staff,
        is_confirmed=False,
        now=now,
    )


def waiting_on_a_page(actor: Actor) -> list[WaitingProtocol]:
    """The same for somebody who opens a page: with no question at all when nothing waited a moment ago."""
    serial = noted(_serial, actor=actor) or cache.get_or_set(_SERIAL, _fresh, None)
    known = noted(_key, actor=actor)
    of, since, until = known if isinstance(known, tuple) else (None, actor.now, actor.now)
    if of == serial and since <= actor.now < until:
        return []
    waiting = waiting_for(actor)
    if not waiting:
        until = min([actor.now + REMEMBERED, *_next_beginning(now=actor.now)])
        note(_key, (serial, actor.now, until), actor=actor, seconds=REMEMBERED.total_seconds())
    return waiting


@compiled
def _next_beginning(now: datetime) -> QuerySet[Protocol, datetime]:
    """Of the version that begins first, where one is still to begin."""
    coming = Protocol.objects.filter(effective_at__gt=now)
    return coming.order_by("effective_at").values_list("effective_at", flat=True)[:1]


def _fresh() -> str:
    return uuid4().hex


def begin_anew() -> None:
    """Forget for everybody that nothing waited: a version was decided. Now, and again when it is in the database."""
    cache.set(_SERIAL, _fresh(), None)
    transaction.on_commit(lambda: cache.set(_SERIAL, _fresh(), None))


@on_every_page
def _serial(_: User) -> str:
    return _SERIAL


@on_every_page
def _key(user: User) -> str:
    return f"rules:clear:{user.pk}"
