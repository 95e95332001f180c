"""No page costs more than its limit, as it is served: a short form of `run.py bench served`."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.bench.served import FLOOR, forms_of, pages_of
from tests.bench.tree import Tree
from tests.bench.world import grow
from tests.drills.machine import Installation, needs_front, needs_postgres, needs_redis

pytestmark = [needs_redis, needs_front, needs_postgres, pytest.mark.django_db(transaction=True)]


def test_no_page_costs_more_than_its_limit(
    kring: Installation, settings: Any, book: Callable[[str, object], None]
) -> None:
    settings.ROOT_URLCONF = "tests.bench.urls"
    world, tree = grow(), Tree(kring)
    pages, forms = pages_of(world), forms_of(world)
    costs = tree.measure(pages, turns=2, requests=3) | tree.measure(forms, turns=2, requests=3)
    times = {name: cost.cpu / costs[FLOOR].cpu for name, cost in costs.items()}
    book("served", ", ".join(f"{name} {much:.1f} x" for name, much in times.items()))
    assert {name: much for name, much in times.items() if much > (pages | forms)[name].limit} == {}
