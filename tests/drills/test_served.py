"""No page costs more than its limit, as it is served: a short form of `run.py bench served`."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.bench.served import FLOOR, grow, measure, pages_of
from tests.drills.machine import Installation, needs_front, needs_postgres, needs_redis

pytestmark = [needs_redis, needs_front, needs_postgres, pytest.mark.django_db(transaction=True)]


def test_no_page_costs_more_than_its_limit(
    kring: Installation, settings: Any, book: Callable[[str, object], None]
) -> None:
    settings.ROOT_URLCONF = "tests.bench.urls"
    pages = pages_of(grow())
    costs = measure(kring, pages, turns=2, requests=5)
    times = {name: cost.cpu / costs[FLOOR].cpu for name, cost in costs.items()}
    book("served", ", ".join(f"{name} {much:.1f} x" for name, much in times.items()))
    assert {name: much for name, much in times.items() if much > pages[name].limit} == {}
