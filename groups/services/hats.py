"""In which capacities somebody is here now; one query answers what every page's navigation needs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from groups.models import Group, Membership, School, StaffAssignment
from groups.querysets import KIND_ORDER
from groups.roles import PUBLISH, ROLES, VIEW, Hat, Role


@dataclass(frozen=True)
class Hats:
    """The hats of one person, where they lead, and the school they speak with first."""

    family: bool
    staff: bool
    writing: frozenset[str]
    talking: frozenset[str]
    directs: bool
    school_name: str
    school_phone: str
    places: tuple[tuple[str, Group], ...] = ()

    def groups(self, hat: str) -> list[Group]:
        """The groups of this year that the hat opens, in reading order."""
        found = {group.pk: group for worn, group in self.places if worn == hat}
        return sorted(found.values(), key=lambda one: (KIND_ORDER.index(one.kind), one.year_level, one.name, one.pk))

    @property
    def first(self) -> str:
        """Staff first: a teacher opens Kring to work."""
        return Hat.STAFF if self.staff else Hat.FAMILY

    @property
    def both(self) -> bool:
        return self.family and self.staff

    def writes(self, hat: str) -> bool:
        return hat in self.writing

    def talks(self, hat: str) -> bool:
        """Whether this hat brings conversations about a child: for parents with authority, and for teachers."""
        return hat in self.talking


def hats_of(user: Any, *, now: datetime) -> Hats:
    """Which hats `user` can wear at `now` (POL-15), and the groups they open: one query for the navigation."""
    memberships = Membership.objects.effective(VIEW, now=now).filter(user=user)
    rows = list(
        memberships.select_related("group__school", "group__school_year").order_by(
            "-valid_until", "group__school__name", "pk"
        )
    )
    active = [(row.hat, row.role) for row in rows if row.valid_until > now]
    serves = StaffAssignment.objects.active(now=now).filter(staff__user=user, role=Role.ICT)
    school = rows[0].group.school if rows else None
    school_name, school_phone = (school.name, school.phone) if school else _school_of_operator(serves)
    return Hats(
        family=any(row.hat == Hat.FAMILY for row in rows),
        staff=any(row.hat == Hat.STAFF for row in rows),
        writing=frozenset(hat for hat, role in active if PUBLISH in ROLES[Role(role)]),
        talking=frozenset(hat for hat, role in active if role in (Role.PARENT, Role.TEACHER)),
        directs=(Hat.STAFF, Role.DIRECTIE) in active,
        school_name=school_name,
        school_phone=school_phone,
        places=tuple((row.hat, row.group) for row in rows if row.group.school_year.ends_at > now),
    )


def _school_of_operator(serves: Any) -> tuple[str, str]:
    """An IT administrator is in no group, yet works somewhere."""
    row = School.objects.filter(assignments__in=serves).values_list("name", "phone").first()
    return row or ("", "")
