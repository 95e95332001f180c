"""Spots on a picture that are to be blurred, as somebody drew them."""

import math
from collections.abc import Iterable
from typing import NamedTuple

MOST_SPOTS = 50


class Spot(NamedTuple):
    """An ellipse: its middle and its two radii, in parts (0 to 1) of the picture's width and height."""

    x: float
    y: float
    across: float
    down: float


class BadSpotsError(Exception):
    """No spots, too many, or one that lies nowhere on a picture."""


def checked(spots: Iterable[Iterable[float]]) -> list[Spot]:
    """The spots, when each is one. Raises `BadSpotsError`."""
    try:
        read = [Spot(*map(float, spot)) for spot in spots]
    except (TypeError, ValueError, OverflowError):
        raise BadSpotsError from None
    if not 1 <= len(read) <= MOST_SPOTS or not all(map(_is_on_a_picture, read)):
        raise BadSpotsError
    return read


def _is_on_a_picture(spot: Spot) -> bool:
    """Every comparison with a NaN is false."""
    return all(0 <= middle <= 1 for middle in spot[:2]) and all(0 < radius <= 1 for radius in spot[2:])


def cells(ticked: Iterable[int], *, a_side: int) -> list[Spot]:
    """The spots that cover these cells of a grid of `a_side` × `a_side`, corners and all; counted row by row."""
    half = 1 / (2 * a_side)
    radius = half * math.sqrt(2)
    return [Spot((n % a_side * 2 + 1) * half, (n // a_side * 2 + 1) * half, radius, radius) for n in ticked]
