"""An access request (AVG 12 and 15): until when it is answered, and what is made black in the copy."""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date

from messaging.writings.domain.naming import Names, pieces_of
from portal.core.domain.chain import digest

BLACK = "█████"
"""As long for every name: its length says nothing."""
MONTHS, EXTENDED = 1, 3


def due_on(received_on: date, *, is_extended: bool = False) -> date:
    """One month after it came in; with the one extension two months more (AVG 12, 3)."""
    return months_later(received_on, EXTENDED if is_extended else MONTHS)


def months_later(day: date, months: int) -> date:
    """The same day so many months on; the last of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def lines_of(text: str) -> list[str]:
    """The lines of a text that say something."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def marks_of(grounds: Mapping[int, str], black: Iterable[str], other: str) -> str:
    """What is said of the lines of a copy, as one word that is the same for the same."""
    return digest(repr((sorted(grounds.items()), sorted({*black}), other)).encode())


def blackened(text: str, words: Names) -> str:
    """The text with a black block for each of these words."""
    parts = pieces_of(text, words.mentioned_in(text))
    return "".join(BLACK if part.is_name else part.text for part in parts)


def named_in(text: str, names: Names) -> set[str]:
    """Names that stand in a text without a doubt: of several words, or one word with its capital (Wil, not wil)."""
    mentions = names.mentioned_in(text)
    return {one.name for one in mentions if " " in one.name or text[one.start].isupper()}
