"""The audit trail in words: who did what, when; by name and function as the school knows them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from groups.models import Caregiver, StaffMember
from groups.people.services.true_names import At, TrueName, true_names
from groups.roles import Hat
from moderation.desk.domain import LIMITED_KINDS, SCOPED_KINDS
from moderation.desk.models.trail import TrailEvent
from moderation.desk.querysets.trail import OPEN_KINDS
from portal.core.actor import Actor
from portal.core.audit import words_of
from portal.core.compiled import compiled


@dataclass(frozen=True)
class Happened:
    """`by` is a name and function, or who else it was: the clock, or somebody who is not of the school now."""

    at: datetime
    by: str
    words: str
    about: str
    kind: str
    uid: UUID | None


def told(events: Iterable[TrailEvent], *, now: datetime) -> list[Happened]:
    """These events in words; three questions for any number."""
    rows = list(events)
    names = _names(rows, now)
    kinds = {**OPEN_KINDS, **SCOPED_KINDS, **LIMITED_KINDS}
    return [
        Happened(
            at=row.at,
            by=_by(row, names),
            words=words_of(row.verb),
            about=str(kinds.get(row.subject_kind, row.subject_kind)),
            kind=row.subject_kind,
            uid=row.subject_uid,
        )
        for row in rows
    ]


def history_of(*things: UUID, actor: Actor) -> list[Happened]:
    """What happened to these, oldest first, as far as `actor` reads the trail."""
    return told(_history(things=list(things), actor=actor), now=actor.now)


@compiled
def _history(things: list[UUID], actor: Actor) -> QuerySet[TrailEvent]:
    return TrailEvent.objects.visible_to(actor.wearing(Hat.ANY)).about(*things)


def did_itself(row: TrailEvent) -> bool:
    """Whether the clock did it: who reports is nobody by name, and somebody all the same."""
    return row.actor_uid is None and row.verb != "case.reported"


def _by(row: TrailEvent, names: dict[tuple[UUID, UUID], str]) -> str:
    if row.actor_uid is None:
        return _("Kring itself") if did_itself(row) else _("Somebody")
    name = names.get((row.actor_uid, row.school_uid)) if row.school_uid else None
    return name or _("Somebody from outside the school")


def _names(rows: list[TrailEvent], now: datetime) -> dict[tuple[UUID, UUID], str]:
    """The name somebody has at a school: as staff if he works there, else as a parent."""
    actors = sorted({row.actor_uid for row in rows if row.actor_uid})
    schools = sorted({row.school_uid for row in rows if row.school_uid})
    if not (actors and schools):
        return {}
    asked_at: dict[tuple[UUID, UUID], At] = {}
    for model in (Caregiver, StaffMember):
        known = _known_at(model=model, actors=actors, schools=schools)
        asked_at |= {(user, school): At(*keys) for user, school, *keys in known}
    names = true_names(asked_at.values(), now=now)
    return {who: _in_a_sentence(names[at]) for who, at in asked_at.items()}


def _in_a_sentence(one: TrueName) -> str:
    """A function between commas would run on into what somebody did."""
    return f"{one.name} ({one.function})" if one.function else one.name


@compiled
def _known_at(model: type[Caregiver] | type[StaffMember], actors: list[UUID], schools: list[UUID]) -> QuerySet:
    known = model.objects.filter(user__uid__in=actors, school__uid__in=schools)
    return known.values_list("user__uid", "school__uid", "user", "school")
