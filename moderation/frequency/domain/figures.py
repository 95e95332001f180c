"""Figures of a group that point at nobody (POL-70): what is too few to show, and how long an answer takes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median_low

from groups.records.domain.working_hours import DaysOff
from moderation.frequency.domain.frequency import is_school_day

ENOUGH = 5
"""With fewer families, conversations or reports a number is a person: it is not shown."""


@dataclass(frozen=True)
class ConversationDay:
    """That somebody of the school, or of a family, said something in a conversation on this day."""

    thread: int
    by_school: bool
    day: date


def answering_days(days: Iterable[ConversationDay], off: DaysOff) -> int | None:
    """After how many school days half of the questions was answered; None when that would be about a few families.

    A question is what a family said first since the school last spoke; its answer is what the school says next. What
    waits still does not count, and neither do days without school. `days` stand in the order of the clock.
    """
    asked: dict[int, date] = {}
    waits: list[int] = []
    families: set[int] = set()
    for one in days:
        if not one.by_school:
            asked.setdefault(one.thread, one.day)
        elif (since := asked.pop(one.thread, None)) is not None:
            waits.append(days_between(since, one.day, off))
            families.add(one.thread)
    return median_low(waits) if len(families) >= ENOUGH else None


def days_between(asked: date, answered: date, off: DaysOff) -> int:
    """School days after the one of the question, up to and with that of the answer: 0 is the same day."""
    days = (asked + timedelta(days=number + 1) for number in range((answered - asked).days))
    return sum(is_school_day(day, off) for day in days)


def percentage(part: int, of: int, *, families: int) -> int | None:
    """So many of a hundred; None where nothing is there, or so few families that it would be about one of them."""
    return round(100 * part / of) if of and families >= ENOUGH else None


def is_few(count: int) -> bool:
    """Some, but so few that the number would point at somebody."""
    return 0 < count < ENOUGH
