"""What a message may ask, and what an answer comes to (POL-28; docs/adr/0051): pure."""

from collections.abc import Collection
from datetime import date, timedelta
from enum import StrEnum

from messaging.writings.domain.text import PostContent

DO, YES_NO, YES_NO_MAYBE = "do", "yes_no", "yes_no_maybe"
YES, NO, MAYBE, DONE, NOT_YET = "yes", "no", "maybe", "done", ""
ANSWERS = {DO: (DONE, NOT_YET), YES_NO: (YES, NO), YES_NO_MAYBE: (YES, NO, MAYBE)}
"""What can be answered to each kind of ask; `NOT_YET` takes an own tick away."""
OF_THE_CHILD = (YES_NO, YES_NO_MAYBE)
"""Kinds with one answer for each child, which its staff read; the others are a home's own."""
FURTHEST = timedelta(days=366)


class NotAsked(StrEnum):
    """Why something cannot be asked."""

    UNKNOWN = "unknown"
    NO_DAY = "no_day"
    PAST = "past"
    FAR = "far"
    ANSWER_AFTER = "answer_after"
    ANSWER_PAST = "answer_past"
    NO_CHILDREN = "no_children"


class AskRefusedError(ValueError):
    """This cannot be asked: `why`, and in which `field` of the form."""

    def __init__(self, field: str, why: NotAsked) -> None:
        super().__init__(why)
        self.field, self.why = field, why


def tidy_ask(content: PostContent) -> tuple[str, date | None, date | None]:
    """What is asked, the day it is about, and until when one answers: without a day of its own, until that day.

    Raises `AskRefusedError` where a day misses or the answer comes after it.
    """
    ask, day, answer_by = content.get("ask", ""), content.get("ask_on"), content.get("answer_by")
    if not ask:
        return "", None, None
    if ask not in ANSWERS:
        raise AskRefusedError("ask", NotAsked.UNKNOWN)
    if day is None:
        raise AskRefusedError("ask_on", NotAsked.NO_DAY)
    if ask == DO:
        return ask, day, None
    if answer_by and answer_by > day:
        raise AskRefusedError("answer_by", NotAsked.ANSWER_AFTER)
    return ask, day, answer_by or day


def demand_days_to_come(content: PostContent, *, today: date) -> None:
    """Of something asked anew both days are still to come, within a year. Raises `AskRefusedError`."""
    ask, day, answer_by = tidy_ask(content)
    if not ask or day is None:
        return
    if day < today:
        raise AskRefusedError("ask_on", NotAsked.PAST)
    if day > today + FURTHEST:
        raise AskRefusedError("ask_on", NotAsked.FAR)
    if answer_by and answer_by < today:
        raise AskRefusedError("answer_by", NotAsked.ANSWER_PAST)


def stands(answers: Collection[str]) -> str:
    """What all that was answered about one child comes to: a no wins, and stays until its giver changes it.

    A yes of one parent is more than the maybe of the other.
    """
    return next((answer for answer in (NO, YES, MAYBE, DONE) if answer in answers), NOT_YET)
