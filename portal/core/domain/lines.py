"""One line of text that people fill in about a school or about themselves, in its one spelling."""

import re
import unicodedata
from typing import Final

_UNSHOWABLE: Final = frozenset({"Cc", "Cf", "Co", "Cs"})
_DASHES: Final = dict.fromkeys(map(ord, "‐‑‒–—.,/"), "-")
_PHONE: Final = re.compile(r"\+?[0-9]+(?:[ -]+[0-9]+)*")
_FEWEST_DIGITS: Final = 8
_MOST_DIGITS: Final = 15


class UnreadableLineError(ValueError):
    """A character that no screen shows: pasted along, or damaged on the way."""


class NotAPhoneNumberError(ValueError):
    """Nobody could call this."""


def tidy_line(text: str) -> str:
    """NFC and single spaces. Raises `UnreadableLineError`."""
    line = " ".join(unicodedata.normalize("NFC", text).split())
    if any(unicodedata.category(character) in _UNSHOWABLE for character in line):
        raise UnreadableLineError
    return line


def tidy_sought(text: str) -> str:
    """What was typed or pasted to look for, in the spelling of a line; a character that no screen shows is left out."""
    words = " ".join(text.split())
    return tidy_line("".join(one for one in words if unicodedata.category(one) not in _UNSHOWABLE))


def tidy_phone(text: str) -> str:
    """A number as a telephone dials it: "(0597) 01.23.45" becomes "0597 01-23-45". Raises `NotAPhoneNumberError`.

    The zero in "+31 (0)597" is for callers from inside the country; with a country code nobody dials it.
    """
    number = tidy_line(text).translate(_DASHES)
    number = number.replace("(0)", "") if number.startswith("+") else number
    number = " ".join(re.sub(r"[()]", " ", number).split())
    digits = sum(character.isdigit() for character in number)
    if not _PHONE.fullmatch(number) or not _FEWEST_DIGITS <= digits <= _MOST_DIGITS:
        raise NotAPhoneNumberError
    return number
