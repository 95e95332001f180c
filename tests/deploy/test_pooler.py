"""A real PgBouncer between Kring and PostgreSQL: found at the first word, and nothing is asked through it."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from socket import create_connection
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from tests.deploy.test_nginx import free_port

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
pytestmark = [
    pytest.mark.skipif(
        not (PGBOUNCER and os.environ.get("KRING_DATABASE_URL", "").startswith("postgres")),
        reason="needs PostgreSQL and pgbouncer",
    ),
    pytest.mark.django_db,
]
SETTINGS = """
[databases]
* = host={host} port={port} user={user} password={password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own}
auth_type = any
pool_mode = {mode}
unix_socket_dir =
ignore_startup_parameters = extra_float_digits,options
"""


@pytest.fixture(params=["transaction", "session", "statement"])
def pooler(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[int]:
    """The port of a PgBouncer in front of the tests' own server."""
    told, own = urlsplit(os.environ["KRING_DATABASE_URL"]), free_port()
    at = {"host": told.hostname, "port": told.port or 5432, "user": told.username, "password": told.password or "none"}
    ini = tmp_path / "pgbouncer.ini"
    ini.write_text(SETTINGS.format(own=own, mode=request.param, **at))
    as_somebody = ["-u", "nobody"] if os.geteuid() == 0 else []
    server = subprocess.Popen([str(PGBOUNCER), "-q", *as_somebody, str(ini)], stderr=subprocess.PIPE)
    try:
        wait_for(own, server)
        yield own
    finally:
        server.terminate()
        server.communicate(timeout=10)


def wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(100):
        assert server.poll() is None, server.communicate()
        try:
            create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("pgbouncer did not start")


def test_a_pooler_answers_and_is_refused(pooler: int) -> None:
    """It is really there, and the same words go through it; a connection of ours says why it does not."""
    settings = connection.settings_dict
    through = {"host": "127.0.0.1", "port": pooler, "user": settings["USER"], "dbname": settings["NAME"]}
    plain = psycopg2.connect(**through)
    plain.autocommit = True
    with plain.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
    plain.close()
    ours = connection.copy()
    ours.settings_dict = settings | {"HOST": "127.0.0.1", "PORT": str(pooler)}
    with pytest.raises(ImproperlyConfigured, match="PgBouncer"):
        ours.ensure_connection()
    assert ours.connection is None


def test_a_server_itself_is_not_refused() -> None:
    ours = connection.copy()
    ours.ensure_connection()
    assert ours.is_usable()
    ours.close()


def test_a_process_behind_one_does_not_start(pooler: int, tmp_path: Path) -> None:
    """The check that stands before web in the image, in production."""
    root = Path(__file__).parents[2]
    lines = (root / "deploy" / "build.env").read_text().splitlines()
    told = dict(line.split("=", 1) for line in lines if line.startswith("KRING_"))
    plain = {name: value for name, value in os.environ.items() if not name.startswith("KRING_")}
    settings = connection.settings_dict
    url = f"postgres://{settings['USER']}@127.0.0.1:{pooler}/{settings['NAME']}"
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--database", "default"],
        cwd=root,
        env=plain | told | {"KRING_DATABASE_URL": url, "KRING_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "There is a pooler" in done.stderr) == (1, True), done.stderr
