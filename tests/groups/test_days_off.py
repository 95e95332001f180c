"""Holidays of the region and a school's own days: what holds, and who sets it."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from dateutil.easter import easter
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from groups.models import Holiday
from groups.records.domain.holidays import FEAST_DAYS, days_off, published_for
from groups.records.domain.working_hours import WorkingHours, is_off, next_reading_moment
from groups.records.services.working import days_off_of
from groups.roles import Hat
from groups.schools.services import change_school, remove_holiday, set_holiday
from portal.core.actor import Actor, clock
from portal.core.domain.moments import at_school
from portal.core.models import AuditEvent
from tests.cast import NAMES, SIGN_IN, Cast

PAGE = reverse("groups:days_off")
REGIONS = ["north", "middle", "south"]
NEXT_YEAR = date(2090, 1, 2)


@pytest.fixture(autouse=True)
def _without_second_factor(settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False


def visit(cast: Cast, name: str) -> Client:
    user: Any = cast.user(name)
    user.language = "en"
    user.save(update_fields=["language"])
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend=SIGN_IN)
    return client


@pytest.mark.parametrize("region", REGIONS)
def test_five_holidays_in_each_of_three_years(region: str) -> None:
    found = published_for(region)
    assert len(found) == 15
    for one, following in pairwise(found):
        assert one.last_day < following.first_day
    assert {(one.first_day.isoweekday(), one.last_day.isoweekday()) for one in found} == {(6, 7)}
    assert [(one.last_day - one.first_day).days for one in found] == [8, 15, 8, 8, 43] * 3


@pytest.mark.parametrize(
    ("region", "first", "last"),
    [
        ("north", date(2026, 10, 10), date(2026, 10, 18)),
        ("middle", date(2026, 7, 18), date(2026, 8, 30)),
        ("south", date(2027, 2, 13), date(2027, 2, 21)),
    ],
)
def test_the_days_the_ministry_published(region: str, first: date, last: date) -> None:
    assert (first, last) in [(one.first_day, one.last_day) for one in published_for(region)]


@pytest.mark.parametrize("year", sorted({one.first_day.year for one in published_for("north")} - {2025}))
def test_the_feast_days_of_each_of_these_years(year: int) -> None:
    monday, birthday = easter(year) + timedelta(days=1), date(year, 4, 27)
    expected = {monday, birthday, monday + timedelta(days=38), monday + timedelta(days=49)}
    assert {one.first_day for one in FEAST_DAYS if one.first_day.year == year} == expected
    assert birthday.isoweekday() != 7, "then it is kept on the day before"


@pytest.mark.parametrize(
    ("own", "feasts"),
    [
        ((), {date(2027, 3, 29), date(2027, 5, 6), date(2027, 5, 17)}),
        ((date(2027, 3, 26), date(2027, 3, 29)), {date(2027, 5, 6), date(2027, 5, 17)}),
        ((date(2027, 4, 24), date(2027, 5, 9)), {date(2027, 3, 29), date(2027, 5, 17)}),
        ((date(2027, 5, 3), date(2027, 5, 9)), {date(2027, 3, 29), date(2027, 5, 17)}),
        ((date(2027, 5, 7), date(2027, 5, 7)), {date(2027, 3, 29), date(2027, 5, 6), date(2027, 5, 17)}),
    ],
    ids=["in the region's holiday", "an own Easter", "an own holiday of May", "a week more", "the day after it"],
)
def test_a_feast_day_stands_once(own: tuple[date, ...], feasts: set[date]) -> None:
    off = days_off("north", [own] if own else [])
    in_2027 = [one.first_day for one in FEAST_DAYS if one.first_day.year == 2027]
    assert {first for first, last in off if first == last and first in in_2027} == feasts
    assert all(is_off(day, off) for day in in_2027)


def test_on_a_feast_day_nobody_at_school_reads(cast: Cast) -> None:
    change_school(school=cast.linde, region="north", by=clock(timezone.now()))
    cast.linde.refresh_from_db()
    hours = WorkingHours(frozenset(range(1, 6)), time(8), time(17))
    read = next_reading_moment(hours, datetime(2027, 3, 26, 18, tzinfo=UTC), days_off_of(cast.linde))
    assert at_school(read).date() == date(2027, 3, 30)


def test_no_region_has_no_holidays() -> None:
    assert published_for("") == []
    assert days_off("", [(NEXT_YEAR, NEXT_YEAR)]) == [(NEXT_YEAR, NEXT_YEAR)]


@pytest.mark.parametrize(
    ("own", "may_holds"),
    [
        ((date(2027, 4, 19), date(2027, 5, 2)), False),
        ((date(2027, 4, 26), date(2027, 4, 30)), False),
        ((date(2027, 4, 26), date(2027, 4, 29)), True),
        ((date(2027, 4, 27), date(2027, 4, 27)), True),
        ((date(2027, 5, 3), date(2027, 5, 9)), True),
    ],
    ids=["two weeks of their own", "five days in it", "four days in it", "a day in it", "the week after it"],
)
def test_an_own_holiday_takes_the_place_of_the_regions(own: tuple[date, date], may_holds: bool) -> None:
    off = days_off("north", [own])
    assert own in off
    assert ((date(2027, 4, 24), date(2027, 5, 2)) in off) is may_holds
    assert (date(2027, 7, 10), date(2027, 8, 22)) in off


def test_who_reads_waits_for_the_end_of_the_regions_holiday(cast: Cast) -> None:
    change_school(school=cast.linde, region="north", by=clock(timezone.now()))
    cast.linde.refresh_from_db()
    hours = WorkingHours(frozenset(range(1, 6)), time(8), time(17))
    read = next_reading_moment(hours, datetime(2026, 10, 9, 18, tzinfo=UTC), days_off_of(cast.linde))
    assert at_school(read).date() == date(2026, 10, 19)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "anonymous"])
def test_who_sets_days_off(cast: Cast, name: str) -> None:
    by: Any = cast.user(name)
    fields = {"first_day": "2090-01-02", "last_day": "", "name": "Studiedag"}
    visit(cast, name).post(f"{PAGE}?school={cast.linde.uid}", fields)
    may = name in ("directie", "ict")
    assert Holiday.objects.filter(school=cast.linde, first_day=NEXT_YEAR).exists() is may
    if not may:
        with pytest.raises(PermissionDenied):
            remove_holiday(school=cast.linde, first_day=NEXT_YEAR, by=Actor(by, Hat.ANY, timezone.now()))


def test_days_are_added_and_taken_away(cast: Cast) -> None:
    client = visit(cast, "directie")
    assert client.post(PAGE, {"name": "", "first_day": "", "last_day": ""}).status_code == 422
    wrong = {"name": "Mei", "first_day": "2090-01-02", "last_day": "2090-01-01"}
    assert "comes before the first" in client.post(PAGE, wrong).content.decode()
    assert "three months" in client.post(PAGE, {**wrong, "last_day": "2091-01-01"}).content.decode()
    client.post(PAGE, {"name": "Studiedag", "first_day": "2-1-2090", "last_day": ""})
    assert days_off_of(cast.linde) == [(NEXT_YEAR, NEXT_YEAR)]
    assert "Studiedag" in client.get(PAGE).content.decode()
    client.post(PAGE, {"remove": "2090-01-02"})
    client.post(PAGE, {"remove": "x"})
    assert days_off_of(cast.linde) == []
    events = AuditEvent.objects.filter(verb="school.changed", school_uid=cast.linde.uid)
    assert [event.facts for event in events.order_by("-pk")[:2]] == [{"fields": ["holidays"]}] * 2


def test_a_region_is_chosen_and_its_holidays_stand_there(cast: Cast) -> None:
    client = visit(cast, "ict")
    version = cast.linde.version
    assert client.post(PAGE, {"region": "east", "version": version}).status_code == 422
    client.post(PAGE, {"region": "south", "version": version})
    cast.linde.refresh_from_db()
    assert (cast.linde.region, cast.linde.version) == ("south", version + 1)
    late = client.post(PAGE, {"region": "north", "version": version})
    assert (late.status_code, "changed in the meantime" in late.content.decode()) == (409, True)


def test_the_days_of_another_school_stay(cast: Cast) -> None:
    now = timezone.now()
    set_holiday(school=cast.berk, name="Vrij", first_day=NEXT_YEAR, last_day=NEXT_YEAR, by=clock(now))
    visit(cast, "directie").post(PAGE, {"remove": "2090-01-02"})
    visit(cast, "directie").post(f"{PAGE}?school={cast.berk.uid}", {"remove": "2090-01-02"})
    assert days_off_of(cast.berk) == [(NEXT_YEAR, NEXT_YEAR)]
