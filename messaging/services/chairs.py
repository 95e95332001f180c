"""Who is in which conversation: the grants that follow from the truth, and the names that everybody in it sees."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from groups.domain.working_hours import DaysOff, WorkingHours, next_reading_moment
from groups.models import Guardianship, School, StaffMember
from groups.querysets import unended_at
from groups.roles import Hat
from messaging.models import Came, Participation, Thread
from messaging.querysets.threads import (
    VIEW_THREAD,
    WRITE_IN_THREAD,
    directing_at,
    serving_at,
    talking_at,
    taught_at,
)
from portal.core import access


@dataclass(frozen=True)
class Chair:
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


@dataclass(frozen=True)
class Promise:
    """Who of the staff reads it first, and when; `is_now` within the working hours."""

    name: str
    at: datetime
    is_now: bool


def expected_thread_grants(
    now: datetime, *, school: School | None = None, users: list[int] | None = None
) -> set[access.GrantKey]:
    """Grants on conversations at `now`: for everybody whose reason to be in it has not ended, begun or not."""
    rows = Participation.objects.filter(thread__school=school) if school else Participation.objects.all()
    pairs = {*_parents(rows, now, users), *_staff(rows, now, users)}
    return {
        access.GrantKey(user, permission, thread)
        for user, thread in pairs
        for permission in (VIEW_THREAD, WRITE_IN_THREAD)
    }


def _parents(rows: Any, now: datetime, users: list[int] | None) -> Iterable[tuple[int, int]]:
    yield from _holders("caregiver__user", rows.filter(talking_at(now, begun=False)), now, users)


def _staff(rows: Any, now: datetime, users: list[int] | None) -> Iterable[tuple[int, int]]:
    lasting = taught_at(now, begun=False) | serving_at(now, begun=False) | directing_at(now, begun=False)
    yield from _holders("staff__user", rows.filter(lasting), now, users)


def _holders(user: str, rows: Any, now: datetime, users: list[int] | None) -> Iterable[tuple[int, int]]:
    rows = rows.filter(unended_at(now), **{f"{user}__isnull": False})
    rows = rows if users is None else rows.filter(**{f"{user}__in": users})
    yield from rows.values_list(user, "thread")


def chairs_of(threads: Iterable[Thread], *, now: datetime) -> dict[int, list[Chair]]:
    """Per conversation (primary key) who is in it at `now`: parents first, then teachers, then the directie where it
    was asked in; each person once. A few questions for any number of conversations; who has no right any more has no
    chair."""
    pks = [thread.pk for thread in threads]
    seats = Participation.objects.filter(thread__in=pks)
    found: dict[int, dict[UUID, Chair]] = defaultdict(dict)
    for row in seats.of_caregivers(now=now).select_related("caregiver").order_by("caregiver__first_name", "pk"):
        holder = row.caregiver
        if holder:
            chair = Chair(holder.uid, holder.full_name, "", Hat.FAMILY, holder.user_id, None)
            found[row.thread_id][holder.uid] = chair
    of_school = (seats.of_staff(now=now) | seats.of_directie(now=now)).select_related("staff", "thread")
    rows = sorted(of_school.order_by("thread", "pk"), key=lambda row: row.came == Came.DIRECTIE)
    relatives = _relatives({row.thread.child_id for row in rows}, now)
    for row in rows:
        if row.staff and (row.thread.child_id, row.staff.user_id) not in relatives:
            chair = replace(seat_of(row.staff), is_directie=row.came == Came.DIRECTIE)
            found[row.thread_id].setdefault(row.staff.uid, chair)
    return {pk: list(found[pk].values()) for pk in pks}


def _relatives(children: Iterable[int], now: datetime) -> set[tuple[int, int | None]]:
    """A teacher is never in the own child's conversation as staff (POL-15)."""
    rows = Guardianship.objects.active(now=now).filter(child__in=children, caregiver__user__isnull=False)
    return set(rows.values_list("child", "caregiver__user"))


def seat_of(staff: StaffMember) -> Chair:
    """The chair of a member of staff, by the name that parents know."""
    return Chair(staff.uid, staff.display_name, staff.function, Hat.STAFF, staff.user_id, staff.hours)


def promise_of(chairs: Iterable[Chair], *, off: DaysOff, now: datetime) -> Promise | None:
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


def _teaches(chair: Chair) -> bool:
    return chair.hours is not None and not chair.is_directie
