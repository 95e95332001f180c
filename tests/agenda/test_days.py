"""On which days something is: once, on end, and again and again; by tables and against the naive calendar."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agenda.events.domain.days import (
    MONTHS,
    MOST_WEEKS,
    ONCE,
    WEEKS,
    Days,
    DaysRefusedError,
    NotThen,
    demand_to_come,
    place_in_month,
    tidy_days,
)

DAY = timedelta(days=1)
SUMMER = date(2027, 7, 31)
TODAY, BEGAN = date(2026, 11, 20), date(2026, 11, 2)
EACH_WEEK = tidy_days(first_day=BEGAN, repeats=WEEKS, until=date(2027, 7, 26))
DAYS = st.dates(date(2025, 1, 1), date(2032, 12, 31))


def test_once_is_once() -> None:
    days = tidy_days(first_day=date(2026, 12, 4))
    assert (list(days.beginnings()), days.until, days.is_series) == ([date(2026, 12, 4)], date(2026, 12, 4), False)


def test_what_lasts_is_on_each_of_its_days() -> None:
    camp = tidy_days(first_day=date(2027, 6, 2), last_day=date(2027, 6, 4), begins_at=time(9), ends_at=time(8))
    assert camp.between(date(2027, 6, 4), date(2027, 6, 30)) == [(date(2027, 6, 2), date(2027, 6, 4))]
    assert camp.between(date(2027, 6, 5), date(2027, 6, 30)) == []
    assert camp.between(date(2027, 5, 1), date(2027, 6, 1)) == []


@pytest.mark.parametrize(
    ("first", "until", "every", "expected"),
    [
        ("2026-12-22", "2027-01-12", 1, ["2026-12-22", "2026-12-29", "2027-01-05", "2027-01-12"]),  # over New Year
        ("2026-12-22", "2027-01-11", 2, ["2026-12-22", "2027-01-05"]),  # week 53 is a week as any
        ("2027-03-22", "2027-04-05", 1, ["2027-03-22", "2027-03-29", "2027-04-05"]),  # over the night of summer time
    ],
)
def test_every_so_many_weeks(first: str, until: str, every: int, expected: list[str]) -> None:
    days = tidy_days(first_day=date.fromisoformat(first), repeats=WEEKS, every=every, until=date.fromisoformat(until))
    assert [day.isoformat() for day in days.beginnings()] == expected
    assert days.until.isoformat() == expected[-1]


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ("2026-09-08", ["2026-09-08", "2026-10-13", "2026-11-10", "2026-12-08", "2027-01-12"]),  # the second Tuesday
        ("2026-09-29", ["2026-09-29", "2026-10-27", "2026-11-24", "2026-12-29", "2027-01-26"]),  # the last Tuesday
        ("2026-09-22", ["2026-09-22", "2026-10-27", "2026-11-24", "2026-12-22", "2027-01-26"]),  # the fourth one
    ],
)
def test_every_month_on_the_same_weekday(first: str, expected: list[str]) -> None:
    days = tidy_days(first_day=date.fromisoformat(first), repeats=MONTHS, until=date(2027, 1, 31))
    assert [day.isoformat() for day in days.beginnings()] == expected


@given(first=DAYS, length=st.integers(1, 400), every=st.integers(1, MOST_WEEKS))
def test_weeks_are_the_days_that_a_calendar_counts(first: date, length: int, every: int) -> None:
    until = first + length * DAY
    days = tidy_days(first_day=first, repeats=WEEKS, every=every, until=until)
    counted = [first + n * DAY for n in range(length + 1) if n % (7 * every) == 0]
    assert list(days.beginnings()) == counted


@given(first=DAYS, length=st.integers(1, 400))
def test_months_have_one_each_on_the_same_weekday(first: date, length: int) -> None:
    until = first + length * DAY
    found = list(tidy_days(first_day=first, repeats=MONTHS, until=until).beginnings())
    assert found[0] == first
    assert found[-1] <= until
    assert {day.weekday() for day in found} == {first.weekday()}
    months = [day.year * 12 + day.month for day in found]
    assert months == list(range(months[0], months[0] + len(months)))
    if (place := place_in_month(first)) < 5:
        assert {place_in_month(day) for day in found} == {place}
    else:
        assert {(day + 7 * DAY).month != day.month for day in found} == {True}


@given(first=DAYS, length=st.integers(1, 200), every=st.integers(1, MOST_WEEKS), begins=DAYS, lasts=st.integers(0, 60))
def test_between_is_what_has_a_day_in_common(first: date, length: int, every: int, begins: date, lasts: int) -> None:
    days = tidy_days(first_day=first, repeats=WEEKS, every=every, until=first + length * DAY)
    ends = begins + lasts * DAY
    assert [day for day, _ in days.between(begins, ends)] == [d for d in days.beginnings() if begins <= d <= ends]


FIRST = date(2026, 12, 4)


@pytest.mark.parametrize("repeats", [WEEKS, MONTHS])
def test_what_would_come_back_after_its_end_is_once(repeats: str) -> None:
    """Its last day became its first, which no form took again: it could not be changed any more."""
    days = tidy_days(first_day=FIRST, repeats=repeats, until=FIRST + 6 * DAY)
    assert days == tidy_days(first_day=FIRST)


@pytest.mark.parametrize(
    ("given_days", "field", "why"),
    [
        ({"last_day": FIRST - DAY}, "last_day", NotThen.BEFORE_FIRST),
        ({"last_day": FIRST + 32 * DAY}, "last_day", NotThen.TOO_LONG),
        ({"ends_at": time(9)}, "begins_at", NotThen.NO_BEGINNING),
        ({"begins_at": time(9), "ends_at": time(9)}, "ends_at", NotThen.ENDS_BEFORE),
        ({"repeats": WEEKS}, "until", NotThen.NO_UNTIL),
        ({"repeats": WEEKS, "until": FIRST}, "until", NotThen.UNTIL_BEFORE),
        ({"repeats": MONTHS, "last_day": FIRST + DAY, "until": FIRST + 60 * DAY}, "last_day", NotThen.REPEATED_PERIOD),
    ],
)
def test_what_cannot_be_is_refused(given_days: dict, field: str, why: NotThen) -> None:
    with pytest.raises(DaysRefusedError) as refused:
        tidy_days(first_day=FIRST, **given_days)
    assert (refused.value.field, refused.value.why) == (field, why)


@pytest.mark.parametrize(
    ("given_days", "was", "field", "why"),
    [
        ({"first_day": date(2026, 11, 19)}, None, "first_day", NotThen.PAST),
        ({"first_day": date(2027, 8, 1)}, None, "first_day", NotThen.NEXT_YEAR),
        ({"repeats": WEEKS, "until": date(2027, 9, 1)}, None, "until", NotThen.NEXT_YEAR),
        ({"first_day": BEGAN}, tidy_days(first_day=BEGAN, last_day=TODAY), "last_day", NotThen.PAST),
        ({"first_day": BEGAN, "repeats": WEEKS, "until": TODAY}, EACH_WEEK, "until", NotThen.NONE_LEFT),
        ({"first_day": BEGAN, "repeats": WEEKS, "until": BEGAN + DAY}, EACH_WEEK, "until", NotThen.NONE_LEFT),
        ({"first_day": BEGAN}, EACH_WEEK, "until", NotThen.NONE_LEFT),
    ],
)
def test_it_is_to_come_and_within_the_year(given_days: dict, was: Days | None, field: str, why: NotThen) -> None:
    with pytest.raises(DaysRefusedError) as refused:
        demand_to_come(tidy_days(**{"first_day": FIRST, **given_days}), today=TODAY, year_ends=SUMMER, was=was)
    assert (refused.value.field, refused.value.why) == (field, why)


def test_a_series_that_began_goes_on() -> None:
    demand_to_come(EACH_WEEK, today=TODAY, year_ends=SUMMER, was=EACH_WEEK)
    assert tidy_days(first_day=FIRST, repeats=ONCE).every == 1
