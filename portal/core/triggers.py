"""Database triggers for what a constraint cannot say, on both engines.

`append_only = True` on a model refuses UPDATE, DELETE, (PostgreSQL) TRUNCATE and (SQLite) an INSERT whose key is there
already: `OR REPLACE` would take the old row away without asking its triggers, on a connection without
`recursive_triggers`. `same_school = ("group",)` refuses a row whose school differs from its parent's, where it has
that parent. `certified = "entry"` is append-only too, but lets go of what belongs, by that key, to a dossier entry or
to what that is a copy of, once the dossier holds a certificate of its destruction. `takes_away` writes a line of the
journal in the same transaction (`portal.core.taking`). Gone before a migrate on SQLite and installed again after each:
it makes a table anew to change it, silently loses that table's triggers, and refuses where a trigger on another table
asks it. What the app may do at all on PostgreSQL: `portal.core.database_roles`. Whoever owns the tables may let rows go
(`lifted`): of a school that left, and for nothing else.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.apps import apps
from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from portal.core.taking import TakenAway, taken_of


class Trigger(NamedTuple):
    name: str
    table: str
    sql: str


def remove_before_migrate(*, using: str, **_: object) -> None:
    """Receiver of `pre_migrate`, on SQLite: also those that an earlier release had."""
    if connections[using].vendor == "sqlite":
        with connections[using].cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP TRIGGER "{name}"')


def install_after_migrate(*, using: str, **_: object) -> None:
    """Receiver of `post_migrate`; cheap, idempotent, and quiet while tables are still missing."""
    install(connections[using])


def install(connection: BaseDatabaseWrapper) -> None:
    tables = set(connection.introspection.table_names())
    wanted = [trigger for trigger in expected(connection.vendor) if trigger.table in tables]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_PG_FUNCTIONS + _destroying(tables))
            _install_what_differs(connection, cursor, wanted)
        else:
            _execute(
                cursor, connection.vendor, [sql for one in wanted for sql in (_drop(connection.vendor, one), one.sql)]
            )


def _install_what_differs(connection: BaseDatabaseWrapper, cursor: CursorWrapper, wanted: list[Trigger]) -> None:
    """A table is closed for who writes in it while it gets one: each alone, and none that is there as it must be.

    Its own text is kept beside each, as a comment: PostgreSQL tells a trigger in words of its own.
    """
    cursor.execute(
        "SELECT tgname, obj_description(oid, 'pg_trigger') FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    )
    there = dict(cursor.fetchall())
    for one in wanted:
        if there.get(one.name) != one.sql:
            with transaction.atomic(using=connection.alias):
                cursor.execute(one.sql.replace("CREATE TRIGGER", "CREATE OR REPLACE TRIGGER", 1))
                cursor.execute(f'COMMENT ON TRIGGER "{one.name}" ON "{one.table}" IS %s', [one.sql])


def remove(connection: BaseDatabaseWrapper) -> None:
    """Only for a test runner's own flush; a system check reports what is missing."""
    with connection.cursor() as cursor:
        _execute(cursor, connection.vendor, [_drop(connection.vendor, one) for one in expected(connection.vendor)])


@contextmanager
def lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Until the end of the transaction around it, rows of append-only tables may be deleted; changed they may not.

    On PostgreSQL by the owner of the tables alone: to whoever serves pages it opens nothing.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('kring.lifted', 'yes', true)")
        yield
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('kring.lifted', '', true)")
        return
    keepers = [one for one in expected(connection.vendor) if one.name == f"{one.table}_keep_delete"]
    with connection.cursor() as cursor:
        _execute(cursor, connection.vendor, [_drop(connection.vendor, one) for one in keepers])
    yield
    with connection.cursor() as cursor:
        _execute(cursor, connection.vendor, [one.sql for one in keepers])


def expected(vendor: str) -> list[Trigger]:
    """Every trigger the models declare, for one engine."""
    make = _postgresql if vendor == "postgresql" else _sqlite
    return [trigger for model in apps.get_models() for trigger in make(model)]


def present(connection: BaseDatabaseWrapper) -> set[str]:
    """Names of the triggers the database has: at work, and on SQLite with the very text that is expected."""
    catalogue = {
        "postgresql": "SELECT tgname, NULL FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
    }
    texts = {trigger.name: trigger.sql for trigger in expected(connection.vendor)}
    with connection.cursor() as cursor:
        cursor.execute(catalogue[connection.vendor])
        return {name for name, text in cursor.fetchall() if text in (None, texts.get(name, text))}


def _drop(vendor: str, trigger: Trigger) -> str:
    on_table = f' ON "{trigger.table}"' if vendor == "postgresql" else ""
    return f'DROP TRIGGER IF EXISTS "{trigger.name}"{on_table}'


def _execute(cursor: CursorWrapper, vendor: str, statements: list[str]) -> None:
    """PostgreSQL takes them all in one go."""
    for sql in [";\n".join(statements)] if vendor == "postgresql" and statements else statements:
        cursor.execute(sql)


_PG_FUNCTIONS = """
CREATE OR REPLACE FUNCTION kring_is_lifted(op text, relation oid) RETURNS boolean LANGUAGE sql
SET search_path = public, pg_temp AS $$
SELECT op = 'DELETE' AND current_setting('kring.lifted', true) = 'yes'
  AND pg_has_role(session_user, (SELECT relowner FROM pg_class WHERE oid = relation), 'MEMBER') $$;
CREATE OR REPLACE FUNCTION kring_refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF kring_is_lifted(TG_OP, TG_RELID) THEN RETURN OLD; END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE OR REPLACE FUNCTION kring_same_school() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE theirs bigint; parent bigint;
BEGIN
  parent := (to_jsonb(NEW) ->> TG_ARGV[1])::bigint;
  EXECUTE format('SELECT school_id FROM %I WHERE id = $1', TG_ARGV[0]) INTO theirs USING parent;
  IF parent IS NOT NULL AND theirs IS DISTINCT FROM NEW.school_id THEN
    RAISE EXCEPTION '% belongs to another school', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION kring_certified() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE whose uuid;
BEGIN
  IF TG_OP = 'DELETE' THEN
    EXECUTE format('SELECT uid FROM %I WHERE id = $1', TG_ARGV[0]) INTO whose
    USING (to_jsonb(OLD) ->> TG_ARGV[1])::bigint;
  END IF;
  IF kring_is_lifted(TG_OP, TG_RELID) OR EXISTS (
    SELECT 1 FROM core_dossierentry certificate JOIN core_dossierentry entry ON certificate.subject_uid = entry.uid
    WHERE certificate.kind = 'certificate' AND whose IN (entry.uid, entry.subject_uid)
  ) THEN RETURN OLD; END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
"""Each names its tables in our schema first: a temporary table of somebody's own stands in for none of them.

Who lets go is who signed in, `session_user`: inside a function of the owner everybody is the owner.
"""

_CERTIFIED = (
    "EXISTS (SELECT 1 FROM core_dossierentry certificate JOIN core_dossierentry entry "
    "ON certificate.subject_uid = entry.uid WHERE certificate.kind = 'certificate' "
    'AND (SELECT uid FROM "{}" WHERE id = OLD.{}) IN (entry.uid, entry.subject_uid))'
)


def certified_models() -> list[type[models.Model]]:
    """Whose rows go with what they belong to once its destruction is certified."""
    return [model for model in apps.get_models() if getattr(model, "certified", None)]


def _belongs(model: type[models.Model]) -> tuple[str, str] | None:
    """The table of what a row goes with, and the column that says which; None where no certificate lets it go."""
    name = getattr(model, "certified", None)
    field = next((field for field in model._meta.concrete_fields if field.name == name), None)
    return (str(field.related_model._meta.db_table), str(field.column)) if field else None  # type: ignore[union-attr]


def _destroying(tables: Collection[str]) -> str:
    """What the app may not do and this function of the owner does, whose triggers ask for the certificate."""
    there = [(model._meta.db_table, belongs) for model in certified_models() if (belongs := _belongs(model))]
    deletes = [
        f'DELETE FROM "{table}" WHERE {column} IN (SELECT id FROM "{whole}" WHERE uid IN (one, other));'  # noqa: S608 - our own tables
        for table, (whole, column) in there
        if table in tables
    ]
    return f"""
CREATE OR REPLACE FUNCTION kring_destroy_copy(of_entry bigint) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE one uuid; other uuid;
BEGIN
  SELECT uid, subject_uid INTO one, other FROM core_dossierentry WHERE id = of_entry;
  {" ".join(deletes)}
END $$;
REVOKE ALL ON FUNCTION kring_destroy_copy(bigint) FROM PUBLIC;
"""  # noqa: S608 - our own tables


def _postgresql(model: type[models.Model]) -> list[Trigger]:
    table = model._meta.db_table
    made = []
    if getattr(model, "append_only", False):
        for name, event in [(f"{table}_keep", "UPDATE OR DELETE"), (f"{table}_keep_all", "TRUNCATE")]:
            each = "STATEMENT" if event == "TRUNCATE" else "ROW"
            belongs = _belongs(model) if each == "ROW" else None
            refuse = f"kring_certified('{belongs[0]}', '{belongs[1]}')" if belongs else "kring_refuse()"
            sql = f'CREATE TRIGGER "{name}" BEFORE {event} ON "{table}" FOR EACH {each} EXECUTE FUNCTION {refuse}'
            made.append(Trigger(name, table, sql))
    for parent, column, name in _parents(model):
        sql = (
            f'CREATE TRIGGER "{name}" BEFORE INSERT OR UPDATE OF school_id, {column} ON "{table}" '
            f"FOR EACH ROW EXECUTE FUNCTION kring_same_school('{parent}', '{column}')"
        )
        made.append(Trigger(name, table, sql))
    for act in _acts(model, {True: "TRUE", False: "FALSE"}):
        when = f"WHEN ({act.condition}) " if act.condition else ""
        line = act.line(table, now="clock_timestamp()", as_json="jsonb_build_object")
        sql = (
            f'CREATE OR REPLACE FUNCTION "kring_{act.trigger}"() RETURNS trigger LANGUAGE plpgsql '
            f"SET search_path = public, pg_temp AS $$ BEGIN {line}; RETURN NULL; END $$;\n"
            f'CREATE TRIGGER "{act.trigger}" AFTER {act.event} ON "{table}" FOR EACH ROW {when}'
            f'EXECUTE FUNCTION "kring_{act.trigger}"()'
        )
        made.append(Trigger(act.trigger, table, sql))
    return made


def _sqlite(model: type[models.Model]) -> list[Trigger]:
    table = model._meta.db_table
    made = []
    if getattr(model, "append_only", False):
        for event in ("update", "delete"):
            name = f"{table}_keep_{event}"
            belongs = _belongs(model) if event == "delete" else None
            unless = f"WHEN NOT {_CERTIFIED.format(*belongs)} " if belongs else ""
            sql = (
                f'CREATE TRIGGER "{name}" BEFORE {event.upper()} ON "{table}" {unless}'
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
            made.append(Trigger(name, table, sql))
        made.append(_keys_are_new(model))
    for parent, column, name in _parents(model):
        theirs = f'SELECT school_id FROM "{parent}" WHERE id = NEW.{column}'  # noqa: S608 - our own tables
        for event, suffix in [("INSERT", "new"), (f"UPDATE OF school_id, {column}", "moved")]:
            sql = (
                f'CREATE TRIGGER "{name}_{suffix}" BEFORE {event} ON "{table}" '
                f"WHEN NEW.{column} IS NOT NULL AND NEW.school_id IS NOT ({theirs}) "
                f"BEGIN SELECT RAISE(ABORT, '{table} belongs to another school'); END"
            )
            made.append(Trigger(f"{name}_{suffix}", table, sql))
    for act in _acts(model, {True: "1", False: "0"}):
        condition = act.condition.replace("IS DISTINCT FROM", "IS NOT")
        when = f"WHEN {condition} " if condition else ""
        line = act.line(table, now="strftime('%Y-%m-%d %H:%M:%f', 'now')", as_json="json_object")
        sql = f'CREATE TRIGGER "{act.trigger}" AFTER {act.event} ON "{table}" {when}BEGIN {line}; END'
        made.append(Trigger(act.trigger, table, sql))
    return made


class WatchedAct(NamedTuple):
    """One way in which rows of a table take away: what the database notices, and what it writes down of the row."""

    trigger: str
    event: str
    condition: str
    name: str
    key: str
    columns: list[str]

    def line(self, table: str, *, now: str, as_json: str) -> str:
        """What writes it down; `now` and `as_json` are how an engine says them.

        The columns stand in it: on PostgreSQL, to find them in a row by their names took twice as long, for each mail.
        """
        row = "OLD" if self.event == "DELETE" else "NEW"
        columns = ", ".join(f"'{column}', {row}.\"{column}\"" for column in self.columns)
        return (
            f"INSERT INTO core_journalline (at, place, key, act, said) VALUES ({now}, '{table}', "  # noqa: S608 - our own tables
            f"{row}.\"{self.key}\", '{self.name}', {as_json}({columns}))"
        )


def _acts(model: type[models.Model], literal: dict[bool, str]) -> Iterator[WatchedAct]:
    taken = taken_of(model)
    if taken is None or model._meta.proxy:
        return
    table, key = model._meta.db_table, str(model._meta.pk.column)
    column = {field.name: str(field.column) for field in model._meta.concrete_fields}
    if watched := [column[name] for name in (*taken.watched, *taken.keeps)]:
        yield WatchedAct(
            f"{table}_taken", "UPDATE", " OR ".join(_taking(taken, column, literal)), "taken", key, watched
        )
    for name in taken.replaced:
        changed = f'OLD."{column[name]}" IS DISTINCT FROM NEW."{column[name]}"'
        yield WatchedAct(f"{table}_replaced_{name}", "UPDATE", changed, f"replaced {name}", key, [])
    if taken.gone:
        yield WatchedAct(f"{table}_gone", "DELETE", "", "gone", key, [])
    if taken.made is not None:
        terms = [_is(column[name], value, literal) for name, value in taken.made.items()]
        yield WatchedAct(f"{table}_made", "INSERT", " AND ".join(terms), "made", key, _without_words(model, taken))


def _taking(taken: TakenAway, column: dict[str, str], literal: dict[bool, str]) -> Iterator[str]:
    for name in taken.ends:
        old, new = f'OLD."{column[name]}"', f'NEW."{column[name]}"'
        yield f"({new} IS NOT NULL AND ({old} IS NULL OR {new} < {old}))"
    few: dict[str, bool | tuple[str, ...]] = {**taken.states, **taken.flags}
    for name, value in few.items():
        changed = f'OLD."{column[name]}" IS DISTINCT FROM NEW."{column[name]}"'
        yield f"({_is(column[name], value, literal)} AND {changed})"
    for name in taken.emptied:
        yield f'(OLD."{column[name]}" IS NOT NULL AND NEW."{column[name]}" IS NULL)'


def _is(column: str, value: str | bool | tuple[str, ...], literal: dict[bool, str]) -> str:
    if isinstance(value, bool):
        return f'NEW."{column}" = {literal[value]}'
    if isinstance(value, str):
        return f"NEW.\"{column}\" = '{value}'"
    known = ", ".join(f"'{one}'" for one in value)
    return f'NEW."{column}" IN ({known})'


WITHOUT_WORDS = (
    models.ForeignKey,
    models.UUIDField,
    models.DateField,
    models.BooleanField,
    models.IntegerField,
)
"""Kinds of fields that hold ids, moments and numbers; a text only where it is one of a few states."""


def _without_words(model: type[models.Model], taken: TakenAway) -> list[str]:
    return [
        str(field.column)
        for field in model._meta.concrete_fields
        if not field.primary_key and (isinstance(field, WITHOUT_WORDS) or field.choices or field.name in taken.keeps)
    ]


def _keys_are_new(model: type[models.Model]) -> Trigger:
    """Refuses a row with the key of another, before a conflict clause of the statement is looked at."""
    table = model._meta.db_table
    same = " OR ".join(f"({' AND '.join(terms)})" for terms in _keys(model))
    known = f'SELECT 1 FROM "{table}" old WHERE {same}'  # noqa: S608 - our own tables
    sql = (
        f'CREATE TRIGGER "{table}_keep_insert" BEFORE INSERT ON "{table}" WHEN EXISTS ({known}) '
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )
    return Trigger(f"{table}_keep_insert", table, sql)


def _keys(model: type[models.Model]) -> Iterator[list[str]]:
    """For each key that must be unique, what an old row and NEW have in common when they clash."""
    fields = {field.name: field for field in model._meta.concrete_fields}
    for field in fields.values():
        if field.unique:
            yield [f'old."{field.column}" = NEW."{field.column}"']
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            terms = [f'old."{fields[name].column}" = NEW."{fields[name].column}"' for name in constraint.fields]
            condition: Any = constraint.condition
            for name, value in condition.children if condition else ():
                column = fields[name].column
                terms += [f"old.\"{column}\" = '{value}'", f"NEW.\"{column}\" = '{value}'"]
            yield terms


def _parents(model: type[models.Model]) -> list[tuple[str, str, str]]:
    """(parent table, column, trigger name) for each foreign key that must stay within one school."""
    fields: list[Any] = [model._meta.get_field(name) for name in getattr(model, "same_school", ())]
    return [
        (field.related_model._meta.db_table, field.column, f"{model._meta.db_table}_{field.name}_school")
        for field in fields
    ]
