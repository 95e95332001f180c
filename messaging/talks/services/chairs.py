"""Who is in which conversation: the names that everybody in it sees, and who reads first."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.crypto import salted_hmac

from groups.models import Restriction, School, StaffMember
from groups.records.domain.working_hours import DaysOff, WorkingHours, next_reading_moment
from groups.roles import Hat
from messaging.talks.models import Came, Participation, Thread, ThreadGrant, ThreadState
from messaging.talks.querysets import ParticipationQuerySet
from messaging.writings.querysets.messages import VIEW_THREAD
from portal.core.compiled import compiled
from portal.core.models import User

BY_NAME = (F("caregiver__first_name").asc(nulls_last=True), "valid_from", "pk")
"""Parents; whoever is of school in the order in which they came."""


@dataclass(frozen=True)
class Participant:
    """Somebody who reads a conversation now, or will on coming in. `hours` only for staff.

    `is_directie` for who reads because the directie was asked in.
    """

    uid: UUID
    name: str
    function: str
    hat: str
    user_id: int | None
    hours: WorkingHours | None
    is_directie: bool = False

    @property
    def is_in(self) -> bool:
        return self.user_id is not None

    @property
    def mark(self) -> str:
        """Stands in a form for the person whose name was on the page, and says to nobody who that is."""
        return salted_hmac("messaging.talks.chairs", str(self.uid), algorithm="sha256").hexdigest()[:16]


@dataclass(frozen=True)
class Promise:
    """Who of the staff reads it first, and when; `is_now` within the working hours."""

    name: str
    at: datetime
    is_now: bool


def seats_of(threads: Sequence[Thread], *, now: datetime) -> list[Participation]:
    """The chairs that hold at `now`: of parents first, then of teachers and school functions, then of the directie
    where it was asked in. Also of who never came in; one question for any number of conversations."""
    return in_order(_held(threads=[thread.pk for thread in threads], now=now)) if threads else []


def in_order(seats: Iterable[Participation]) -> list[Participation]:
    """Those of one conversation as everybody reads them, when they came `BY_NAME`."""
    return sorted(seats, key=lambda seat: (seat.caregiver is None, seat.came == Came.DIRECTIE))


@compiled
def _held(threads: list[int], now: datetime) -> ParticipationQuerySet[Participation]:
    seats = Participation.objects.filter(thread__in=threads).of_both_sides(now=now).with_family(now=now)
    return seats.select_related("caregiver", "staff").order_by(*BY_NAME)


def chairs_of(
    threads: Sequence[Thread], *, now: datetime, seats: Sequence[Participation] | None = None
) -> dict[int, list[Participant]]:
    """Per conversation (primary key) who is in it at `now`, each person once; who has no right any more has no chair.

    A teacher is never in the own child's conversation as staff (POL-15). `seats` are theirs, when they were asked
    before.
    """
    pks = [thread.pk for thread in threads]
    rows = list(seats_of(threads, now=now) if seats is None else seats)
    chairs: dict[int, dict[UUID, Participant]] = defaultdict(dict)
    for row in rows:
        if holder := row.caregiver:
            chair = Participant(holder.uid, holder.full_name, "", Hat.FAMILY, holder.user_id, None)
            chairs[row.thread_id][holder.uid] = chair
        elif row.staff and not row.is_family:
            chair = replace(seat_of(row.staff), is_directie=row.came == Came.DIRECTIE)
            chairs[row.thread_id].setdefault(row.staff.uid, chair)
    return {pk: list(chairs[pk].values()) for pk in pks}


def seat_of(staff: StaffMember) -> Participant:
    """The chair of a member of staff, by the name that parents know."""
    return Participant(staff.uid, staff.display_name, staff.function, Hat.STAFF, staff.user_id, staff.hours)


def reading(chairs: Iterable[Participant], *, school: School, now: datetime) -> list[Participant]:
    """These without who is suspended there: nobody is promised that they read it, and nobody is told why (POL-65)."""
    seats = list(chairs)
    users = [chair.user_id for chair in seats if chair.user_id and chair.hat == Hat.STAFF]
    away = set(_suspended(users=users, school=school, now=now)) if users else set()
    return [chair for chair in seats if chair.hat != Hat.STAFF or chair.user_id not in away]


@compiled
def _suspended(users: list[int], school: School, now: datetime) -> QuerySet[Restriction, int]:
    return Restriction.objects.suspending(users, school=school.pk, now=now).values_list("user", flat=True)


def unread_at_school(user: User, school: School, *, now: datetime) -> int:
    """In how many open conversations `user` has a chair as staff and nobody of school reads; which ones is not told."""
    seated = Participation.objects.of_staff(now=now).filter(staff__user=user, thread=OuterRef("pk"))
    read = ThreadGrant.objects.in_force(VIEW_THREAD, now=now).filter(content_object=OuterRef("pk"), hat=Hat.STAFF)
    return Thread.objects.filter(Exists(seated), ~Exists(read), school=school, state=ThreadState.OPEN).count()


def promise_of(chairs: Iterable[Participant], *, off: DaysOff, now: datetime) -> Promise | None:
    """When the first of the staff in these chairs reads what is written now (POL-27); None where none of them came in.

    `off` are the days off of their school. A teacher in it reads first, the directie where no teacher is left.
    """
    seats = [chair for chair in chairs if chair.is_in]
    chairs = [chair for chair in seats if not chair.is_directie] if any(_teaches(one) for one in seats) else seats
    reading = [(next_reading_moment(chair.hours, now, off), chair) for chair in chairs if chair.hours]
    if not reading:
        return None
    at, chair = min(reading, key=lambda one: one[0])
    return Promise(chair.name, at, at <= now)


def _teaches(chair: Participant) -> bool:
    return chair.hours is not None and not chair.is_directie
