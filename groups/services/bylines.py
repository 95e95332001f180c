"""Under which name and function somebody writes in a group (POL-15, POL-30)."""

from dataclasses import dataclass
from typing import Any

from groups.models import Caregiver, Group, GroupKind, StaffMember
from groups.roles import Hat


@dataclass(frozen=True)
class Byline:
    """What readers see of an author; `function` is empty for a parent."""

    name: str
    function: str


def byline(*, user: Any, group: Group, hat: str) -> Byline:
    """Staff: the name children use and the function. Family: the own name, never a child, relation or address.

    In a council's group a member stands there as its member: the function is "MR" or "OR".
    """
    if hat == Hat.STAFF:
        return _of_staff(user, group)
    caregiver = Caregiver.objects.filter(user=user, school=group.school_id).order_by("pk").first()
    function = group.label if group.kind == GroupKind.COUNCIL else ""
    return Byline(caregiver.full_name if caregiver else user.name, function)


def _of_staff(user: Any, group: Group) -> Byline:
    """Somebody with two records at one school writes with the one that serves this group."""
    records = StaffMember.objects.filter(user=user, school=group.school_id)
    staff = records.filter(assignments__group=group).order_by("pk").first() or records.order_by("pk").first()
    return Byline(staff.display_name, staff.function) if staff else Byline(user.name, "")
