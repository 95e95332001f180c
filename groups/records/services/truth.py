"""What should be there: every membership, family and right the truth implies, read set-based, writing nothing."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import reduce
from typing import NamedTuple

from django.db.models import Q, QuerySet

from groups.records.domain.derivation import (
    Span,
    Year,
    both,
    hat_of_seat,
    role_of_guardianship,
    roles_of_assignment,
    roles_of_seat,
    stretches,
    window,
    without,
)
from groups.records.domain.families import families_over_time
from groups.records.domain.levels import ADMITTED
from groups.records.models.memberships import Membership
from groups.records.models.restrictions import Restriction, RestrictionKind
from groups.records.models.schools import Group, School
from groups.records.models.shields import Shield
from groups.records.models.truth import CouncilSeat, Guardianship, StaffAssignment
from groups.records.querysets.schools import CLASS_KINDS
from groups.roles import KNOW_CHILD, OPERATORS, ROLES, SCHOOL_ROLES, VIEW, VIEW_CHILD, Hat, Role
from portal.core import access
from portal.core.compiled import compiled

TASK = (
    "pk",
    "staff_id",
    "staff__user_id",
    "role",
    "school_id",
    "group_id",
    "valid_from",
    "valid_until",
    "school__teachers_moderate",
)


class RoleTask(NamedTuple):
    """A staff assignment with what the derivation needs of it."""

    pk: int
    staff_id: int
    user_id: int
    role: str
    school_id: int
    group_id: int | None
    start: datetime
    end: datetime | None
    teachers_moderate: bool


SEAT = (
    "pk",
    "caregiver__user_id",
    "staff__user_id",
    "caregiver_id",
    "staff_id",
    "group_id",
    "group__school_id",
    "valid_from",
    "valid_until",
)


class CouncilMember(NamedTuple):
    """A council seat whose holder came in; a parent's has a `caregiver_id`, a colleague's a `staff_id`."""

    pk: int
    user_id: int
    caregiver_id: int | None
    staff_id: int | None
    group_id: int
    school_id: int
    start: datetime
    end: datetime | None


class MembershipReason(NamedTuple):
    """One membership as it should be; equal reasons are equal rows."""

    user_id: int
    group_id: int
    role: str
    hat: str
    guardianship_id: int | None
    enrolment_id: int | None
    assignment_id: int | None
    seat_id: int | None
    valid_from: datetime
    valid_until: datetime
    reads_until: datetime


def derive(school: School | None, people: access.People | None) -> Iterator[MembershipReason]:
    """Every membership the truth implies, past ones included: a function of the truth alone, not of the clock."""
    users = access.users_of(people)
    yield from _from_guardianships(school, users)
    yield from _from_assignments(school, users)
    yield from _from_seats(school, users)


def _from_guardianships(school: School | None, users: list[int] | None) -> Iterator[MembershipReason]:
    rows = _guardianships(school=school, users=users)
    for user_id, guardianship, level, g_from, g_until, enrolment, group, e_from, e_until, *year in rows:
        held = window(Year(*year), within=Span(e_from, e_until), lasting=Span(g_from, g_until))
        if held:
            role = role_of_guardianship(level)
            yield MembershipReason(user_id, group, role, Hat.FAMILY, guardianship, enrolment, None, None, *held)


@compiled
def _guardianships(school: School | None, users: list[int] | None) -> QuerySet:
    rows = Guardianship.objects.admitted().filter(caregiver__user__isnull=False, child__enrolments__isnull=False)
    rows = rows.filter(child__school=school) if school else rows
    rows = rows.filter(caregiver__user__in=users) if users is not None else rows
    return rows.values_list(
        "caregiver__user_id",
        "pk",
        "level",
        "valid_from",
        "valid_until",
        "child__enrolments__pk",
        "child__enrolments__group_id",
        "child__enrolments__valid_from",
        "child__enrolments__valid_until",
        "child__enrolments__group__school_year__starts_at",
        "child__enrolments__group__school_year__ends_at",
        "child__enrolments__group__school_year__archive_until",
    )


def _from_assignments(school: School | None, users: list[int] | None) -> Iterator[MembershipReason]:
    assignments = [RoleTask(*row) for row in _assignments(school=school, users=users)]
    groups = _groups_by_school({task.school_id for task in assignments})
    served = _served(assignments)
    for task in assignments:
        for group_id, kind, year in groups[task.school_id]:
            held = window(year, within=Span(task.start, task.end), lasting=served[task.staff_id])
            if held is None:
                continue
            for given in _roles_of(task, group_id, kind):
                yield MembershipReason(task.user_id, group_id, given, Hat.STAFF, None, None, task.pk, None, *held)


@compiled
def _assignments(school: School | None, users: list[int] | None) -> QuerySet:
    rows = StaffAssignment.objects.filter(staff__user__isnull=False).exclude(role__in=OPERATORS)
    return _of_staff(rows, school, users).values_list(*TASK)


def _of_staff(rows: QuerySet, school: School | None, users: list[int] | None) -> QuerySet:
    """Of these tasks those at this school, of these accounts."""
    rows = rows.filter(school=school) if school else rows
    return rows.filter(staff__user__in=users) if users is not None else rows


def _roles_of(task: RoleTask, group_id: int, kind: str) -> Sequence[str]:
    return roles_of_assignment(
        task.role, kind, in_this_group=group_id == task.group_id, teachers_moderate=task.teachers_moderate
    )


def _served(tasks: list[RoleTask]) -> dict[int, Span]:
    """How long each member of staff serves the school: from the first task to the end of the last."""
    spans: dict[int, Span] = {}
    for task in tasks:
        so_far = spans.get(task.staff_id, Span(task.start, task.end))
        open_ended = so_far.end is None or task.end is None
        end = None if open_ended else max(filter(None, (so_far.end, task.end)))
        spans[task.staff_id] = Span(min(so_far.start, task.start), end)
    return spans


def _from_seats(school: School | None, users: list[int] | None) -> Iterator[MembershipReason]:
    seats = [
        CouncilMember(pk, caregiver or staff, *rest)
        for pk, caregiver, staff, *rest in _seats(school=school)
        if (caregiver or staff) is not None and (users is None or (caregiver or staff) in users)
    ]
    groups = _groups_by_school({seat.school_id for seat in seats})
    admitted = _admitted({seat.caregiver_id for seat in seats if seat.caregiver_id})
    serving = _serving({seat.staff_id for seat in seats if seat.staff_id})
    for seat in seats:
        whole = Span(seat.start, seat.end)
        holding = serving[seat.staff_id] if seat.staff_id else admitted[seat.caregiver_id]
        for span in [both(whole, one) for one in stretches(holding)]:
            yield from _seat_in_groups(seat, span, groups[seat.school_id])


@compiled
def _seats(school: School | None) -> QuerySet:
    rows = CouncilSeat.objects.filter(group__school=school) if school else CouncilSeat.objects.all()
    return rows.values_list(*SEAT)


def _admitted(caregivers: set[int]) -> dict[int | None, list[Span]]:
    """When each caregiver was admitted over some child that had not left: a parent's seat holds no longer than that."""
    spans_of: dict[int | None, list[Span]] = defaultdict(list)
    for caregiver, start, *ends in _admissions(caregivers=sorted(caregivers)):
        end = min(filter(None, ends), default=None)
        if end is None or end > start:
            spans_of[caregiver].append(Span(start, end))
    return spans_of


def _serving(staff: set[int]) -> dict[int | None, list[Span]]:
    """When each of these has some task at school: a colleague's seat holds no longer than that."""
    spans_of: dict[int | None, list[Span]] = defaultdict(list)
    for member, start, end in _tasks_of(staff=sorted(staff)) if staff else ():
        spans_of[member].append(Span(start, end))
    return spans_of


@compiled
def _tasks_of(staff: list[int]) -> QuerySet:
    return StaffAssignment.objects.filter(staff__in=staff).values_list("staff_id", "valid_from", "valid_until")


@compiled
def _admissions(caregivers: list[int]) -> QuerySet:
    rows = Guardianship.objects.admitted().filter(caregiver__in=caregivers)
    return rows.values_list("caregiver_id", "valid_from", "valid_until", "child__left_at")


def _seat_in_groups(seat: CouncilMember, span: Span, groups: list[tuple[int, str, Year]]) -> Iterator[MembershipReason]:
    """In the council itself, and in the school-wide group of the same school year."""
    hat = hat_of_seat(is_staff=seat.staff_id is not None)
    own_year = next(year for group_id, _, year in groups if group_id == seat.group_id)
    for group_id, kind, year in groups:
        held = window(year, within=span, lasting=span)
        if held and year == own_year and (group_id == seat.group_id or kind == "school"):
            for role in roles_of_seat(kind):
                yield MembershipReason(seat.user_id, group_id, role, hat, None, None, None, seat.pk, *held)


def _groups_by_school(schools: set[int]) -> dict[int, list[tuple[int, str, Year]]]:
    groups: dict[int, list[tuple[int, str, Year]]] = defaultdict(list)
    for school_id, pk, kind, *year in _groups(schools=sorted(schools)):
        groups[school_id].append((pk, kind, Year(*year)))
    return groups


@compiled
def _groups(schools: list[int]) -> QuerySet:
    return Group.objects.filter(school__in=schools).values_list(
        "school_id",
        "pk",
        "kind",
        "school_year__starts_at",
        "school_year__ends_at",
        "school_year__archive_until",
    )


def group_rights(school: School | None, people: access.People | None) -> Iterator[tuple]:
    """Every right on a group: as long as a role carries it, reading until the archive closes (POL-04, 05, 65).

    Memberships are written before these.
    """
    users = access.users_of(people)
    held: dict[tuple[int, str, int, str], list[Span]] = defaultdict(list)
    for reason in (MembershipReason(*row) for row in _memberships(school=school, users=users)):
        for permission in ROLES[Role(reason.role)]:
            until = reason.reads_until if permission == VIEW else reason.valid_until
            held[reason.user_id, permission, reason.group_id, reason.hat].append(Span(reason.valid_from, until))
    cuts = restricted(school, users) if held else {}
    schools = {group: place for place, group, *_ in _groups(schools=sorted({place for _, place in cuts}))}
    for (user, permission, group, hat), spans in held.items():
        forbidden = forbidding(cuts.get((user, schools.get(group, 0)), []), reading=permission == VIEW)
        for span in without(stretches(spans), forbidden):
            yield user, access.permission_id(permission), group, hat, *span


@compiled
def _memberships(school: School | None, users: list[int] | None) -> QuerySet:
    rows = Membership.objects.filter(group__school=school) if school else Membership.objects.all()
    rows = rows.filter(user__in=users) if users is not None else rows
    return rows.values_list(*MembershipReason._fields)


def child_rights(school: School | None, people: access.People | None) -> Iterator[tuple]:
    """Who sees the own child: its admitted caregivers who came in, restricted or not, for they choose about photos.

    And who hears a shielded child named, as long as the shield stands.
    """
    held: dict[tuple[int, str, int, str], list[Span]] = defaultdict(list)
    for user, child, start, end in _caring(school=school, people=people):
        held[user, VIEW_CHILD, child, Hat.FAMILY].append(Span(start, end))
    for number, way in enumerate(KNOWING if _any_shield(school=school) else ()):
        for user, child, *between in _known(number=number, school=school, people=people):
            span = reduce(both, (Span(*between[at : at + 2]) for at in range(0, len(between), 2)))
            held[user, KNOW_CHILD, child, way.hat].append(span)
    for (user, permission, child, hat), spans in held.items():
        for span in stretches(spans):
            yield user, access.permission_id(permission), child, hat, *span


@compiled
def _caring(school: School | None, people: access.People | None) -> QuerySet:
    rows = Guardianship.objects.admitted().filter(caregiver__user__isnull=False)
    rows = rows.filter(_of("caregiver__user", "child", people), **_at(school))
    return rows.values_list("caregiver__user_id", "child_id", "valid_from", "valid_until")


@compiled
def _any_shield(school: School | None) -> QuerySet:
    return Shield.objects.filter(**_at(school)).values_list("pk")[:1]


def _of(user: str, child: str, people: access.People | None) -> Q:
    """Rows of these accounts or about these children, at these paths; without `people` all."""
    if people is None:
        return Q()
    return Q(**{f"{user}__in": sorted(people.users)}) | Q(**{f"{child}__in": sorted(people.children)})


def _at(school: School | None) -> dict[str, School]:
    return {"child__school": school} if school else {}


class KnownBy(NamedTuple):
    """How somebody knows a shielded child: from the shield on the path to the account, what must hold, and when."""

    hat: str
    user: str
    where: dict[str, object]
    periods: tuple[tuple[str, str], ...] = ()


def _period(path: str) -> tuple[str, str]:
    return f"{path}__valid_from", f"{path}__valid_until"


_CLASS, _HEAD, _CARER = "child__enrolments__group", "child__school__assignments", "child__guardianships"
KNOWING = (
    KnownBy(
        Hat.STAFF,
        f"{_CLASS}__assignments__staff__user",
        {f"{_CLASS}__kind__in": CLASS_KINDS},
        (
            _period("child__enrolments"),
            _period(f"{_CLASS}__assignments"),
            (f"{_CLASS}__school_year__starts_at", f"{_CLASS}__school_year__ends_at"),
        ),
    ),
    KnownBy(
        Hat.STAFF,
        f"{_HEAD}__staff__user",
        {f"{_HEAD}__role": Role.DIRECTIE, f"{_HEAD}__group__isnull": True},
        (_period(_HEAD),),
    ),
    KnownBy(Hat.FAMILY, f"{_CARER}__caregiver__user", {f"{_CARER}__level__in": ADMITTED}, (_period(_CARER),)),
    KnownBy(Hat.FAMILY, "child__user", {}),
)
"""Who serves a class of the child, who directs its school, who cares for it, and the child itself."""


@compiled
def _known(number: int, school: School | None, people: access.People | None) -> QuerySet:
    """Account and child, and from when until when each thing lasts that makes one know it this way."""
    way = KNOWING[number]
    # In one call: over two, Django would look at two rows of those that a child has several of.
    came_in = {f"{way.user}__isnull": False}
    rows = Shield.objects.filter(_of(way.user, "child", people), **way.where, **came_in, **_at(school))
    moments = ("valid_from", "valid_until", *(moment for period in way.periods for moment in period))
    return rows.values_list(way.user, "child", *moments)


def school_rights(school: School | None, people: access.People | None) -> Iterator[tuple]:
    """What a task for the school as a whole permits there; nothing while somebody is restricted, in whatever way."""
    users = access.users_of(people)
    held: dict[tuple[int, str, int], list[Span]] = defaultdict(list)
    for user, role, place, *span in _school_tasks(school=school, users=users):
        for permission in SCHOOL_ROLES[Role(role)]:
            held[user, permission, place].append(Span(*span))
    cuts = restricted(school, users) if held else {}
    for (user, permission, place), spans in held.items():
        for span in without(stretches(spans), forbidding(cuts.get((user, place), []), reading=False)):
            yield user, access.permission_id(permission), place, Hat.STAFF, *span


@compiled
def _school_tasks(school: School | None, users: list[int] | None) -> QuerySet:
    rows = StaffAssignment.objects.filter(staff__user__isnull=False, role__in=SCHOOL_ROLES, group__isnull=True)
    columns = ("staff__user_id", "role", "school_id", "valid_from", "valid_until")
    return _of_staff(rows, school, users).values_list(*columns)


class OfFamily(NamedTuple):
    """One stretch of time in which a child is of one family; equal ones are equal rows."""

    child_id: int
    number: int
    valid_from: datetime
    valid_until: datetime | None


def of_children(people: access.People) -> Q:
    """Of rows about a child, those about these children."""
    return Q(child__in=sorted(people.children))


def families(school: School | None, people: access.People | None) -> Iterator[OfFamily]:
    """Of which family each child is, from who has authority over it: whoever else cares for it makes no family."""
    held: dict[int, list[tuple[int, Span]]] = defaultdict(list)
    for child, caregiver, start, end in _holders(school=school, people=people):
        held[child].append((caregiver, Span(start, end)))
    for child, holders in held.items():
        for number, span in families_over_time(holders):
            yield OfFamily(child, number, *span)


@compiled
def _holders(school: School | None, people: access.People | None) -> QuerySet:
    rows = Guardianship.objects.making_families()
    rows = rows.filter(of_children(people)) if people is not None else rows
    return rows.filter(**_at(school)).values_list("child_id", "caregiver_id", "valid_from", "valid_until")


class Cut(NamedTuple):
    """In which time access is limited or suspended, and in which of it a parent does not write about the own child."""

    kind: str
    span: Span
    silent: Span | None


def restricted(school: School | None, users: list[int] | None) -> dict[tuple[int, int], list[Cut]]:
    """By user and school what a restriction cuts out (POL-65)."""
    cuts: dict[tuple[int, int], list[Cut]] = defaultdict(list)
    for user, place, kind, start, end, silent in _restrictions(school=school, users=users):
        cuts[user, place].append(Cut(kind, Span(start, end), Span(start, silent) if silent else None))
    return cuts


@compiled
def _restrictions(school: School | None, users: list[int] | None) -> QuerySet:
    rows = Restriction.objects.filter(school=school) if school else Restriction.objects.all()
    rows = rows.filter(user__in=users) if users is not None else rows
    return rows.values_list("user_id", "school_id", "kind", "valid_from", "valid_until", "talk_until")


def forbidding(cuts: list[Cut], *, reading: bool) -> list[Span]:
    """Of these, what takes reading away, or everything else: a limited person reads, a suspended one does not."""
    return [cut.span for cut in cuts if cut.kind == RestrictionKind.SUSPENDED or not reading]


def silencing(cuts: list[Cut], *, reading: bool) -> list[Span]:
    """The same in conversations about the own child: these are always read, and written in unless that is closed."""
    return [cut.silent for cut in cuts if cut.silent and not reading]
