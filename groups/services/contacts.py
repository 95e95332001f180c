"""Whom somebody may turn to (POL-68): content to the teacher, technology to the helpdesk, policy to the management."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from groups.models import Group, School, StaffAssignment
from groups.roles import Role


@dataclass(frozen=True)
class GroupContact:
    group: Group
    teachers: list[str]


@dataclass
class SchoolContacts:
    """One school somebody has to do with: the teachers of the own groups, the management, where to call."""

    school: School
    groups: list[GroupContact] = field(default_factory=list)
    management: list[str] = field(default_factory=list)


def contacts_of(user: Any, *, now: datetime) -> list[SchoolContacts]:
    """The people of `user`'s own groups and schools, by the names parents know; no addresses (POL-29, 30)."""
    groups = Group.objects.visible_to(user, now=now).filter(school_year__ends_at__gt=now)
    mine = list(groups.in_reading_order().select_related("school"))
    rows = StaffAssignment.objects.active(now=now).filter(school__in={group.school_id for group in mine})
    rows = rows.filter(role__in=(Role.TEACHER, Role.DIRECTIE)).select_related("staff")
    return _by_school(mine, rows.order_by("staff__display_name", "pk"))


def _by_school(groups: list[Group], assignments: Iterable[StaffAssignment]) -> list[SchoolContacts]:
    teachers: dict[int | None, list[str]] = defaultdict(list)
    management: dict[int, list[str]] = defaultdict(list)
    for row in assignments:
        if row.role == Role.DIRECTIE:
            management[row.school_id].append(row.staff.display_name)
        else:
            teachers[row.group_id].append(row.staff.display_name)
    found: dict[int, SchoolContacts] = {}
    for group in groups:
        school = found.setdefault(group.school_id, SchoolContacts(group.school, management=management[group.school_id]))
        if teachers[group.pk]:
            school.groups.append(GroupContact(group, teachers[group.pk]))
    return list(found.values())
