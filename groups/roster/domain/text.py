"""One spelling for text that comes out of a file, and the signs that it was damaged on the way."""

import re
import unicodedata
from difflib import SequenceMatcher
from typing import Final

from groups.roster.domain.problems import Complaint

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
_TURNS_DIRECTION = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LOST = re.compile(r"[?\ufffd]")
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
