"""Whose row it is: claimed with a token, begun only while the token still holds, given back when a worker died."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Min
from django.db.models.functions import Coalesce

from portal.core.models import OutboxItem, OutboxState
from portal.core.outbox.kinds import in_order_of_urgency, kind_of

CHUNK = 500
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True)
class Claim:
    """Rows of one kind that are ours alone as long as they carry our token."""

    kind: str
    token: uuid.UUID
    rows: list[OutboxItem]


def claim_next(now: datetime) -> Claim | None:
    """The most urgent rows that are due; None when nothing is."""
    for kind in in_order_of_urgency():
        if claim := claim_chunk(kind, now):
            return claim
    return None


def claim_chunk(kind: str, now: datetime) -> Claim | None:
    """Locked with SKIP LOCKED where the engine can, compared-and-set everywhere; what is ours carries the token."""
    token = uuid.uuid4()
    due = OutboxItem.objects.due(now=now).filter(kind=kind)
    if not due.exists():
        return None
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        ids = list(due.values_list("pk", flat=True)[:CHUNK])
        OutboxItem.objects.filter(pk__in=ids, state=OutboxState.PENDING).update(
            state=OutboxState.CLAIMED, claim=token, claimed_at=now, attempts=F("attempts") + 1
        )
    rows = OutboxItem.objects.filter(pk__in=ids, claim=token).select_related("recipient").order_by("pk")
    return Claim(kind, token, list(rows)) if rows else None


_TURN = f"""
    UPDATE {OutboxItem._meta.db_table} SET
        state = CASE id WHEN %(accepted)s THEN '{OutboxState.ACCEPTED}' ELSE '{OutboxState.SENDING}' END,
        settled_at = CASE id WHEN %(accepted)s THEN %(now)s END,
        claimed_at = CASE id WHEN %(accepted)s THEN claimed_at ELSE %(now)s END,
        last_error = CASE id WHEN %(accepted)s THEN '' ELSE last_error END,
        failing_since = CASE id WHEN %(accepted)s THEN NULL ELSE failing_since END
    WHERE id IN (%(accepted)s, %(next)s) AND claim = %(claim)s
        AND (id = %(accepted)s OR state = '{OutboxState.CLAIMED}')
    RETURNING id
"""  # noqa: S608 - names of ours; values are parameters


def begin(item: OutboxItem, claim: Claim, now: datetime, *, accepted: OutboxItem | None) -> bool:
    """Commit `sending` before the server hears of it, together with what it accepted last; False: no longer ours.

    Once for every mail, so it is one statement, and not the queryset's own.
    """
    values = {
        "accepted": accepted.pk if accepted else None,
        "next": item.pk,
        "claim": OutboxItem._meta.get_field("claim").get_db_prep_value(claim.token, connection),
        "now": connection.ops.adapt_datetimefield_value(now),
    }
    with connection.cursor() as cursor:
        cursor.execute(_TURN, values)
        return (item.pk,) in cursor.fetchall()


def settle(item: OutboxItem, state: OutboxState, now: datetime, reason: str = "") -> None:
    """The end of a row, unless somebody else settled it meanwhile."""
    mine = OutboxItem.objects.filter(pk=item.pk, claim=item.claim)
    mine.update(state=state, settled_at=now, last_error=reason, failing_since=None)


def postpone(item: OutboxItem, due_at: datetime, reason: str, *, was_uncertain: bool = False) -> None:
    """Try this row again later; `tries` counts what was its own fault."""
    OutboxItem.objects.filter(pk=item.pk, claim=item.claim).update(
        state=OutboxState.PENDING,
        claim=None,
        due_at=due_at,
        tries=F("tries") + 1,
        last_error=reason,
        was_uncertain=item.was_uncertain or was_uncertain,
    )


def release(claim: Claim, items: Sequence[OutboxItem], now: datetime, reason: str) -> None:
    """The mail server's fault: nobody's attempt. The longer it lasts, the longer the pause, up to an hour."""
    rows = OutboxItem.objects.filter(pk__in=[item.pk for item in items], claim=claim.token)
    since = rows.aggregate(since=Min("failing_since"))["since"] or now
    pause = min(max((now - since) / 2, SHORTEST_PAUSE), LONGEST_PAUSE)
    rows.update(
        state=OutboxState.PENDING,
        claim=None,
        due_at=now + pause,
        last_error=reason,
        failing_since=Coalesce("failing_since", now),
    )


def server_is_back(now: datetime) -> None:
    """What waited for the mail server is due at once."""
    OutboxItem.objects.waiting_for_server().update(due_at=now, failing_since=None)


def take_back_stuck(now: datetime) -> None:
    """A worker died. What it had not begun is free again; what it was sending may have left, so it is uncertain.

    A notice is then sent once more under the same Message-ID; a newsletter is not.
    """
    stuck = OutboxItem.objects.stuck(now=now)
    stuck.filter(state=OutboxState.CLAIMED).update(state=OutboxState.PENDING, claim=None)
    for kind in in_order_of_urgency():
        began = stuck.filter(state=OutboxState.SENDING, kind=kind)
        if not kind_of(kind).newsletter:
            began.filter(was_uncertain=False).update(state=OutboxState.PENDING, claim=None, was_uncertain=True)
        began.update(state=OutboxState.UNCERTAIN, claim=None, settled_at=now, last_error="worker stopped while sending")
