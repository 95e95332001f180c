"""The roster import: the same plan shown, or shown and written."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from groups.accounts.services.sessions import sign_out_everywhere
from groups.first_day.services.beginning import begin_school
from groups.first_day.services.opening import tell_at_new_addresses
from groups.letters.services.invitations import withdraw_invitations
from groups.letters.services.people import claim_at_once
from groups.records.models.people import StaffMember
from groups.records.models.schools import School
from groups.records.services.locks import hold_schools
from groups.roster.domain.files import CaregiverList, RosterFile
from groups.roster.domain.fingerprint import fingerprint_of
from groups.roster.domain.plan import Plan, RecordAct, RecordKind
from groups.roster.domain.planning import plan_import
from groups.roster.domain.problems import Complaint, Problem, RosterRefusedError
from groups.roster.domain.snapshot import Snapshot
from groups.roster.services.colours import give_colours
from groups.roster.services.roster_snapshot import take_snapshot
from groups.roster.services.roster_tasks import note_tasks
from groups.roster.services.roster_writing import wide_statements, write_plan
from portal.core import access, audit
from portal.core.actor import Actor

_CODE = re.compile(r"(\d\d[A-Z]{2})(\d\d)?")


class SchoolCode(NamedTuple):
    """BRIN and dependance: 99XX is the main location (00), 99XX01 another."""

    brin: str
    dependance: str

    def __str__(self) -> str:
        return self.brin + self.dependance


def read_school_code(text: str) -> SchoolCode:
    """Raises `RosterRefusedError` when `text` is no school code."""
    match = _CODE.fullmatch(text.strip().upper())
    if not match:
        raise RosterRefusedError([Problem(Complaint.BAD_SCHOOL_CODE, facts={"value": text})])
    return SchoolCode(match[1], match[2] or "00")


@dataclass(frozen=True)
class RosterImport:
    """What was handed in: the school, the parsed files, and what the operator confirmed.

    `same_children`: the pupil numbers that are still of the same child, whatever changed. `shown` is the fingerprint of
    the plan somebody looked at; empty where nobody did.
    """

    school: SchoolCode
    roster: RosterFile | None = None
    caregivers: CaregiverList | None = None
    create_school: str = ""
    confirm_leavers: bool = False
    same_children: frozenset[str] = frozenset()
    shown: str = ""


class PlanChangedError(Exception):
    """What these files would do is no longer what somebody looked at."""


def _silent(_kind: str, _count: int) -> None:
    return None


def plan_roster(*, order: RosterImport, now: datetime) -> Plan:
    """The dry run: what `import_roster` would do at this moment. Writes nothing; raises `RosterRefusedError`."""
    return _plan(order, School.objects.filter(**order.school._asdict()).first(), now)


@transaction.atomic
def import_roster(*, order: RosterImport, by: Actor, progress: Callable[[str, int], None] = _silent) -> Plan:
    """Plan and write, all or nothing; memberships and rights follow in the same transaction (POL-04).

    Writes children, caregivers, staff, guardianships, enrolments and assignments, never an account: that comes to
    exist when somebody comes in. Who proved an address of the list before is in with it; who heard at a mistyped one
    that Kring is open hears it at the right one. Raises `RosterRefusedError` with every reason, or `PlanChangedError`
    when the plan is not the one that was shown, and writes nothing.
    """
    school = School.objects.filter(**order.school._asdict()).first()
    if school:
        hold_schools(school.pk)
    plan = _plan(order, school, by.now)
    if order.shown and order.shown != fingerprint_of(plan):
        raise PlanChangedError
    if plan.changes_nothing:
        return plan
    school = school or begin_school(name=order.create_school, **order.school._asdict(), by=by)
    write_plan(plan, school, progress)
    give_colours(school)
    _record(plan, school, by)
    note_tasks(plan=plan, school=school, by=by)
    access.follow_tasks(school=school, by=by)
    withdraw_invitations(guardianships=_ended_guardianships(plan), by=by)
    with wide_statements():
        access.reproject(school=school)
    claim_at_once(school=school, now=by.now)
    tell_at_new_addresses(school=school, now=by.now)
    sign_out_everywhere(users=_staff_who_left(plan, school), by=by)
    return plan


def _plan(order: RosterImport, school: School | None, now: datetime) -> Plan:
    if school:
        present = take_snapshot(school)
    elif order.create_school:
        present = Snapshot(*order.school)
    else:
        raise RosterRefusedError([Problem(Complaint.UNKNOWN_SCHOOL, facts={"expected": str(order.school)})])
    return plan_import(
        present,
        order.roster,
        order.caregivers,
        now=now,
        confirm_leavers=order.confirm_leavers,
        same_children=order.same_children,
    )


def _record(plan: Plan, school: School, by: Actor) -> None:
    counts = {act.value: plan.count(act) for act in RecordAct}
    audit.note("roster.imported", school, subject_kind="school", by=by, **counts)


def _ended_guardianships(plan: Plan) -> list[int]:
    updates = plan.updates.get(RecordKind.GUARDIANSHIP, {})
    return [pk for pk, fields in updates.items() if "valid_until" in fields]


def _staff_who_left(plan: Plan, school: School) -> list[int]:
    """Whose last task ended just now signs in again, as after any change of role (security: sessions)."""
    if not plan.left_staff or plan.effective_at > plan.now:
        return []
    members = StaffMember.objects.filter(school=school, roster_key__in=plan.left_staff, user__isnull=False)
    return list(members.values_list("user_id", flat=True))
