"""When somebody at school reads: within the own working hours at once, otherwise at their next beginning."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from groups.domain.working_hours import WorkingHours, is_working, next_reading_moment
from groups.models import StaffMember
from portal.core.domain.moments import SCHOOL_ZONE, at_school
from tests.cast import SIGN_IN

WEEK = WorkingHours(frozenset({1, 2, 3, 4, 5}), time(8), time(17))


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SCHOOL_ZONE)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("now", "read"),
    [
        (local(2026, 11, 20, 7, 59), local(2026, 11, 20, 8)),
        (local(2026, 11, 20, 8), local(2026, 11, 20, 8)),
        (local(2026, 11, 20, 16, 59), local(2026, 11, 20, 16, 59)),
        (local(2026, 11, 20, 17), local(2026, 11, 23, 8)),
        (local(2026, 11, 21, 12), local(2026, 11, 23, 8)),
        (local(2027, 3, 26, 20), local(2027, 3, 29, 8)),
        (local(2026, 10, 23, 20), local(2026, 10, 26, 8)),
        (local(2026, 12, 31, 23), local(2027, 1, 1, 8)),
    ],
)
def test_an_ordinary_week(now: datetime, read: datetime) -> None:
    assert next_reading_moment(WEEK, now) == read


def test_one_day_a_week() -> None:
    wednesday = WorkingHours(frozenset({3}), time(9, 30), time(12))
    assert next_reading_moment(wednesday, local(2026, 11, 25, 12)) == local(2026, 12, 2, 9, 30)


@given(
    days=st.frozensets(st.integers(1, 7), min_size=1),
    start=st.integers(4, 22),
    now=st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - the zone comes beside it
)
def test_it_is_always_ahead_within_a_week_and_in_hours(days: frozenset[int], start: int, now: datetime) -> None:
    hours = WorkingHours(days, time(start), time(start + 1))
    read = next_reading_moment(hours, now)
    assert now <= read <= now + timedelta(days=7, hours=2)
    assert at_school(read).isoweekday() in days
    assert read == now or at_school(read).time() == time(start)
    assert is_working(hours, now) == (read == now)


def test_a_teacher_sets_the_own_days(cast, client) -> None:
    client.force_login(cast.teacher, backend=SIGN_IN)
    staff = cast.teacher.staff_records.get()
    page = reverse("groups:own_hours", args=[staff.uid])
    assert client.get(page).status_code == 200
    answer = client.post(page, {"works_on": ["4", "1"], "works_from": "8:30", "works_until": "12:00"})
    assert answer.status_code == 302
    staff.refresh_from_db()
    assert (staff.works_on, staff.works_from, staff.works_until) == ("14", time(8, 30), time(12))
    assert page in client.get(reverse("settings")).content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"works_on": []},
        {"works_on": ["8"]},
        {"works_on": ["\x00"]},
        {"works_from": "25:00"},
        {"works_from": ""},
        {"works_from": "18:00"},
        {"works_from": "17:00", "works_until": "17:00"},
        {"works_until": "x" * 5000},
    ],
    ids=str,
)
def test_hours_that_cannot_be(cast, client, wrong) -> None:
    client.force_login(cast.teacher, backend=SIGN_IN)
    page = reverse("groups:own_hours", args=[cast.teacher.staff_records.get().uid])
    typed = {"works_on": ["1"], "works_from": "8:00", "works_until": "17:00", **wrong}
    assert client.post(page, typed).status_code == 422
    assert set(StaffMember.objects.values_list("works_on", flat=True)) == {"12345"}


def test_nobody_sets_the_days_of_another(cast, client, settings) -> None:
    settings.KRING_SECOND_FACTOR = False
    page = reverse("groups:own_hours", args=[cast.teacher.staff_records.get().uid])
    for name in ("directie", "substitute", "mother"):
        client.force_login(cast.user(name), backend=SIGN_IN)
        assert client.post(page, {}).status_code == 404
