"""Under which name and function somebody writes in a group (POL-15, POL-30)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from groups.records.models.people import Caregiver, StaffMember
from groups.records.models.schools import Group, GroupKind
from groups.roles import Hat
from portal.core.compiled import compiled
from portal.core.models import User

_Record = tuple[int, int | None, str, str]
"""Its school, a group, and how it signs."""


@dataclass(frozen=True)
class Byline:
    """What readers see of an author; `function` is empty for a parent."""

    name: str
    function: str


def byline(*, user: User, group: Group, hat: str) -> Byline:
    """Staff: the name children use and the function. Family: the own name, never a child, relation or address.

    In a council's group a member stands there as its member: the function is "MR" or "OR".
    """
    return bylines(user=user, groups=[group], hat=hat)[group.pk]


def bylines(*, user: User, groups: Sequence[Group], hat: str) -> dict[int, Byline]:
    """The same of several groups, by their keys, in one question."""
    schools = sorted({group.school_id for group in groups})
    if hat == Hat.STAFF:
        records = _records(user=user, schools=schools)
        return {group.pk: _of_staff(user, records, group.school_id, group) for group in groups}
    names: dict[int, str] = {}
    for caregiver in Caregiver.objects.filter(user=user, school__in=schools).order_by("pk"):
        names.setdefault(caregiver.school_id, caregiver.full_name)
    return {
        group.pk: Byline(names.get(group.school_id, user.name), group.label if group.kind == GroupKind.COUNCIL else "")
        for group in groups
    }


def byline_at(*, user: User, school: int) -> Byline:
    """As staff of the whole school (by primary key)."""
    return _of_staff(user, _records(user=user, schools=[school]), school)


def _of_staff(user: User, records: Sequence[_Record], school: int, group: Group | None = None) -> Byline:
    """Somebody with two records at one school writes with the one that serves this group."""
    here = [one for one in records if one[0] == school]
    serving = [one for one in here if group is not None and one[1] == group.pk]
    return next((Byline(name, function) for _, _, name, function in [*serving, *here]), Byline(user.name, ""))


@compiled
def _records(user: User, schools: list[int]) -> QuerySet[StaffMember, _Record]:
    """Each record at these schools, beside each group that it serves or served."""
    rows = StaffMember.objects.filter(user=user, school__in=schools).order_by("pk")
    return rows.values_list("school", "assignments__group", "display_name", "function")
