"""Two roles on PostgreSQL: the owner's `migrate` makes the tables, the app's works in them (security.md 13).

The owner of a table may drop its triggers, and a superuser may do anything. So neither is what serves pages: the app
reads, writes and removes rows, but in tables that are append-only it reads and adds. What else it needs there is a
function of the owner (`kring_destroy_copy`, in `portal.core.triggers`).
"""

from collections.abc import Iterator
from typing import NamedTuple

from django.apps import apps
from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from psycopg2 import sql

from portal.core import plans

SCHEMA = sql.Identifier("public")
PLANS = sql.Identifier(plans.SCHEMA)
OF_THE_APP = {
    "lock_timeout": "5s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
}
"""A page is given up after 60 seconds by nginx: nothing of it may go on longer, or hold what others wait for.

Who waits for a lock holds one of few threads: after five seconds its page says so, and the others go on (DR11).
"""
OF_THE_OWNER = {"lock_timeout": "30s"}
OF_THE_LOG = {"log_min_messages": "log", "log_min_error_statement": "panic", "log_error_verbosity": "terse"}
"""Of both roles: a statement that failed would be written down with what somebody typed, and the row it was about.

Kring's own log has its kind and its number. Only a superuser may set these, and the roles themselves may not.
"""
OF_EVERYBODY = {"jit": "off", "max_parallel_workers_per_gather": "0", "random_page_cost": "1.1", "timezone": "UTC"}
"""Of the database itself, for who signs in however: through a pooler start-up options and `SET` would be another's.

No question here runs long enough to be worth compiling, nor a second process, which takes from another page what it
gives to this one. With another zone Django would set one at each sign-in.
What a page asks about lies in memory: believing that it has to be fetched from a turning disk, PostgreSQL reads the
families of a hundred schools from end to end rather than look up those of one.
"""


ONE_AT_A_TIME = int.from_bytes(b"Kring")
"""The advisory lock of whoever changes tables or roles: `make_roles` and `migrate`."""


class RoleAccount(NamedTuple):
    """A role that signs in; made when it is not there."""

    name: str
    password: str


def make(cursor: CursorWrapper, *, database: str, owner: RoleAccount, app: RoleAccount) -> None:
    """Make both roles and hand the database to the owner, whoever had it before; again is the same.

    `cursor` is psycopg2's, of a superuser in that database.
    """
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    for account, limits in ((owner, OF_THE_OWNER), (app, OF_THE_APP)):
        _make_role(cursor, account, limits)
    names = {"owner": sql.Identifier(owner.name), "app": sql.Identifier(app.name), "schema": SCHEMA}
    for line in _HANDED_OVER:
        cursor.execute(sql.SQL(line).format(database=sql.Identifier(database), **names))
    for kind, name in _others(cursor, owner.name):
        cursor.execute(sql.SQL("ALTER {} {} OWNER TO {}").format(sql.SQL(kind), sql.SQL(name), names["owner"]))


_HANDED_OVER = (
    "REVOKE {owner} FROM {app}",
    "ALTER DATABASE {database} OWNER TO {owner}",
    "ALTER SCHEMA {schema} OWNER TO {owner}",
    # Without a schema of its own nobody shadows a table, nor a function, of the owner's.
    "REVOKE ALL ON DATABASE {database} FROM PUBLIC, {app}",
    "REVOKE ALL ON SCHEMA {schema} FROM PUBLIC, {app}",
    "GRANT CONNECT ON DATABASE {database} TO {app}",
    "GRANT USAGE ON SCHEMA {schema} TO {app}",
)


def _make_role(cursor: CursorWrapper, account: RoleAccount, limits: dict[str, str]) -> None:
    name = sql.Identifier(account.name)
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [account.name])
    if not cursor.fetchone():
        cursor.execute(sql.SQL("CREATE ROLE {}").format(name))
    plain = "ALTER ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD {}"
    cursor.execute(sql.SQL(plain).format(name, sql.Literal(account.password)))
    for setting, value in {**limits, **OF_THE_LOG}.items():
        line = sql.SQL("ALTER ROLE {} SET {} = {}")
        cursor.execute(line.format(name, sql.Identifier(setting), sql.Literal(value)))


def _others(cursor: CursorWrapper, owner: str) -> Iterator[tuple[str, str]]:
    """What of ours belongs to somebody else; the sequence of a key goes along with its table."""
    cursor.execute(
        "SELECT 'TABLE', oid::regclass::text FROM pg_class WHERE relnamespace = 'public'::regnamespace "
        "AND relkind IN ('r', 'p') AND relowner <> %(owner)s::regrole "
        "UNION ALL SELECT 'FUNCTION', oid::regprocedure::text FROM pg_proc "
        "WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'kring%%' AND proowner <> %(owner)s::regrole "
        "UNION ALL SELECT 'SCHEMA', nspname FROM pg_namespace "
        "WHERE nspname = %(plans)s AND nspowner <> %(owner)s::regrole",
        {"owner": f'"{owner}"', "plans": plans.SCHEMA},
    )
    yield from cursor.fetchall()


def settle_after_migrate(*, using: str, **_: object) -> None:
    """Receiver of `post_migrate`: whoever owns the database writes its settings into it, for every later session, and
    makes room for the functions of plans.
    """
    connection = connections[using]
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT datname, pg_has_role(current_user, datdba, 'MEMBER') FROM pg_database "
            "WHERE datname = current_database()"
        )
        database, is_owner = cursor.fetchone()
        for setting, value in OF_EVERYBODY.items() if is_owner else ():
            line = sql.SQL("ALTER DATABASE {} SET {} = {}")
            cursor.execute(line.format(sql.Identifier(database), sql.Identifier(setting), sql.Literal(value)))
        if is_owner:
            cursor.execute(sql.SQL(_ROOM_FOR_PLANS).format(plans=PLANS, name=sql.Literal(plans.SCHEMA)))


_ROOM_FOR_PLANS = """
CREATE SCHEMA IF NOT EXISTS {plans};
DO $$ DECLARE gone text; BEGIN
    IF to_regclass('django_migrations') IS NULL THEN RETURN; END IF;
    FOR gone IN SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = {name}::regnamespace AND EXISTS (
        SELECT FROM django_migrations
        WHERE id > substring(proname FROM '_([0-9]+)_[^_]+$')::bigint AND applied < now() - interval '7 days'
    ) LIMIT 1000
    LOOP EXECUTE 'DROP FUNCTION ' || gone; END LOOP;
END $$
"""
"""Of the functions go those of before a migration of a week ago: by then nobody works with the release of that day."""


def grant_after_migrate(*, using: str, **_: object) -> None:
    """Receiver of `post_migrate`: the owner says what the app may do. Nothing where there is one role for both."""
    if settings.KRING_APP_ROLE and connections[using].vendor == "postgresql":
        grant(connections[using], settings.KRING_APP_ROLE)


def grant(connection: BaseDatabaseWrapper, role: str) -> None:
    tables = sql.SQL(", ").join(map(sql.Identifier, sorted({*append_only(), "django_migrations"})))
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(_GRANTED).format(schema=SCHEMA, app=sql.Identifier(role), kept=tables, plans=PLANS))


_GRANTED = """
REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {app};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {app};
REVOKE UPDATE, DELETE ON {kept} FROM {app};
REVOKE INSERT ON django_migrations FROM {app};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {app};
GRANT EXECUTE ON FUNCTION kring_destroy_copy(bigint) TO {app};
GRANT USAGE, CREATE ON SCHEMA {plans} TO {app};
"""
"""In one go, which is one transaction: who serves meanwhile is never without a right."""


def append_only() -> set[str]:
    """The tables to which rows are only added."""
    return {model._meta.db_table for model in apps.get_models() if getattr(model, "append_only", False)}


class Powers(NamedTuple):
    """What the role of a connection can do that the app's must not, and how long it may go on."""

    role: str
    is_super: bool
    owned: list[str]
    changeable: list[str]
    without_limit: list[str]


def powers(connection: BaseDatabaseWrapper) -> Powers:
    """Asked of PostgreSQL itself."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname, rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
        role, is_super = cursor.fetchone()
        cursor.execute(
            "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' "
            "AND pg_has_role(current_user, tableowner, 'MEMBER') ORDER BY tablename"
        )
        owned = [name for (name,) in cursor.fetchall()]
        cursor.execute(
            "SELECT relname::text FROM pg_class WHERE relname = ANY(%s) AND relnamespace = 'public'::regnamespace "
            "AND has_table_privilege(current_user, oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER') ORDER BY relname",
            [sorted(append_only())],
        )
        changeable = [name for (name,) in cursor.fetchall()]
        cursor.execute("SELECT name FROM pg_settings WHERE name = ANY(%s) AND setting = '0'", [list(OF_THE_APP)])
        return Powers(role, is_super, owned, changeable, [name for (name,) in cursor.fetchall()])
