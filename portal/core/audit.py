"""The one door to the audit trail: an append-only row beside each write, in the same transaction."""

from collections.abc import Iterable, Mapping
from typing import Protocol
from uuid import UUID

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from portal.core.actor import Actor
from portal.core.models import AuditEvent

_words: dict[str, str | Promise] = {}


def register(done: Mapping[str, str | Promise]) -> None:
    """Called from `AppConfig.ready`: what is done in an app, in the words in which a school reads it."""
    _words.update(done)


def words_of(verb: str) -> str:
    """What was done, in words."""
    return str(_words.get(verb) or _("did something"))


class Noted(Protocol):
    """A row of a school, or a school."""

    @property
    def uid(self) -> UUID: ...


def record(
    verb: str,
    *,
    by: Actor,
    subject_kind: str,
    subject_uid: UUID | None = None,
    school_uid: UUID | None = None,
    **facts: object,
) -> AuditEvent:
    """Write down that `by` did `verb`; `facts` are ids, counts and states, never names or content."""
    return AuditEvent.objects.create(
        at=by.now,
        actor_uid=by.user.uid if by.user else None,
        verb=verb,
        subject_kind=subject_kind,
        subject_uid=subject_uid,
        school_uid=school_uid,
        facts=facts,
    )


def note(verb: str, row: Noted, *, by: Actor, subject_kind: str = "", **facts: object) -> AuditEvent:
    """The same about a row of a school, or about a school. Its kind is how the verb begins, unless said otherwise."""
    return record(
        verb,
        by=by,
        subject_kind=subject_kind or verb.partition(".")[0],
        subject_uid=row.uid,
        school_uid=getattr(row, "school", row).uid,
        **facts,
    )


def noted(verb: str, *, at: models.QuerySet, **about: object) -> models.QuerySet[AuditEvent]:
    """Lines of `verb` in the trail of these schools, with these columns; the school has an index."""
    return AuditEvent.objects.filter(verb=verb, school_uid__in=at.values("uid"), **about)


def record_each(
    verb: str,
    subjects: Iterable[tuple[UUID, Mapping[str, object]]],
    *,
    by: Actor,
    subject_kind: str,
    school_uid: UUID | None = None,
) -> None:
    """The same `verb` about many subjects, each with its facts: a line each, in one statement."""
    known = {"at": by.now, "actor_uid": by.user.uid if by.user else None, "verb": verb, "subject_kind": subject_kind}
    AuditEvent.objects.bulk_create(
        AuditEvent(**known, school_uid=school_uid, subject_uid=uid, facts=facts) for uid, facts in subjects
    )
