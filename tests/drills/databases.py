"""Databases of a drill alone, which it may kill, lock and fill: copies of the tests' own, on servers of their own."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.db import connection

from portal.core import database_roles as roles
from tests.deploy.test_database_log import BIN, run_as_server
from tests.drills.machine import PERSONAL
from tests.mail.server import free_port

PATIENCE = 60


class Server:
    """One PostgreSQL of the pair."""

    def __init__(self, folder: Path, name: str, environment: Mapping[str, str] | None = None) -> None:
        self.port = free_port()
        self._environment = environment or {}
        self.data, self.log = folder / name, folder / f"{name}.log"
        self._control = [str(_tool("pg_ctl")), "-D", str(self.data), "-l", str(self.log), "-w"]
        self._options = f"-p {self.port} -k {folder}"

    def start(self, *, survives_power: bool = True) -> None:
        """Without `survives_power` it is quick and keeps nothing when the machine stops: for filling it."""
        fsync = f"fsync={'on' if survives_power else 'off'}"
        run_as_server(*self._control, "-o", f"{self._options} -c {fsync}", "start", **self._environment)

    def stop(self) -> None:
        with suppress(subprocess.SubprocessError):
            run_as_server(*self._control, "-m", "immediate", "stop")

    def kill(self) -> None:
        """As a machine that loses its power: each of its processes at once."""
        first = int((self.data / "postmaster.pid").read_text().split()[0])
        for pid in [first, *_children(first)]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def keep_small(self) -> None:
        """On a small disk, what it writes before it writes it is soon written over."""
        self.ask("ALTER SYSTEM SET max_wal_size = '96MB'")
        self.ask("SELECT pg_reload_conf()")

    def put_back(self, dump: Path) -> None:
        """A dump of the same database over what is there."""
        words = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "--dbname=kring", "--clean", "--if-exists"]
        subprocess.run([_tool("pg_restore"), *words, dump], check=True)

    def promote(self) -> None:
        """From now on this one is the main database."""
        run_as_server(*self._control, "promote")

    def link(self) -> Any:
        """A connection of the superuser, each statement of which is kept at once."""
        link = psycopg2.connect(host="127.0.0.1", port=self.port, user="postgres", dbname="kring")
        link.autocommit = True
        return link

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        link = self.link()
        try:
            with link.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            link.close()


def _tool(name: str) -> Path:
    assert BIN
    return BIN / name


def _children(parent: int) -> Iterator[int]:
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(status.read_text().rpartition(")")[2].split()[1]) == parent:
                yield int(status.parent.name)


@contextmanager
def _folder() -> Iterator[Path]:
    """One of whom PostgreSQL runs as."""
    folder = Path(mkdtemp(prefix="kring-database-"))
    if os.geteuid() == 0:
        os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def own_database(disk: int = 0, environment: Mapping[str, str] | None = None) -> Iterator[tuple[Server, str]]:
    """One server with the roles of an installation, on a disk of so many megabytes; and the address of the app."""
    with _folder() as folder, _disk(folder, disk) as place:
        server = Server(place, "data", environment)
        try:
            _fill(server)
            _hand_over(server)
            yield server, f"postgres://kring_app:geheim@127.0.0.1:{server.port}/kring"
            assert PERSONAL.findall(server.log.read_text()) == []  # whatever failed, none of it is about somebody
        finally:
            server.stop()


@contextmanager
def _disk(folder: Path, megabytes: int) -> Iterator[Path]:
    if not megabytes:
        yield folder
        return
    place = folder / "disk"
    place.mkdir()
    options = f"size={megabytes}m,mode=777"
    if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], check=False).returncode:
        pytest.skip("this system lets nobody mount a small disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def _fill(server: Server) -> None:
    """Made quickly, then started as one that survives."""
    run_as_server(str(_tool("initdb")), "-D", str(server.data), "-A", "trust", "-U", "postgres", "--no-sync")
    server.start(survives_power=False)
    _copy(server)
    server.stop()
    server.start()


def _hand_over(server: Server) -> None:
    """As `make_roles` and `migrate` do."""
    link = server.link()
    with link.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS django_migrations (id bigint)")  # the tests' tables come without
        accounts = {name: roles.RoleAccount(f"kring_{name}", "geheim") for name in ("owner", "app")}
        roles.make(cursor, database="kring", **accounts)
        roles.grant(_Alone(cursor), "kring_app")
    link.close()


class _Alone:
    """What `roles.grant` needs of a connection."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    @contextmanager
    def cursor(self) -> Iterator[Any]:
        yield self._cursor


@contextmanager
def pair() -> Iterator[tuple[Server, Server, str]]:
    """The main one and its replica, with what the tests' database holds now; and the address a web finds both by.

    What the main one says is kept, the replica has on its disk.
    """
    with _folder() as folder:
        main, replica = Server(folder, "main"), Server(folder, "replica")
        try:
            _fill(main)
            _follow(main, replica)
            hosts = f"127.0.0.1:{main.port},127.0.0.1:{replica.port}"
            yield main, replica, f"postgres://postgres@{hosts}/kring?target_session_attrs=read-write&connect_timeout=3"
        finally:
            main.stop()
            replica.stop()


def _copy(main: Server) -> None:
    own = f"{settings.KRING_DATABASE_URL.rsplit('/', 1)[0]}/{connection.settings_dict['NAME']}"
    new = ["-h", "127.0.0.1", "-p", str(main.port), "-U", "postgres"]
    subprocess.run([_tool("createdb"), *new, "kring"], check=True)
    dump = subprocess.run([_tool("pg_dump"), "--format=custom", own], check=True, capture_output=True)
    subprocess.run([_tool("pg_restore"), *new, "--dbname=kring", "--exit-on-error"], input=dump.stdout, check=True)


def _follow(main: Server, replica: Server) -> None:
    backup = ["-h", "127.0.0.1", "-p", str(main.port), "-U", "postgres", "-D", str(replica.data)]
    run_as_server(str(_tool("pg_basebackup")), *backup, "--write-recovery-conf", "--wal-method=stream", "--no-sync")
    replica.start()
    main.ask("ALTER SYSTEM SET synchronous_standby_names = '*'")
    main.ask("SELECT pg_reload_conf()")
    begun = time.monotonic()
    while main.ask("SELECT sync_state FROM pg_stat_replication") != [("sync",)]:
        assert time.monotonic() - begun < PATIENCE, "the replica does not follow"
        time.sleep(0.05)
