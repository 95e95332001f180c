"""The work behind the roster page: read and plan what was handed in; apply what somebody confirmed. For tasks only.

A row first: a claim keeps two workers apart, the state in the same transaction as the import makes it happen once.
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from groups.people.services.families import MOST_CHOSEN, classes_by_child
from groups.records.models.people import StaffMember
from groups.records.models.schools import Group, School
from groups.records.models.truth import Guardianship
from groups.records.policies import can_direct
from groups.records.querysets.truth import GuardianshipQuerySet, with_family
from groups.roles import Hat
from groups.roster.domain.fingerprint import fingerprint_of
from groups.roster.domain.plan import Plan
from groups.roster.domain.problems import QUESTIONS, Complaint, Problem, RosterRefusedError
from groups.roster.models import RosterUpload, UploadState
from groups.roster.services.roster import PlanChangedError, RosterImport, SchoolCode, import_roster, plan_roster
from groups.roster.services.roster_files import read_files
from groups.roster.services.roster_outcome import NewLetters, outcome_of, refusal_of
from groups.roster.services.roster_progress import note_progress
from groups.roster.services.roster_reading import NotReadNowError
from groups.roster.services.roster_uploads import PATIENCE, path_of, remove_files, same_children_asked
from portal.core import access
from portal.core.actor import Actor

log = logging.getLogger("kring.roster")
MOST_ATTEMPTS = 3
SHARED = frozenset({Complaint.SHARED_ADDRESS, Complaint.ALSO_ANOTHERS_ADDRESS})
"""What asks for a letter for whoever is there already."""


def work_on_upload(*, upload: int, now: datetime) -> None:
    """Do the next step of this upload, if nobody else is doing it. Twice is once."""
    claimed = _claim(upload, now)
    if claimed is None:
        return
    try:
        _take_step(claimed, now)
    except RosterRefusedError as refused:
        _settle(claimed, UploadState.REFUSED, refusal_of(refused.problems), now)
    except NotReadNowError:  # nothing is wrong with the files: they stay, and are rung for again
        RosterUpload.objects.unfinished().filter(pk=claimed.pk).update(claimed_at=None)
    except Exception as error:  # the page must not wait for ever; the message may carry names, so it stays unsaid
        log.error("roster upload %s failed: %s", claimed.uid, type(error).__name__)
        _settle(claimed, UploadState.FAILED, {}, now)


def _claim(pk: int, now: datetime) -> RosterUpload | None:
    there = RosterUpload.objects.unclaimed(before=now - PATIENCE).filter(pk=pk)
    if not there.update(claimed_at=now, attempts=F("attempts") + 1):
        return None
    RosterUpload.objects.filter(pk=pk, state=UploadState.WAITING).update(state=UploadState.PLANNING)
    return RosterUpload.objects.select_related("school", "confirmed_by").get(pk=pk)


def _settle(upload: RosterUpload, state: str, outcome: dict[str, object], now: datetime) -> None:
    """The end of the road: nothing was written, and the files go."""
    there = RosterUpload.objects.unfinished().filter(pk=upload.pk)
    there.update(state=state, outcome=outcome, fingerprint="", settled_at=now)
    remove_files(upload)


def _take_step(upload: RosterUpload, now: datetime) -> None:
    if upload.attempts > MOST_ATTEMPTS:
        raise TimeoutError
    handed = read_files((file["name"], path_of(file)) for file in upload.files)
    code = SchoolCode(upload.school.brin, upload.school.dependance)
    order = RosterImport(code, handed.roster, handed.caregivers)
    if upload.state == UploadState.PLANNING:
        _plan(upload, order, now)
        return
    try:
        _apply(upload, order, now)
    except (PlanChangedError, RosterRefusedError):
        _plan(upload, order, now, changed_since=True)


def _plan(upload: RosterUpload, order: RosterImport, now: datetime, **more: object) -> None:
    """Show what would change; what was confirmed before no longer counts. Where nothing does it is done."""
    plan, asked = _dry_run(order, now)
    if not plan.changes:
        _settle(upload, UploadState.APPLIED, outcome_of(plan, nothing=True), now)
        return
    RosterUpload.objects.unfinished().filter(pk=upload.pk).update(
        state=UploadState.PLANNED,
        outcome=outcome_of(plan, asked=asked, **more),
        fingerprint=fingerprint_of(plan),
        leavers_confirmed=False,
        confirmed_by=None,
    )


def _dry_run(order: RosterImport, now: datetime) -> tuple[Plan, Sequence[Problem]]:
    """The plan, and what is no refusal here but a question to the reader: the plan is that of the answer yes."""
    try:
        return plan_roster(order=order, now=now), ()
    except RosterRefusedError as refused:
        asked = [problem for problem in refused.problems if problem.complaint.refuses]
        if any(problem.complaint not in QUESTIONS for problem in asked):
            raise
    same = frozenset(problem.key for problem in asked if problem.complaint is Complaint.SAME_CHILD)
    return plan_roster(order=replace(order, confirm_leavers=True, same_children=same), now=now), asked


def _apply(upload: RosterUpload, order: RosterImport, now: datetime) -> None:
    """The import and the end of its upload, all or nothing."""
    by = upload.confirmed_by
    with transaction.atomic():
        locked = RosterUpload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
        if locked.state != UploadState.APPLYING or by is None:
            return
        access.demand(can_direct(Actor(by, Hat.ANY, now), upload.school))
        order = replace(
            order,
            confirm_leavers=locked.leavers_confirmed,
            same_children=same_children_asked(locked),
            shown=locked.fingerprint,
        )
        plan = import_roster(order=order, by=Actor(by, Hat.ANY, now), progress=partial(note_progress, upload))
        outcome = outcome_of(plan, **_came_with(plan, upload.school, now))
        RosterUpload.objects.filter(pk=upload.pk).update(state=UploadState.APPLIED, outcome=outcome, settled_at=now)
    remove_files(upload)


def _came_with(plan: Plan, school: School, now: datetime) -> dict[str, Any]:
    """How many families are new with this import, and where letters are to print: for whom it admitted and is not in.

    A family is no child: brothers and sisters are one, and one that was here before is not new when it gets a second
    parent or a younger child.
    """
    rows = Guardianship.objects.admitted().filter(child__school=school)
    begun = rows.open().filter(valid_from=now)
    there = Q(child__left_at__isnull=True) | Q(child__left_at__gte=now)
    before = rows.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=now), there, valid_from__lt=now)
    letters = _letters(begun, now)
    unaware = StaffMember.objects.filter(school=school, user__isnull=True, told_at__isnull=True)
    return {
        "families": len(_families(begun, now) - _families(before, now)),
        "letters": bool(letters) or any(problem.complaint in SHARED for problem in plan.problems),
        "groups": [asdict(each) for each in letters],
        "unaware": unaware.filter(roster_key__in=[new.key for new in plan.new_staff]).count(),
    }


def _letters(begun: GuardianshipQuerySet[Guardianship], now: datetime) -> list[NewLetters]:
    """By class in reading order, and who has none last."""
    ties = list(begun.filter(caregiver__user__isnull=True).order_by("pk").values_list("uid", "child_id"))
    classes = classes_by_child({child for _, child in ties}, now=now)
    ties_in: dict[Group | None, list[str]] = defaultdict(list)
    for uid, child in ties:
        ties_in[classes.get(child)].append(str(uid))
    loose = ties_in.pop(None, [])[:MOST_CHOSEN]
    groups = sorted(filter(None, ties_in), key=lambda group: (group.year_level, group.name))
    letters = [NewLetters(str(each.uid), each.name, _named(ties_in[each])) for each in groups]
    return letters + ([NewLetters("", "", tuple(loose))] if loose else [])


def _named(ties: Sequence[str]) -> tuple[str, ...]:
    """So many at most as can be chosen; of more the letters of the whole group are offered."""
    return tuple(ties) if len(ties) <= MOST_CHOSEN else ()


def _families(rows: GuardianshipQuerySet[Guardianship], now: datetime) -> set[int]:
    return set(with_family(rows, now=now).values_list("family", flat=True))
