"""Names of children in what is written about a group (POL-40): found whole, whatever the case, accents or possessive.

Pure: `Names` are looked for in any number of texts; each is found with where it stands.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from portal.core.domain.letters import APOSTROPHES

_LETTERS = str.maketrans(
    {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"} | APOSTROPHES
)
_POSSESSIVE = r"(?:'?s)?"
ALPHABET = 1_000
"""Characters of which it is remembered how they are compared: names hold the same few dozen."""
_BEFORE, _AFTER = r"(?<![^\W_])", r"(?![^\W_])"


@dataclass(frozen=True)
class Mention:
    """A name as it stands in a text, from `start` up to `end`; `name` is how it is compared."""

    name: str
    start: int
    end: int


@dataclass(frozen=True)
class TextPart:
    """A part of a text: a name, or what stands between names."""

    text: str
    is_name: bool


def fold(text: str) -> str:
    """A text as names are compared: without case, accents or what nobody sees; one gap, one apostrophe."""
    return " ".join(re.split(r"[\s\-‐‑–]+", _folded(text)[0])).strip()


@dataclass(frozen=True)
class Names:
    """Names to look for, in any number of texts."""

    names: tuple[str, ...]

    def mentioned_in(self, text: str) -> list[Mention]:
        """Each of these names in the text, in order; of names that overlap the longest."""
        if self._pattern is None:
            return []
        folded, at = _folded(text)
        return [
            Mention(fold(match["name"]), at[match.start("name")], at[match.end("name")])
            for match in self._pattern.finditer(folded)
        ]

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        """One pattern for all, the longest first."""
        wanted = sorted({fold(name) for name in self.names} - {""}, key=lambda name: (-len(name), name))
        if not wanted:
            return None
        written = "|".join(_as_written(name) for name in wanted)
        return re.compile(f"{_BEFORE}(?P<name>{written}){_POSSESSIVE}{_AFTER}")


def _as_written(name: str) -> str:
    """A name of several words is found with spaces or dashes between them."""
    return r"[\s\-‐‑–]+".join(re.escape(part) for part in name.split(" "))


def pieces_of(text: str, mentions: Sequence[Mention]) -> list[TextPart]:
    """The text cut at its mentions, to mark them: put together again it is the same text."""
    cut, at = [], 0
    for mention in mentions:
        cut += [
            TextPart(text[at : mention.start], is_name=False),
            TextPart(text[mention.start : mention.end], is_name=True),
        ]
        at = mention.end
    cut.append(TextPart(text[at:], is_name=False))
    return [piece for piece in cut if piece.text]


def _folded(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters (and its end) the place in the text it came from."""
    folded: list[str] = []
    at: list[int] = []
    for place, character in enumerate(text):
        for part in _fold_character(character):
            folded.append(part)
            at.append(place)
    return "".join(folded), [*at, len(text)]


@lru_cache(ALPHABET)
def _fold_character(character: str) -> str:
    plain = unicodedata.normalize("NFKD", character.translate(_LETTERS)).casefold()
    shown = (part for part in unicodedata.normalize("NFKD", plain) if unicodedata.category(part) not in {"Mn", "Cf"})
    return "".join(shown).translate(_LETTERS)
