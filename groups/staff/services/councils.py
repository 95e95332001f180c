"""Who is in which council of a school: both halves, and whom the directie may seat."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from groups.records.models.people import Caregiver, StaffMember
from groups.records.models.schools import Group, GroupKind, School

MOST_FOUND = 20


class Council(NamedTuple):
    """A council of this school year with its two halves."""

    group: Group
    parents: list[Caregiver]
    staff: list[StaffMember]


def councils_of(school: School, *, now: datetime) -> list[Council]:
    """The councils of this school year, each with who has a seat."""
    year = {"school_year__starts_at__lte": now, "school_year__ends_at__gt": now}
    groups = Group.objects.filter(school=school, kind=GroupKind.COUNCIL, **year).in_reading_order()
    return [_council(group, now) for group in groups]


def _council(group: Group, now: datetime) -> Council:
    seats = group.seats.unended(now=now).select_related("caregiver", "staff").order_by("valid_from", "pk")
    parents = [seat.caregiver for seat in seats if seat.caregiver]
    return Council(group, parents, [seat.staff for seat in seats if seat.staff])


def find_holders(school: School, words: str, *, now: datetime) -> tuple[list[StaffMember], list[Caregiver]]:
    """Staff and admitted parents with all `words` in the name."""
    named = Q()
    for word in words.split()[:5]:
        named &= Q(first_name__icontains=word) | Q(last_name__icontains=word)
    by_name = ("first_name", "last_name", "pk")
    staff = StaffMember.objects.serving(now=now).filter(named, school=school).order_by(*by_name)
    parents = Caregiver.objects.admitted(now=now).filter(named, school=school).order_by(*by_name)
    return list(staff[:MOST_FOUND]), list(parents[:MOST_FOUND])


def holder_of(school: School, uid: UUID, *, now: datetime) -> tuple[StaffMember | None, Caregiver | None]:
    """The member of staff, or else the admitted parent, who has this number."""
    staff = StaffMember.objects.serving(now=now).filter(school=school, uid=uid).first()
    return staff, Caregiver.objects.admitted(now=now).filter(school=school, uid=uid).first()
