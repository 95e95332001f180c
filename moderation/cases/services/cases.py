"""Handling a case: hide meanwhile, close, open again. Who handles which case is `CaseQuerySet.visible_to`."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q

from groups.records.services.locks import hold_schools
from groups.roles import Hat
from groups.told.services import Said
from messaging.models import Placement, Writing
from messaging.removing.services.removal import (
    AlreadyRemovedError,
    clear_report,
    note_report,
    remove_photo,
    remove_written,
)
from messaging.writings.policies import acts_open
from messaging.writings.services.written import hide_written, show_written
from moderation.access_requests.models import AccessRequestGrant
from moderation.access_requests.services.rights import requests_waiting_at
from moderation.cases.domain.deciding import Choice, choices_of
from moderation.cases.models.cases import SUBJECTS, Case, CaseState
from moderation.cases.models.measures import Measure, MeasureKind
from moderation.cases.policies import can_handle
from moderation.cases.querysets import CaseQuerySet
from moderation.cases.services.news import tell_handlers, tell_reporters
from moderation.cases.services.reports import Content
from portal.core import access, audit
from portal.core.actor import Actor
from portal.core.models import DossierEntry
from portal.core.transitions import holding, move


class CaseClosedError(PermissionDenied):
    """The case is closed: who wants to do something opens it again first."""


class OpenAlreadyError(Exception):
    """About the same thing another case is open by now; carries that one."""

    def __init__(self, case: Case) -> None:
        super().__init__(case.pk)
        self.case = case


def open_cases_of(content: Content) -> CaseQuerySet[Case]:
    """The open cases about this post, reply, message or photo; a text's photos count with it."""
    if isinstance(content, Placement):
        return Case.objects.open().filter(photo=content)
    return Case.objects.open().filter(Q(writing=content) | Q(photo__writing=content))


def hide_reported(*, case: Case, told: str = "", withheld_because: str = "", by: Actor) -> None:
    """Hide what the case is about while it is looked into; a photo goes with its message (POL-61).

    Its writer reads that, and what is `told`, unless it is withheld. For who handles the case and moderates its group.
    Raises `PermissionDenied`, `CaseClosedError`.
    """
    with transaction.atomic():
        held(case, by=by)
        said = Said(told, withheld_because, case.uid)
        hide_written(written=hideable_in(case), said=said, by=by.wearing(Hat.STAFF))


def show_reported(*, case: Case, by: Actor) -> None:
    """Show again what was hidden. Raises `PermissionDenied`, `CaseClosedError`."""
    with transaction.atomic():
        held(case, by=by)
        show_written(written=hideable_in(case), said=Said(case_uid=case.uid), by=by.wearing(Hat.STAFF))


def hideable_in(case: Case) -> Writing:
    """What of a case can be hidden; a conversation and a person cannot. Raises `PermissionDenied`."""
    written = case.written
    if written is None or not written.is_hideable:
        raise PermissionDenied
    return written


def choices_in(case: Case, *, by: Actor) -> list[Choice]:
    """What may be chosen about what stands there still, by who may hide or remove it (POL-61, 62)."""
    written, content = case.written, case.photo or case.written
    turning = written if written and written.is_hideable else None
    taking = content if content and content.dossier_entry_id is None else None
    acts = acts_open(by, turning=turning, taking=taking)
    is_hidden = written is not None and written.is_hidden
    return choices_of(is_hidden=is_hidden, may_hide="turn" in acts, may_remove="take" in acts)


def close_case(*, case: Case, is_untrue: bool = False, by: Actor) -> Case:
    """The school is done with it: who reported is told that it was handled, not what was done. Idempotent.

    `is_untrue`: what was reported proved untrue, and counts nowhere; `decide_case` undoes what was done before that.
    Raises `PermissionDenied`.
    """
    with holding(case, by=by, lock=_locked, may=can_handle) as current:
        if current.is_open:
            ended = {"closed_at": by.now, "closed_by": by.user, "is_untrue": is_untrue}
            _move(current, CaseState.CLOSED, by=by, verb="closed", **ended)
            _settle_report(current)
            tell_reporters(current, now=by.now)
    return current


def reopen_case(*, case: Case, by: Actor) -> Case:
    """Look into it again; who else handles it is told by mail. Idempotent.

    Raises `PermissionDenied`, `OpenAlreadyError`.
    """
    with holding(case, by=by, lock=_locked, may=can_handle) as current:
        if not current.is_open:
            _open_again(current, by)
            if current.written and not current.written.removed_at:
                note_report(written=current.written, now=by.now)
            tell_handlers(current, besides=by.user, now=by.now)
    return current


def _settle_report(case: Case) -> None:
    """With its last open case the text is as any other again: its writer may take it back."""
    written = case.written
    if written and not written.removed_at and not open_cases_of(written).exists():
        clear_report(written=written)


def remove_reported(*, case: Case, reason: str, told: str = "", withheld_because: str = "", by: Actor) -> DossierEntry:
    """Remove what an open case is about, with its hard copy in the dossier, and write that down as a measure.

    Its writer reads that, and what is `told` rather than the `reason`, unless it is withheld. Call it outside a
    transaction. Removed before: nothing happens twice; where the machine stopped between the copy and the measure,
    asking again writes the measure. Raises `PermissionDenied`, `CaseClosedError`, `CopyFailedError`,
    `MovedTooOftenError`; then nothing was removed.
    """
    with transaction.atomic():
        current = held(case, by=by)
    content: Any = current.photo or current.written
    if content is None:
        raise PermissionDenied
    said = Said(told, withheld_because, case.uid)
    try:
        if current.photo:
            entry = remove_photo(placement=current.photo, reason=reason, said=said, by=by.wearing(Hat.STAFF))
        else:
            entry = remove_written(written=content, reason=reason, said=said, by=by.wearing(Hat.STAFF))
    except AlreadyRemovedError as before:
        if before.entry is None:
            raise
        entry = before.entry
        if (entry.sealed_by_uid, entry.reason) != (by.user.uid, reason):
            return entry
    _write_removal(case, entry, reason=reason, by=by)
    return entry


def _write_removal(case: Case, entry: DossierEntry, *, reason: str, by: Actor) -> None:
    with transaction.atomic():
        current = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
        if current.measures.filter(kind=MeasureKind.REMOVAL, words=reason, decided_by=by.user).exists():
            return
        Measure.objects.create(
            case=current, kind=MeasureKind.REMOVAL, words=reason, decided_by=by.user, decided_at=by.now
        )
        note("measure", current, by=by, kind=MeasureKind.REMOVAL.value, entry=entry.number)


def _open_again(case: Case, by: Actor) -> None:
    """The constraint decides: a report of the same thing can come in at the same moment."""
    try:
        with transaction.atomic():
            ended = {"closed_at": None, "closed_by": None, "is_untrue": False}
            _move(case, CaseState.OPEN, by=by, verb="reopened", **ended)
    except IntegrityError:
        raise OpenAlreadyError(_same_open(case)) from None


def _same_open(case: Case) -> Case:
    things = {f"{name}_id": getattr(case, f"{name}_id") for name in SUBJECTS}
    same = {} if any(things.values()) else {"school": case.school, "about": case.about, "side": case.side}
    return Case.objects.open().get(**things, **same)


def _move(case: Case, to: CaseState, *, by: Actor, verb: str, **ended: object) -> None:
    """Who is a party in an open case of a school reads no copy over there: those rights follow."""
    move(case, to, by=by, verb=f"case.{verb}", also={"version": case.version + 1, **ended})
    access.reproject(containers=requests_waiting_at(case.school), only=AccessRequestGrant)


def held(case: Case, *, by: Actor, is_open: bool = True) -> Case:
    """The case as it is now, locked, for who handles it. Raises `PermissionDenied`, `CaseClosedError`."""
    current = _locked(case)
    access.demand(can_handle(by, current))
    if is_open and not current.is_open:
        raise CaseClosedError
    return current


def _locked(case: Case) -> Case:
    hold_schools(case.school_id)
    return Case.objects.select_for_update(of=("self",)).select_related("school", "about").get(pk=case.pk)


def note(verb: str, case: Case, *, by: Actor, **facts: Any) -> None:
    """Note in the audit trail what happened to this case."""
    audit.note(f"case.{verb}", case, by=by, **facts)
