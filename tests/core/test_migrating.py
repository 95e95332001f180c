"""`manage.py migrate` while others use the tables: one at a time, with short waits for locks, and an end in words."""

import threading
from collections.abc import Iterator
from io import StringIO
from typing import Any

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.core.management.commands import migrate as of_django
from django.db import OperationalError, connection, models, transaction
from django.db.migrations.state import ModelState, ProjectState

from portal.core import database_roles, migrating, triggers

pytestmark = [
    pytest.mark.engines,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="locks are PostgreSQL's"),
]
TABLE = "core_vitalsign"


@pytest.fixture
def other(transactional_db: None) -> Iterator[Any]:
    """Somebody else at the same database, in a transaction."""
    told = connection.get_connection_params()
    link = psycopg2.connect(**{name: value for name, value in told.items() if name != "cursor_factory"})
    with link.cursor() as cursor:
        yield cursor
    link.close()


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"TRIES": 2, "PAUSE": 0.1, "WAITS_FOR_A_LOCK": "200ms"}.items():
        monkeypatch.setattr(migrating, name, value)


def migrate(**options: Any) -> str:
    said = StringIO()
    call_command("migrate", interactive=False, stdout=said, **options)
    return said.getvalue()


def begin(cursor: Any) -> None:
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [database_roles.ONE_AT_A_TIME])


def hold(cursor: Any) -> None:
    cursor.execute(f"LOCK TABLE {TABLE} IN ACCESS SHARE MODE")


def change() -> None:
    """As a migration does: in a transaction, and nobody may use the table meanwhile."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {TABLE} IN ACCESS EXCLUSIVE MODE")


def test_another_one_under_way_is_waited_for(other: Any) -> None:
    begin(other)
    threading.Timer(1.0, other.connection.rollback).start()
    assert "Another migrate is under way" in migrate()


def test_one_that_goes_on_for_long_is_named_and_nothing_is_done(other: Any) -> None:
    begin(other)
    with pytest.raises(CommandError, match="still under way, so this one did nothing"):
        migrate(wait=0.2)


def test_whoever_only_asks_waits_for_nobody(other: Any) -> None:
    begin(other)
    assert "Planned operations" in migrate(plan=True, wait=0.2)


def test_roles_wait_for_it_too(other: Any) -> None:
    begin(other)
    made = database_roles.RoleAccount("nobody_at_all", "x")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '200ms'")
        with pytest.raises(OperationalError, match="lock timeout"):
            database_roles.make(cursor, database="x", owner=made, app=made)
        transaction.set_rollback(True)


def test_a_table_in_use_is_tried_again(other: Any) -> None:
    hold(other)
    waited: list[int] = []

    def let_go() -> None:
        waited.append(1)
        other.connection.rollback()

    migrating.again(connection, change, let_go)
    assert waited == [1]


def test_a_table_in_use_for_long_ends_in_words_that_say_what_is_done(
    other: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And of what was under way nothing stays."""
    hold(other)

    def two(self: Any, *args: Any, **options: Any) -> None:
        self.verbosity = 0
        for name in ("one", "two"):
            self.migration_progress_callback("apply_start", f"core.{name}")
            if name == "two":
                change()
            self.migration_progress_callback("apply_success", f"core.{name}")

    monkeypatch.setattr(of_django.Command, "handle", two)
    with pytest.raises(CommandError) as told:
        migrate()
    assert "core.two got no lock in 2 tries" in str(told.value)
    assert "Done and kept, of this time: core.one" in str(told.value)


def test_another_fault_is_not_tried_again(transactional_db: None) -> None:
    def fails() -> None:
        raise OperationalError("disk full")

    with pytest.raises(OperationalError, match="disk full"):
        migrating.again(connection, fails, pytest.fail)


def test_a_short_wait_is_of_the_transaction_alone(transactional_db: None) -> None:
    """A pooler lends the connection to somebody else afterwards."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        before = cursor.fetchone()
        migrating.again(connection, change, pytest.fail)
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == before


def test_triggers_that_are_there_ask_for_no_lock(other: Any) -> None:
    """Otherwise each start of Kring would have everybody wait."""
    triggers.install(connection)
    for table in sorted({one.table for one in triggers.expected("postgresql")}):
        other.execute(f'LOCK TABLE "{table}" IN ROW EXCLUSIVE MODE')
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '200ms'")
        triggers.install(connection)


@pytest.mark.parametrize("hurt", ["ALTER TABLE {0} DISABLE TRIGGER {1}", "DROP TRIGGER {1} ON {0}"])
def test_a_trigger_that_is_not_as_it_must_be_is_put_back(transactional_db: None, hurt: str) -> None:
    triggers.install(connection)
    one = triggers.expected("postgresql")[0]
    with connection.cursor() as cursor:
        cursor.execute(hurt.format(f'"{one.table}"', f'"{one.name}"'))
        assert one.name not in triggers.present(connection)
        triggers.install(connection)
    assert one.name in triggers.present(connection)


def test_an_index_is_made_while_people_write(other: Any) -> None:
    """And again where half of one was left: PostgreSQL keeps it, and would refuse the name."""
    index = models.Index(fields=["name"], name="core_vital_name_now")
    before = ProjectState()
    before.add_model(
        ModelState("core", "VitalSign", [("id", models.BigAutoField(primary_key=True)), ("name", models.TextField())])
    )
    after = before.clone()
    operation = migrating.AddIndexBeside("vitalsign", index)
    operation.state_forwards("core", after)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE INDEX {index.name} ON {TABLE} (id)")
    with connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("core", editor, before, after)
        with connection.cursor() as cursor:
            cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [index.name])
            assert "(name)" in cursor.fetchone()[0]
        operation.database_backwards("core", editor, after, before)
