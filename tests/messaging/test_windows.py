"""When newsletters close: new year, week 53, the summer clock, and any row of missed ticks."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.newsletter.domain import (
    IsoWeek,
    Moment,
    UnknownWeekError,
    bundle_from,
    is_still_sent,
    window_opens,
)
from messaging.writings.domain.mailing import BUNDLE, GRACE

HERE = ZoneInfo("Europe/Amsterdam")
FRIDAY = Moment(5, 15)


@pytest.mark.parametrize(
    ("day", "week"),
    [
        (date(2026, 12, 31), "2026-W53"),
        (date(2027, 1, 1), "2026-W53"),
        (date(2027, 1, 3), "2026-W53"),
        (date(2027, 1, 4), "2027-W01"),
        (date(2025, 12, 29), "2026-W01"),
        (date(2026, 7, 31), "2026-W31"),
        (date(2026, 8, 1), "2026-W31"),
    ],
)
def test_weeks_around_the_turn_of_years(day: date, week: str) -> None:
    assert str(IsoWeek.of(day)) == week
    assert IsoWeek.named(week) == IsoWeek.of(day)


@pytest.mark.parametrize("name", ["2027-W53", "2026-W54", "2026-W00", "2026-47", "x", "2026-W4", "0000-W10"])
def test_what_is_no_week(name: str) -> None:
    with pytest.raises(UnknownWeekError):
        IsoWeek.named(name)


@pytest.mark.parametrize(
    ("moment", "week", "cut"),
    [
        (FRIDAY, "2026-W47", datetime(2026, 11, 20, 14, tzinfo=UTC)),
        (FRIDAY, "2026-W25", datetime(2026, 6, 19, 13, tzinfo=UTC)),
        (FRIDAY, "2026-W53", datetime(2027, 1, 1, 14, tzinfo=UTC)),
        (Moment(7, 2), "2027-W12", datetime(2027, 3, 28, 1, tzinfo=UTC)),
        (Moment(7, 2), "2026-W43", datetime(2026, 10, 25, 0, tzinfo=UTC)),
    ],
    ids=["winter", "summer", "new year's day", "the hour that is skipped", "the hour that comes twice"],
)
def test_a_cut_is_on_the_schools_clock(moment: Moment, week: str, cut: datetime) -> None:
    assert moment.cut_in(IsoWeek.named(week)) == cut


def test_a_cut_has_passed_a_minute_later() -> None:
    cut = FRIDAY.cut_in(IsoWeek.named("2026-W47"))
    assert str(next(FRIDAY.weeks_before(cut + GRACE - timedelta(seconds=1)))) == "2026-W46"
    assert str(next(FRIDAY.weeks_before(cut + GRACE))) == "2026-W47"


MOMENTS = st.integers(1_735_689_600, 1_830_297_600).map(lambda second: datetime.fromtimestamp(second, UTC))


@given(MOMENTS, st.none() | st.integers(1, 2000), st.none() | st.integers(0, 2000))
def test_a_bundle_is_ten_minutes_from_its_first_message_and_meets_no_other(
    moment: datetime, before: int | None, after: int | None
) -> None:
    closed_at = None if before is None else moment - timedelta(seconds=before)
    next_opens = None if after is None else moment + timedelta(seconds=after)
    since, until = bundle_from(moment, closed_at=closed_at, next_opens=next_opens)
    assert since < moment <= until <= moment + BUNDLE
    assert closed_at is None or closed_at <= since
    assert next_opens is None or until <= next_opens
    assert until == moment + BUNDLE or until == next_opens


class Schedule:
    """The rule of `messaging.newsletter.services.editions`, without a database: which windows a row of ticks makes."""

    def __init__(self) -> None:
        self.windows: list[tuple[datetime, datetime]] = []
        self.names: set[str] = set()

    def tick(self, moment: Moment, now: datetime, days_off: set[date]) -> None:
        week = next(moment.weeks_before(now))
        cut = moment.cut_in(week)
        last = self.windows[-1][1] if self.windows else None
        skipped = week.day(moment.weekday) in days_off or str(week) in self.names
        if is_still_sent(cut, now) and not skipped and (last is None or cut > last):
            self.windows.append((window_opens(cut, last), cut))
            self.names.add(str(week))


@given(
    start=MOMENTS,
    pauses=st.lists(st.integers(1, 60 * 24 * 10), min_size=1, max_size=60),
    moments=st.lists(st.tuples(st.integers(1, 7), st.integers(0, 23)), min_size=1, max_size=3),
    days_off=st.sets(st.integers(0, 200), max_size=40),
    posts=st.lists(st.integers(0, 60 * 24 * 200), max_size=40),
)
def test_every_post_is_in_exactly_one_edition(
    start: datetime, pauses: list[int], moments: list[tuple[int, int]], days_off: set[int], posts: list[int]
) -> None:
    """Whatever ticks are missed, whatever days are off, and also when the school changes its day."""
    schedule, now = Schedule(), start
    free = {(start + timedelta(days=day)).date() for day in days_off}
    for number, pause in enumerate(pauses):
        schedule.tick(Moment(*moments[number % len(moments)]), now, free)
        now += timedelta(minutes=pause)
    windows = schedule.windows
    assert all(before[1] == after[0] for before, after in pairwise(windows))
    assert all(since < until for since, until in windows)
    for minutes in posts:
        placed = start + timedelta(minutes=minutes)
        found = [window for window in windows if window[0] < placed <= window[1]]
        covered = bool(windows) and windows[0][0] < placed <= windows[-1][1]
        assert len(found) == covered
