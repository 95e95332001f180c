"""What a message may ask, and what an answer comes to (POL-28; docs/adr/0051): pure."""

from collections.abc import Collection
from datetime import date, timedelta
from enum import StrEnum
from typing import TypedDict

from messaging.writings.domain.text import BRING_LIMIT, COST_LIMIT, PostContent, tidy_note

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


class AskedContent(TypedDict):
    """What of a post's content asks something."""

    ask: str
    ask_on: date | None
    answer_by: date | None
    bring: str
    cost: str


ASKED = tuple(AskedContent.__annotations__)
NOTHING: AskedContent = {"ask": "", "ask_on": None, "answer_by": None, "bring": "", "cost": ""}


def tidy_ask(content: PostContent) -> AskedContent:
    """What is asked, the day it is about, and until when one answers: without a day of its own, until that day.

    What nothing of this kind has is left out. Raises `AskRefusedError` where a day misses or the answer comes after it,
    and a `TextRefusedError`.
    """
    ask, day, answer_by = content.get("ask", ""), content.get("ask_on"), content.get("answer_by")
    if not ask:
        return NOTHING
    if ask not in ANSWERS:
        raise AskRefusedError("ask", NotAsked.UNKNOWN)
    if day is None:
        raise AskRefusedError("ask_on", NotAsked.NO_DAY)
    if ask != DO and answer_by and answer_by > day:
        raise AskRefusedError("answer_by", NotAsked.ANSWER_AFTER)
    return {
        "ask": ask,
        "ask_on": day,
        "answer_by": None if ask == DO else answer_by or day,
        "bring": tidy_note(content.get("bring", ""), BRING_LIMIT),
        "cost": tidy_note(content.get("cost", ""), COST_LIMIT),
    }


def demand_days_to_come(content: PostContent, *, today: date) -> None:
    """Of something asked anew both days are still to come, within a year. Raises `AskRefusedError`."""
    asked = tidy_ask(content)
    day, answer_by = asked["ask_on"], asked["answer_by"]
    if day is None:
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
