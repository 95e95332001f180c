"""The tasks that a roster gave, changed and ended, in the trail: a line each, with who took the roster over."""

from collections.abc import Iterable

from groups.records.models.schools import School
from groups.records.models.truth import StaffAssignment
from groups.roster.domain.plan import Plan, RecordKind
from groups.staff.services.staff import facts_of
from portal.core import audit
from portal.core.actor import Actor


def note_tasks(*, plan: Plan, school: School, by: Actor) -> None:
    """Write down each task of a plan that was just written; three statements, however many tasks."""
    rows = StaffAssignment.objects.filter(school=school).select_related("staff", "group")
    begun = rows.filter(given_at=plan.now, from_roster=True) if plan.new_assignments else rows.none()
    updates = plan.updates.get(RecordKind.ASSIGNMENT, {})
    changed = list(rows.filter(pk__in=updates)) if updates else []
    ended = [row for row in changed if updates[row.pk].get("valid_until")]
    others = [row for row in changed if row not in ended]
    for verb, tasks in (("begun", begun), ("ended", ended), ("changed", others)):
        _note(f"assignment.{verb}", tasks, school, by)


def _note(verb: str, rows: Iterable[StaffAssignment], school: School, by: Actor) -> None:
    subjects = [(row.staff.uid, {**facts_of(row), "roster": True}) for row in rows]
    audit.record_each(verb, subjects, by=by, subject_kind="staff", school_uid=school.uid)
