"""What every test shares: triggers lifted only for the runner's own flush, permissions resolved once, no waiting."""

import logging
from collections.abc import Iterator

import pytest
from django.core import mail
from django.db import connections
from django.test import Client, TransactionTestCase
from django.utils import timezone

from groups.models import School
from portal.core import access, triggers
from tests import canaries
from tests.cast import Cast, build
from tests.scene import Scene, write


@pytest.fixture(autouse=True, scope="session")
def _flush_lifts_triggers() -> Iterator[None]:
    """Append-only tables refuse the flush of a transactional test; only this lifts them, `migrate` puts them back."""
    flush = TransactionTestCase._fixture_teardown

    def lifted(self: TransactionTestCase) -> None:
        for alias in self._databases_names(include_mirrors=False):
            triggers.remove(connections[alias])
        flush(self)

    TransactionTestCase._fixture_teardown = lifted
    yield
    TransactionTestCase._fixture_teardown = flush


@pytest.fixture(autouse=True)
def _permissions_belong_to_this_database() -> Iterator[None]:
    access.forget_permissions()
    yield
    access.forget_permissions()


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


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> None:
    """The cast is made once per database; every test works in its own transaction on top of it."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        build(timezone.now())


@pytest.fixture
def cast(db: None) -> Cast:
    """The people of `tests.cast`; made again where a transactional test flushed them away."""
    if not School.objects.filter(brin="99CA").exists():
        access.forget_permissions()
        build(timezone.now())
    return Cast()


@pytest.fixture
def scene(cast: Cast) -> Scene:
    """Posts and replies of every kind on top of the cast, each with its canary token."""
    return write(cast, timezone.now())
