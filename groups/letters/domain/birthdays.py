"""A date of birth as people type it: 4-12-2018, 04122018, 4/12/18, 4 december 2018 or december 4, 2018."""

import re
from datetime import date

_MONTHS = (
    ("januari", "january"),
    ("februari", "february"),
    ("maart", "march", "mrt"),
    ("april",),
    ("mei", "may"),
    ("juni", "june"),
    ("juli", "july"),
    ("augustus", "august"),
    ("september",),
    ("oktober", "october"),
    ("november",),
    ("december",),
)
_DIGITS = re.compile(r"(\d{1,2})[^\w]+(\d{1,2})[^\w]+(\d{4}|\d{2})|(\d{2})(\d{2})(\d{4})", re.ASCII)
_TURNED = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_WORDS = re.compile(r"(\d{1,2})[^\w]*([a-z]{3,})[^\w]*(\d{4})", re.ASCII)
_MONTH_FIRST = re.compile(r"([a-z]{3,})[^\w]*(\d{1,2})[^\w]+(\d{4})", re.ASCII)


def read_birthday(typed: str) -> date | None:
    """The day that was typed, day before month where both are digits; None for what is no day in a calendar.

    A year of two digits is of this century: it is the birthday of a child.
    """
    text = typed.strip().lower()
    if turned := _TURNED.fullmatch(text):
        return _day(*map(int, reversed(turned.groups())))
    if digits := _DIGITS.fullmatch(text):
        day, month, year = (part for part in digits.groups() if part)
        return _day(int(day), int(month), int(year if len(year) == 4 else f"20{year}"))
    if words := _WORDS.fullmatch(text):
        return _day(int(words[1]), _month(words[2]), int(words[3]))
    turned_words = _MONTH_FIRST.fullmatch(text)
    return _day(int(turned_words[2]), _month(turned_words[1]), int(turned_words[3])) if turned_words else None


def _month(word: str) -> int:
    """The month that begins like this; 0 where there is none."""
    return next((n for n, names in enumerate(_MONTHS, 1) if any(name.startswith(word) for name in names)), 0)


def _day(day: int, month: int, year: int) -> date | None:
    try:
        return date(year, month, day) if year >= 1900 else None
    except ValueError:
        return None
