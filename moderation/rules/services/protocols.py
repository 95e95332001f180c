"""The rules of a school: written as a draft, put in force by the directie, and from then on never changed (POL-67)."""

import tomllib
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.db.models import Max, QuerySet

from groups.models import School
from groups.records.policies import can_direct
from groups.records.services.locks import hold_schools
from moderation.rules.domain.protocols import ProtocolWords, begin_of
from moderation.rules.models.protocols import Protocol, ProtocolDraft
from moderation.rules.services import asking
from portal.core import access, audit
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.domain.moments import at_school, end_of_day
from portal.core.versions import demand_version, set_changed

STARTER = Path(__file__).parent.parent / "texts" / "starter.toml"


class TooEarlyError(Exception):
    """The day on which it begins is over already."""


class TooShortError(Exception):
    """Parents have to confirm before the rules begin."""


class InForceAlreadyError(Exception):
    """The draft was put in force in another window, or by a colleague: it is not there any more."""


class NotYetConsentedError(Exception):
    """The MR cannot have consented on a day to come."""


def starter_words() -> ProtocolWords:
    """Kring's own text, for a school that has none yet; it covers POL-21 to 33 and 60 to 66."""
    starter = tomllib.loads(STARTER.read_text())

    def whole(language: str) -> str:
        parts = [f"# {one[f'title_{language}']}\n{one[f'text_{language}'].strip()}" for one in starter["section"]]
        return "\n\n".join(parts)

    return ProtocolWords(starter["summary_nl"].strip(), whole("nl"), starter["summary_en"].strip(), whole("en"))


def start_draft(*, school: School, by: Actor) -> ProtocolDraft:
    """Begin a next version with the words of the last one, or with Kring's own; one draft a school, idempotent.

    For the directie. Raises `PermissionDenied`.
    """
    with transaction.atomic():
        hold_schools(school.pk)
        access.demand(can_direct(by, school))
        standing = ProtocolDraft.objects.filter(school=school).first()
        if standing:
            return standing
        last = Protocol.objects.filter(school=school).order_by("number").last()
        words = last.words if last else starter_words()
        draft = ProtocolDraft.objects.create(school=school, written_by=by.user, written_at=by.now, **_columns(words))
        audit.note("protocol.draft_started", draft, by=by)
    return draft


def write_draft(*, draft: ProtocolDraft, version: int, words: ProtocolWords, by: Actor) -> ProtocolDraft:
    """Save other words in the draft; the same words again change nothing.

    For the directie. Raises `PermissionDenied`, `InForceAlreadyError`, and `EditedMeanwhileError` when it would write
    over something else.
    """
    with transaction.atomic():
        row = _held(draft, by)
        if set_changed(row, _columns(words), version, also={"written_by": by.user, "written_at": by.now}):
            audit.note("protocol.draft_written", row, by=by)
    return row


def put_in_force(
    *,
    draft: ProtocolDraft,
    version: int,
    effective_on: date,
    confirm_by: date,
    council_consented_on: date | None,
    council_note: str = "",
    by: Actor,
) -> Protocol:
    """Make the draft, as it was on the screen, the school's rules from `effective_on`; nobody changes it afterwards.

    Everybody at the school is asked to confirm from then on; parents may wait up to and including `confirm_by`. It
    also takes the place of a version that has still to begin. For the directie. Raises `PermissionDenied`,
    `InForceAlreadyError`, `EditedMeanwhileError`, `TooEarlyError`, `TooShortError`, `NotYetConsentedError`.
    """
    today = at_school(by.now).date()
    with transaction.atomic():
        row = _held(draft, by)
        demand_version(row, version)
        _demand_days_in_order(effective_on, confirm_by, council_consented_on, today)
        last = Protocol.objects.filter(school=row.school).aggregate(number=Max("number"))["number"] or 0
        protocol = Protocol.objects.create(
            school=row.school,
            number=last + 1,
            effective_at=begin_of(effective_on, now=by.now),
            required_at=end_of_day(confirm_by),
            council_consented_on=council_consented_on,
            council_note=council_note,
            decided_by=by.user,
            decided_at=by.now,
            **_columns(row.words),
        )
        row.delete()
        audit.note(
            "protocol.put_in_force", protocol, by=by, number=protocol.number, council=council_consented_on is not None
        )
        asking.begin_anew()
    return protocol


def _demand_days_in_order(begins: date, confirm_by: date, council: date | None, today: date) -> None:
    if begins < today:
        raise TooEarlyError
    if confirm_by < begins:
        raise TooShortError
    if council and council > today:
        raise NotYetConsentedError


def school_of_draft(uid: UUID, *, actor: Actor) -> School | None:
    """The school that `actor` directs where this draft was begun; also when it was put in force, and is gone."""
    begun = audit.noted("protocol.draft_started", at=School.objects.directed_by(actor), subject_uid=uid)
    return School.objects.filter(uid__in=begun.values("school_uid")).first()


def protocol_at(school: School, *, now: datetime) -> Protocol | None:
    """The version in force at `now`, if there is one."""
    return next(iter(_in_force(school=school, now=now)), None)


@compiled
def _in_force(school: School, now: datetime) -> QuerySet[Protocol]:
    return Protocol.objects.in_force(now=now).filter(school=school).select_related("school", "decided_by")


@compiled
def protocols_for(actor: Actor) -> QuerySet[Protocol]:
    """The rules that are for `actor` now, of each own school."""
    return Protocol.objects.meant_for(actor).select_related("school").order_by("school__name", "pk")


def _held(draft: ProtocolDraft, by: Actor) -> ProtocolDraft:
    hold_schools(draft.school_id)
    access.demand(can_direct(by, draft.school))
    row = ProtocolDraft.objects.select_related("school").filter(pk=draft.pk).first()
    if row is None:
        raise InForceAlreadyError
    return row


def _columns(words: ProtocolWords) -> dict[str, object]:
    return {name: getattr(words, name) for name in ProtocolWords.__dataclass_fields__}
