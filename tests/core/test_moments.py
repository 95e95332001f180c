"""Near and far on the school's calendar, to either side of midnight and of the clock change."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.core.domain.moments import Distance, at_school, distance

NOON = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 11, 19, 22, 59, 59, tzinfo=UTC), Distance.YESTERDAY),
        (datetime(2026, 11, 19, 23, 0, 0, tzinfo=UTC), Distance.TODAY),
        (datetime(2026, 11, 20, 22, 59, 59, tzinfo=UTC), Distance.TODAY),
        (datetime(2026, 11, 20, 23, 0, 0, tzinfo=UTC), Distance.TOMORROW),
        (datetime(2026, 11, 18, 22, 59, 59, tzinfo=UTC), Distance.SAME_YEAR),
        (datetime(2026, 11, 21, 23, 0, 0, tzinfo=UTC), Distance.SAME_YEAR),
        (datetime(2025, 12, 31, 22, 59, 59, tzinfo=UTC), Distance.OTHER_YEAR),
        (datetime(2025, 12, 31, 23, 0, 0, tzinfo=UTC), Distance.SAME_YEAR),
    ],
)
def test_distance_turns_at_midnight_in_the_school(moment: datetime, expected: Distance) -> None:
    assert distance(moment, now=NOON) is expected


def test_distance_over_the_new_year_is_still_yesterday() -> None:
    new_year = datetime(2027, 1, 1, 9, 0, tzinfo=UTC)
    assert distance(new_year - timedelta(days=1), now=new_year) is Distance.YESTERDAY


def test_distance_counts_days_and_not_hours_when_the_clock_changes() -> None:
    after_the_change = datetime(2026, 10, 25, 22, 30, tzinfo=UTC)
    before_the_change = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)
    assert distance(before_the_change, now=after_the_change) is Distance.TODAY


def test_at_school_refuses_a_moment_without_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        at_school(datetime(2026, 11, 20, 12, 0))  # noqa: DTZ001 - the refusal is what is tested
