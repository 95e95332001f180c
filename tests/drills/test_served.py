"""No page costs more than its limit, as it is served: a short form of `run.py bench served`.

A page above its limit is measured once more, beside the floor, as the other half of the run shares this machine's
caches: what is slow is slow twice.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.bench.served import FLOOR, forms_of, pages_of
from tests.bench.tree import Page, Tree
from tests.bench.world import grow
from tests.drills.machine import Installation, needs_front, needs_postgres, needs_redis

pytestmark = [needs_redis, needs_front, needs_postgres, pytest.mark.django_db(transaction=True)]


def test_no_page_costs_more_than_its_limit(
    kring: Installation, settings: Any, book: Callable[[str, object], None]
) -> None:
    settings.ROOT_URLCONF = "tests.bench.urls"
    world, tree = grow(), Tree(kring)
    pages, forms = pages_of(world), forms_of(world)
    times = _times(tree, pages) | _times(tree, {FLOOR: pages[FLOOR]} | forms)
    book("served", ", ".join(f"{name} {much:.1f} x" for name, much in times.items()))
    dear = {name: page for name, page in (pages | forms).items() if times[name] > page.limit}
    again = _times(tree, {FLOOR: pages[FLOOR]} | dear) if dear else {}
    assert {name: (times[name], again[name]) for name, page in dear.items() if again[name] > page.limit} == {}


def _times(tree: Tree, pages: Mapping[str, Page]) -> dict[str, float]:
    """How many times the floor of the same turns each page costs; of three turns the middle one."""
    costs = tree.measure(pages, turns=3, requests=2)
    return {name: cost.cpu / costs[FLOOR].cpu for name, cost in costs.items()}
