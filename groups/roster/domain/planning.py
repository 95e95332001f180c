"""The whole plan of one import: parsed files and the present in, differences and problems out. No database."""

from collections.abc import Container, Iterator
from datetime import datetime

from groups.roster.domain.families import FamilyPlanning
from groups.roster.domain.files import CaregiverList, RosterFile
from groups.roster.domain.group_keys import follow_keys
from groups.roster.domain.plan import Plan, RecordAct, RecordKind, Term
from groups.roster.domain.problems import Complaint, Problem, refuse_if_needed
from groups.roster.domain.pupil_lookup import KnownPupil, PupilLookup
from groups.roster.domain.pupils import PupilPlanning
from groups.roster.domain.returning import let_caregivers_wait
from groups.roster.domain.snapshot import Snapshot
from groups.roster.domain.staff import StaffPlanning
from groups.roster.domain.year_groups import YearGroups, plan_groups
from groups.roster.domain.years import takes_effect_at, year_end, year_name, year_of


def plan_import(
    present: Snapshot,
    roster: RosterFile | None,
    caregivers: CaregiverList | None,
    *,
    now: datetime,
    confirm_leavers: bool = False,
    same_children: Container[str] = (),
) -> Plan:
    """What these files would change, and what is wrong with them.

    Raises `RosterRefusedError` with every reason when they may not be imported; a file of another school or year gives
    that one reason, since every line of it would be another.
    EDEXML takes effect at the later of `now`, 1 August of its school year and its reference day. A list of caregivers
    has no year: authority is a fact of today, and takes effect at `now`. `confirm_leavers` (of pupils, of their
    caregivers, and of staff) and `same_children` (pupil numbers) are what somebody answered.
    """
    plan = Plan(now)
    if present.school_id is None:
        plan.tell(RecordAct.CREATED, RecordKind.SCHOOL, f"{present.brin}{present.dependance}")
    if roster:
        refuse_if_needed(_wrong_time_or_place(present, roster, now))
        plan.problems += roster.problems
        planning = _pupil_planning(plan, present, roster)
        planning.plan_pupils(confirm_leavers=confirm_leavers, same_children=same_children)
        staff = StaffPlanning(plan, planning.present, planning.groups, planning.term)
        staff.plan_staff(confirm_leavers=confirm_leavers)
    listed: frozenset[str] = frozenset()
    if caregivers:
        plan.problems += caregivers.problems
        plan.lists_caregivers = True
        pupils = PupilLookup(_pupils_after(plan, present, roster))
        planned = FamilyPlanning(plan, present, pupils, caregivers)
        listed = planned.plan_families(confirm_lost=confirm_leavers)
    if roster:
        let_caregivers_wait(plan, present, planning.returned, file=roster.file, listed=listed)
    refuse_if_needed(plan.problems)
    return plan


def _pupil_planning(plan: Plan, present: Snapshot, roster: RosterFile) -> PupilPlanning:
    starts_at = takes_effect_at(roster.school_year, roster.reference_day)
    term = Term(roster.school_year, starts_at, max(plan.now, starts_at), year_end(roster.school_year))
    plan.term = term
    groups = YearGroups(roster)
    present = follow_keys(plan, present, groups, term)
    plan_groups(plan, present, groups, term)
    return PupilPlanning(plan, present, groups, term)


def _wrong_time_or_place(present: Snapshot, roster: RosterFile, now: datetime) -> Iterator[Problem]:
    place, expected = roster.brin + roster.dependance, present.brin + present.dependance
    if place != expected:
        yield Problem(Complaint.OTHER_SCHOOL, roster.file, facts={"found": place, "expected": expected})
    running = year_of(now)
    years = {"found": year_name(roster.school_year), "running": year_name(running)}
    if roster.school_year < running:
        yield Problem(Complaint.YEAR_OVER, roster.file, facts=years)
    elif roster.school_year > running + 1:
        yield Problem(Complaint.YEAR_FAR_OFF, roster.file, facts=years)


def _pupils_after(plan: Plan, present: Snapshot, roster: RosterFile | None) -> Iterator[KnownPupil]:
    """Every pupil a list may speak of, as the import leaves them; those of the file itself must be in the list."""
    in_file = {row.key: row for row in roster.pupils} if roster else {}
    for row in in_file.values():
        yield KnownPupil(row.key, row.first_name, row.prefix, row.last_name, row.birth_on)
    begun = {link.owner for link in present.enrolments if link.valid_from <= plan.now}
    for child in present.children.values():
        if child.key not in in_file:
            left_at = plan.updates.get(RecordKind.CHILD, {}).get(child.id, {}).get("left_at", child.left_at)
            yield KnownPupil(
                child.key,
                child.first_name,
                child.prefix,
                child.last_name,
                child.birth_on,
                expected=roster is None and child.left_at is None and child.key in begun,
                left=isinstance(left_at, datetime) and left_at <= plan.now,
            )
