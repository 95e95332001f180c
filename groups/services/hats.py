"""In which capacities somebody is here now; one query answers what every page's navigation needs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from groups.models import Membership, School, StaffAssignment
from groups.roles import PUBLISH, ROLES, Hat, Role


@dataclass(frozen=True)
class Hats:
    """The hats of one person, where they lead, and the school they speak with first."""

    family: bool
    staff: bool
    writing: frozenset[str]
    directs: bool
    school_name: str
    school_phone: str

    @property
    def first(self) -> str:
        """Staff first: a teacher opens Kring to work."""
        return Hat.STAFF if self.staff else Hat.FAMILY

    @property
    def both(self) -> bool:
        return self.family and self.staff

    def writes(self, hat: str) -> bool:
        return hat in self.writing


def hats_of(user: Any, *, now: datetime) -> Hats:
    """Which hats `user` can wear at `now` (POL-15), from memberships still good for reading."""
    rows = list(
        Membership.objects.filter(user=user, valid_from__lte=now, reads_until__gt=now)
        .values_list("hat", "role", "valid_until", "group__school__name", "group__school__phone")
        .order_by("-valid_until", "group__school__name")
        .distinct()
    )
    active = [(hat, role) for hat, role, until, *_ in rows if until > now]
    serves = StaffAssignment.objects.active(now=now).filter(staff__user=user, role=Role.ICT)
    school_name, school_phone = rows[0][3:] if rows else _school_of_operator(serves)
    return Hats(
        family=any(hat == Hat.FAMILY for hat, *_ in rows),
        staff=any(hat == Hat.STAFF for hat, *_ in rows),
        writing=frozenset(hat for hat, role in active if PUBLISH in ROLES[Role(role)]),
        directs=(Hat.STAFF, Role.DIRECTIE) in active,
        school_name=school_name,
        school_phone=school_phone,
    )


def _school_of_operator(serves: Any) -> tuple[str, str]:
    """An IT administrator is in no group, yet works somewhere."""
    row = School.objects.filter(assignments__in=serves).values_list("name", "phone").first()
    return row or ("", "")
