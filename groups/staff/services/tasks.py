"""What somebody does for the school beside teaching: tasks a directie gives and takes, seats in a council."""

from dataclasses import dataclass
from datetime import datetime

from groups.records.models.people import Caregiver, StaffMember
from groups.records.models.schools import Group, GroupKind, School
from groups.records.models.truth import CouncilSeat, StaffAssignment
from groups.roles import Role
from groups.staff.services.staff import appoint, end_assignment, end_seat, seat_council_member
from portal.core.actor import Actor
from portal.core.searching import Abc

Holder = StaffMember | Caregiver


@dataclass(frozen=True)
class Task:
    """One thing this person does, or could do: a role in the school, or a seat in the council of `group`."""

    slug: str
    role: str = ""
    group: Group | None = None
    assignment: StaffAssignment | None = None
    seat: CouncilSeat | None = None

    @property
    def is_held(self) -> bool:
        return bool(self.assignment or self.seat)


def tasks_of(holder: Holder, *, now: datetime) -> list[Task]:
    """What `holder` has, and what the directie may give: editor to staff, a seat to everybody (POL-07, 08).

    No seat to a parent whose children all left, or whom the school did not admit.
    """
    roles = _roles_of(holder, now) if isinstance(holder, StaffMember) else []
    seats = {seat.group_id: seat for seat in holder.seats.unended(now=now)}
    year = {"school_year__starts_at__lte": now, "school_year__ends_at__gt": now}
    councils = Group.objects.filter(school=holder.school_id, kind=GroupKind.COUNCIL, **year).in_reading_order()
    if isinstance(holder, Caregiver) and not Caregiver.objects.admitted(now=now).filter(pk=holder.pk).exists():
        councils = councils.filter(pk__in=seats)
    return [*roles, *(Task(str(group.uid), group=group, seat=seats.get(group.pk)) for group in councils)]


def _roles_of(staff: StaffMember, now: datetime) -> list[Task]:
    """Directie and ict come by invitation only; the page just ends them."""
    rows = staff.assignments.unended(now=now).filter(group__isnull=True).select_related("school", "staff")
    held = {row.role: row for row in rows}
    offered = [role for role in (Role.DIRECTIE, Role.ICT, Role.CASE_OFFICER) if role in held]
    return [Task(role, role=role, assignment=held.get(role)) for role in (*offered, Role.EDITOR)]


def directing_at(school: School, *, now: datetime) -> list[StaffMember]:
    """Who directs this school, in or on the way in, by name."""
    tasks = StaffAssignment.objects.unended(now=now).filter(school=school, role=Role.DIRECTIE, group=None)
    return list(
        StaffMember.objects.filter(assignments__in=tasks).distinct().order_by(Abc("first_name"), Abc("last_name"), "pk")
    )


def give_task(*, holder: Holder, task: Task, by: Actor) -> None:
    """Make `holder` an editor or seat them; by the directie of the school."""
    is_staff = isinstance(holder, StaffMember)
    if task.group:
        seat_council_member(group=task.group, **{"staff" if is_staff else "caregiver": holder}, by=by)  # type: ignore[arg-type]
    elif task.role == Role.EDITOR and isinstance(holder, StaffMember):
        appoint(staff=holder, role=Role.EDITOR, school=holder.school, by=by)


def take_task(*, task: Task, by: Actor) -> None:
    """End this task or seat; raises `LastDirectieError`. By the directie of the school."""
    if task.assignment:
        end_assignment(assignment=task.assignment, by=by)
    if task.seat:
        end_seat(seat=task.seat, by=by)
