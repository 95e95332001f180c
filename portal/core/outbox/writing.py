"""Rows in: one, or as many as a query finds, in the transaction of what caused them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Cast
from django.db.models.sql import Query

from portal.core import jobs
from portal.core.models import OutboxItem, OutboxState, PushDevice, User
from portal.core.outbox.kinds import Lane, kind_of

_RANDOM_UID = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()"}
_MOMENT = {"sqlite": "%s", "postgresql": "CAST(%s AS timestamptz)"}
_COLUMNS = (
    "uid, kind, recipient_id, device, address, subject_kind, subject_uid, school_uid, dedupe_key, due_at, expires_at, "
    "state, attempts, tries, was_uncertain, last_error"
)


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
    expires_at: datetime | None = None,
    school_uid: UUID | None = None,
) -> None:
    """Write the row beside its cause and ring the bell after the commit; the same `dedupe_key` twice is one mail.

    It goes to `address` where one is given, else to where the recipient has mail by then. On the fast lane, and there
    only, it has an end: raises `ValueError`. That lane has no bell: its worker looks by itself, also without a broker.
    What shows on phones is written by `enqueue_phones`.
    """
    is_fast = _ends_where_it_is_fast(kind, expires_at)
    item = OutboxItem(
        kind=kind,
        recipient=recipient,
        address=address,
        subject_kind=subject_kind,
        subject_uid=subject_uid,
        school_uid=school_uid,
        dedupe_key=dedupe_key,
        due_at=due_at or now,
        expires_at=expires_at,
    )
    OutboxItem.objects.bulk_create([item], ignore_conflicts=True)
    if not is_fast:
        jobs.ring("core.sweep_outbox")


class Addressed(NamedTuple):
    """Who is written to, about which row of the kind that is written about, and not before when."""

    recipient: User
    subject_uid: UUID
    due_at: datetime


def enqueue_each(kind: str, rows: Iterable[Addressed], *, subject_kind: str, school_uid: UUID) -> None:
    """A mail to each about a row of its own, in one statement; the same again is no second mail."""
    kind_of(kind)
    items = [
        OutboxItem(
            kind=kind,
            recipient=row.recipient,
            subject_kind=subject_kind,
            subject_uid=row.subject_uid,
            school_uid=school_uid,
            dedupe_key=f"{kind}:{row.subject_uid}",
            due_at=row.due_at,
        )
        for row in rows
    ]
    OutboxItem.objects.bulk_create(items, ignore_conflicts=True)
    jobs.ring("core.sweep_outbox")


def enqueue_many(
    kind: str,
    *,
    recipients: QuerySet[User],
    subject_kind: str,
    subject_uid: UUID,
    key: str,
    now: datetime,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
    school_uid: UUID | None = None,
) -> int:
    """One row for each of `recipients`, by one INSERT … SELECT; returns how many are new.

    Each row's key is `key` and the recipient's number, so asking again adds only who was not there yet. On the fast
    lane, and there only, they have an end: raises `ValueError`.
    """
    is_fast = _ends_where_it_is_fast(kind, expires_at)
    about = {"subject_kind": subject_kind, "subject_uid": subject_uid, "school_uid": school_uid}
    no_phone = Cast(Value(None), OutboxItem._meta.get_field("device"))
    added = _insert(
        recipients.order_by().values(reader=F("pk"), phone=no_phone, place=F("pk")).query,
        {"kind": kind, **about, "due_at": due_at or now, "expires_at": expires_at},
        key,
    )
    if not is_fast:
        jobs.ring("core.sweep_outbox")
    return added


def enqueue_phones(
    kind: str,
    *,
    devices: QuerySet[PushDevice],
    subject_kind: str,
    subject_uid: UUID,
    key: str,
    now: datetime,
    expires_at: datetime,
    due_at: datetime | None = None,
    school_uid: UUID | None = None,
) -> int:
    """One row for each of these phones, as `enqueue_many` has one for each mailbox; of no use after `expires_at`.

    Raises `ValueError` for a kind that goes by mail.
    """
    if kind_of(kind).lane is not Lane.PHONE:
        raise ValueError(f"{kind}: goes by mail.")
    about = {"subject_kind": subject_kind, "subject_uid": subject_uid, "school_uid": school_uid}
    added = _insert(
        devices.order_by().values(reader=F("user"), phone=F("uid"), place=F("pk")).query,
        {"kind": kind, **about, "due_at": due_at or now, "expires_at": expires_at},
        key,
    )
    jobs.ring("core.sweep_phones")
    return added


def _ends_where_it_is_fast(kind: str, expires_at: datetime | None) -> bool:
    """Whether it goes on the fast lane, where each row says until when, and no other."""
    is_fast = kind_of(kind).lane is Lane.FAST
    if is_fast != bool(expires_at):
        raise ValueError(f"{kind}: on the fast lane, and there only, a mail says until when.")
    return is_fast


def _insert(chosen: Query, given: Mapping[str, object], key: str) -> int:
    """Of each chosen row the `reader`, the `phone` if it goes there, and the `place` that makes its key.

    Of a query that can find nobody, such as one of an empty list, none.
    """
    try:
        question, parameters = chosen.sql_with_params()
    except EmptyResultSet:
        return 0
    # The database makes the rows, so each value goes in as the database keeps it.
    kind, subject_kind, subject_uid, school_uid, due_at, expires_at = (
        OutboxItem._meta.get_field(name).get_db_prep_save(value, connection)  # type: ignore[union-attr]
        for name, value in given.items()
    )
    moment = _MOMENT[connection.vendor]
    statement = (
        f"INSERT INTO {OutboxItem._meta.db_table} ({_COLUMNS}) "  # noqa: S608 - names of ours; values are parameters
        f"SELECT {_RANDOM_UID[connection.vendor]}, %s, reader, phone, '', %s, %s, %s, "
        f"%s || CAST(place AS text), {moment}, {moment}, %s, 0, 0, false, '' "
        f"FROM ({question}) chosen WHERE true ON CONFLICT (dedupe_key) DO NOTHING"
    )
    about = [kind, subject_kind, subject_uid, school_uid, f"{key}:"]
    values = [*about, due_at, expires_at, OutboxState.PENDING.value, *parameters]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return max(cursor.rowcount, 0)
