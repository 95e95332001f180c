"""A month of messages for the demo, read from `texts/`, with every day relative to the day of seeding.

The texts are invented and follow the school's rules: about the group, never about one child (POL-21); in working
hours (POL-27); one group hears too much and one too little (POL-26).
"""

import re
import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from portal.core.domain.moments import SCHOOL_ZONE, at_school

WORKDAYS_TOLD = 22
FEWEST_WORKDAYS = 5
_TEXTS = Path(__file__).parent / "texts"
_FILES = {"99KK": "klinkerhoek.toml", "99KV": "vliegerdraad.toml"}
_DAY_MARK = re.compile(r"\{\+(\d+)\}")
_SCHOOL_IS_OPEN = time(9, 30)
_WEEKDAYS = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")
_MONTHS = (
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
)


@dataclass(frozen=True)
class DemoReply:
    """`author` is "author" (of the post), "parent 3" (the third who came in) or an address."""

    author: str
    text: str
    at: datetime


@dataclass(frozen=True)
class DemoPhotos:
    """So many drawings of a subject of `drawings`; `alt` says what one sees on them."""

    subject: str
    count: int
    alt: str


@dataclass(frozen=True)
class DemoAsk:
    """What a post asks, as the columns of a post are called."""

    ask: str
    ask_on: date
    answer_by: date | None
    tasks: str = ""
    options: str = ""
    is_anonymous: bool = False
    venue: str = ""
    begins_at: time | None = None
    capacity: int | None = None


@dataclass(frozen=True)
class DemoPost:
    """`groups` are roster keys, or "school"; `by` is a staff key, empty for the first group's own teacher."""

    groups: tuple[str, ...]
    by: str
    topic: str
    title: str
    text: str
    replies_allowed: str
    at: datetime
    edited_text: str
    edited_at: datetime | None
    replies: tuple[DemoReply, ...]
    photos: DemoPhotos | None = None
    ask: DemoAsk | None = None
    is_essential: bool = False


@dataclass(frozen=True)
class Calendar:
    """The working days that can be told about: from the start of the school year until now, at most a month."""

    starts_on: date
    now: datetime

    @cached_property
    def past_workdays(self) -> list[date]:
        """Newest first; today only once the school has been open for a while."""
        here = at_school(self.now)
        day = here.date() if here.time() >= _SCHOOL_IS_OPEN else here.date() - timedelta(days=1)
        days: list[date] = []
        while day >= self.starts_on and len(days) < WORKDAYS_TOLD:
            if day.weekday() < 5:
                days.append(day)
            day -= timedelta(days=1)
        return days

    def moment(self, ago: int, at: str) -> datetime:
        """The clock time `at` on the working day `ago` days back.

        In the first weeks of a school year the month is told closer together, in its first days without clock times.
        """
        days = self.past_workdays
        if len(days) < FEWEST_WORKDAYS:
            begun = on_day(self.starts_on, "0.00")
            return self.now - (self.now - begun) * (ago + 1) / (WORKDAYS_TOLD + 1)
        return on_day(days[ago if len(days) == WORKDAYS_TOLD else ago * len(days) // WORKDAYS_TOLD], at)


def on_day(day: date, at: str) -> datetime:
    hour, minute = at.split(".")
    return datetime.combine(day, time(int(hour), int(minute)), tzinfo=SCHOOL_ZONE)


def workdays_after(day: date, count: int) -> date:
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def day_in_words(day: date) -> str:
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def read_posts(brin: str, *, starts_on: date, now: datetime) -> list[DemoPost]:
    """The posts of one school in the order in which they were written; what would still have to happen is left out."""
    calendar = Calendar(starts_on, now)
    entries = tomllib.loads((_TEXTS / _FILES[brin]).read_text(encoding="utf-8"))["post"]
    posts = (_post(entry, calendar) for entry in entries)
    return sorted((post for post in posts if post.at < now), key=lambda post: post.at)


def _post(entry: dict[str, Any], calendar: Calendar) -> DemoPost:
    at = calendar.moment(entry["ago"], entry["at"])
    replies = [_reply(reply, at) for reply in entry.get("reply", [])]
    edited_at = at + timedelta(minutes=entry["edited_after"]) if "edited" in entry else None
    return DemoPost(
        groups=tuple(entry["groups"]),
        by=entry.get("by", ""),
        topic=entry["topic"],
        title=_dated(entry["title"], at),
        text=_dated(entry["text"], at),
        replies_allowed=entry.get("replies", "on"),
        at=at,
        edited_text=_dated(entry.get("edited", ""), at),
        edited_at=edited_at if edited_at and edited_at < calendar.now else None,
        replies=tuple(reply for reply in replies if reply.at < calendar.now),
        photos=DemoPhotos(**entry["photos"]) if "photos" in entry else None,
        ask=_ask(entry["ask"], at) if "ask" in entry else None,
        is_essential=entry.get("is_essential", False),
    )


def _ask(entry: dict[str, Any], posted_at: datetime) -> DemoAsk:
    """`day` and `answer` count school days from the message on."""
    written_on = at_school(posted_at).date()
    answer_by = workdays_after(written_on, entry["answer"]) if "answer" in entry else None
    named = {
        name: entry[name]
        for name in ("tasks", "options", "is_anonymous", "venue", "begins_at", "capacity")
        if name in entry
    }
    return DemoAsk(entry["kind"], workdays_after(written_on, entry["day"]), answer_by, **named)


def _reply(entry: dict[str, Any], posted_at: datetime) -> DemoReply:
    if "days" in entry:
        at = on_day(workdays_after(at_school(posted_at).date(), entry["days"]), entry["at"])
    else:
        at = posted_at + timedelta(minutes=entry["after"])
    return DemoReply(author=entry["from"], text=entry["text"].strip(), at=at)


def _dated(text: str, posted_at: datetime) -> str:
    written_on = at_school(posted_at).date()
    return _DAY_MARK.sub(lambda mark: day_in_words(workdays_after(written_on, int(mark[1]))), text).strip()
