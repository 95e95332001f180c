"""Append-only means append-only: raw UPDATE, DELETE and TRUNCATE are refused; a row cannot stray to another school."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from portal.core import triggers
from portal.core.models import AuditEvent

pytestmark = pytest.mark.django_db

APPEND_ONLY = {
    "consent_decision",
    "consent_purposetext",
    "core_auditevent",
    "core_dossierentry",
    "core_dossierpayload",
    "messaging_handinstep",
    "messaging_imagedeclaration",
    "messaging_urgentmessage",
    "messaging_writingversion",
    "moderation_accesscopy",
    "moderation_dossierreading",
    "moderation_kindnote",
    "moderation_letter",
    "moderation_measure",
    "messaging_threadstep",
    "moderation_acknowledgement",
    "moderation_evaluationtaker",
    "moderation_protocol",
}


def refused(sql: str, *values: object) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values or None)
    except DatabaseError:
        return True
    return False


def test_the_append_only_tables_are_these() -> None:
    declared = {model._meta.db_table for model in apps.get_models() if getattr(model, "append_only", False)}
    assert declared == APPEND_ONLY


def test_every_declared_trigger_is_in_the_database() -> None:
    expected = {trigger.name for trigger in triggers.expected(connection.vendor)}
    assert expected
    assert expected - triggers.present(connection) == set()


@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
def test_every_append_only_table_has_its_triggers(table: str) -> None:
    own = [trigger for trigger in triggers.expected(connection.vendor) if trigger.table == table]
    kept = {"postgresql": {"", "_all"}, "sqlite": {"_update", "_delete", "_insert"}}[connection.vendor]
    assert {trigger.name for trigger in own} >= {f"{table}_keep{event}" for event in kept}


def test_an_audit_event_can_be_written_but_neither_changed_nor_erased(django_user_model: type) -> None:
    event = AuditEvent.objects.create(at="2026-11-20T08:00Z", verb="tested", subject_kind="test")
    assert refused("UPDATE core_auditevent SET verb = 'x' WHERE id = %s", event.pk)
    assert refused("DELETE FROM core_auditevent WHERE id = %s", event.pk)
    if connection.vendor == "postgresql":
        assert refused("TRUNCATE core_auditevent")
    assert AuditEvent.objects.get(pk=event.pk).verb == "tested"


def rewriting(table: str, key: tuple[str, ...], columns: list[str]) -> dict[str, str]:
    """Each way to put another row in the place of the one that is there, by this key of it."""
    model = next(model for model in apps.get_models() if model._meta.db_table == table)
    fresh = "(SELECT max(id) + 1 FROM {table})" if "id" not in key else "id"
    values = {"id": fresh.format(table=table)} | {
        field.column: "lower(hex(randomblob(16)))" for field in model._meta.concrete_fields if field.column == "uid"
    }
    said = ", ".join(column if column in key else values.get(column, column) for column in columns)
    row = f"INTO {table} ({', '.join(columns)}) SELECT {said} FROM {table} WHERE true LIMIT 1"  # noqa: S608 - our own tables
    kept = columns[-1]
    return {
        "insert or replace": f"INSERT OR REPLACE {row}",
        "replace": f"REPLACE {row}",
        "upsert": f"INSERT {row} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {kept} = {kept}",
        "update or replace": f"UPDATE OR REPLACE {table} SET {kept} = {kept}",  # noqa: S608
    }


def one_row(table: str) -> list[str]:
    """The table's columns, after a row of made-up values is in it; nothing it refers to needs to be there."""
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA table_info({table})")
        columns = {name: kind for _, name, kind, *_ in cursor.fetchall()}
        values = {name: uuid4().hex if kind == "char(32)" else 7_000_000 for name, kind in columns.items()}
        values |= {name: "directie" for name in columns if name == "kind"}
        places = ", ".join(["%s"] * len(values))
        cursor.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places})", list(values.values()))  # noqa: S608
    return list(columns)


def keys(table: str) -> list[tuple[str, ...]]:
    """Every unique key that the database knows, those of a part of the rows too."""
    with connection.cursor() as cursor:
        cursor.execute('SELECT name FROM pragma_index_list(%s) WHERE "unique"', [table])
        names = [name for (name,) in cursor.fetchall()]
        found = [("id",)]
        for name in names:
            cursor.execute("SELECT name FROM pragma_index_info(%s)", [name])
            found.append(tuple(column for (column,) in cursor.fetchall()))
    return found


@pytest.fixture
def laxly(db: None) -> Iterator[None]:
    """A connection such as the command line makes: no pragma of ours, no foreign keys, the triggers alone."""
    with connection.cursor() as cursor:
        for pragma in ("recursive_triggers = OFF", "defer_foreign_keys = ON", "ignore_check_constraints = ON"):
            cursor.execute(f"PRAGMA {pragma}")
        yield
        cursor.execute("PRAGMA ignore_check_constraints = OFF")
        cursor.execute("PRAGMA recursive_triggers = ON")


@pytest.mark.skipif("connection.vendor != 'sqlite'")
@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
@pytest.mark.usefixtures("laxly")
def test_no_statement_of_sqlite_rewrites_a_row(table: str) -> None:
    """By its number or any other key, with `recursive_triggers` off."""
    with transaction.atomic():
        school_triggers = [t for t in triggers.expected("sqlite") if t.table == table and "_school" in t.name]
        with connection.cursor() as cursor:
            for trigger in school_triggers:
                cursor.execute(f'DROP TRIGGER "{trigger.name}"')
        columns = one_row(table)
        ways = {(key, way): sql for key in keys(table) for way, sql in rewriting(table, key, columns).items()}
        assert {one for one, sql in ways.items() if not refused(sql)} == set()
        transaction.set_rollback(True)


@pytest.mark.skipif("connection.vendor != 'sqlite'")
def test_a_replaced_row_asks_its_triggers(db: None) -> None:
    """On every connection of ours; the triggers that refuse a known key stand behind it."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers")
        assert cursor.fetchone() == (1,)
