"""Which chairs of a conversation hold, and when: also of people who never came in (docs/adr/0033).

A parent's chair holds while that parent has authority over the child or cares for it daily; that of staff while they
teach a group the child is in, or serve the school that asked them in; that of the directie, which somebody in the
conversation asked in, while they are it. A chair without any of these holds never (POL-09, docs/adr/0025).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q, QuerySet

from groups.models import Enrolment, Guardianship, School, StaffAssignment, StaffMember
from groups.records.domain.derivation import Span, both, stretches, without
from groups.roles import NEEDS_SECOND_FACTOR, Role
from messaging.talks.domain.seats import SeatSide
from messaging.talks.models import Came, Participation
from messaging.talks.querysets import SERVING
from portal.core.access import People
from portal.core.compiled import compiled

COLUMNS = ("chair_id", "thread_id", "side", "valid_from", "valid_until")
OF_CAREGIVER = ("pk", "thread_id", "caregiver_id", "thread__child_id", "valid_from", "valid_until")
OF_STAFF = (
    *("pk", "thread_id", "staff_id", "staff__user_id", "thread__school_id", "thread__child_id", "group_id", "came"),
    *("valid_from", "valid_until"),
)
TASK = ("staff_id", "staff__user_id", "role", "school_id", "group_id", "valid_from", "valid_until")
YEAR = ("group__school_year__starts_at", "group__school_year__ends_at")


class StaffChair(NamedTuple):
    """A chair of somebody of school, whose account is `user`."""

    pk: int
    thread: int
    staff: int
    user: int | None
    school: int
    child: int
    group: int | None
    came: str
    start: datetime
    end: datetime | None

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


class StaffTask(NamedTuple):
    staff: int
    user: int | None
    role: str
    school: int
    group: int | None
    start: datetime
    end: datetime | None

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


def of_people(people: People) -> Q:
    """Seats in conversations about these children, and of these members of staff."""
    return Q(thread__child__in=sorted(people.children)) | Q(chair__staff__in=_records(people))


def _records(people: People) -> QuerySet:
    """These records of staff, and every one of these accounts.

    Who runs the school under one of them loses the chairs of a task of another.
    """
    mine = Q(pk__in=sorted(people.staff)) | Q(user__in=sorted(people.users))
    return StaffMember.objects.filter(mine).values("pk")


def seats(school: School | None, people: People | None) -> Iterator[tuple]:
    """When each chair holds, as `COLUMNS`."""
    yield from _of_caregivers(school, people)
    yield from _of_staff(school, people)


def _of_caregivers(school: School | None, people: People | None) -> Iterator[tuple]:
    rows = _chairs_of_caregivers(school=school, people=people)
    talking = _talking_spans(school, people) if rows else {}
    for pk, thread, caregiver, child, *taken in rows:
        for span in stretches(both(Span(*taken), span) for span in talking.get((caregiver, child), [])):
            yield pk, thread, SeatSide.FAMILY, *span


def _of_staff(school: School | None, people: People | None) -> Iterator[tuple]:
    """One that came with a task opens nothing to who runs the school (ADR 0008)."""
    chairs = [StaffChair(*row) for row in _chairs_of_staff(school=school, people=people)]
    if not chairs:
        return
    there, by_staff, by_user = _there(school, people), defaultdict(list), defaultdict(list)
    for task in (StaffTask(*row) for row in _tasks(school=school, people=people)):
        by_staff[task.staff].append(task)
        if task.user:
            by_user[task.user].append(task)
    for chair in chairs:
        same_person = by_user[chair.user] if chair.user else by_staff[chair.staff]
        cuts = [task.span for task in same_person if chair.came == Came.TASK and _runs(task, chair.school)]
        side = SeatSide.DIRECTIE if chair.came == Came.DIRECTIE else SeatSide.STAFF
        for span in without(stretches(_reasons(chair, by_staff[chair.staff], there)), cuts):
            yield chair.pk, chair.thread, side, *span


def _reasons(chair: StaffChair, tasks: Iterable[StaffTask], there: dict[tuple[int, int], list[Span]]) -> Iterator[Span]:
    """The times in which the holder's tasks are a reason to sit in this chair.

    A teacher and the directie by the task that the chair was taken with: who comes back with a new one comes with a
    new chair, and a line.
    """
    for task in tasks:
        held = both(chair.span, task.span)
        if chair.group is not None:
            if (task.role, task.group) == (Role.TEACHER, chair.group) and task.start <= chair.start:
                yield from (both(held, span) for span in there[chair.child, chair.group])
        elif task.school == chair.school:
            directs = task.role == Role.DIRECTIE and task.group is None and task.start <= chair.start
            if (directs and chair.came == Came.DIRECTIE) or (task.role in SERVING and chair.came == Came.ASKED):
                yield held


def _runs(task: StaffTask, school: int) -> bool:
    return task.school == school and task.role in NEEDS_SECOND_FACTOR


def _by_caregivers(school: School | None, people: People | None) -> QuerySet[Participation]:
    """Chairs of caregivers, in conversations about these children."""
    rows = Participation.objects.filter(_about(people), caregiver__isnull=False)
    return rows.filter(thread__school=school) if school else rows


def _by_staff(school: School | None, people: People | None) -> QuerySet[Participation]:
    """Chairs of staff, in conversations about these children and of these people."""
    mine = Q() if people is None else Q(staff__in=_records(people))
    rows = Participation.objects.filter(_about(people) | mine, staff__isnull=False)
    return rows.filter(thread__school=school) if school else rows


def _about(people: People | None) -> Q:
    return Q() if people is None else Q(thread__child__in=sorted(people.children))


@compiled
def _chairs_of_caregivers(school: School | None, people: People | None) -> QuerySet:
    return _by_caregivers(school, people).values_list(*OF_CAREGIVER)


@compiled
def _chairs_of_staff(school: School | None, people: People | None) -> QuerySet:
    return _by_staff(school, people).values_list(*OF_STAFF)


def _talking_spans(school: School | None, people: People | None) -> dict[tuple[int, int], list[Span]]:
    spans: dict[tuple[int, int], list[Span]] = defaultdict(list)
    for caregiver, child, start, end in _talking(school=school, people=people):
        spans[caregiver, child].append(Span(start, end))
    return spans


@compiled
def _talking(school: School | None, people: People | None) -> QuerySet:
    holders = _by_caregivers(school, people).values("caregiver")
    rows = Guardianship.objects.talking().filter(caregiver__in=holders)
    return rows.values_list("caregiver_id", "child_id", "valid_from", "valid_until")


@compiled
def _tasks(school: School | None, people: People | None) -> QuerySet:
    """Of who has these chairs, under any record."""
    chairs = _by_staff(school, people)
    same_person = Q(staff__in=chairs.values("staff")) | Q(staff__user__in=chairs.values("staff__user"))
    rows = StaffAssignment.objects.filter(same_person)
    return (rows.filter(school=school) if school else rows).values_list(*TASK)


def _there(school: School | None, people: People | None) -> dict[tuple[int, int], list[Span]]:
    """When the children are in the groups of these chairs, within the year of the group."""
    spans: dict[tuple[int, int], list[Span]] = defaultdict(list)
    for child, group, start, end, *year in _enrolments(school=school, people=people):
        spans[child, group].append(both(Span(start, end), Span(*year)))
    return spans


@compiled
def _enrolments(school: School | None, people: People | None) -> QuerySet:
    chairs = _by_staff(school, people)
    rows = Enrolment.objects.filter(child__in=chairs.values("thread__child"), group__in=chairs.values("group"))
    return rows.values_list("child_id", "group_id", "valid_from", "valid_until", *YEAR)
