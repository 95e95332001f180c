"""What a message may ask, and what an answer comes to (POL-28; docs/adr/0051, 0066): pure."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple, Protocol, TypedDict

from messaging.writings.domain.text import (
    BRING_LIMIT,
    COST_LIMIT,
    VENUE_LIMIT,
    EmptyTextError,
    PostContent,
    TextTooLongError,
    UnreadableTextError,
    tidy_note,
)

DO, YES_NO, YES_NO_MAYBE, CHOOSE, HELP, COME = "do", "yes_no", "yes_no_maybe", "choose", "help", "come"
YES, NO, MAYBE, DONE, CHOSE, PASS, NOT_YET = "yes", "no", "maybe", "done", "chose", "pass", ""
SIGN_ON, SIGN_OFF = "on", "off"
ANSWERS = {
    DO: (DONE, NOT_YET),
    YES_NO: (YES, NO, NOT_YET),
    YES_NO_MAYBE: (YES, NO, MAYBE, NOT_YET),
    CHOOSE: (CHOSE, NOT_YET),
    HELP: (PASS, NOT_YET),
    COME: (YES, NO, NOT_YET),
}
"""What can be answered to each kind of ask; `NOT_YET` takes the own answer back. Signing on and off is apart.
"""
OWN = (DONE, PASS)
"""Answers of a home, which the other one does not find."""
OF_THE_CHILD = (YES_NO, YES_NO_MAYBE, CHOOSE, COME)
"""Kinds with one answer for each child, which its staff read; the others are a home's own."""
FURTHEST = timedelta(days=366)
FEWEST_OPTIONS, MOST_OPTIONS, LONGEST_OPTION = 2, 8, 60
MOST_TASKS, MOST_PLACES = 8, 50
MOST_HEADS, MOST_ROOM = 20, 2000
SHOWN_FROM = 8
"""With fewer votes than this one could guess whose they were."""


class NotAsked(StrEnum):
    """Why something cannot be asked."""

    UNKNOWN = "unknown"
    NO_DAY = "no_day"
    PAST = "past"
    FAR = "far"
    NEXT_YEAR = "next_year"
    ANSWER_AFTER = "answer_after"
    ANSWER_PAST = "answer_past"
    NO_CHILDREN = "no_children"
    ELSEWHERE = "elsewhere"
    OPTIONS = "options"
    TASKS = "tasks"
    ROOM = "room"
    TWICE = "twice"
    TWICE_A_TASK = "twice_a_task"
    LONG = "long"
    UNREADABLE = "unreadable"


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
    options: str
    takes_more: bool
    is_anonymous: bool
    tasks: str
    answer_at: time | None
    venue: str
    begins_at: time | None
    capacity: int | None


def tidy_ask(content: PostContent) -> AskedContent:
    """What is asked, the day it is about, and until when one answers: without a day of its own, until that day.

    What its kind does not have is left out. Raises `AskRefusedError` where something misses or the answer comes after
    the day, and a `TextRefusedError`.
    """
    ask, day, answer_by = content.get("ask", ""), content.get("ask_on"), content.get("answer_by")
    if not ask:
        return _asked()
    if ask not in ANSWERS:
        raise AskRefusedError("ask", NotAsked.UNKNOWN)
    if day is None:
        raise AskRefusedError("ask_on", NotAsked.NO_DAY)
    if ask != DO and answer_by and answer_by > day:
        raise AskRefusedError("answer_by", NotAsked.ANSWER_AFTER)
    asked = _asked(ask, day, None if ask == DO else answer_by or day)
    asked["bring"] = tidy_note(content.get("bring", ""), BRING_LIMIT)
    asked["cost"] = tidy_note(content.get("cost", ""), COST_LIMIT)
    asked["answer_at"] = None if ask == DO else content.get("answer_at")
    _add_its_own(asked, content)
    return asked


def _add_its_own(asked: AskedContent, content: PostContent) -> None:
    """What one kind has and the others have not."""
    if asked["ask"] == CHOOSE:
        asked["options"] = tidy_options(content.get("options", ""))
        asked["takes_more"] = content.get("takes_more", False)
        asked["is_anonymous"] = content.get("is_anonymous", False)
    elif asked["ask"] == HELP:
        asked["tasks"] = tidy_tasks(content.get("tasks", ""))
    elif asked["ask"] == COME:
        asked["venue"] = tidy_note(content.get("venue", ""), VENUE_LIMIT)
        asked["begins_at"], asked["capacity"] = content.get("begins_at"), _room(content.get("capacity"))


def _asked(ask: str = "", ask_on: date | None = None, answer_by: date | None = None) -> AskedContent:
    return {
        "ask": ask,
        "ask_on": ask_on,
        "answer_by": answer_by,
        "bring": "",
        "cost": "",
        "options": "",
        "takes_more": False,
        "is_anonymous": False,
        "tasks": "",
        "answer_at": None,
        "venue": "",
        "begins_at": None,
        "capacity": None,
    }


def _room(people: int | None) -> int | None:
    if people is not None and not 1 <= people <= MOST_ROOM:
        raise AskRefusedError("capacity", NotAsked.ROOM)
    return people


def until_typed(ask_on: date | None, answer_by: date | None) -> date | None:
    """The last day to answer as its writer typed it: that of the question itself is what holds without one."""
    return None if answer_by == ask_on else answer_by


@contextmanager
def _refusing_lines(field: str) -> Iterator[None]:
    """What cannot be kept of a line is refused beside the field in which it stands."""
    try:
        yield
    except TextTooLongError:
        raise AskRefusedError(field, NotAsked.LONG) from None
    except UnreadableTextError:
        raise AskRefusedError(field, NotAsked.UNREADABLE) from None


@_refusing_lines("options")
def tidy_options(raw: str) -> str:
    """What there is to choose, one on a line. Raises `AskRefusedError`."""
    options = _tidy_lines(raw, lambda line: tidy_note(line, LONGEST_OPTION))
    if not FEWEST_OPTIONS <= len(options) <= MOST_OPTIONS:
        raise AskRefusedError("options", NotAsked.OPTIONS)
    if len({one.casefold() for one in options}) < len(options):
        raise AskRefusedError("options", NotAsked.TWICE)
    return "\n".join(options)


class HelpTask(NamedTuple):
    """Something to help with, for so many people, at an hour of the day or just on it."""

    name: str
    places: int
    at: time | None

    @property
    def line(self) -> str:
        """As its writer types it."""
        clock = f", {self.at.hour}.{self.at.minute:02}" if self.at else ""
        return f"{self.name}, {self.places}{clock}"


_TASK = re.compile(
    r"(?P<name>.+?)"
    r"(?:\s*,\s*(?P<places>\d+)(?!\s*u(?:ur)?\b)(?:\s[^\W\d]+)?)?"
    r"(?:\s*,\s*(?:om\s)?(?P<hour>\d{1,2})(?:[.:](?P<minute>\d{2})(?:\s?u(?:ur)?)?|\s?u(?:ur)?))?",
    re.IGNORECASE,
)
"""As people write it: "Soep koken", "Soep koken, 3", "Soep koken, 3 ouders, 8.30 uur", "Soep koken, 3, 15 uur"."""
_NUMBER_LEFT = re.compile(r".*,\s*\d+(?:[.:]\d+)?(?:\s?u(?:ur)?)?", re.IGNORECASE)
"""What was meant as how many or when, and would be read as part of the name."""


def tasks_in(lines: str) -> list[HelpTask]:
    """The tasks as they are kept, one on a line; the number of people is one where none is said.

    Raises `AskRefusedError` for a line that names none or too many, and a `TextRefusedError`.
    """
    return [_task(line) for line in lines.splitlines()]


def _task(line: str) -> HelpTask:
    found = _TASK.fullmatch(line)
    name = tidy_note(found["name"], LONGEST_OPTION) if found else ""
    places = int(found["places"] or 1) if found else 0
    try:
        at = time(int(found["hour"]), int(found["minute"] or 0)) if found and found["hour"] else None
    except ValueError:
        name, at = "", None
    if not any(map(str.isalpha, name)) or name.startswith(",") or not 1 <= places <= MOST_PLACES:
        raise AskRefusedError("tasks", NotAsked.TASKS)
    return HelpTask(name, places, at)


@_refusing_lines("tasks")
def tidy_tasks(raw: str) -> str:
    """What there is to help with, one on a line. Raises `AskRefusedError`."""
    tasks = [_task(line) for line in _tidy_lines(raw, lambda line: tidy_note(line, 2 * LONGEST_OPTION))]
    if not 1 <= len(tasks) <= MOST_TASKS or any(_NUMBER_LEFT.fullmatch(one.name) for one in tasks):
        raise AskRefusedError("tasks", NotAsked.TASKS)
    if len({one.name.casefold() for one in tasks}) < len(tasks):
        raise AskRefusedError("tasks", NotAsked.TWICE_A_TASK)
    return "\n".join(one.line for one in tasks)


def moved_tasks(was: Sequence[HelpTask], now: Sequence[HelpTask]) -> dict[int, int]:
    """Where each task went, by its place in the list: by its name; of as many tasks one with another name is the same.

    One that is not in it went away, and who helped with it does not any more.
    """
    places = {one.name: place for place, one in enumerate(now, start=1)}
    moved = {old: places[one.name] for old, one in enumerate(was, start=1) if one.name in places}
    if len(was) == len(now):
        renamed = [old for old in range(1, len(was) + 1) if old not in moved]
        free = [new for new in range(1, len(now) + 1) if new not in moved.values()]
        moved |= dict(zip(renamed, free, strict=True))
    return moved


def _tidy_lines(raw: str, tidy: Callable[[str], str]) -> list[str]:
    """Each line that says something; a line of signs that nobody sees says nothing."""
    lines = []
    for line in raw.splitlines():
        try:
            lines.append(tidy(line))
        except EmptyTextError:
            continue
    return [*filter(None, lines)]


def demand_days_to_come(content: PostContent, *, read_at: datetime, year_ends: date) -> None:
    """Of something asked anew both days are still to come when it can be read, at school's clock, and within the school
    year of who is asked: after it nobody is in these groups, and no list shows what was answered.

    Raises `AskRefusedError`.
    """
    today = read_at.date()
    asked = tidy_ask(content)
    day, answer_by = asked["ask_on"], asked["answer_by"]
    if day is None:
        return
    if day < today:
        raise AskRefusedError("ask_on", NotAsked.PAST)
    if day > today + FURTHEST:
        raise AskRefusedError("ask_on", NotAsked.FAR)
    if day > year_ends:
        raise AskRefusedError("ask_on", NotAsked.NEXT_YEAR)
    if answer_by and answer_by < today:
        raise AskRefusedError("answer_by", NotAsked.ANSWER_PAST)
    if answer_by == today and asked["answer_at"] and asked["answer_at"] <= read_at.time():
        raise AskRefusedError("answer_at", NotAsked.ANSWER_PAST)


def asks_anew(was: PostContent, content: PostContent) -> bool:
    """Whether who answered the one has not answered the other: another question, another day, other options.

    Of a vote its end too, day and hour: who reads how it stands, has it go on and reads it again, knows what came in
    between.
    """
    names = ["ask", "ask_on", "options", "takes_more", "is_anonymous"]
    names += ["answer_by", "answer_at"] if was.get("is_anonymous") else []
    return any(was.get(name) != content.get(name) for name in names)


class Choosable(Protocol):
    """What a message asks, and what there is to choose or to do."""

    @property
    def ask(self) -> str: ...
    @property
    def options(self) -> str: ...
    @property
    def takes_more(self) -> bool: ...
    @property
    def is_anonymous(self) -> bool: ...
    @property
    def tasks(self) -> str: ...


def fingerprint_of(asked: Choosable) -> str:
    """A few signs for what stood there to answer, as an answer says only the place in it: another list, others."""
    said = (asked.ask, asked.options, asked.takes_more, asked.is_anonymous, asked.tasks)
    return sha256(repr(said).encode()).hexdigest()[:12]


DETAILS = ("bring", "cost", "tasks", "venue", "begins_at")


def says_otherwise(was: PostContent, content: PostContent) -> bool:
    """Whether who answered has to know of it, though the answer stays."""
    return any(was.get(name) != content.get(name) for name in DETAILS)


def is_counted_once(content: PostContent) -> bool:
    """Whether all groups a message was written to answer in one list."""
    return content.get("is_anonymous", False) or content.get("ask") in (HELP, COME)


class GivenAnswer(NamedTuple):
    """One answer of one person about one child; `chosen`: the places of what was chosen, from one on.

    `heads`: with how many they come; none where they are counted with a brother or sister.
    """

    answer: str
    chosen: tuple[int, ...] = ()
    heads: int = 0

    def coming_with(self, number: int) -> "GivenAnswer":
        """The same with the number of a brother or sister who left, where it has none of its own."""
        return self._replace(heads=number) if self.answer == YES and not self.heads else self


NOTHING_SAID = GivenAnswer(NOT_YET)


def stands(answers: Collection[str]) -> str:
    """What all that was answered about one child comes to: a no wins, and stays until its giver changes it.

    A yes of one parent is more than the maybe of the other.
    """
    return next((answer for answer in (NO, YES, MAYBE, CHOSE, DONE, PASS) if answer in answers), NOT_YET)


def what_stands(said: Sequence[GivenAnswer]) -> GivenAnswer:
    """The same with what belongs to it; of two choices, the oldest first, the last one stands."""
    answer = stands([one.answer for one in said])
    return next((one for one in reversed(said) if one.answer == answer), NOTHING_SAID)


def is_choice(chosen: Collection[int], *, options: int, takes_more: bool) -> bool:
    """Whether these places answer a question of so many options."""
    return bool(chosen) and set(chosen) <= set(range(1, options + 1)) and (takes_more or len(chosen) == 1)
