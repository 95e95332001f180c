"""How many random examples the tests draw: enough for every day, or the long sizes of `run.py test --long`.

In CI the draws are the same each time, so that a red run points at the change and not at luck.
"""

import os

import pytest
from hypothesis import settings

settings.register_profile("daily", deadline=None, derandomize="CI" in os.environ)
settings.register_profile("long", deadline=None, max_examples=5000)
settings.load_profile("daily")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--backwards", action="store_true", help="the last test first: no test may need another before it")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--backwards"):
        items.reverse()
