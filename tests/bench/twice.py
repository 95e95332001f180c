"""Every page twice: with the data there are, and with more; each time beside the floor of that moment."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from django.test.utils import override_settings

from portal.core.models import User
from tests.bench.cost import Cost, Visit, compare
from tests.bench.tree import ACCEL, Page

FLOOR = Visit("/vloer/")
TOGETHER = 1
"""Requests of a turn."""


class Twice(NamedTuple):
    """What a page costs before and after, and how many times as much that is, floors against floors."""

    small: Cost
    large: Cost
    times: float


def twice(pages: Mapping[str, Page], enlarge: Callable[[], None]) -> dict[str, Twice]:
    """Prints a line a page."""
    before = _costs(pages)
    enlarge()
    after = _costs(pages)
    found = {name: _twice(*before[name], *after[name]) for name in pages}
    for name, (small, large, times) in found.items():
        print(
            f"  {name:<26} cpu {small.cpu:7.2f} -> {large.cpu:7.2f} ms   {times:5.2f} x   "
            f"{small.queries} -> {large.queries} SQL"
        )
    return found


def _twice(small: Cost, floor: Cost, large: Cost, large_floor: Cost) -> Twice:
    return Twice(small, large, (large.cpu / large_floor.cpu) / (small.cpu / floor.cpu))


def _costs(pages: Mapping[str, Page]) -> dict[str, tuple[Cost, Cost]]:
    """Of each page, and of the floor in turns with it."""
    return {name: _cost(page, page.reader) for name, page in pages.items()}


def _cost(page: Page, reader: User) -> tuple[Cost, Cost]:
    with override_settings(KRING_ACCEL=ACCEL):
        found, floor = compare([page.visit(), FLOOR], [reader] * TOGETHER)
    return found, floor
