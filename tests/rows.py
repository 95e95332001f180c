"""Rows of a school by hand, where no service makes them: truth alone. What follows from it is for `access.reproject`.

Everything holds from `SINCE` on and without end, unless said otherwise.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from itertools import count
from typing import Any, TypeVar

from django.contrib.auth.hashers import make_password
from django.db.models import Model

from groups.models import (
    Caregiver,
    Child,
    Enrolment,
    Foundation,
    Group,
    Guardianship,
    School,
    SchoolYear,
    StaffAssignment,
    StaffMember,
)
from groups.roster.domain.years import archive_end, year_end
from portal.core.models import User

LONG_OPEN = datetime(2000, 1, 1, tzinfo=UTC)
SINCE, YEAR_END, ARCHIVE_END = datetime(2026, 8, 1, tzinfo=UTC), year_end(2026), archive_end(2026)
BORN = date(2018, 3, 2)
_numbers = count(1)
_waiting: ContextVar[list[Model] | None] = ContextVar("waiting", default=None)
Row = TypeVar("Row", bound=Model)


@contextmanager
def in_bulk() -> Iterator[None]:
    """What is made inside is written at its end, with one statement for each table; until then it has no key."""
    rows: list[Model] = []
    token = _waiting.set(rows)
    try:
        yield
    finally:
        _waiting.reset(token)
    for model in dict.fromkeys(map(type, rows)):
        model._default_manager.bulk_create(row for row in rows if type(row) is model)


def _written(row: Row) -> Row:
    waiting = _waiting.get()
    row.save() if waiting is None else waiting.append(row)
    return row


def school_year(
    name: str = "2026-2027", start: datetime = SINCE, end: datetime = YEAR_END, archive_until: datetime = ARCHIVE_END
) -> SchoolYear:
    """The year of this name, which all schools share: these moments are those of a new one."""
    moments = {"starts_at": start, "ends_at": end, "archive_until": archive_until}
    return SchoolYear.objects.get_or_create(name=name, defaults=moments)[0]


def school(brin: str = "99ZZ", name: str = "De Proef", **more: Any) -> School:
    foundation, _ = Foundation.objects.get_or_create(name="Stichting")
    facts = {"phone": "0597-01 23 45", "opened_at": LONG_OPEN, "looked_over_at": datetime.now(UTC)} | more
    return School.objects.create(foundation=foundation, name=name, brin=brin, **facts)


def open_schools() -> None:
    """As every school that tests begin with: open to parents for longer than anybody looks back."""
    School.objects.filter(opened_at=None).update(opened_at=LONG_OPEN)


def group(school: School, year: SchoolYear, key: str, kind: str = "class", **more: Any) -> Group:
    looks = {"name": f"Groep {key}", "label": key[-3:], "colour": "lucht", "shape": "boog"} | more
    return _written(Group(school=school, school_year=year, kind=kind, roster_key=key, **looks))


def account(address: str, **more: Any) -> User:
    """Of somebody who has not proved this address."""
    email = User.objects.normalize_email(address)
    return _written(User(email=email, password=make_password(None), **more))


def child(school: School, first_name: str = "Noor", *groups: Group, since: datetime = SINCE, **more: Any) -> Child:
    facts = {"last_name": "Bouzid", "birth_on": BORN, "roster_key": f"k{next(_numbers)}"} | more
    row = _written(Child(school=school, first_name=first_name, **facts))
    for place in groups:
        enrolment(row, place, since)
    return row


def enrolment(child: Child, group: Group, since: datetime = SINCE, until: datetime | None = None) -> Enrolment:
    return _written(Enrolment(child=child, group=group, valid_from=since, valid_until=until))


def caregiver(
    school: School,
    first_name: str = "Karima",
    *children: Child,
    level: str = "with_authority",
    user: User | None = None,
    since: datetime = SINCE,
    **more: Any,
) -> Caregiver:
    """Of these children; with an account, somebody who is in."""
    facts = {"last_name": "Bouzid", "user": user, "joined_at": since if user else None} | more
    row = _written(Caregiver(school=school, first_name=first_name, **facts))
    for one in children:
        guardianship(row, one, level, since)
    return row


def guardianship(
    caregiver: Caregiver,
    child: Child,
    level: str = "with_authority",
    since: datetime = SINCE,
    until: datetime | None = None,
    **more: Any,
) -> Guardianship:
    """Decided when it begins."""
    facts = {"valid_from": since, "valid_until": until, "decided_at": since} | more
    return _written(Guardianship(caregiver=caregiver, child=child, level=level, **facts))


def staff(
    school: School,
    first_name: str = "Anna",
    role: str = "",
    *groups: Group | None,
    user: User | None = None,
    since: datetime = SINCE,
    **more: Any,
) -> StaffMember:
    """With a role, somebody who has it in each of these groups, or in the school as a whole if there is none."""
    facts = {"last_name": "Prins", "display_name": f"juf {first_name}", "function": "leerkracht", "user": user} | more
    row = _written(StaffMember(school=school, first_name=first_name, joined_at=since if user else None, **facts))
    for place in (groups or [None]) if role else []:
        task(row, role, place, since)
    return row


def task(
    staff: StaffMember,
    role: str,
    group: Group | None = None,
    since: datetime = SINCE,
    until: datetime | None = None,
    given_at: datetime | None = None,
) -> StaffAssignment:
    facts = {"role": role, "valid_from": since, "valid_until": until, "given_at": given_at}
    return _written(StaffAssignment(staff=staff, school_id=staff.school_id, group=group, **facts))
