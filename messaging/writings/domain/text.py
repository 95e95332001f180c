"""What people type, made one spelling: pure functions that run before anything is stored.

Nothing visible is changed. What nobody can see and others can abuse goes: invisible characters, characters that
turn the direction of a line (N6), piles of accents (N5), and long runs of empty lines (N4).
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, time
from typing import NotRequired, TypedDict, cast

TEXT_LIMIT = 20_000
TITLE_LIMIT = 150
BRING_LIMIT, COST_LIMIT, VENUE_LIMIT = 120, 60, 80
LINES_LIMIT = 1000
WORD_LIMIT = 1000
# Far above any text that could still fit after tidying: what is longer is not even looked at.
RAW_LIMIT = 10 * TEXT_LIMIT

_LINE_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb]")
_TURNS_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")
_FORBIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_SPACE_AT_LINE_END = re.compile(r"[^\S\n]+(?=\n|$)")
_TOO_MANY_EMPTY_LINES = re.compile(r"\n{5,}")
_MARKS_ON_ONE_LETTER = 4
_NOT_A_WORD = {"Cc", "Cf", "Mn", "Me", "Zs", "Zl", "Zp"}


class PostContent(TypedDict):
    """What a post says. Every version of it keeps the same. Without an `ask` it asks nothing.

    `bring` and `cost`: what comes along to what is asked, and what it costs, each in a few words. `options`: what there
    is to choose, one on a line; `takes_more`: more than one of them. `is_anonymous`: nobody knows who chose what.
    `tasks`: what there is to help with, one on a line. `answer_at`: the hour of the last day until which one answers.
    `venue` and `begins_at`: where and when one comes; `capacity`: for how many people there is room. `is_essential`:
    every family has to read it, whatever it asks.
    """

    topic: str
    title: str
    text: str
    replies: str
    ask: NotRequired[str]
    ask_on: NotRequired[date | None]
    answer_by: NotRequired[date | None]
    bring: NotRequired[str]
    cost: NotRequired[str]
    options: NotRequired[str]
    takes_more: NotRequired[bool]
    is_anonymous: NotRequired[bool]
    tasks: NotRequired[str]
    answer_at: NotRequired[time | None]
    venue: NotRequired[str]
    begins_at: NotRequired[time | None]
    capacity: NotRequired[int | None]
    is_essential: NotRequired[bool]


CONTENT = tuple(PostContent.__annotations__)


def content_in(values: Mapping[str, object]) -> PostContent:
    """What of these values a post says."""
    return cast(PostContent, {name: values[name] for name in CONTENT})


def words_with(title: str, text: str) -> str:
    """All that readers read of a text: its title too, where it has one."""
    return f"{title}\n\n{text}" if title else text


class TextRefusedError(ValueError):
    """A text that cannot be stored; the subclasses say why."""


class UnreadableTextError(TextRefusedError):
    """It holds control characters, which come from a broken copy or from a program (N7, N8)."""


class EmptyTextError(TextRefusedError):
    """Nothing in it can be seen (N2)."""


class TextTooLongError(TextRefusedError):
    """It is longer than `limit` characters (N3)."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


def tidy_text(raw: str) -> str:
    """A message of several lines: NFC, at most three empty lines in a row, no space around it.

    Raises a `TextRefusedError` when it is empty, unreadable or longer than `TEXT_LIMIT`.
    """
    text = _cleaned(raw)
    text = _SPACE_AT_LINE_END.sub("", text)
    text = _TOO_MANY_EMPTY_LINES.sub("\n" * 4, text)
    return _checked(text.strip(), TEXT_LIMIT)


def tidy_title(raw: str) -> str:
    """A title: the same on one line, with single spaces; longer than `TITLE_LIMIT` is refused."""
    return _checked(" ".join(_cleaned(raw).split()), TITLE_LIMIT)


def tidy_note(raw: str, limit: int) -> str:
    """A few words on one line, or none; more than `limit` characters are refused."""
    return _checked(line, limit) if (line := " ".join(_cleaned(raw).split())) else ""


def tidy_word(raw: str) -> str:
    """A word beside a decision, as a message but shorter; longer than `WORD_LIMIT` is refused."""
    return _checked(_SPACE_AT_LINE_END.sub("", _cleaned(raw)).strip(), WORD_LIMIT)


def tidy_word_if_any(raw: str) -> str:
    """The same where no word is asked for; nothing to be seen is no word."""
    try:
        return tidy_word(raw)
    except EmptyTextError:
        return ""


def _cleaned(raw: str) -> str:
    if len(raw) > RAW_LIMIT:
        raise TextTooLongError(TEXT_LIMIT)
    text = _LINE_BREAKS.sub("\n", raw)
    if _FORBIDDEN.search(text):
        raise UnreadableTextError
    text = _TURNS_DIRECTION.sub("", _INVISIBLE.sub("", text))
    return _without_piled_marks(unicodedata.normalize("NFC", text))


def _without_piled_marks(text: str) -> str:
    if text.isascii():
        return text
    characters, pile = [], 0
    for character in text:
        pile = pile + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        if pile <= _MARKS_ON_ONE_LETTER:
            characters.append(character)
    return "".join(characters)


def _checked(text: str, limit: int) -> str:
    if all(unicodedata.category(character) in _NOT_A_WORD for character in text):
        raise EmptyTextError
    if len(text) > limit:
        raise TextTooLongError(limit)
    return text
