"""Which tests a run asks of which database, and how many random examples it draws (tests/share.py).

In CI the draws are the same each time, so that a red run points at the change and not at luck.
"""

import os
from collections.abc import Generator
from typing import Any
from zlib import crc32

import pytest
from django.db import connection
from hypothesis import Phase, settings
from xdist.scheduler import LoadScopeScheduling

from tests.cast import turn_of
from tests.ground import commits, ground_of

ENGINES = ("sqlite", "postgresql")
DATABASE = {"db", "transactional_db", "django_db_setup", "live_server", "migrator", "house"}
OF_THE_TRIAL_VERSION = ("demo", "e2e")
"""Folders of tests that start from what is seeded on SQLite; on PostgreSQL the roles of an installation seed it
(tests/deploy/test_roles.py).
"""
OF_EVERY_ENGINE = ("architecture", "deploy", "drills", "permissions")
"""Folders of tests about what a database does itself, or about who may see what: each engine is asked, in every run."""

FIRST = ("e2e test_gate.py", "drills", "tests/permissions/test_matrix.py", "roles", "tests/permissions", "e2e")
"""What takes long begins early, so that no process is left with it at the end.

One file of journeys comes before the others: with it the trial version is seeded, for which the others would wait.
"""

settings.register_profile("daily", deadline=None, derandomize="CI" in os.environ)
settings.register_profile("long", deadline=None, max_examples=5000)
settings.register_profile(
    "mutation", deadline=None, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate]
)
settings.register_profile("shared", settings.get_profile("daily"), max_examples=20)
settings.load_profile("daily")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--backwards", action="store_true", help="the last test first: no test may need another before it")
    parser.addoption("--engine", action="store_true", help="only what may differ between one database and another")
    parser.addoption("--shared", action="store_true", help="this engine's share, where a run on the other has the rest")
    parser.addoption("--leaks-since", metavar="REVISION", help="plant the leaks of files that changed since then, too")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--shared"):
        settings.load_profile("shared")  # before the tests are read, which ask `tests.share` how much they try


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--backwards"):
        items.reverse()
    for option, is_wanted in (("--engine", needs_engine), ("--shared", in_share)):
        if config.getoption(option):
            left_out = [item for item in items if not is_wanted(item)]
            items[:] = [item for item in items if is_wanted(item)]
            config.hook.pytest_deselected(items=left_out)
    if config.getoption("loadgroup", False):
        items[:] = in_order(items)


def together_with(item: pytest.Item) -> str:
    """What runs in one process, one after another: its group, or its file, whose tests share what they start from."""
    group = item.get_closest_marker("xdist_group")
    return group.args[0] if group else item.nodeid.partition("::")[0]


def in_order(items: list[pytest.Item]) -> list[pytest.Item]:
    """What is `FIRST`; then files that stand on the same grounds side by side, the larger ones first; then the rest,
    whose files are done in a moment."""
    units: dict[str, list[pytest.Item]] = {}
    for item in items:
        units.setdefault(together_with(item), []).append(item)

    def place(unit: str) -> tuple[int, bool, list[str], int]:
        first = next((place for place, name in enumerate(FIRST) if unit.startswith(name)), len(FIRST))
        asking = [item for item in units[unit] if needs_engine(item)]
        return first, not asking, sorted({*map(ground_of, asking)}), -len(units[unit])

    return [item for unit in sorted(units, key=place) for item in units[unit]]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Why a journey failed at its first try: what passes at the second is not looked at otherwise."""
    for report in terminalreporter.getreports("rerun"):
        terminalreporter.section(f"first try of {report.nodeid}")
        terminalreporter.write_line(report.longreprtext)


class ByFile(LoadScopeScheduling):
    """Hands out `together_with`, in the order in which it was collected."""

    def _split_scope(self, nodeid: str) -> str:
        is_grouped = nodeid.rfind("@") > nodeid.rfind("]")
        return nodeid.rpartition("@")[2] if is_grouped else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True, wrapper=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """One more than there are cores: a journey waits for its page, a drill for its server, half of the time."""
    return (yield) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    config.option.loadscopereorder = False
    return ByFile(config, log) if config.getvalue("dist") == "loadgroup" else None


def in_share(item: pytest.Item) -> bool:
    return connection.vendor in asked_of(item)


def asked_of(item: pytest.Item) -> tuple[str, ...]:
    """The engines that a run on both of them asks this test of.

    A page, a form, a mail is the same on each, so a file of such tests is one engine's; its name says which, and the
    night asks both. What asks no database is PostgreSQL's, as SQLite has the journeys. Where a rule is tried on
    everybody `by_turns`, each of them is. What is marked `engines` is asked of both, or of the one that it names.
    """
    folder, marked = folder_of(item), item.get_closest_marker("engines")
    if marked and marked.args:
        return marked.args
    if not needs_engine(item):
        return ENGINES[:1] if folder in OF_THE_TRIAL_VERSION else ENGINES[1:]
    person = getattr(getattr(item, "callspec", None), "params", {}).get("name")
    if person and item.get_closest_marker("by_turns"):
        return (turn_of(person),)
    if folder in OF_EVERY_ENGINE or marked or commits(item):
        return ENGINES
    return (ENGINES[crc32(item.path.name.encode()) % len(ENGINES)],)


def needs_engine(item: pytest.Item) -> bool:
    """Whether a test asks a database that may be PostgreSQL, its own or one of a program that it starts."""
    fixtures = set(getattr(item, "fixturenames", ()))
    asks = bool(fixtures & DATABASE) or item.get_closest_marker("django_db") is not None
    return asks and folder_of(item) not in OF_THE_TRIAL_VERSION


def folder_of(item: pytest.Item) -> str:
    return item.path.relative_to(item.config.rootpath / "tests").parts[0]
