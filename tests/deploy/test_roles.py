"""The two roles on a real PostgreSQL: the owner migrates; the app carries out all a school does, and undoes nothing."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import psycopg2
import pytest
from psycopg2 import errors, sql

from portal.core import database_roles as roles
from portal.core import plans

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.skipif(not os.environ.get("KRING_DATABASE_URL", "").startswith("postgres"), reason="needs PostgreSQL"),
    pytest.mark.xdist_group("roles"),
]


class House(NamedTuple):
    """A database with its two roles; each address is for one of them."""

    name: str
    admin: str
    owner: str
    app: str
    folder: Path

    def manage(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        """A command of ours in a process of its own, by default as the app."""
        known = {"KRING_MODE": "demo", "KRING_DATABASE_URL": self.app, "KRING_DATA_DIR": str(self.folder), **env}
        plain = {name: value for name, value in os.environ.items() if not name.startswith("KRING_")}
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(
            command, cwd=ROOT, env=plain | known, capture_output=True, text=True, check=False, timeout=1800
        )

    def say(self, address: str, *lines: str) -> list[Any]:
        """Raw SQL in one transaction that is kept."""
        with psycopg2.connect(address) as link, link.cursor() as cursor:
            for line in lines:
                cursor.execute(line)
            found = cursor.fetchall() if cursor.description else []
        link.close()
        return found

    @property
    def as_owner(self) -> dict[str, str]:
        return {"KRING_OWNER_DATABASE_URL": self.owner, "KRING_ADMIN_DATABASE_URL": self.admin}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Made by the commands of an installation."""
    told = urlsplit(os.environ["KRING_DATABASE_URL"])
    name, place = f"kring_house_{os.getpid()}", told.netloc.rpartition("@")[2]
    addresses = {role: f"postgres://{name}_{role}:geheim@{place}/{name}" for role in ("owner", "app")}
    made = House(name, told._replace(path=f"/{name}").geturl(), **addresses, folder=tmp_path_factory.mktemp("house"))
    server = psycopg2.connect(told._replace(path="/postgres").geturl())
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            for words in (["make_roles"], ["migrate", "--no-input"], ["make_roles"], ["migrate", "--no-input"]):
                done = made.manage(*words, **made.as_owner)
                assert done.returncode == 0, done.stderr
            yield made
        finally:
            cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
            for role in addresses:
                cursor.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(f"{name}_{role}")))
            server.close()


CAST_AND_SCENE = """
from django.utils import timezone
from tests.cast import build
from tests.scene import write
now = timezone.now()
write(build(now), now)
"""


@pytest.fixture(scope="module")
def lived_in(house: House, pytestconfig: pytest.Config) -> House:
    """Filled by the app's role: with the demo's month of school life, or where a run takes its share with what the
    tests themselves start from, which takes a tenth of the time."""
    words = ["shell", "--no-imports", "-c", CAST_AND_SCENE] if pytestconfig.getoption("--shared") else ["seed_demo"]
    filled = house.manage(*words)
    assert filled.returncode == 0, filled.stderr
    return house


@pytest.mark.parametrize("command", ["check_access", "verify_dossier"])
def test_the_app_finds_nothing_that_drifts(lived_in: House, command: str) -> None:
    done = lived_in.manage(command)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_the_app_carried_out_everything(lived_in: House) -> None:
    house = lived_in
    counts = "SELECT (SELECT count(*) FROM messaging_writing), (SELECT count(*) FROM core_user)"
    [[writings, people]] = house.say(house.app, counts)
    assert (writings > 20, people > 20) == (True, True)


@pytest.mark.parametrize("table", sorted(roles.append_only()))
def test_the_app_adds_and_reads_and_no_more(house: House, table: str) -> None:
    """PostgreSQL refuses before any trigger is asked, and the triggers are out of reach."""
    for line in (
        f"UPDATE {table} SET id = id",  # noqa: S608 - our own tables
        f"DELETE FROM {table}",  # noqa: S608
        f"TRUNCATE {table}",
        f"DROP TRIGGER {table}_keep ON {table}",
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        f"ALTER TABLE {table} RENAME TO gone",
        f"CREATE RULE nothing AS ON INSERT TO {table} DO INSTEAD NOTHING",
        f"INSERT INTO {table} SELECT * FROM {table} ON CONFLICT (id) DO UPDATE SET id = {table}.id",  # noqa: S608
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            house.say(house.app, line)


@pytest.mark.parametrize(
    "line",
    [
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION kring_refuse() RETURNS trigger LANGUAGE sql AS 'SELECT NULL'",
        "CREATE TABLE core_dossierentry_too (id int)",
        "CREATE TEMPORARY TABLE core_dossierentry (id int)",
        "CREATE SCHEMA mine",
        "DELETE FROM django_migrations",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('core', 'x', now())",
    ],
)
def test_no_way_round_it_is_left_to_the_app(house: House, line: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        house.say(house.app, line)


def test_the_app_makes_functions_where_plans_are_kept_and_the_owner_removes_them(house: House) -> None:
    """On nobody's search path, so that it shadows nothing; run as who calls it."""
    made = f"CREATE FUNCTION {plans.SCHEMA}.trial() RETURNS text LANGUAGE sql AS 'SELECT current_user::text'"
    house.say(house.app, made)
    assert house.say(house.owner, f"SELECT {plans.SCHEMA}.trial()") == [(f"{house.name}_owner",)]
    for line in ("SELECT trial()", "SELECT public.trial()"):
        with pytest.raises(errors.UndefinedFunction):
            house.say(house.app, line)
    house.say(house.owner, f"DROP FUNCTION {plans.SCHEMA}.trial()")
    assert house.say(house.app, "SHOW search_path") == [('"$user", public',)]


def test_the_app_keeps_plans(lived_in: House) -> None:
    names = "SELECT count(*) FROM pg_proc WHERE pronamespace = 'kring_plans'::regnamespace AND proowner = %s::regrole"
    [[number]] = lived_in.say(lived_in.app, names.replace("%s", f"'{lived_in.name}_app'"))
    assert number > 10


def test_the_app_becomes_neither_owner_nor_superuser(house: House) -> None:
    for line in (f"SET ROLE {house.name}_owner", f"ALTER ROLE {house.name}_app SUPERUSER", "SET ROLE postgres"):
        with pytest.raises(psycopg2.Error):
            house.say(house.app, line)


SEALED = """
from uuid import uuid4
from django.utils import timezone
from groups.models import School
from messaging.models import Writing, WritingVersion
from portal.core import dossier
from portal.core.actor import Actor
from portal.core.models import User
by = Actor(User.objects.order_by("pk")[0], "", timezone.now())
school = School.objects.order_by("pk")[0]
writing = Writing.objects.order_by("pk")[0]
WritingVersion.objects.create(
    writing=writing, number=90, text="vernietigd", written_by=by.user, written_at=by.now)
for words, subject in ((b"een", writing.uid), (b"twee", uuid4())):
    copy = dossier.Copy("reply", subject, words)
    print(dossier.seal(copy, school_uid=school.uid, reason="hurtful", by=by).pk)
"""
DESTROYED = """
from django.utils import timezone
from portal.core import dossier
from portal.core.actor import Actor
from portal.core.models import DossierEntry, User
entry = DossierEntry.objects.order_by("pk")[0]
dossier.destroy(entry, reason="term", by=Actor(User.objects.order_by("pk")[0], "", timezone.now()))
print(dossier.read(entry))
"""


def test_a_copy_is_destroyed_by_the_owners_function_and_only_with_its_certificate(lived_in: House) -> None:
    house = lived_in
    entry, _other = house.manage("shell", "--no-imports", "-c", SEALED).stdout.split()
    with pytest.raises(errors.IntegrityConstraintViolation):
        house.say(house.app, f"SELECT kring_destroy_copy({entry})")
    done = house.manage("shell", "--no-imports", "-c", DESTROYED)
    assert (done.returncode, done.stdout) == (0, "None\n"), done.stderr
    assert house.say(house.app, "SELECT count(*) FROM core_dossierpayload") == [(1,)]
    assert house.say(house.app, "SELECT count(*) FROM messaging_writingversion WHERE text = 'vernietigd'") == [(0,)]
    verified = house.manage("verify_dossier").stdout
    assert "holds, 3 entries, keyed from number 1" in verified


def test_who_signed_in_counts_also_inside_a_function_of_the_owner(lived_in: House) -> None:
    """With the setting of whoever lets a school go, the app still destroys nothing without a certificate."""
    entry, _other = lived_in.manage("shell", "--no-imports", "-c", SEALED).stdout.split()
    lift = "SELECT set_config('kring.lifted', 'yes', true)"
    with pytest.raises(errors.IntegrityConstraintViolation):
        lived_in.say(lived_in.app, lift, f"SELECT kring_destroy_copy({entry})")
    with pytest.raises(errors.InsufficientPrivilege):
        lived_in.say(lived_in.app, lift, "DELETE FROM core_auditevent")
    with pytest.raises(errors.IntegrityConstraintViolation):
        lived_in.say(lived_in.owner, lift, "UPDATE core_auditevent SET verb = verb")
    with pytest.raises(errors.IntegrityConstraintViolation):
        lived_in.say(lived_in.owner, "DELETE FROM core_auditevent")


LEAVES = """
from datetime import timedelta
from uuid import uuid4
from django.utils import timezone
from groups.models import School
from moderation.models import Departure
now, school = timezone.now(), School.objects.order_by("-pk")[0]
Departure.objects.create(
    foundation=school.foundation, school_uid=school.uid, name=school.name, brin=school.brin, leaves_on=now.date(),
    dependance=school.dependance, proposed_by_uid=uuid4(), proposed_at=now, confirmed_by_uid=uuid4(), confirmed_at=now)
print(school.brin + school.dependance)
"""


def test_a_school_that_left_is_deleted_by_the_owner_alone(lived_in: House) -> None:
    school = lived_in.manage("shell", "--no-imports", "-c", LEAVES).stdout.strip()
    kept = "SELECT count(*) FROM groups_school"
    [[before]] = lived_in.say(lived_in.app, kept)
    refused = lived_in.manage("school_left", school)
    assert (refused.returncode, "the role that owns the tables" in refused.stderr) == (1, True), refused.stderr
    assert lived_in.say(lived_in.app, kept) == [(before,)]
    done = lived_in.manage("school_left", school, KRING_DATABASE_URL=lived_in.owner)
    assert (done.returncode, "(holds)" in done.stdout) == (0, True), done.stderr
    assert lived_in.say(lived_in.app, kept) == [(before - 1,)]


def test_a_restore_by_the_app_does_nothing_and_closes_nothing(house: House, tmp_path: Path) -> None:
    """Shown: it said "Not done", and Kring was closed for everybody."""
    (journal := tmp_path / "journal.jsonl").touch()
    done = house.manage("restored", "--from", str(journal))
    assert (done.returncode, "kring --owner restored" in done.stderr) == (1, True), done.stderr
    assert not (house.folder / "media" / "closed.json").exists()
    by_owner = house.manage("restored", "--from", str(journal), **house.as_owner)
    assert (by_owner.returncode, "the journal is empty" in by_owner.stdout) == (1, True), by_owner.stderr
    (house.folder / "media" / "closed.json").unlink()


def test_the_limits_of_the_app_are_those_of_its_role(house: House) -> None:
    wanted = {"lock_timeout": "5s", "statement_timeout": "1min", "idle_in_transaction_session_timeout": "1min"}
    assert {name: house.say(house.app, f"SHOW {name}")[0][0] for name in wanted} == wanted
    assert house.say(house.owner, "SHOW statement_timeout") == [("0",)]


@pytest.mark.parametrize("role", ["owner", "app"])
def test_neither_role_has_what_it_asked_written_down(house: House, role: str) -> None:
    wanted = {"log_min_messages": "log", "log_min_error_statement": "panic", "log_error_verbosity": "terse"}
    assert {name: house.say(getattr(house, role), f"SHOW {name}")[0][0] for name in wanted} == wanted


def production(house: House, **env: str) -> subprocess.CompletedProcess[str]:
    lines = (ROOT / "deploy" / "build.env").read_text().splitlines()
    told = dict(line.split("=", 1) for line in lines if line.startswith("KRING_"))
    return house.manage("check", "--deploy", "--database", "default", **told | {"KRING_DATABASE_URL": house.app} | env)


def found(done: subprocess.CompletedProcess[str]) -> set[str]:
    return {word.strip("():") for word in done.stderr.split() if word.startswith("(kring.")}


def test_production_starts_as_the_app(house: House) -> None:
    done = production(house)
    assert (done.returncode, found(done)) == (0, set()), done.stderr


def test_production_starts_neither_as_superuser_nor_as_owner(house: House) -> None:
    by_owner, by_admin = (production(house, KRING_DATABASE_URL=url) for url in (house.owner, house.admin))
    assert (by_owner.returncode, found(by_owner)) == (1, {"kring.E005", "kring.E006", "kring.W003"}), by_owner.stderr
    assert (by_admin.returncode, "kring.E004" in found(by_admin)) == (1, True), by_admin.stderr


def test_who_serves_may_not_know_the_owner(house: House) -> None:
    assert found(production(house, **house.as_owner)) == {"kring.E007"}


@pytest.mark.nightly
def test_a_database_of_before_is_handed_over_with_what_is_in_it(house: House) -> None:
    """It was the superuser's; so were its tables and functions."""
    taken = [f"ALTER TABLE {table} OWNER TO CURRENT_USER" for table in ("core_auditevent", "messaging_writing")]
    house.say(house.admin, *taken, "ALTER FUNCTION kring_refuse() OWNER TO CURRENT_USER")
    for command in ("make_roles", "migrate"):
        done = house.manage(command, **house.as_owner)
        assert done.returncode == 0, done.stderr
    owners = house.say(house.app, "SELECT DISTINCT tableowner::text FROM pg_tables WHERE schemaname = 'public'")
    assert owners == [(f"{house.name}_owner",)]
    assert found(production(house)) == set()


def test_the_rights_on_every_table_are_these(house: House) -> None:
    """A new table is covered without anybody thinking of it."""
    kinds = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
    rows = house.say(
        house.app,
        "SELECT tablename::text, ARRAY(SELECT kind FROM unnest(ARRAY['" + "','".join(kinds) + "']) kind "  # noqa: S608
        "WHERE has_table_privilege(format('public.%I', tablename), kind)) FROM pg_tables WHERE schemaname = 'public'",
    )
    less = {table: rights for table, rights in rows if rights != list(kinds[:4])}
    kept = {table: ["SELECT", "INSERT"] for table in roles.append_only()}
    assert less == kept | {"django_migrations": ["SELECT"]}
    assert len(rows) > len(less) > 0
