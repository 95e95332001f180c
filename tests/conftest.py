"""What every test shares: its rows, put back after a test that commits; its middleware; an ear for what leaks."""

import gc
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import current_thread, main_thread
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import psycopg2
import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache, caches
from django.core.cache.backends.locmem import LocMemCache
from django.core.signals import setting_changed
from django.db import connection
from django.db.models.signals import pre_save
from django.test import Client, TransactionTestCase
from django.test.client import ClientHandler
from django.test.utils import CaptureQueriesContext, setup_databases, teardown_databases
from django.utils import timezone

from moderation.desk.domain import SCOPED_KINDS, WITHHELD
from moderation.desk.querysets.trail import OPEN_KINDS
from portal.core import plans, waiting
from portal.core.audit import words_of
from portal.core.models import AuditEvent
from tests import canaries
from tests.cast import Cast, build
from tests.ground import GROUNDS, commits, ground, ground_of, neighbours
from tests.scene import Scene, write
from tests.seeding import grow_once, seed_once
from tests.snapshot import take

CONFIGURED = connection.settings_dict["NAME"]
"""The database as configured: of a developer, or worse. No test may ever write there."""
ENDED = (psycopg2.OperationalError, psycopg2.InterfaceError)
"""A drill ended every line of the database; putting back what was begun on one of these is the second of them."""
GROUNDS["scene_as_written"] = lambda: write(Cast(), timezone.now())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = neighbours(items)


def pytest_make_parametrize_id(val: object) -> str | None:
    """A name goes from process to process with each report of its test; that of a file would be its 15 MB, escaped."""
    return f"{val[:20]!r} and on" if isinstance(val, str | bytes) and len(val) > 200 else None


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the collector need not look through it again at each of its rounds."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(autouse=True, scope="session")
def _one_chain_of_middleware() -> Iterator[None]:
    """Each client of a test would make it anew, and look for every static file; made again where a setting changes."""
    load, chains = ClientHandler.load_middleware, {}

    def loaded(self: ClientHandler) -> None:
        if not chains:
            load(self)
            chains.update(vars(self))
        vars(self).update(chains, enforce_csrf_checks=self.enforce_csrf_checks)

    def forget(**_: object) -> None:
        chains.clear()

    setting_changed.connect(forget)
    with patch.object(ClientHandler, "load_middleware", loaded):
        yield
    setting_changed.disconnect(forget)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The ledgers of the drills, also of those that passed."""
    reports = [report for name in ("passed", "failed") for report in terminalreporter.stats.get(name, [])]
    ledgers = [value for report in reports for name, value in report.user_properties if name == "ledger"]
    if ledgers:
        terminalreporter.section("ledgers")
        terminalreporter.write_line("\n".join(sorted(ledgers)))


@pytest.fixture(autouse=True, scope="session")
def _every_answer_is_scanned() -> Iterator[None]:
    plain = Client.request
    Client.request = canaries.watch(plain)  # type: ignore[method-assign]
    yield
    Client.request = plain  # type: ignore[method-assign]


class _LogEar(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        canaries.note(f"log {record.name}", record.getMessage() + (record.exc_text or ""), reader="")


@pytest.fixture(autouse=True)
def _no_canary_leaks() -> Iterator[None]:
    """The test that lets a token out fails, whatever else it was about."""
    ear = _LogEar()
    logging.getLogger().addHandler(ear)
    canaries.leaks.clear()
    yield
    logging.getLogger().removeHandler(ear)
    canaries.scan_mails(getattr(mail, "outbox", []))
    assert canaries.leaks == []


@pytest.fixture(autouse=True)
def _nothing_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests share their people, and what happens in one is undone: nothing of it may be remembered for the next.

    The processes of a run share their Redis besides, and in the database of each people have the same numbers.
    """
    monkeypatch.setattr(waiting, "REMEMBERED", 0)
    if isinstance(caches["default"], LocMemCache):
        cache.clear()
    else:
        own = uuid4().hex
        monkeypatch.setitem(settings.CACHES["default"], "KEY_PREFIX", own)  # of a thread that has yet to ask
        monkeypatch.setattr(caches["default"], "key_prefix", own)


@pytest.fixture(autouse=True, scope="session")
def _the_trail_has_words() -> Iterator[None]:
    """Whatever a test makes happen, the directie reads it in words and not as "did something"."""

    def told(instance: AuditEvent, **_: object) -> None:
        is_read = instance.subject_kind in {*OPEN_KINDS, *SCOPED_KINDS} and instance.verb not in WITHHELD
        assert not is_read or instance.verb == "tested" or words_of(instance.verb) != words_of(""), instance.verb

    pre_save.connect(told, sender=AuditEvent)
    yield
    pre_save.disconnect(told, sender=AuditEvent)


@contextmanager
def plans_kept() -> Iterator[None]:
    """Questions are asked by their functions from the second time on, which a line beside the test's transaction makes.

    That is as it is served; otherwise no function was ever called, as nothing is made within a transaction. What a test
    captures says in words what such a call asks, as it looks for tables there.
    """
    words: dict[str, str] = {}
    lines: dict[str, Any] = {}

    def call_from_now(question: plans.KeptQuestion, *args: Any) -> None:
        make(question, *args)
        if question._call:  # otherwise it would be said of whatever begins with a bracket
            words[question._call.split("(")[0]] = question._text

    def in_words(context: CaptureQueriesContext) -> list[dict[str, str]]:
        captured = captured_queries.fget(context)
        return [{**one, "sql": f"{words.get(one['sql'].split('(')[0], '')} {one['sql']}".strip()} for one in captured]

    def fulfil(params: dict[str, Any]) -> None:
        line = lines.get(name := params["dbname"])
        if line is None or line.closed:
            line = lines[name] = psycopg2.connect(**params)  # and no new one for each: that was a twentieth of a run
        with suppress(*ENDED), line, line.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '500ms'")  # without LOCAL a pooler hands it on to others
            plain(line)

    def line_of(connection: Any) -> Any:
        """None for the threads of a race: they hold a connection each, and a pooler has so many."""
        is_asked = connection.vendor == "postgresql" and current_thread() is main_thread()
        return connection.get_connection_params() if is_asked else None

    plain, make = plans._fulfil_one, plans.KeptQuestion.call_from_now
    captured_queries: Any = CaptureQueriesContext.captured_queries
    with (
        patch.object(plans.KeptQuestion, "call_from_now", call_from_now),
        patch.object(CaptureQueriesContext, "captured_queries", property(in_words)),
        patch.object(plans, "OFTEN", 1),
        patch.object(plans, "_line_of", line_of),
        patch.object(plans, "_fulfil_one", fulfil),
    ):
        yield
    for line in lines.values():
        line.close()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The cast is made once per database; every test works in its own transaction on top of it.

    pytest-django makes no database when no test in the run asks for one by itself, as those of the permissions alone.
    """
    with django_db_blocker.unblock():
        made = setup_databases(0, interactive=False) if connection.settings_dict["NAME"] == CONFIGURED else []
        if connection.vendor == "postgresql":
            name = connection.ops.quote_name(connection.settings_dict["NAME"])
            with connection.cursor() as cursor:  # nobody waits for the disk to keep what is thrown away
                cursor.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
        connection.close()  # the next one has the settings that are written into the database, also by `migrate`
        build(timezone.now())
        snapshot = take()
    with patch.object(TransactionTestCase, "_fixture_teardown", lambda _: snapshot.put_back()), plans_kept():
        yield
    with django_db_blocker.unblock():
        ground.take_up()
        teardown_databases(made, 0)


@pytest.fixture(scope="session")
def _of_this_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for all processes of this run together."""
    run = tmp_path_factory.getbasetemp()
    return run.parent if "PYTEST_XDIST_WORKER" in os.environ else run


@pytest.fixture(scope="session")
def grown(_of_this_run: Path) -> Path:
    """The data folder of an installation without schools; nobody may write there."""
    grow_once(folder := _of_this_run / "grown")
    return folder


@pytest.fixture(scope="session")
def seeded(_of_this_run: Path, grown: Path) -> Path:
    """The data folder of the trial version; nobody may write there."""
    seed_once(folder := _of_this_run / "seeded", grown)
    return folder


@pytest.fixture
def _its_ground(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> None:
    """The rows this test starts from, and no others."""
    with django_db_blocker.unblock():
        if commits(request.node):
            ground.take_up()
        elif not ground.lies(name := ground_of(request.node)):
            ground.take_up()
            ground.lay(name)


@pytest.fixture
def _django_db_helper(_its_ground: None, _django_db_helper: None) -> None:
    """Of pytest-django, which opens the transaction of the test; the ground lies outside it."""


@pytest.fixture(autouse=True, scope="class")
def _no_ground_under_a_class(request: pytest.FixtureRequest, django_db_blocker: Any) -> None:
    """A TestCase of Django opens its transaction for the whole class, before any of the fixtures above."""
    if issubclass(request.cls or object, TransactionTestCase):
        with django_db_blocker.unblock():
            ground.take_up()


@pytest.fixture
def cast(db: None) -> Cast:
    """The people of `tests.cast`."""
    return Cast()


@pytest.fixture
def scene_as_written(cast: Cast) -> Scene:
    """The ground of `scene`."""
    return ground.made("scene_as_written")


@pytest.fixture
def scene(scene_as_written: Scene) -> Scene:
    """Posts and replies of every kind on top of the cast, each with its canary token."""
    return scene_as_written
