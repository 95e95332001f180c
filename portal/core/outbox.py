"""The one door for mail that follows from something: a row first, delivery afterwards.

`enqueue` writes the row in the caller's transaction; Celery is only the doorbell, and `sweep` finds what it forgot.
Each kind registers a renderer that receives a chunk of claimed rows and answers per row with a `Mail` or with
`Withheld(reason)`: whether somebody may still see a thing is asked at delivery, not at writing.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from smtplib import SMTPServerDisconnected
from uuid import UUID

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.db.models import F

from portal.core import jobs
from portal.core.models import OutboxItem, OutboxState, User

log = logging.getLogger("kring.outbox")
CHUNK = 500
PAUSES = [timedelta(minutes=m) for m in (1, 5, 30, 120, 720)]


@dataclass(frozen=True)
class Mail:
    """What goes out: subject, plain text and HTML, in the reader's language."""

    subject: str
    text: str
    html: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Withheld:
    """Why nothing goes out after all: the reader may not see it any more, or it became pointless."""

    reason: str


Render = Callable[[Sequence[OutboxItem], datetime], Iterable[Mail | Withheld]]
_renderers: dict[str, Render] = {}


class UnknownKindError(LookupError):
    """A kind nobody registered: a mistake in the code, found at the first write."""


def register(kind: str, render: Render) -> None:
    """Called from `AppConfig.ready`: one of the floor's three registries."""
    _renderers[kind] = render


def enqueue(
    kind: str,
    *,
    recipient: User | None = None,
    address: str = "",
    subject_kind: str,
    subject_uid: UUID,
    dedupe_key: str,
    now: datetime,
    due_at: datetime | None = None,
) -> None:
    """Write the row beside its cause and ring the bell after the commit; the same `dedupe_key` twice is one mail."""
    if kind not in _renderers:
        raise UnknownKindError(kind)
    item = OutboxItem(
        kind=kind,
        recipient=recipient,
        address=address,
        subject_kind=subject_kind,
        subject_uid=subject_uid,
        dedupe_key=dedupe_key,
        due_at=due_at or now,
    )
    OutboxItem.objects.bulk_create([item], ignore_conflicts=True)
    jobs.ring("core.sweep_outbox")


def sweep(*, now: datetime) -> int:
    """Deliver what is due, chunk by chunk and kind by kind; returns how many rows were settled."""
    _settle_stuck(now)
    settled = 0
    for kind in sorted(_renderers):
        while rows := _claim(kind, now):
            settled += _deliver(kind, rows, now)
    return settled


def _settle_stuck(now: datetime) -> None:
    """A worker died between claiming and settling: whether the mail left is unknown, so it is not sent again."""
    OutboxItem.objects.stuck(now=now).update(
        state=OutboxState.UNCERTAIN, settled_at=now, last_error="worker stopped while sending"
    )


def _claim(kind: str, now: datetime) -> list[OutboxItem]:
    """Rows that are ours alone: locked with SKIP LOCKED where the engine can, compared-and-set everywhere."""
    with transaction.atomic():
        due = OutboxItem.objects.due(now=now).filter(kind=kind)
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        ids = list(due.values_list("pk", flat=True)[:CHUNK])
        OutboxItem.objects.filter(pk__in=ids, state=OutboxState.PENDING).update(
            state=OutboxState.SENDING, claimed_at=now, attempts=F("attempts") + 1
        )
    return list(OutboxItem.objects.filter(pk__in=ids).select_related("recipient").order_by("pk"))


def _deliver(kind: str, rows: list[OutboxItem], now: datetime) -> int:
    """One connection for the chunk. Whatever goes wrong before a row's own turn puts that row back, never away."""
    server = get_connection()
    try:
        answers = list(zip(rows, _renderers[kind](rows, now), strict=True))
        server.open()
    except Exception as error:
        log.error("outbox: %s cannot be rendered or sent: %s", kind, type(error).__name__)
        for item in rows:
            _try_later(item, type(error).__name__, now)
        return len(rows)
    try:
        for item, answer in answers:
            if isinstance(answer, Withheld):
                _settle(item, OutboxState.WITHHELD, now, answer.reason)
            else:
                _send(item, answer, server, now)
    finally:
        server.close()
    return len(rows)


def _send(item: OutboxItem, mail: Mail, server: BaseEmailBackend, now: datetime) -> None:
    """Raises nothing: what happened is on the row. A dropped connection is uncertain, a refusal is tried again."""
    try:
        message = EmailMultiAlternatives(
            mail.subject,
            mail.text,
            to=[item.recipient.email if item.recipient else item.address],
            headers={"Message-ID": f"<{item.uid}@kring>", "Auto-Submitted": "auto-generated", **mail.headers},
            connection=server,
        )
        message.attach_alternative(mail.html, "text/html")
        message.send()
    except SMTPServerDisconnected:
        _settle(item, OutboxState.UNCERTAIN, now, "connection dropped")
    except Exception as error:
        log.warning("outbox %s: %s", item.uid, type(error).__name__)
        _try_later(item, type(error).__name__, now)
    else:
        _settle(item, OutboxState.ACCEPTED, now)


def _try_later(item: OutboxItem, error: str, now: datetime) -> None:
    log.warning("outbox %s attempt %s: %s", item.uid, item.attempts, error)
    if item.attempts > len(PAUSES):
        _settle(item, OutboxState.FAILED, now, error)
        return
    item.state, item.due_at, item.last_error = OutboxState.PENDING, now + PAUSES[item.attempts - 1], error
    item.save(update_fields=["state", "due_at", "last_error"])


def _settle(item: OutboxItem, state: OutboxState, now: datetime, error: str = "") -> None:
    item.state, item.settled_at, item.last_error = state, now, error
    item.save(update_fields=["state", "settled_at", "last_error"])
