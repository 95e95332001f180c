"""Whom to call when there is no line: the schools this Kring serves, the same for everybody who asks."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

MOST = 12
"""More numbers than this help nobody to find one: then the page says to call, and no number."""


class Number(NamedTuple):
    """A school by name, and its phone."""

    school: str
    phone: str


_known: list[Callable[[], Sequence[Number]]] = []


def register(numbers: Callable[[], Sequence[Number]]) -> None:
    """An app above knows the schools."""
    _known.append(numbers)


def numbers() -> list[Number]:
    """Those of the open schools, as long as there are few."""
    found = [number for known in _known for number in known()]
    return found if len(found) <= MOST else []


def numbers_if_known() -> list[Number]:
    """For a page that must come whatever is broken: without them where asking fails."""
    with suppress(Exception):
        return numbers()
    return []
