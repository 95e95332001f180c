"""Tables that change while people read and write: one migrate at a time, and no long wait for a lock (docs/adr/0064).

Whoever waits for a table's lock has everybody behind it wait too. So a migration waits for two seconds, less than any
page does (`database_roles.OF_THE_APP`), lets all pass, and tries again.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.utils import CursorWrapper
from django.db.migrations import AddIndex
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from psycopg2 import errors, extensions

from portal.core.database_roles import ONE_AT_A_TIME

WAITS_FOR_A_LOCK = "2s"
TRIES, PAUSE = 20, 3.0


class OccupiedError(Exception):
    """Another migrate went on for longer than somebody wants to wait."""


class NoLockError(Exception):
    """Something else held a table each time that it was tried."""


class Unlike(NamedTuple):
    """How many migrations the tables lack, and how many they have that this release does not know."""

    missing: int
    newer: int


def unlike(connection: BaseDatabaseWrapper) -> Unlike:
    """How the tables differ from those of this release; those of a library that was taken out count as nothing."""
    loader = MigrationLoader(connection)
    nodes, applied = set(loader.graph.nodes), set(loader.applied_migrations)
    known = set(loader.disk_migrations) | {old for one in loader.disk_migrations.values() for old in one.replaces}
    apps = {app for app, _name in nodes}
    return Unlike(len(nodes - applied), sum(app in apps for app, _name in applied - known))


@contextmanager
def alone(connection: BaseDatabaseWrapper, patience: float, waits: Callable[[], None]) -> Iterator[None]:
    """Holds off every other migrate of this database. Raises `OccupiedError`.

    In a transaction of its own on a connection of its own: so it goes through a pooler, ends with who holds it, and
    has no snapshot that an index made concurrently would wait for.
    """
    beside = connection.copy()
    try:
        beside.set_autocommit(False)
        with beside.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0")
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
            if not cursor.fetchone()[0]:
                waits()
                _wait_for_it(cursor, patience)
        yield
    finally:
        beside.close()


def _wait_for_it(cursor: CursorWrapper, patience: float) -> None:
    cursor.execute(f"SET LOCAL lock_timeout = {round(patience * 1000)}")
    try:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    except OperationalError as error:
        if not _is_no_lock(error):
            raise
        raise OccupiedError from None


def again(connection: BaseDatabaseWrapper, deed: Callable[[], object], waits: Callable[[], None]) -> None:
    """Do it with short waits for locks, and again when one was not to be had. Raises `NoLockError`."""
    for number in range(1, TRIES + 1):
        try:
            with connection.execute_wrapper(_briefly):
                deed()
        except OperationalError as error:
            if not _is_no_lock(error):
                raise
        else:
            return
        if number < TRIES:
            waits()
            time.sleep(PAUSE)
    raise NoLockError


def _is_no_lock(error: OperationalError) -> bool:
    return isinstance(error.__cause__, errors.LockNotAvailable | errors.DeadlockDetected)


def _briefly(
    execute: Callable[..., object], sql: str, params: object, many: bool, context: Mapping[str, BaseDatabaseWrapper]
) -> object:
    """At the begin of each transaction, and for that alone: a pooler lends its connections to others afterwards."""
    connection = context["connection"]
    line = connection.connection
    if connection.in_atomic_block and line.get_transaction_status() == extensions.TRANSACTION_STATUS_IDLE:
        with line.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{WAITS_FOR_A_LOCK}'")
    return execute(sql, params, many, context)


class AddIndexBeside(AddIndexConcurrently):
    """An index on a table that is in use; people write meanwhile. In a migration with `atomic = False`."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            AddIndex.database_forwards(self, app_label, schema_editor, from_state, to_state)
            return
        name = schema_editor.quote_name(self.index.name)  # half of one stays where it was stopped
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        way = AddIndexConcurrently if schema_editor.connection.vendor == "postgresql" else AddIndex
        way.database_backwards(self, app_label, schema_editor, from_state, to_state)
