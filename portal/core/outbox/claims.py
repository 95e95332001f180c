"""Whose row it is: claimed with a token, begun only while the token still holds, given back when a worker died."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.db import connection, transaction
from django.db.models import F, Min
from django.db.models.functions import Coalesce

from portal.core.models import OutboxItem, OutboxState, PushDevice, User
from portal.core.outbox.kinds import Lane, kind_of, kinds_of
from portal.core.querysets import FAST_IS_STUCK_AFTER, STUCK_AFTER, OutboxQuerySet

CHUNK, FAST_CHUNK = 500, 50
LATE, UNMADE = "too late to be of use", "not made"
SHORTEST_PAUSE = {
    Lane.FAST: timedelta(seconds=10),
    Lane.POST: timedelta(minutes=1),
    Lane.PHONE: timedelta(minutes=1),
}
LONGEST_PAUSE = {
    Lane.FAST: timedelta(seconds=10),
    Lane.POST: timedelta(hours=1),
    Lane.PHONE: timedelta(minutes=15),
}
"""A code waits for the mail server by the ten seconds; it is of no use later."""


@dataclass(frozen=True)
class ClaimedRows:
    """Rows of one kind that are ours alone as long as they carry our token."""

    kind: str
    token: uuid.UUID
    rows: list[OutboxItem]


def claim_next(lane: Lane, now: datetime) -> ClaimedRows | None:
    """The lane's most urgent rows that are due; None when nothing is. Where no notice is due, none is asked about."""
    due = OutboxItem.objects.due(now=now)
    for _, kinds in groupby(kinds_of(lane), key=lambda name: kind_of(name).newsletter):
        alike = list(kinds)
        if due.filter(kind__in=alike).exists():
            for kind in alike:
                if claim := claim_chunk(kind, now):
                    return claim
    return None


def claim_chunk(kind: str, now: datetime) -> ClaimedRows | None:
    """Locked with SKIP LOCKED where the engine can, compared-and-set everywhere; what is ours carries the token."""
    token, most = uuid.uuid4(), FAST_CHUNK if kind_of(kind).lane is Lane.FAST else CHUNK
    due = OutboxItem.objects.due(now=now).filter(kind=kind)
    if not due.exists():
        return None
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        ids = list(due.values_list("pk", flat=True)[:most])
        OutboxItem.objects.filter(pk__in=ids, state=OutboxState.PENDING).update(
            state=OutboxState.CLAIMED, claim=token, claimed_at=now, attempts=F("attempts") + 1
        )
    rows = OutboxItem.objects.filter(pk__in=ids, claim=token).select_related("recipient").order_by("pk")
    return ClaimedRows(kind, token, list(rows)) if rows else None


def ask_anew(claim: ClaimedRows, items: Sequence[OutboxItem]) -> None:
    """One attempt more within the claim: what is in these mails, and where they go, may be something else by now."""
    OutboxItem.objects.filter(pk__in=[item.pk for item in items], claim=claim.token).update(attempts=F("attempts") + 1)
    users = User.objects.in_bulk({item.recipient_id for item in items if item.recipient_id})
    for item in items:
        item.attempts += 1
        if item.recipient_id in users:
            item.recipient = users[item.recipient_id]


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


def begin(item: OutboxItem, claim: ClaimedRows, now: datetime, *, accepted: OutboxItem | None) -> bool:
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
    failing = {} if state is OutboxState.UNCERTAIN else {"failing_since": None}
    mine.update(state=state, settled_at=now, last_error=reason, **failing)


def blame_server(item: OutboxItem, now: datetime) -> None:
    """The trouble of this row is the server's, until it accepts another one: so the lane does not go well."""
    OutboxItem.objects.filter(pk=item.pk, claim=item.claim, failing_since=None).update(failing_since=now)


def postpone(item: OutboxItem, due_at: datetime, reason: str, *, was_uncertain: bool = False) -> None:
    """Try this row again later, also one that had just ended; `tries` counts what was its own fault."""
    OutboxItem.objects.filter(pk=item.pk, claim=item.claim).update(
        state=OutboxState.PENDING,
        claim=None,
        due_at=due_at,
        settled_at=None,
        tries=F("tries") + 1,
        last_error=reason,
        was_uncertain=item.was_uncertain or was_uncertain,
    )


def release(
    claim: ClaimedRows, items: Sequence[OutboxItem], now: datetime, reason: str, *, at: str | None = None
) -> None:
    """The server's fault: nobody's attempt. The longer it lasts, the longer the pause, up to an hour.

    Whoever comes later joins the same outage: it began with the first of the lane that still waits; with `at`, of
    those for phones at that push service.
    """
    lane = kind_of(claim.kind).lane
    rows = OutboxItem.objects.filter(pk__in=[item.pk for item in items], claim=claim.token)
    under_way = _served(OutboxItem.objects.under_way().filter(kind__in=kinds_of(lane)), at)
    since = under_way.aggregate(since=Min("failing_since"))["since"] or now
    pause = min(max((now - since) / 2, SHORTEST_PAUSE[lane]), LONGEST_PAUSE[lane])
    rows.update(
        state=OutboxState.PENDING,
        claim=None,
        due_at=now + pause,
        last_error=reason,
        failing_since=Coalesce("failing_since", since),
    )


def give_back(claim: ClaimedRows, items: Sequence[OutboxItem]) -> None:
    """Nobody's fault: due as before, for whoever comes next."""
    mine = OutboxItem.objects.filter(pk__in=[item.pk for item in items], claim=claim.token, state=OutboxState.CLAIMED)
    mine.update(state=OutboxState.PENDING, claim=None)


def is_failing(lane: Lane) -> bool:
    """Whether the mail server gave trouble on this lane, and took nothing since."""
    return OutboxItem.objects.failing().filter(kind__in=kinds_of(lane)).exists()


def server_is_back(lane: Lane, now: datetime, *, at: str | None = None) -> None:
    """What waited for the server is due at once; on the fast lane it waits for seconds anyway."""
    failing = _served(OutboxItem.objects.failing().filter(kind__in=kinds_of(lane)), at)
    if lane is not Lane.FAST:
        failing.filter(state=OutboxState.PENDING).update(due_at=now)
    failing.update(failing_since=None)


def _served(rows: OutboxQuerySet, at: str | None) -> OutboxQuerySet:
    """Of these rows those for phones at that push service; without one, all of them."""
    if at is None:
        return rows
    return rows.filter(device__in=PushDevice.objects.filter(endpoint__startswith=f"{at}/").values("uid"))


def drop_late(lane: Lane, now: datetime) -> None:
    """Rows whose end came while they waited: not sent, and it says so."""
    ends = {kind: kind_of(kind).when_late for kind in kinds_of(lane)}
    for state in set(ends.values()):
        late = OutboxItem.objects.late(now=now).filter(kind__in=[kind for kind in ends if ends[kind] is state])
        late.update(state=state, settled_at=now, last_error=LATE, failing_since=None)


def take_back_stuck(lane: Lane, now: datetime) -> None:
    """A worker died. What it had not begun is free again; what it was sending may have left, so it is uncertain.

    A notice is then sent once more under the same Message-ID; a newsletter is not.
    """
    after = FAST_IS_STUCK_AFTER if lane is Lane.FAST else STUCK_AFTER
    stuck = OutboxItem.objects.stuck(now=now, after=after).filter(kind__in=kinds_of(lane))
    stuck.filter(state=OutboxState.CLAIMED).update(state=OutboxState.PENDING, claim=None)
    began = stuck.filter(state=OutboxState.SENDING)
    again = began.filter(was_uncertain=False, kind__in=[one for one in kinds_of(lane) if not kind_of(one).newsletter])
    again.update(state=OutboxState.PENDING, claim=None, was_uncertain=True)
    began.update(state=OutboxState.UNCERTAIN, claim=None, settled_at=now, last_error="worker stopped while sending")
