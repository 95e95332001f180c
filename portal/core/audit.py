"""The one door to the audit trail: an append-only row beside each write, in the same transaction."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.core.models import AuditEvent, User


def record(
    verb: str,
    *,
    by: User | None,
    subject_kind: str,
    subject_uid: UUID | None = None,
    school_uid: UUID | None = None,
    now: datetime,
    **facts: Any,
) -> AuditEvent:
    """Write down that `by` (None: the clock) did `verb`; `facts` are ids, counts and states, never names or content."""
    return AuditEvent.objects.create(
        at=now,
        actor_uid=by.uid if by else None,
        verb=verb,
        subject_kind=subject_kind,
        subject_uid=subject_uid,
        school_uid=school_uid,
        facts=facts,
    )


def record_each(
    verb: str,
    subjects: Iterable[tuple[UUID, dict[str, Any]]],
    *,
    by: User | None,
    subject_kind: str,
    school_uid: UUID | None = None,
    now: datetime,
) -> None:
    """The same `verb` about many subjects, each with its facts: a line each, in one statement."""
    known = {"at": now, "actor_uid": by.uid if by else None, "verb": verb, "subject_kind": subject_kind}
    AuditEvent.objects.bulk_create(
        AuditEvent(**known, school_uid=school_uid, subject_uid=uid, facts=facts) for uid, facts in subjects
    )
