"""One spelling for text that comes out of a file, and the signs that it was damaged on the way."""

import re
import unicodedata
from difflib import SequenceMatcher
from typing import Final

from groups.roster.domain.problems import Complaint

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
_TURNS_DIRECTION = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LOST = re.compile(r"[?\ufffd]")
_NO_NAME = re.compile(
    "[\u201a\u201e\u2026\u2020\u2021\u02c6\u2030\u2039\u203a\u201c\u201d\u2022\xa4\xa7\xa9\xae\xb0\xb1\xb6]"
    "|(?<=\\w)\u2018|(?<=[a-z\xdf-\xff])[\u0160\u017d\u0178\u0152]"
)
_ABROAD = re.compile(r"[^\x00-\x7f]+")
_NO_LETTER = re.compile(r"[\W_]+")
ALIKE: Final = 0.8


def clean(text: str) -> str:
    """NFC, single spaces, nothing invisible at the ends or in between."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_INVISIBLE).split())


def fold(*parts: str) -> str:
    """How names are compared: "de Boer" in one column equals "de" and "Boer" in two."""
    return clean(" ".join(part for part in parts if part)).casefold()


def bare(*parts: str) -> str:
    """What is left of a name without accents, signs and capitals: "Saïd El-Amrani" is "said el amrani"."""
    letters = unicodedata.normalize("NFKD", fold(*parts))
    return _NO_LETTER.sub(" ", "".join(one for one in letters if not unicodedata.combining(one))).strip()


def alike(one: str, two: str) -> bool:
    """Two bare names that are the same, or differ as a slip of the pen does."""
    return bool(one and two) and (one == two or SequenceMatcher(None, one, two).ratio() >= ALIKE)


def damage_in(text: str) -> Complaint | None:
    """What shows that a name or address is not what was once typed."""
    if any(unicodedata.category(letter) in {"Cc", "Cs", "Co"} or letter in _TURNS_DIRECTION for letter in text):
        return Complaint.HIDDEN_CHARACTER
    return Complaint.LOST_LETTER if _LOST.search(text) else None


def of_another_machine(text: str) -> bool:
    """Whether a name holds what no name has: where Windows has these signs, a Mac and MS-DOS have letters.

    Example: "RenŽ" was "René" on a Mac, and "Zo‰" was "Zoë" under MS-DOS.
    """
    return bool(_NO_NAME.search(text))


def before_saved_twice(text: str) -> str:
    """What stood there before a program took UTF-8 for Windows-1252 and saved it anew: "Ã–mer" was "Ömer".

    Itself where that did not happen. Asked of text as it stands in the file: in what is cleaned, half of such a letter
    may have become a space.
    """
    while (before := _ABROAD.sub(lambda found: _once_less(found[0]), text)) != text:
        text = before
    return text


def _once_less(letters: str) -> str:
    try:
        return b"".join(map(_as_windows, letters)).decode()
    except UnicodeError:
        return letters


def _as_windows(letter: str) -> bytes:
    """Its byte; the five that Windows-1252 leaves open are written through, as Windows does."""
    try:
        return letter.encode("cp1252")
    except UnicodeEncodeError:
        return letter.encode("latin-1")
