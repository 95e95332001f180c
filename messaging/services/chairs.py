"""Who is in which conversation: the grants that follow from the truth, and the names that everybody in it sees."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from groups.domain.working_hours import WorkingHours, next_reading_moment
from groups.models import Guardianship, School, StaffMember
from groups.roles import Hat
from messaging.models import Participation, Thread
from messaging.querysets.threads import VIEW_THREAD, WRITE_IN_THREAD, in_authority_at, taught_at
from portal.core import access


@dataclass(frozen=True)
class Chair:
    """Somebody who reads a conversation now, or will on coming in. `hours` only for staff."""

    uid: UUID
    name: str
    function: str
    hat: str
    user_id: int | None
    hours: WorkingHours | None

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
    pairs = {*_parents(rows, now, users), *_teachers(rows, now, users)}
    return {
        access.GrantKey(user, permission, thread)
        for user, thread in pairs
        for permission in (VIEW_THREAD, WRITE_IN_THREAD)
    }


def _parents(rows: Any, now: datetime, users: list[int] | None) -> Iterable[tuple[int, int]]:
    rows = rows.filter(in_authority_at(None), caregiver__user__isnull=False)
    rows = rows if users is None else rows.filter(caregiver__user__in=users)
    ends = ("valid_until", "caregiver__guardianships__valid_until")
    for user, thread, *until in rows.values_list("caregiver__user", "thread", *ends):
        if _lasting(until, now):
            yield user, thread


def _teachers(rows: Any, now: datetime, users: list[int] | None) -> Iterable[tuple[int, int]]:
    rows = rows.filter(taught_at(None))
    ends = (
        "valid_until",
        "group__assignments__valid_until",
        "group__enrolments__valid_until",
        "group__school_year__ends_at",
    )
    known = None if users is None else set(users)
    for user, thread, *until in rows.values_list("group__assignments__staff__user", "thread", *ends):
        if user is not None and (known is None or user in known) and _lasting(until, now):
            yield user, thread


def _lasting(ends: Iterable[datetime | None], now: datetime) -> bool:
    return all(end is None or end > now for end in ends)


def chairs_of(threads: Iterable[Thread], *, now: datetime) -> dict[int, list[Chair]]:
    """Per conversation (primary key) who is in it at `now`: parents first, each person once. Two questions for any
    number of conversations; who has no right any more has no chair."""
    pks = [thread.pk for thread in threads]
    seats = Participation.objects.filter(thread__in=pks)
    found: dict[int, dict[UUID, Chair]] = defaultdict(dict)
    for row in seats.of_caregivers(now=now).select_related("caregiver").order_by("caregiver__first_name", "pk"):
        holder = row.caregiver
        if holder:
            chair = Chair(holder.uid, holder.full_name, "", Hat.FAMILY, holder.user_id, None)
            found[row.thread_id][holder.uid] = chair
    rows = seats.of_teachers(now=now).values_list("thread", "thread__child", "group__assignments__staff")
    pairs = list(rows.order_by("thread", "pk", "group__assignments__pk"))
    staff = StaffMember.objects.in_bulk({pk for _, _, pk in pairs})
    relatives = _relatives({child for _, child, _ in pairs}, now)
    for thread, child, pk in pairs:
        if (child, staff[pk].user_id) not in relatives:
            found[thread][staff[pk].uid] = seat_of(staff[pk])
    return {pk: list(found[pk].values()) for pk in pks}


def _relatives(children: Iterable[int], now: datetime) -> set[tuple[int, int | None]]:
    """A teacher is never in the own child's conversation as staff (POL-15)."""
    rows = Guardianship.objects.active(now=now).filter(child__in=children, caregiver__user__isnull=False)
    return set(rows.values_list("child", "caregiver__user"))


def seat_of(staff: StaffMember) -> Chair:
    """The chair of a member of staff, by the name that parents know."""
    return Chair(staff.uid, staff.display_name, staff.function, Hat.STAFF, staff.user_id, staff.hours)


def promise_of(chairs: Iterable[Chair], *, now: datetime) -> Promise | None:
    """When the first of the staff in these chairs reads what is written now (POL-27); None without staff."""
    reading = [(next_reading_moment(chair.hours, now), chair) for chair in chairs if chair.hours]
    if not reading:
        return None
    at, chair = min(reading, key=lambda one: one[0])
    return Promise(chair.name, at, at <= now)
