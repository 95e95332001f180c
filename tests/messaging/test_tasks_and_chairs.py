"""From tasks to chairs, without a database: which chair ends when, and which one comes."""

from datetime import UTC, datetime, timedelta

import pytest

from messaging.talks.domain.seats import Coming, Ending, SeatTask, Sitting, comings, endings

NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)
BEFORE, SOON, LATER = NOW - 9 * DAY, NOW + DAY, NOW + 2 * DAY
JUF, MEESTER, GROUP, THREAD = 1, 2, 4, 8


def sits(until: datetime | None, *, start: datetime = BEFORE, came: str = "started", staff: int = JUF) -> Sitting:
    return Sitting(16, THREAD, staff, GROUP, start, until, came)


def task(until: datetime | None, *, start: datetime = BEFORE, staff: int = JUF, group: int | None = GROUP) -> SeatTask:
    return SeatTask(staff, group, start, until, given=start)


@pytest.mark.parametrize(
    ("tasks", "seat", "expected"),
    [
        ([task(None)], sits(None), None),
        ([task(SOON)], sits(SOON), None),
        ([task(SOON)], sits(None), SOON),
        ([task(SOON)], sits(LATER), SOON),
        ([task(LATER, start=BEFORE + DAY), task(SOON, start=BEFORE - DAY)], sits(None), SOON),
        ([task(LATER), task(SOON, start=BEFORE - DAY)], sits(None), LATER),
        ([], sits(None), NOW),
        ([task(SOON, staff=MEESTER)], sits(None), NOW),
        ([task(None, start=SOON)], sits(LATER), NOW),
        ([], sits(NOW), None),
        ([], sits(NOW - DAY), None),
        ([], sits(NOW + timedelta(seconds=1)), NOW),
    ],
)
def test_a_chair_ends_with_the_last_task_that_began_before_it(
    tasks: list[SeatTask], seat: Sitting, expected: datetime | None
) -> None:
    found = list(endings(tasks, [seat], now=NOW))
    assert found == ([Ending(seat, expected, is_taken_back=False)] if expected else [])


def test_a_chair_lasts_again_when_its_task_does() -> None:
    assert list(endings([task(None)], [sits(SOON)], now=NOW)) == [Ending(sits(SOON), None, is_taken_back=False)]


@pytest.mark.parametrize(("came", "taken_back"), [("task", True), ("directie", True), ("started", False)])
def test_a_chair_that_came_by_itself_and_ends_before_it_began_is_taken_back(came: str, *, taken_back: bool) -> None:
    seat = sits(None, start=SOON, came=came)
    assert list(endings([], [seat], now=NOW)) == [Ending(seat, SOON, taken_back)]


def test_after_one_that_is_over_the_others_are_looked_at() -> None:
    over, lasts = sits(BEFORE + DAY), sits(None, staff=MEESTER)
    assert list(endings([], [over, lasts], now=NOW)) == [Ending(lasts, NOW, is_taken_back=False)]


def come(tasks: list[SeatTask], seats: list[Sitting], **more: set) -> list[Coming]:
    given = {"open_threads": {(THREAD, GROUP)}, "running": set(), "family": set()}
    return list(comings(tasks, seats, **{**given, **more}, now=NOW))


FIRST = sits(None, staff=MEESTER)
"""The school's first chair, of whom started it."""


def test_who_comes_with_a_task_after_the_first_chair_sits_from_then() -> None:
    later = task(None, start=SOON)
    assert come([later], [FIRST]) == [Coming(THREAD, JUF, GROUP, SOON)]
    assert come([task(None, start=BEFORE + DAY)], [FIRST]) == [Coming(THREAD, JUF, GROUP, NOW)]
    assert come([task(None)], [FIRST]) == []
    assert come([task(None)._replace(given=BEFORE + DAY)], [FIRST]) == [Coming(THREAD, JUF, GROUP, NOW)]
    earlier = sits(BEFORE + DAY, start=BEFORE - DAY, staff=3)
    assert (
        come([task(None)], [FIRST, earlier])
        == come([task(None)], [earlier, FIRST])
        == [Coming(THREAD, JUF, GROUP, NOW)]
    )


def test_nobody_comes_where_it_is_closed_nor_about_the_own_child_nor_who_runs_the_school() -> None:
    later, elsewhere = task(None, start=SOON), task(None, start=SOON, group=5)
    assert come([later], [FIRST], open_threads=set()) == []
    assert come([later], [FIRST], family={(THREAD, JUF)}) == []
    assert come([later], [FIRST], running={JUF}) == []
    assert come([elsewhere], [FIRST]) == []
    assert come([later], [FIRST], family={(THREAD, MEESTER)}, running={MEESTER}) == come([later], [FIRST])


def test_a_task_that_is_over_brings_nobody_and_the_next_one_does() -> None:
    after = task(None, start=SOON, staff=3)
    assert come([task(SOON, start=SOON), task(NOW, start=BEFORE + DAY), after], [FIRST]) == [
        Coming(THREAD, 3, GROUP, SOON)
    ]
    assert come([task(NOW + timedelta(seconds=1), start=BEFORE + DAY)], [FIRST]) == [Coming(THREAD, JUF, GROUP, NOW)]


@pytest.mark.parametrize(
    ("seat", "comes"),
    [
        (sits(None), False),
        (sits(LATER), False),
        (sits(SOON), True),
        (sits(BEFORE + DAY), True),
        (sits(SOON, start=SOON), False),
        (sits(LATER, start=LATER), False),
    ],
)
def test_who_has_a_chair_that_lasts_or_had_one_by_this_task_gets_no_other(seat: Sitting, *, comes: bool) -> None:
    """Somebody who left the chair of this very task is not seated in it again."""
    assert come([task(None, start=SOON)], [FIRST, seat]) == ([Coming(THREAD, JUF, GROUP, SOON)] if comes else [])


def test_the_directie_comes_where_it_was_asked_in_whenever_its_task_began() -> None:
    directie = task(None, start=BEFORE - DAY, group=None)
    threads = {(9, None), (THREAD, None), (THREAD, GROUP)}
    expected = [Coming(THREAD, JUF, None, NOW), Coming(9, JUF, None, NOW)]
    assert come([directie], [FIRST], open_threads=threads, running={JUF}) == expected
    assert come([directie], [], open_threads={(THREAD, GROUP)}) == []
