"""Under which name somebody stands in a case, a letter and a file."""

from collections.abc import Iterable
from typing import NamedTuple

from groups.models import Caregiver, School, StaffMember
from groups.roles import Hat
from portal.core.models import User


class Named(NamedTuple):
    """`function` is empty for a parent."""

    name: str
    function: str


class Known(NamedTuple):
    """Somebody at a school, as staff or as family."""

    user: User
    school: School
    side: str


def named(user: User, school: School, side: str) -> Named:
    """The roster's name of somebody at a school, as staff or as family; else the name of the account."""
    one = Known(user, school, side)
    return names_of([one])[one]


def names_of(people: Iterable[Known]) -> dict[Known, Named]:
    """The same for many: two questions for any number."""
    asked = list(people)
    users = {"user__in": {one.user.pk for one in asked}, "school__in": {one.school.pk for one in asked}}
    staff = {(row.user_id, row.school_id): row for row in StaffMember.objects.filter(**users).order_by("-pk")}
    family = {(row.user_id, row.school_id): row for row in Caregiver.objects.filter(**users).order_by("-pk")}
    return {one: _name(one, staff if one.side == Hat.STAFF else family) for one in asked}


def _name(one: Known, known: dict) -> Named:
    row = known.get((one.user.pk, one.school.pk))
    if row is None:
        return Named(one.user.name or one.user.email, "")
    if isinstance(row, StaffMember):
        return Named(row.display_name or row.full_name, row.function)
    return Named(row.full_name, "")
