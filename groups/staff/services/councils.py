"""Who is in which council of a school: both halves, and whom the directie may seat."""

from collections import defaultdict
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from groups.records.domain.names import PARTS
from groups.records.models.people import Caregiver, StaffMember
from groups.records.models.schools import Group, GroupKind, School
from groups.records.models.truth import CouncilSeat, Guardianship
from groups.records.querysets.periods import PeriodQuerySet
from groups.records.querysets.schools import GroupQuerySet
from portal.core.compiled import compiled
from portal.core.searching import Abc, naming

MOST_FOUND = 20


class Council(NamedTuple):
    """A council of this school year with its two halves."""

    group: Group
    parents: list[Caregiver]
    staff: list[StaffMember]


def councils_of(school: School, *, now: datetime) -> list[Council]:
    """The councils of this school year, each with who has a seat."""
    groups = _councils(school=school, now=now)
    of_group: dict[int, list[CouncilSeat]] = defaultdict(list)
    for seat in _seats_in(groups=[group.pk for group in groups], now=now):
        of_group[seat.group_id].append(seat)
    return [
        Council(
            group,
            [seat.caregiver for seat in of_group[group.pk] if seat.caregiver],
            [seat.staff for seat in of_group[group.pk] if seat.staff],
        )
        for group in groups
    ]


@compiled
def _councils(school: School, now: datetime) -> GroupQuerySet[Group]:
    year = {"school_year__starts_at__lte": now, "school_year__ends_at__gt": now}
    return Group.objects.filter(school=school, kind=GroupKind.COUNCIL, **year).in_reading_order()


@compiled
def _seats_in(groups: list[int], now: datetime) -> PeriodQuerySet[CouncilSeat]:
    seats = held_seats(now=now).filter(group__in=groups).select_related("caregiver", "staff")
    return seats.order_by("valid_from", "pk")


def held_seats(*, now: datetime) -> PeriodQuerySet[CouncilSeat]:
    """Seats of who belongs to the school still: of parents who may come in, and of staff who serve."""
    parents, staff = Caregiver.objects.admitted(now=now), StaffMember.objects.serving(now=now)
    return CouncilSeat.objects.unended(now=now).filter(Q(caregiver__in=parents) | Q(staff__in=staff))


class CouncilMembers(NamedTuple):
    """A council as everybody of the school reads it: its name, and by name who sits there for parents and for staff."""

    name: str
    parents: list[str]
    staff: list[str]


def read_councils(school: School, *, now: datetime) -> list[CouncilMembers]:
    """The councils of this school year and who sits there now, by name alone; those without anybody are left out.

    A parent around whose child a shield or a contact ban stands is named to nobody (POL-30).
    """
    every, councils = councils_of(school, now=now), []
    named = _nameable([parent for council in every for parent in council.parents], now)
    for council in every:
        parents = [one.full_name for one in council.parents if one.pk in named]
        staff = [f"{one.display_name}, {one.function}" for one in council.staff]
        if parents or staff:
            councils.append(CouncilMembers(council.group.name, parents, staff))
    return councils


def _nameable(parents: list[Caregiver], now: datetime) -> set[int]:
    hidden = Guardianship.objects.filter(Guardianship.objects.kept_apart(now=now), caregiver=OuterRef("pk"))
    rows = Caregiver.objects.admitted(now=now).filter(~Exists(hidden), pk__in=[one.pk for one in parents])
    return set(rows.values_list("pk", flat=True))


def find_holders(school: School, words: str, *, now: datetime) -> tuple[list[StaffMember], list[Caregiver]]:
    """Staff and admitted parents with all `words` in the name."""
    named = Q()
    for word in words.split()[:5]:
        named &= naming(word, PARTS)
    by_name = (Abc("first_name"), Abc("last_name"), "pk")
    staff = StaffMember.objects.serving(now=now).filter(named, school=school).order_by(*by_name)
    parents = Caregiver.objects.admitted(now=now).filter(named, school=school).order_by(*by_name)
    return list(staff[:MOST_FOUND]), list(parents[:MOST_FOUND])


def holder_of(school: School, uid: UUID, *, now: datetime) -> tuple[StaffMember | None, Caregiver | None]:
    """The member of staff, or else the admitted parent, who has this number."""
    staff = StaffMember.objects.serving(now=now).filter(school=school, uid=uid).first()
    return staff, Caregiver.objects.admitted(now=now).filter(school=school, uid=uid).first()
