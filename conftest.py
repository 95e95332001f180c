"""How many random examples the tests draw: enough for every day, or the long sizes of `run.py test --long`.

In CI the draws are the same each time, so that a red run points at the change and not at luck.
"""

import os
from pathlib import Path

import pytest
from hypothesis import Phase, settings

DATABASE = {"db", "transactional_db", "django_db_setup", "live_server", "migrator", "house"}
DEMO = Path("tests", "demo")
"""The demo is seeded on PostgreSQL by the roles of an installation: tests/deploy/test_roles.py."""

settings.register_profile("daily", deadline=None, derandomize="CI" in os.environ)
settings.register_profile("long", deadline=None, max_examples=5000)
settings.register_profile(
    "mutation", deadline=None, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate]
)
settings.load_profile("daily")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--backwards", action="store_true", help="the last test first: no test may need another before it")
    parser.addoption("--engine", action="store_true", help="only what may differ between one database and another")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--backwards"):
        items.reverse()
    if config.getoption("--engine"):
        free = [item for item in items if not needs_engine(item)]
        items[:] = [item for item in items if needs_engine(item)]
        config.hook.pytest_deselected(items=free)


def needs_engine(item: pytest.Item) -> bool:
    """Whether a test asks a database that may be PostgreSQL, its own or one of a program that it starts."""
    fixtures = set(getattr(item, "fixturenames", ()))
    asks = bool(fixtures & DATABASE) or item.get_closest_marker("django_db") is not None
    return asks and not item.path.is_relative_to(item.config.rootpath / DEMO)
