"""When somebody at school reads: within the own working hours at once, otherwise at their next beginning."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from groups.models import StaffMember
from groups.records.domain.working_hours import DaysOff, WorkingHours, is_working, next_reading_moment
from portal.core.domain.moments import SCHOOL_ZONE, at_school
from tests.cast import SIGN_IN
from tests.share import share

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
    assert next_reading_moment(WEEK, now, []) == read


def test_one_day_a_week() -> None:
    wednesday = WorkingHours(frozenset({3}), time(9, 30), time(12))
    assert next_reading_moment(wednesday, local(2026, 11, 25, 12), []) == local(2026, 12, 2, 9, 30)


CHRISTMAS = (date(2026, 12, 19), date(2027, 1, 3))
STUDY_DAY = (date(2027, 1, 4), date(2027, 1, 4))


@pytest.mark.parametrize(
    ("now", "read"),
    [
        (local(2026, 12, 18, 16, 59), local(2026, 12, 18, 16, 59)),
        (local(2026, 12, 18, 17), local(2027, 1, 5, 8)),
        (local(2026, 12, 23, 10), local(2027, 1, 5, 8)),
        (local(2027, 1, 4, 10), local(2027, 1, 5, 8)),
        (local(2027, 1, 5, 7, 59), local(2027, 1, 5, 8)),
    ],
)
def test_nobody_reads_in_a_holiday_or_on_a_day_off(now: datetime, read: datetime) -> None:
    assert next_reading_moment(WEEK, now, [CHRISTMAS, STUDY_DAY]) == read


@pytest.mark.parametrize("last", [date(2028, 12, 31), date.max])
def test_days_off_for_years_are_not_believed(last: date) -> None:
    assert next_reading_moment(WEEK, local(2026, 11, 20, 20), [(date(2026, 11, 1), last)]) == local(2026, 11, 23, 8)


@given(
    days=st.frozensets(st.integers(1, 7), min_size=1),
    start=st.integers(4, 22),
    now=st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - the zone comes beside it
)
def test_it_is_always_ahead_within_a_week_and_in_hours(days: frozenset[int], start: int, now: datetime) -> None:
    hours = WorkingHours(days, time(start), time(start + 1))
    read = next_reading_moment(hours, now, [])
    assert now <= read <= now + timedelta(days=7, hours=2)
    assert at_school(read).isoweekday() in days
    assert read == now or at_school(read).time() == time(start)
    assert is_working(hours, now, []) == (read == now)


def plainly(hours: WorkingHours, now: datetime, off: DaysOff) -> datetime:
    """Every working stretch of the coming year in a row; the first that is not over yet."""
    for ahead in range(366):
        day = at_school(now).date() + timedelta(days=ahead)
        if day.isoweekday() in hours.days and day not in {one for first, last in off for one in days(first, last)}:
            begins, ends = (datetime.combine(day, clock, SCHOOL_ZONE) for clock in (hours.start, hours.end))
            if now < ends:
                return max(begins, now)
    raise AssertionError("no working day in a year")


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


EDGES = [date(2026, 10, 25), date(2026, 12, 31), date(2027, 3, 28), date(2027, 7, 31), date(2027, 10, 31)]
"""Both clock changes, the end of the year (ISO week 53) and of the school year."""
AROUND = st.builds(
    lambda edge, days, minutes: datetime.combine(edge, time(), SCHOOL_ZONE) + timedelta(days=days, minutes=minutes),
    st.sampled_from(EDGES),
    st.integers(-4, 4),
    st.integers(0, 1439),
)
HOLIDAYS = st.lists(
    st.builds(
        lambda edge, start, length: (edge + timedelta(days=start), edge + timedelta(days=start + length)),
        st.sampled_from(EDGES),
        st.integers(-10, 5),
        st.integers(0, 44),
    ),
    max_size=4,
)


@given(weekdays=st.frozensets(st.integers(1, 7), min_size=1), start=st.integers(4, 22), now=AROUND, off=HOLIDAYS)
@settings(max_examples=share(300))
def test_days_off_over_clock_changes_and_year_ends(
    weekdays: frozenset[int], start: int, now: datetime, off: DaysOff
) -> None:
    hours = WorkingHours(weekdays, time(start), time(start + 1))
    now = now.astimezone(UTC)
    assert next_reading_moment(hours, now, off) == plainly(hours, now, off)


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
