"""Who is in which conversation: the names that everybody in it sees, and who reads first."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import F
from django.utils.crypto import salted_hmac

from groups.models import StaffMember
from groups.records.domain.working_hours import DaysOff, WorkingHours, next_reading_moment
from groups.roles import Hat
from messaging.talks.models import Came, Participation, Thread
from messaging.talks.querysets import ParticipationQuerySet
from portal.core.compiled import compiled


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
    seats = _held(threads=[thread.pk for thread in threads], now=now) if threads else []
    return sorted(seats, key=lambda seat: (seat.caregiver is None, seat.came == Came.DIRECTIE))


@compiled
def _held(threads: list[int], now: datetime) -> ParticipationQuerySet[Participation]:
    seats = Participation.objects.filter(thread__in=threads).of_both_sides(now=now).with_family(now=now)
    by_name = F("caregiver__first_name").asc(nulls_last=True)
    return seats.select_related("caregiver", "staff").order_by(by_name, "thread", "pk")


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


def promise_of(chairs: Iterable[Participant], *, off: DaysOff, now: datetime) -> Promise | None:
    """When the first of the staff in these chairs reads what is written now (POL-27); None without staff.

    `off` are the days off of their school. A teacher in it reads first, the directie where no teacher is left.
    """
    seats = list(chairs)
    chairs = [chair for chair in seats if not chair.is_directie] if any(_teaches(one) for one in seats) else seats
    reading = [(next_reading_moment(chair.hours, now, off), chair) for chair in chairs if chair.hours]
    if not reading:
        return None
    at, chair = min(reading, key=lambda one: one[0])
    return Promise(chair.name, at, at <= now)


def _teaches(chair: Participant) -> bool:
    return chair.hours is not None and not chair.is_directie
