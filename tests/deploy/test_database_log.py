"""What PostgreSQL writes down when a statement of Kring's fails: nothing of what somebody typed."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from glob import glob
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

import psycopg2
import pytest

from portal.core import database_roles as roles
from tests.deploy.test_nginx import free_port

FOUND = sorted(glob("/usr/lib/postgresql/*/bin"))
BIN = Path(FOUND[-1]) if FOUND else None
pytestmark = pytest.mark.skipif(not (BIN and shutil.which("runuser")), reason="needs PostgreSQL's own programs")
FAILING = (
    "INSERT INTO person VALUES (1, '{canary}')",
    "INSERT INTO person VALUES (2, '{canary}')",
    "INSERT INTO person VALUES (3, NULL, '{canary}')",
    "SELECT '{canary}'::uuid",
    "SELECT '{canary}' FROM nowhere",
    "SET LOCAL statement_timeout = 10; SELECT pg_sleep(1), '{canary}'",
)
"""A number twice, a word twice, no word, no such kind, no such table, too long."""


class Server(NamedTuple):
    port: int
    log: Path

    def refuses(self, role: str, canary: str) -> int:
        """How many of these statements fail."""
        link = psycopg2.connect(host="127.0.0.1", port=self.port, user=role, dbname="postgres")
        count = 0
        for statement in FAILING:
            try:
                with link, link.cursor() as cursor:
                    cursor.execute(statement.format(canary=canary))
            except psycopg2.Error:
                count += 1
        link.close()
        return count


def run_as_server(*command: str, **environment: str) -> None:
    """PostgreSQL refuses to be root."""
    as_nobody = ["runuser", "-u", "nobody", "--"] if os.geteuid() == 0 else []
    words, env = [*as_nobody, *command], os.environ | environment
    subprocess.run(words, env=env, check=True, stdout=subprocess.DEVNULL, timeout=60)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A PostgreSQL of this test alone, whose log can be read, with the roles of an installation."""
    assert BIN
    folder = Path(mkdtemp(prefix="kring-postgres-"))
    if os.geteuid() == 0:
        os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)
    made = Server(free_port(), folder / "log")
    data = str(folder / "data")
    control = [str(BIN / "pg_ctl"), "-D", data, "-l", str(made.log), "-w"]
    try:
        run_as_server(str(BIN / "initdb"), "-D", data, "-A", "trust", "-U", "postgres", "--no-sync")
        run_as_server(*control, "-o", f"-p {made.port} -k {folder} -c fsync=off", "start")
        link = psycopg2.connect(host="127.0.0.1", port=made.port, user="postgres", dbname="postgres")
        link.autocommit = True
        with link.cursor() as cursor:
            owner, app = roles.RoleAccount("kring_owner", "geheim"), roles.RoleAccount("kring_app", "geheim")
            roles.make(cursor, database="postgres", owner=owner, app=app)
            cursor.execute("CREATE TABLE person (id int PRIMARY KEY, name text UNIQUE, other text CHECK (name <> ''))")
            cursor.execute("ALTER TABLE person ALTER name SET NOT NULL, OWNER TO kring_owner")
            cursor.execute("GRANT ALL ON person TO kring_app")
            cursor.execute("INSERT INTO person VALUES (1, 'kanarie')")
        link.close()
        yield made
    finally:
        with suppress(subprocess.SubprocessError):
            run_as_server(*control, "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.mark.parametrize("role", ["kring_app", "kring_owner"])
def test_what_fails_is_not_written_down(server: Server, role: str) -> None:
    assert server.refuses(role, "kanarie") == len(FAILING)
    assert "kanarie" not in server.log.read_text()


def test_it_would_be_without_that(server: Server) -> None:
    """By whom the settings are not for."""
    assert server.refuses("postgres", "kanarie-van-de-baas") == len(FAILING) - 1
    assert server.log.read_text().count("kanarie-van-de-baas") >= len(FAILING) - 1


def test_the_roles_cannot_undo_it(server: Server) -> None:
    link = psycopg2.connect(host="127.0.0.1", port=server.port, user="kring_app", dbname="postgres")
    with link, link.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute("SET log_min_messages = 'debug5'")
    link.close()
