"""What every test shares: triggers lifted only for the runner's own flush, permissions resolved once, no waiting."""

from collections.abc import Iterator

import pytest
from django.db import connections
from django.test import TransactionTestCase

from portal.core import access, triggers


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
