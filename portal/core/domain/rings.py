"""The ring of seats: the one drawing behind every count in Kring.

A seat has a round back, sides that run to the centre and a straight front. Coordinates are those of an SVG
with viewBox `-50 -50 100 100`; angles are radians, clockwise from the top.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import asin, cos, pi, sin

MOST_SEATS = 40
BACK_AT = 43.0
EDGE = 49.3
WIDEST = pi / 8 * 0.86
INSET = 0.6
REMEMBERED = 2_000


@dataclass(frozen=True)
class Ring:
    """The two drawings of a ring: `taken` are filled seats, `free` are outlines."""

    taken: str
    free: str


def seats_shown(total: int, taken: int) -> tuple[int, int]:
    """How many seats are drawn and how many of them are filled.

    Above `MOST_SEATS` the ring keeps its proportions, but never looks complete while somebody is missing and
    never looks empty when somebody is there.
    """
    total = max(total, 0)
    taken = min(max(taken, 0), total)
    if total <= MOST_SEATS:
        return total, taken
    scaled = round(taken * MOST_SEATS / total)
    if taken < total:
        scaled = min(scaled, MOST_SEATS - 1)
    if taken:
        scaled = max(scaled, 1)
    return MOST_SEATS, scaled


@lru_cache(REMEMBERED)
def draw_ring(total: int, taken: int) -> Ring:
    """The paths of a ring with `taken` of `total` seats filled, clockwise from the top."""
    shown, filled = seats_shown(total, taken)
    return Ring(
        taken="".join(_seat(place, shown, inset=0.0) for place in range(filled)),
        free="".join(_seat(place, shown, inset=INSET) for place in range(filled, shown)),
    )


def _seat(place: int, shown: int, *, inset: float) -> str:
    """One seat; an outlined one is drawn `inset` smaller, so that its stroke ends where a filled one does."""
    half = min(pi / shown * 0.86, WIDEST)
    back = min(BACK_AT, EDGE / (1 + sin(half)))
    radius = back * sin(half) - inset
    front = back - (5 + back * sin(half) / 4) + inset
    middle = 2 * pi * place / shown
    half = asin(radius / back)
    side = back * cos(half)
    left, right = middle - half, middle + half
    corner = front / cos(half)
    return (
        f"M{_point(side, left)}A{_short(radius)} {_short(radius)} 0 1 1 {_point(side, right)}"
        f"L{_point(corner, right)} {_point(corner, left)}Z"
    )


def _point(distance: float, angle: float) -> str:
    return f"{_short(distance * sin(angle))} {_short(-distance * cos(angle))}"


def _short(number: float) -> str:
    """At most two decimals, without trailing zeros and without a minus before zero."""
    return f"{round(number, 2) + 0:.2f}".rstrip("0").rstrip(".")
