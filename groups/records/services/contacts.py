"""Whom somebody may turn to (POL-68): content to the teacher, technology to the helpdesk, policy to the management."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from groups.records.models.memberships import Membership
from groups.records.models.people import Caregiver, Child, StaffMember
from groups.records.models.schools import Group, School
from groups.records.models.truth import Enrolment, Guardianship, StaffAssignment
from groups.records.querysets.people import ChildQuerySet
from groups.records.querysets.periods import at_school_at
from groups.records.querysets.schools import GroupQuerySet
from groups.roles import NEEDS_SECOND_FACTOR, Hat, Role
from portal.core.actor import Actor
from portal.core.compiled import compiled, in_pages

FEW_GROUPS = 2
"""Who teaches this many groups at most is a child's own teacher, beside whoever has the fewest."""


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


@dataclass(frozen=True)
class Teacher:
    """A member of staff who teaches `group`; `is_own` where that is one of the few groups this person has.

    Both of a duo are the child's own; who directs or operates the school is not: that one is chosen by name.
    """

    staff: StaffMember
    group: Group
    is_own: bool


def contacts_of(actor: Actor) -> list[SchoolContacts]:
    """The people of `actor`'s own groups and schools, by the names parents know; no addresses (POL-29, 30).

    Who works for a school without a group of it, or may not come into any now, reads where to call all the same.
    """
    mine = _groups_read(actor=actor.wearing(Hat.ANY))
    others = schools_of_person(actor.wearing(Hat.ANY))
    schools = {group.school_id for group in mine} | {school.pk for school in others}
    groups = [group.pk for group in mine]
    return _by_school(mine, others, _to_turn_to(groups=groups, schools=sorted(schools), now=actor.now))


@compiled
def _groups_read(actor: Actor) -> GroupQuerySet[Group]:
    groups = Group.objects.visible_to(actor).filter(school_year__ends_at__gt=actor.now)
    return groups.in_reading_order().select_related("school")


@compiled
def _to_turn_to(groups: list[int], schools: list[int], now: datetime) -> QuerySet[StaffAssignment, Any]:
    """Who teaches these groups, and who directs these schools: the task, where, and the name that parents know."""
    here = Q(role=Role.TEACHER, group__in=groups) | Q(role=Role.DIRECTIE, school__in=schools)
    rows = StaffAssignment.objects.active(now=now).filter(here).order_by("staff__display_name", "pk")
    return rows.values_list("role", "school", "group", "staff__display_name")


def schools_of_person(actor: Actor) -> list[School]:
    """The own schools in this hat, those whose records know `actor` in it or that told something in it, a pupil's own.

    As staff also where one has a task and no group: case officers, IT administrators. Who may not come in any more
    can still turn to the school: who left, too.
    """
    return _schools_of_person(actor=actor)


@compiled
def _schools_of_person(actor: Actor) -> QuerySet[School]:
    has_told = Q(tellings__to=actor.user.pk, **({"tellings__hat": actor.hat} if actor.hat else {}))
    learns = Q(pk__in=Child.objects.filter(user=actor.user.pk).values("school"))
    of_own = Q(pk__in=Group.objects.visible_to(actor).values("school")) | has_told | learns
    if actor.hat != Hat.FAMILY:
        tasks = StaffAssignment.objects.active(now=actor.now).filter(staff__user=actor.user.pk)
        known = StaffMember.objects.filter(user=actor.user.pk)
        of_own |= Q(pk__in=tasks.values("school")) | Q(pk__in=known.values("school"))
    if actor.hat != Hat.STAFF:
        of_own |= Q(pk__in=Caregiver.objects.filter(user=actor.user.pk).values("school"))
    return School.objects.filter(of_own).distinct().select_related("foundation").order_by("name", "pk")


def is_colleague(actor: Actor) -> bool:
    """Whether `actor` is known as staff alone, of now or of before: to a parent Kring says other things."""
    is_parent = Caregiver.objects.filter(user=actor.user.pk)
    return StaffMember.objects.filter(~Exists(is_parent), user=actor.user.pk).exists()


def may_wait_for_a_school(actor: Actor) -> bool:
    """Whether nothing is there for `actor` because a school did not open yet: to a parent of that school, or to who is
    known nowhere. Who was a parent elsewhere hears nothing of it.
    """
    of_a_closed_school = Caregiver.objects.filter(user=actor.user.pk, school__opened_at=None)
    return of_a_closed_school.exists() or not is_known_at_school(actor)


def begins_at(actor: Actor) -> datetime | None:
    """When `actor`, who takes part nowhere yet, will: a child or a task of theirs begins with the next school year.

    Example: Kiki comes to groep 1 on 1 August. Her mother came in when school took over the list, in July.
    """
    found: datetime | None = Membership.objects.to_come(actor).aggregate(first=Min("valid_from"))["first"]
    return found


def decides_about_a_child(actor: Actor) -> bool:
    """Whether `actor` chooses what may be shown of a child, in a group now or not: whose photo was placed before, too.

    A yes is taken back as easily as it was given (POL-43).
    """
    return Child.objects.parented_by(actor.wearing(Hat.ANY)).exists()


def is_known_at_school(actor: Actor) -> bool:
    """Whether a school's records know `actor` as a parent or as staff, of now or of before."""
    user = actor.user.pk
    return Caregiver.objects.filter(user=user).exists() or StaffMember.objects.filter(user=user).exists()


def is_pupil(actor: Actor) -> bool:
    """Whether a school's roster knows `actor` as one of its pupils."""
    return Child.objects.filter(user=actor.user.pk).exists()


def _by_school(
    groups: list[Group], others: Iterable[School], assignments: Iterable[tuple[str, int, int | None, str]]
) -> list[SchoolContacts]:
    teachers: dict[int | None, list[str]] = defaultdict(list)
    management: dict[int, list[str]] = defaultdict(list)
    for role, school, group, name in assignments:
        if role == Role.DIRECTIE:
            management[school].append(name)
        else:
            teachers[group].append(name)
    contacts: dict[int, SchoolContacts] = {}
    for one in groups:
        here = contacts.setdefault(one.school_id, SchoolContacts(one.school, management=management[one.school_id]))
        if teachers[one.pk]:
            here.groups.append(GroupContact(one, teachers[one.pk]))
    for other in others:
        contacts.setdefault(other.pk, SchoolContacts(other, management=management[other.pk]))
    return list(contacts.values())


def teachers_of(child: Child, *, now: datetime) -> list[Teacher]:
    """Who teaches the groups `child` is in now, each person once; a teacher who is the child's own family is not one.

    The child's own teachers come first: a teacher of gymnastics has many groups, a teacher of groep 4 has one or two.
    """
    places: dict[int | None, int] = {group: place for place, group in enumerate(_groups_now(child=child, now=now))}
    rows = _teaching(child=child, now=now)
    teachers: dict[int, tuple[int, Any]] = {}
    for row in sorted(rows, key=lambda row: (places[row.group_id], row.pk)):
        teachers.setdefault(row.staff_id, (row.taught, row))
    fewest = min((taught for taught, _ in teachers.values()), default=0)
    ordered = sorted(teachers.values(), key=lambda one: (one[0], one[1].staff.display_name, one[1].pk))
    few = max(fewest, FEW_GROUPS)
    return [Teacher(row.staff, row.group, taught <= few and not row.runs) for taught, row in ordered if row.group]


@compiled
def _groups_now(child: Child, now: datetime) -> QuerySet[Group, int]:
    return _groups_of(child, now).in_reading_order().values_list("pk", flat=True)


@compiled
def _teaching(child: Child, now: datetime) -> QuerySet:
    """Who teaches it, how many groups that person `taught`, and whether that person `runs` the school, too."""
    family = Guardianship.objects.active(now=now).filter(child=child).of_people(OuterRef("staff__user"))
    school = Child.objects.filter(pk=child.pk).values("school")
    runs = StaffAssignment.objects.active(now=now).filter(role__in=NEEDS_SECOND_FACTOR, school__in=school)
    same_person = Q(staff=OuterRef("staff")) | Q(staff__user=OuterRef("staff__user"))
    rows = StaffAssignment.objects.active(now=now).filter(~Exists(family), role=Role.TEACHER)
    rows = rows.filter(group__in=_groups_of(child, now)).annotate(
        taught=Count("staff__assignments", filter=_teaching_at(now), distinct=True),
        runs=Exists(runs.filter(same_person)),
    )
    return rows.select_related("staff", "group")


def _groups_of(child: Child, now: datetime) -> GroupQuerySet[Group]:
    here = Enrolment.objects.active(now=now).filter(child=child).values("group")
    return Group.objects.filter(pk__in=here, school_year__starts_at__lte=now, school_year__ends_at__gt=now)


def _teaching_at(now: datetime) -> Q:
    begun = Q(staff__assignments__role=Role.TEACHER, staff__assignments__valid_from__lte=now)
    return begun & (Q(staff__assignments__valid_until__isnull=True) | Q(staff__assignments__valid_until__gt=now))


@in_pages
def children_discussed(actor: Actor, is_here: bool) -> ChildQuerySet[Child]:
    """About whom `actor` turns to the other side (`discussed_by`), by name: who is at school, or who left too."""
    rows = Child.objects.discussed_by(actor).select_related("school").in_name_order()
    return rows.filter(at_school_at(actor.now)) if is_here else rows


def find_discussed(uid: UUID, *, actor: Actor) -> Child | None:
    """One of these, also one who left; None for any other."""
    return next(iter(_discussed(uid=uid, actor=actor)), None)


@compiled
def _discussed(uid: UUID, actor: Actor) -> ChildQuerySet[Child]:
    return Child.objects.discussed_by(actor).select_related("school").filter(uid=uid)


def caregivers_talking(child: Child, *, now: datetime) -> list[Caregiver]:
    """Who talks with school about `child` now, by name: with authority or caring daily; whether they came in or not."""
    return [row.caregiver for row in _talking(child=child, now=now)]


@compiled
def _talking(child: Child, now: datetime) -> QuerySet[Guardianship]:
    rows = Guardianship.objects.talking().active(now=now).filter(child=child)
    return rows.select_related("caregiver").order_by("caregiver__first_name", "caregiver__pk")
