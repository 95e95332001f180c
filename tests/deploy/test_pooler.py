"""A real PgBouncer between Kring and PostgreSQL: any pooler will do, and nobody is answered by another's question.

`.ci/run --nightly` runs the matrix, the races and the drills through one.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from socket import create_connection
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from groups.accounts.services.hats import hats_of
from groups.roles import Hat
from messaging.posts.services.feed import NO_FAMILY, feed_of
from portal.core.actor import Actor
from portal.core.models import User
from tests.cast import Cast
from tests.deploy.test_nginx import free_port
from tests.scene import write

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
pytestmark = [
    pytest.mark.skipif(
        not (PGBOUNCER and os.environ.get("KRING_DATABASE_URL", "").startswith("postgres")),
        reason="needs PostgreSQL and pgbouncer",
    ),
    pytest.mark.django_db(transaction=True),
]
SETTINGS = """
[databases]
* = host={host} port={port} user={user} password={password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own}
auth_type = any
pool_mode = {mode}
default_pool_size = {size}
unix_socket_dir =
ignore_startup_parameters = extra_float_digits
"""
"""Of what Django says at the sign-in psycopg2 adds one thing, which changes nothing; `options` would be refused."""
READERS = ("mother", "father", "teacher", "directie", "teacher_elsewhere", "former_parent")


@pytest.fixture(params=[("transaction", 2), ("session", 20)], ids=lambda one: one[0])
def through_a_pooler(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """Every connection made from now on goes through a PgBouncer; two of the server for all, each for a transaction."""
    told, own = urlsplit(os.environ["KRING_DATABASE_URL"]), free_port()
    at = {"host": told.hostname, "port": told.port or 5432, "user": told.username, "password": told.password or "none"}
    ini, (mode, size) = tmp_path / "pgbouncer.ini", request.param
    ini.write_text(SETTINGS.format(own=own, mode=mode, size=size, **at))
    as_somebody = ["-u", "nobody"] if os.geteuid() == 0 else []
    server = subprocess.Popen([str(PGBOUNCER), "-q", *as_somebody, str(ini)], stderr=subprocess.PIPE)
    here = dict(connection.settings_dict)
    try:
        wait_for(own, server)
        connection.close()
        connection.settings_dict.update(HOST="127.0.0.1", PORT=str(own))
        yield
    finally:
        connection.close()
        connection.settings_dict.update(here)
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


def found_by(user: User, hat: str, now: datetime) -> list[Any]:
    page = feed_of(actor=Actor(user, hat, now), hats=hats_of(user, now=now), family=NO_FAMILY)
    return [(entry.post.uid, tuple(photo.uid for photo in entry.photos)) for entry in page.entries]


@pytest.mark.usefixtures("through_a_pooler")
def test_who_shares_a_connection_finds_the_own_feed(cast: Cast) -> None:
    """Shown: a mother's family feed came back as the staff feed, and the library that keeps sessions lost its cursor.

    Here eight at once have two connections for all.
    """
    now = timezone.now()
    write(cast, now)
    asked = [(cast.user(name), hat) for name in READERS for hat in (Hat.FAMILY, Hat.STAFF)]
    alone, everybody = [found_by(user, hat, now) for user, hat in asked], User.objects.order_by("pk")
    people = list(everybody)
    assert len({str(feed) for feed in alone}) > len(READERS) / 2

    def again(turn: int) -> bool:
        try:
            found = found_by(*asked[turn % len(asked)], now)
            return (found, list(everybody.iterator(chunk_size=2))) == (alone[turn % len(asked)], people)
        finally:
            if turn % 5 == 0:
                connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(again, range(240)))
        list(pool.map(lambda _: connections.close_all(), range(8)))


@pytest.mark.usefixtures("through_a_pooler")
def test_a_connection_is_told_nothing_that_would_be_another_s(db: None) -> None:
    """Time zone and the like stand in the database; a `SET` would stay behind for whoever is next."""
    with CaptureQueriesContext(connection) as sent:
        connection.close()
        assert User.objects.count() >= 0
    assert [query["sql"] for query in sent if not query["sql"].startswith("SELECT")] == []
    with connection.cursor() as cursor:
        names = ["TimeZone", "jit", "max_parallel_workers_per_gather", "random_page_cost"]
        cursor.execute("SELECT setting, source FROM pg_settings WHERE name = ANY(%s) ORDER BY setting", [names])
        assert cursor.fetchall() == [(value, "database") for value in ("0", "1.1", "UTC", "off")]
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        assert cursor.fetchone() == (0,)
    assert "options" not in connection.get_connection_params()
