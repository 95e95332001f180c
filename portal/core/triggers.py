"""Database triggers for what a constraint cannot say, on both engines.

`append_only = True` on a model refuses UPDATE, DELETE and (PostgreSQL) TRUNCATE. `same_school = ("group",)` refuses
a row whose school differs from its parent's. Installed again after every migrate, because SQLite silently loses
triggers when a later migration rebuilds the table.
"""

from typing import Any, NamedTuple

from django.apps import apps
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper


class Trigger(NamedTuple):
    name: str
    table: str
    sql: str


def install_after_migrate(*, using: str, **_: Any) -> None:
    """Receiver of `post_migrate`; cheap, idempotent, and quiet while tables are still missing."""
    install(connections[using])


def install(connection: BaseDatabaseWrapper) -> None:
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_PG_FUNCTIONS)
        for trigger in expected(connection.vendor):
            if trigger.table in tables:
                _drop(cursor, connection.vendor, trigger)
                cursor.execute(trigger.sql)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Only for a test runner's own flush; a system check reports what is missing."""
    with connection.cursor() as cursor:
        for trigger in expected(connection.vendor):
            _drop(cursor, connection.vendor, trigger)


def expected(vendor: str) -> list[Trigger]:
    """Every trigger the models declare, for one engine."""
    make = _postgresql if vendor == "postgresql" else _sqlite
    return [trigger for model in apps.get_models() for trigger in make(model)]


def present(connection: BaseDatabaseWrapper) -> set[str]:
    """Names of the triggers the database has."""
    catalogue = {
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    }
    with connection.cursor() as cursor:
        cursor.execute(catalogue[connection.vendor])
        return {name for (name,) in cursor.fetchall()}


def _drop(cursor: Any, vendor: str, trigger: Trigger) -> None:
    on_table = f' ON "{trigger.table}"' if vendor == "postgresql" else ""
    cursor.execute(f'DROP TRIGGER IF EXISTS "{trigger.name}"{on_table}')


_PG_FUNCTIONS = """
CREATE OR REPLACE FUNCTION kring_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE OR REPLACE FUNCTION kring_same_school() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE theirs bigint; parent bigint;
BEGIN
  parent := (to_jsonb(NEW) ->> TG_ARGV[1])::bigint;
  EXECUTE format('SELECT school_id FROM %I WHERE id = $1', TG_ARGV[0]) INTO theirs USING parent;
  IF theirs IS DISTINCT FROM NEW.school_id THEN
    RAISE EXCEPTION '% belongs to another school', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
"""


def _postgresql(model: type[models.Model]) -> list[Trigger]:
    table = model._meta.db_table
    found = []
    if getattr(model, "append_only", False):
        for name, event in [(f"{table}_keep", "UPDATE OR DELETE"), (f"{table}_keep_all", "TRUNCATE")]:
            each = "STATEMENT" if event == "TRUNCATE" else "ROW"
            sql = f'CREATE TRIGGER "{name}" BEFORE {event} ON "{table}" FOR EACH {each} EXECUTE FUNCTION kring_refuse()'
            found.append(Trigger(name, table, sql))
    for parent, column, name in _parents(model):
        sql = (
            f'CREATE TRIGGER "{name}" BEFORE INSERT OR UPDATE OF school_id, {column} ON "{table}" '
            f"FOR EACH ROW EXECUTE FUNCTION kring_same_school('{parent}', '{column}')"
        )
        found.append(Trigger(name, table, sql))
    return found


def _sqlite(model: type[models.Model]) -> list[Trigger]:
    table = model._meta.db_table
    found = []
    if getattr(model, "append_only", False):
        for event in ("update", "delete"):
            name = f"{table}_keep_{event}"
            sql = (
                f'CREATE TRIGGER "{name}" BEFORE {event.upper()} ON "{table}" '
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
            found.append(Trigger(name, table, sql))
    for parent, column, name in _parents(model):
        theirs = f'SELECT school_id FROM "{parent}" WHERE id = NEW.{column}'  # noqa: S608 - our own tables
        for event, suffix in [("INSERT", "new"), (f"UPDATE OF school_id, {column}", "moved")]:
            sql = (
                f'CREATE TRIGGER "{name}_{suffix}" BEFORE {event} ON "{table}" '
                f"WHEN NEW.school_id IS NOT ({theirs}) "
                f"BEGIN SELECT RAISE(ABORT, '{table} belongs to another school'); END"
            )
            found.append(Trigger(f"{name}_{suffix}", table, sql))
    return found


def _parents(model: type[models.Model]) -> list[tuple[str, str, str]]:
    """(parent table, column, trigger name) for each foreign key that must stay within one school."""
    fields: list[Any] = [model._meta.get_field(name) for name in getattr(model, "same_school", ())]
    return [
        (field.related_model._meta.db_table, field.column, f"{model._meta.db_table}_{field.name}_school")
        for field in fields
    ]
