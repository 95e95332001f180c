"""Under which name and function somebody writes in a group (POL-15, POL-30)."""

from dataclasses import dataclass

from django.db.models import QuerySet

from groups.records.models.people import Caregiver, StaffMember
from groups.records.models.schools import Group, GroupKind
from groups.roles import Hat
from portal.core.compiled import compiled
from portal.core.models import User


@dataclass(frozen=True)
class Byline:
    """What readers see of an author; `function` is empty for a parent."""

    name: str
    function: str


def byline(*, user: User, group: Group, hat: str) -> Byline:
    """Staff: the name children use and the function. Family: the own name, never a child, relation or address.

    In a council's group a member stands there as its member: the function is "MR" or "OR".
    """
    if hat == Hat.STAFF:
        return _of_staff(user, group)
    caregiver = Caregiver.objects.filter(user=user, school=group.school_id).order_by("pk").first()
    function = group.label if group.kind == GroupKind.COUNCIL else ""
    return Byline(caregiver.full_name if caregiver else user.name, function)


def byline_at(*, user: User, school: int) -> Byline:
    """As staff of the whole school (by primary key)."""
    return next(map(_of_record, _records(user=user, schools=[school])), Byline(user.name, ""))


def _of_staff(user: User, group: Group) -> Byline:
    """Somebody with two records at one school writes with the one that serves this group."""
    serving = _serving(user=user, group=group, schools=[group.school_id])
    return next(map(_of_record, serving), None) or byline_at(user=user, school=group.school_id)


def _of_record(staff: StaffMember) -> Byline:
    return Byline(staff.display_name, staff.function)


@compiled
def _records(user: User, schools: list[int]) -> QuerySet[StaffMember]:
    return StaffMember.objects.filter(user=user, school__in=schools).order_by("pk")[:1]


@compiled
def _serving(user: User, group: Group, schools: list[int]) -> QuerySet[StaffMember]:
    rows = StaffMember.objects.filter(user=user, school__in=schools, assignments__group=group)
    return rows.order_by("pk")[:1]
