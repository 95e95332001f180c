"""Verdicts against a naive count: random calendars over New Year, week 53 and both changes of the clock."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from groups.models import Group, Holiday, School
from groups.records.domain.holidays import FEAST_DAYS, published_for
from messaging.models import Post
from messaging.newsletter.domain import IsoWeek
from moderation.frequency.services.frequency import check_week
from moderation.models import FrequencyNorms, FrequencyWeek
from portal.core.models import User
from tests import rows
from tests.share import share

HERE = ZoneInfo("Europe/Amsterdam")
WEEKS = [IsoWeek(2026, number) for number in (42, 43, 44, 51, 52, 53)] + [IsoWeek(2027, n) for n in (1, 2, 12, 13)]
"""The autumn holidays, the longest day (25 October), week 53 with New Year in it, and the shortest (28 March)."""
KINDS = ["class", "composite", "school", "council", "staff", "pupils"]
LATER = datetime(2027, 7, 1, tzinfo=UTC)


class Wrote(NamedTuple):
    """A message of a group: so many seconds after a Monday midnight here; in which hat, and what became of it."""

    group: int
    week: int
    seconds: int
    hat: str
    state: str


class Off(NamedTuple):
    """Days off of the school: where they begin, and how many there are."""

    begins: int
    days: int


class World(NamedTuple):
    school: School
    groups: list[Group]
    writer: User


NEAR_EDGES = st.sampled_from([-3600, -1, 0, 1, 3600, 6 * 86_400, 7 * 86_400 - 3601, 7 * 86_400 + 3599])
MESSAGES = st.lists(
    st.builds(
        Wrote,
        group=st.integers(0, len(KINDS) - 1),
        week=st.integers(0, len(WEEKS) - 1),
        seconds=NEAR_EDGES | st.integers(0, 7 * 86_400),
        hat=st.sampled_from(["staff", "staff", "family"]),
        state=st.sampled_from(["published", "published", "hidden", "retracted", "submitted"]),
    ),
    max_size=14,
)
HOLIDAYS = st.lists(st.builds(Off, begins=st.integers(-8, 180), days=st.integers(1, 16)), max_size=4)
COUNT = st.integers(0, 4)


@pytest.fixture
def world(db: None) -> World:
    school, year = rows.school(), rows.school_year()
    groups = [rows.group(school, year, kind, kind) for kind in KINDS]
    return World(school, groups, rows.account("teller@post.example"))


@settings(max_examples=share(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wrote=MESSAGES, off=HOLIDAYS, region=st.sampled_from(["", "north", "middle", "south"]), least=COUNT, more=COUNT)
def test_verdicts_are_those_of_a_naive_count(
    world: World, wrote: Sequence[Wrote], off: Sequence[Off], region: str, least: int, more: int
) -> None:
    norms = {"class": (least, least + more or None), "school": (0, more or None), "council": (least, None)}
    with transaction.atomic():
        fill(world, wrote, off, region, norms)
        for week in WEEKS:
            check_week(school=world.school, week=week, now=LATER)
        rows = FrequencyWeek.objects.filter(school=world.school)
        found = {(row.group_id, row.iso_week): (row.posts, row.school_days, row.verdict) for row in rows}
        assert found == {
            (group.pk, week): naive(number, week, wrote, off, region, norms)
            for number, group in enumerate(world.groups)
            for week in WEEKS
        }
        transaction.set_rollback(True)


def fill(world: World, wrote: Sequence[Wrote], off: Sequence[Off], region: str, norms: Any) -> None:
    school = world.school
    School.objects.filter(pk=school.pk).update(region=region)
    school.region = region
    chosen = {
        f"{kind}_{end}": value
        for kind, pair in norms.items()
        for end, value in zip(("least", "most"), pair, strict=True)
    }
    FrequencyNorms.objects.create(school=school, **chosen)
    for first, last in own_days(off):
        Holiday.objects.get_or_create(school=school, first_day=first, defaults={"name": "Vrij", "last_day": last})
    Post.objects.bulk_create(
        Post(
            school=school,
            group=world.groups[one.group],
            author=world.writer,
            hat=one.hat,
            state=one.state,
            published_at=moment_of(one) if one.state != "submitted" else None,
            hidden_at=moment_of(one) if one.state == "hidden" else None,
            hidden_by=world.writer if one.state == "hidden" else None,
            topic="update",
            replies="on",
        )
        for one in wrote
    )


def moment_of(one: Wrote) -> datetime:
    """Seconds that pass, not hours on the clock."""
    monday = WEEKS[one.week].day(1)
    midnight = datetime(monday.year, monday.month, monday.day, tzinfo=HERE).astimezone(UTC)
    return midnight + timedelta(seconds=one.seconds)


def own_days(off: Sequence[Off]) -> list[tuple[date, date]]:
    """The first of those that begin on the same day, as the school's own."""
    found: dict[date, date] = {}
    for one in off:
        first = date(2026, 10, 12) + timedelta(days=one.begins)
        found.setdefault(first, first + timedelta(days=one.days - 1))
    return list(found.items())


def naive(number: int, week: IsoWeek, wrote: Sequence[Wrote], off: Sequence[Off], region: str, norms: Any) -> Any:
    """Day by day and message by message."""
    kind = KINDS[number]
    posts = 0
    for one in wrote:
        counts = one.state in ("published", "hidden") and (one.hat == "staff" or kind == "council")
        here = moment_of(one).astimezone(HERE)
        if one.group == number and counts and tuple(here.isocalendar())[:2] == (week.year, week.number):
            posts += 1
    least, most = norms.get("class" if kind == "composite" else kind, (0, None))
    days = sum(not is_free(week.day(weekday), off, region) for weekday in range(1, 6))
    if days == 0 or (least == 0 and most is None):
        verdict = "not_asked"
    elif posts < least:
        verdict = "silent" if posts == 0 else "below"
    elif most is not None and posts > most:
        verdict = "above"
    else:
        verdict = "within"
    return posts, days, verdict


def is_free(day: date, off: Sequence[Off], region: str) -> bool:
    own = [[first + timedelta(days=n) for n in range((last - first).days + 1)] for first, last in own_days(off)]
    if any(day in days for days in own) or (region and day in [one.first_day for one in FEAST_DAYS]):
        return True
    long = [day for days in own if len(days) >= 5 for day in days]
    for holiday in published_for(region):
        days = [holiday.first_day + timedelta(days=n) for n in range((holiday.last_day - holiday.first_day).days + 1)]
        if day in days and not set(days) & set(long):
            return True
    return False
