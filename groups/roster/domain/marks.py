"""How a group is recognised at a glance: a short label, a colour and a shape that no other group of the year has."""

import re
from collections.abc import Collection, Iterator
from typing import Final

COLOURS: Final = ("rood", "oranje", "geel", "groen", "lucht", "inkt", "pruim", "roze")
SHAPES: Final = ("rond", "huis", "hoek", "vierkant", "boog", "zes", "ruit", "kwart")
LABEL_LIMIT: Final = 3
_NUMBERED = re.compile(r"(?<!\d)(\d{1,2})(?:\s*[/-]\s*(\d)|\s*([A-Za-z])(?![A-Za-z]))?(?!\d)")
_WORD = re.compile(r"[^\W_]+")


def label_of(name: str) -> str:
    """ "Groep 4" is 4, "Groep 1/2" is 1/2, "Groep 3a" is 3A, "Lege groep" is LG."""
    if match := _NUMBERED.search(name):
        level, second, letter = match.groups()
        return (f"{level}/{second}" if second else f"{level}{letter or ''}".upper())[:LABEL_LIMIT]
    words = _WORD.findall(name)
    return "".join(word[0] for word in words).upper()[:LABEL_LIMIT] or "·"


def free_marks(taken: Collection[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Colour and shape for one group after another; after eight a colour comes back with another shape."""
    used = set(taken)
    rounds = (
        (COLOURS[i], SHAPES[(i + turn) % len(SHAPES)]) for turn in range(len(SHAPES)) for i in range(len(COLOURS))
    )
    yield from (mark for mark in rounds if mark not in used)
    while True:
        yield from zip(COLOURS, SHAPES, strict=True)
