"""Who reads and writes in which conversation, when, and from where on: what follows from chairs and the truth.

A parent's chair carries a right while that parent has authority over the child or cares for it daily. That of staff
while they teach a group the child is in, or serve the school that asked them in; that of the directie, which somebody
in the conversation asked in, while they are it. A seat without any of these opens nothing (POL-09, docs/adr/0025).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

from groups.domain.derivation import BEGINNING, Span, both, stretches, without
from groups.models import Claim, Enrolment, Guardianship, School, StaffAssignment, StaffMember
from groups.roles import NEEDS_SECOND_FACTOR, Hat, Role
from groups.services.truth import forbidding, restricted
from messaging.domain.reading import Reading, farthest_back
from messaging.models import Came, Participation
from messaging.querysets.threads import SERVING, VIEW_THREAD, WRITE_IN_THREAD
from portal.core import access

COLUMNS = (*access.GRANT, "reads_from")
CHAIR = (
    *("thread_id", "thread__school_id", "thread__child_id", "thread__created_at", "group_id", "came"),
    *("reads_from", "valid_from", "valid_until"),
)
YEAR = ("group__school_year__starts_at", "group__school_year__ends_at")


class Chair(NamedTuple):
    """A chair whose holder came in: `person` is the key of the caregiver or of the member of staff."""

    user: int
    person: int
    thread: int
    school: int
    child: int
    began: datetime
    group: int | None
    came: str
    reads_from: datetime
    start: datetime
    end: datetime | None

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


class Task(NamedTuple):
    user: int | None
    staff: int
    role: str
    school: int
    group: int | None
    start: datetime
    end: datetime | None

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


def thread_rights(school: School | None, people: access.People | None) -> Iterator[tuple]:
    """Every right on a conversation, as `COLUMNS`."""
    users = access.users_of(people)
    held: dict[tuple[int, int, int, str], list[Reading]] = defaultdict(list)
    for chair, span in _of_caregivers(_taken("caregiver", school, users)):
        held[chair.user, chair.thread, chair.school, Hat.FAMILY].append(Reading(span, chair.reads_from))
    for chair, span in _of_staff(_taken("staff", school, users)):
        held[chair.user, chair.thread, chair.school, Hat.STAFF].append(Reading(span, chair.reads_from))
    cuts = restricted(school, users)
    for (user, thread, place, hat), readings in held.items():
        for permission in (VIEW_THREAD, WRITE_IN_THREAD):
            forbidden = forbidding(cuts.get((user, place), []), reading=permission == VIEW_THREAD)
            left = (Reading(span, one.since) for one in readings for span in without([one.span], forbidden))
            for span, since in farthest_back(left):
                yield user, access.permission_id(permission), thread, hat, *span, since


def _taken(kind: str, school: School | None, users: list[int] | None) -> QuerySet[Participation]:
    """Chairs of people who came in; `kind` is caregiver or staff."""
    rows = Participation.objects.filter(**{f"{kind}__user__isnull": False})
    rows = rows.filter(thread__school=school) if school else rows
    return rows if users is None else rows.filter(**{f"{kind}__user__in": users})


def _chairs(kind: str, taken: QuerySet[Participation]) -> list[Chair]:
    return [Chair(*row) for row in taken.values_list(f"{kind}__user_id", f"{kind}_id", *CHAIR)]


def _of_caregivers(taken: QuerySet[Participation]) -> Iterator[tuple[Chair, Span]]:
    """While the holder talks about the child; what began before somebody came in by letter, once that is known."""
    chairs = _chairs("caregiver", taken)
    if not chairs:
        return
    talking, waiting = _talking(taken), _waiting(taken)
    for chair in chairs:
        unknown = [until for joined, until in waiting[chair.person] if joined > chair.began]
        spans = stretches(both(chair.span, span) for span in talking[chair.person, chair.child])
        yield from ((chair, span) for span in without(spans, unknown))


def _of_staff(taken: QuerySet[Participation]) -> Iterator[tuple[Chair, Span]]:
    """While the holder teaches, serves or directs; never about the own child, nor what began before one is known."""
    chairs = _chairs("staff", taken)
    if not chairs:
        return
    there, family, unknown = _enrolments(taken), _family(taken), _unknown(taken)
    by_staff, by_user = defaultdict(list), defaultdict(list)
    for task in _tasks(taken):
        by_staff[task.staff].append(task)
        by_user[task.user].append(task)
    for chair in chairs:
        spans = stretches(_reasons(chair, by_staff[chair.person], there))
        cuts = [until for joined, until in unknown[chair.person] if joined > chair.began]
        cuts += family[chair.user, chair.child]
        if chair.came == Came.TASK:
            cuts += [one.span for one in by_user[chair.user] if _runs(one, chair.school)]
        yield from ((chair, span) for span in without(spans, cuts))


def _reasons(chair: Chair, tasks: Iterable[Task], there: dict[tuple[int, int], list[Span]]) -> Iterator[Span]:
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


def _runs(task: Task, school: int) -> bool:
    """Who directs or operates the school gets no chair by a task (ADR 0008)."""
    return task.school == school and task.role in NEEDS_SECOND_FACTOR


def _talking(taken: QuerySet[Participation]) -> dict[tuple[int, int], list[Span]]:
    rows = Guardianship.objects.talking().filter(caregiver__in=taken.values("caregiver"))
    return _spans(rows.values_list("caregiver_id", "child_id", "valid_from", "valid_until"))


def _waiting(taken: QuerySet[Participation]) -> dict[int, list[tuple[datetime, Span]]]:
    """Per caregiver when somebody came in who had to be known first, and until when that was so."""
    rows = Claim.objects.filter(caregiver__in=taken.values("caregiver"), settles_at__isnull=False)
    return _unsettled(rows.values_list("caregiver_id", "claimed_at", "settles_at"))


def _unknown(taken: QuerySet[Participation]) -> dict[int, list[tuple[datetime, Span]]]:
    """The same of staff."""
    rows = StaffMember.objects.filter(pk__in=taken.values("staff"), settles_at__isnull=False)
    return _unsettled(rows.values_list("pk", "joined_at", "settles_at"))


def _unsettled(rows: Iterable[Any]) -> dict[int, list[tuple[datetime, Span]]]:
    found: dict[int, list[tuple[datetime, Span]]] = defaultdict(list)
    for person, joined, until in rows:
        found[person].append((joined, Span(BEGINNING, until)))
    return found


def _tasks(taken: QuerySet[Participation]) -> list[Task]:
    rows = StaffAssignment.objects.filter(staff__user__in=taken.values("staff__user"))
    columns = ("staff__user_id", "staff_id", "role", "school_id", "group_id", "valid_from", "valid_until")
    return [Task(*row) for row in rows.values_list(*columns)]


def _enrolments(taken: QuerySet[Participation]) -> dict[tuple[int, int], list[Span]]:
    """When the children are in the groups of these chairs, within the year of the group."""
    rows = Enrolment.objects.filter(child__in=taken.values("thread__child"), group__in=taken.values("group"))
    columns = ("child_id", "group_id", "valid_from", "valid_until")
    found: dict[tuple[int, int], list[Span]] = defaultdict(list)
    for child, group, start, end, *year in rows.values_list(*columns, *YEAR):
        found[child, group].append(both(Span(start, end), Span(*year)))
    return found


def _family(taken: QuerySet[Participation]) -> dict[tuple[int, int], list[Span]]:
    """When a child is the own child of a member of staff (POL-15), at whatever level."""
    rows = Guardianship.objects.filter(caregiver__user__in=taken.values("staff__user"))
    return _spans(rows.values_list("caregiver__user_id", "child_id", "valid_from", "valid_until"))


def _spans(rows: Iterable[Any]) -> dict[tuple[int, int], list[Span]]:
    found: dict[tuple[int, int], list[Span]] = defaultdict(list)
    for one, other, start, end in rows:
        found[one, other].append(Span(start, end))
    return found
