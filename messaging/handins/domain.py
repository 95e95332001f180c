"""What somebody changed in a text, word by word."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

_WORDS = re.compile(r"\S+|\s+")


class Stretch(NamedTuple):
    """A stretch of text: it stood there ("kept"), it came ("new"), or it went ("gone")."""

    text: str
    change: str


def difference(before: str, after: str) -> list[Stretch]:
    """Both texts in one reading: what is "kept" and "gone" is `before`, what is "kept" and "new" is `after`."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    return list(_pieces(old, new))


def _pieces(old: list[str], new: list[str]) -> Iterator[Stretch]:
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Stretch("".join(old[a:b]), "kept")
            continue
        if a < b:
            yield Stretch("".join(old[a:b]), "gone")
        if c < d:
            yield Stretch("".join(new[c:d]), "new")
