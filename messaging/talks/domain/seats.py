"""From tasks to chairs: who comes into a conversation with a task, and whose chair ends with one. Pure, no database.

A chair is the holder's of one task. Somebody comes with a task that was given, and begins, after the school's first
chair was taken: a successor, a substitute. Who taught the group all along and was not asked stays outside. Where the
directie was asked in, each of it has a chair: that place has no group (`None`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class SeatSide(StrEnum):
    """For whom somebody sits in a conversation: the directie where it was asked in, not as a teacher or by name."""

    FAMILY = "family"
    STAFF = "staff"
    DIRECTIE = "directie"


class SeatTask(NamedTuple):
    """Somebody teaches a group, or is the directie: `given` is when that became known here."""

    staff: int
    group: int | None
    start: datetime
    until: datetime | None
    given: datetime


class Sitting(NamedTuple):
    """A chair of a teacher, or of the directie; `came` as in `Came`."""

    pk: int
    thread: int
    staff: int
    group: int | None
    start: datetime
    until: datetime | None
    came: str


class Coming(NamedTuple):
    """A chair to be taken, from `start` on."""

    thread: int
    staff: int
    group: int | None
    start: datetime


class Ending(NamedTuple):
    """A chair that ends at `until`, or no longer ends; `is_taken_back`: before it began."""

    seat: Sitting
    until: datetime | None
    is_taken_back: bool


def endings(tasks: Iterable[SeatTask], seats: Iterable[Sitting], *, now: datetime) -> Iterator[Ending]:
    """Chairs whose task ends, or ends otherwise than they say, or is not there. What is over stays over."""
    held = _by_holder(tasks)
    for seat in seats:
        own = [task for task in held[seat.staff, seat.group] if task.start <= seat.start]
        if seat.until is not None and seat.until <= now:
            continue
        until = max(own, key=lambda task: task.start).until if own else now
        until = until and max(until, seat.start)
        if until != seat.until:
            yield Ending(seat, until, until == seat.start and seat.came in ("task", "directie"))


def comings(
    tasks: Iterable[SeatTask],
    seats: Collection[Sitting],
    *,
    open_threads: Collection[tuple[int, int | None]],
    running: Collection[int],
    family: Collection[tuple[int, int]],
    now: datetime,
) -> Iterator[Coming]:
    """Chairs that tasks bring. `open_threads`: conversations with a group whose child is in it, or with the directie
    that was asked in; `running`: who directs or operates the school is a teacher in it only when somebody asks by name;
    `family`: conversations about somebody's own child."""
    first: dict[tuple[int, int | None], datetime] = {}
    known: dict[tuple[int, int, int | None], list[Sitting]] = defaultdict(list)
    threads: dict[int | None, set[int]] = defaultdict(set)
    threads[None] = {thread for thread, group in open_threads if group is None}
    for seat in seats:
        place = seat.thread, seat.group
        first[place] = min(first.get(place, seat.start), seat.start)
        known[seat.thread, seat.staff, seat.group].append(seat)
        if place in open_threads:
            threads[seat.group].add(seat.thread)
    for task in tasks:
        start = max(task.start, now)
        runs_it = task.group is not None and task.staff in running
        if runs_it or (task.until is not None and task.until <= start):
            continue
        for thread in sorted(threads[task.group]):
            came_later = task.group is None or max(task.start, task.given) > first[thread, task.group]
            if (
                (thread, task.staff) not in family
                and came_later
                and not _sits(known[thread, task.staff, task.group], task, start)
            ):
                yield Coming(thread, task.staff, task.group, start)


def _sits(own: Iterable[Sitting], task: SeatTask, start: datetime) -> bool:
    """Whether a chair of this task, or one that lasts, is there already."""
    return any(seat.start >= task.start or seat.until is None or seat.until > start for seat in own)


def _by_holder(tasks: Iterable[SeatTask]) -> dict[tuple[int, int | None], list[SeatTask]]:
    tasks_of: dict[tuple[int, int | None], list[SeatTask]] = defaultdict(list)
    for task in tasks:
        tasks_of[task.staff, task.group].append(task)
    return tasks_of
