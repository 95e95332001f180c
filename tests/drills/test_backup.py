"""DR20: a backup, then everything is lost; elsewhere, with the key, it is all there and nothing that was taken away."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from groups.roles import Hat
from messaging.removing.services.removal import remove_written
from portal.core import doctor
from portal.core.actor import Actor
from portal.core.doctor import Observation
from portal.core.models import User, VitalSign
from tests.cast import SIGN_IN, Cast
from tests.drills.machine import production
from tests.failures.putting_back import run_on
from tests.scene import Scene, write
from tests.share import at_night

ROOT = Path(configured.BASE_DIR)
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not shutil.which("age"), reason="needs age"),
    pytest.mark.skipif(connection.vendor == "postgresql" and not shutil.which("pg_dump"), reason="needs pg_dump"),
]
FEED = "/thuis/berichten/"
EACH_TIME = re.compile(
    rb'name="(csrfmiddlewaretoken|key)" value="[^"]+"|data-csrf="[^"]+"|<p class="only-paper hint">[^<]+</p>'
)
"""What a page says otherwise each time: its forms, and on paper the minute."""


@dataclass
class Server:
    """A machine that Kring lives on, and the key that is not there."""

    folder: Path
    key: Path
    recipient: str
    now: datetime
    cast: Cast = field(default_factory=Cast)
    scene: Scene = field(init=False)

    @property
    def backups(self) -> Path:
        return self.folder / "backups"

    def environment(self, **more: str) -> dict[str, str]:
        its_own = {
            "KRING_SMTP_URL": "smtp+tls://a:b@127.0.0.1:9",
            "KRING_JOURNAL": configured.KRING_JOURNAL,
            "KRING_BACKUP_DIR": str(self.backups),
            "KRING_BACKUP_TO": self.recipient,
        }
        return production(self.folder / "kring", **its_own | more)

    def backup(self, what: str = "night", **more: str) -> subprocess.CompletedProcess[str]:
        return program("backup.py", what, env=self.environment(**more))

    def nights(self) -> list[Path]:
        return sorted(one for one in self.backups.glob("*T*") if one.is_dir())


def program(name: str, *words: str | Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "deploy" / name), *map(str, words)]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


@pytest.fixture
def migrated(settings: Any) -> Iterator[None]:
    """The tables of the tests come from the models; here they say that migrations made them, as anywhere else."""
    settings.MIGRATION_MODULES = {}
    recorder = MigrationRecorder(connection)
    recorder.ensure_schema()
    for node, migration in MigrationLoader(connection).graph.nodes.items():
        for app, name in [node, *(migration.replaces if migration else [])]:
            recorder.record_applied(app, name)
    yield
    with connection.schema_editor() as editor:
        editor.delete_model(recorder.Migration)


@pytest.fixture
def server(migrated: None, settings: Any, tmp_path: Path) -> Server:
    """With a school on it; its photos, its journal."""
    settings.KRING_DATA_DIR = tmp_path / "kring"
    settings.KRING_JOURNAL = str(tmp_path / "kring" / "journal" / "journal.jsonl")
    key = tmp_path / "key.txt"
    told = subprocess.run(["age-keygen", "-o", str(key)], capture_output=True, text=True, check=True).stderr
    made = Server(tmp_path, key, told.split()[-1], timezone.now())
    made.scene = write(made.cast, made.now)
    return made


def pages_of(server: Server, name: str) -> dict[str, bytes]:
    """What this person reads: the feed, the messages that the feed leads to, the photos on it."""
    client = Client(headers={"host": "testserver"})
    client.force_login(User.objects.get(pk=server.cast.user(name).pk), backend=SIGN_IN)
    feed = client.get(FEED).content
    places = {FEED, *re.findall(r'(?:href|src)="(/thuis/bericht/[0-9a-f-]+/|/foto/[^"?]+)"', feed.decode())}
    answers = {place: client.get(place) for place in sorted(places)}
    assert {answer.status_code for answer in answers.values()} == {200}
    return {place: EACH_TIME.sub(b"", answer.getvalue()) for place, answer in answers.items()}


@contextmanager
def elsewhere(server: Server, dump: Path, settings: Any) -> Iterator[str]:
    """This process works on another database, in which the dump was put, as on another machine."""
    own = connection.settings_dict["NAME"]
    connection.close()
    other = f"{own}_elsewhere" if connection.vendor == "postgresql" else str(server.folder / "elsewhere.sqlite3")
    if connection.vendor == "postgresql":
        run_on("postgres", "createdb", other)
        run_on(other, "pg_restore", "--no-owner", "--exit-on-error", "--dbname", other, str(dump))
    else:
        shutil.copy(dump, other)
    connection.settings_dict["NAME"] = other
    settings.KRING_DATA_DIR = server.folder / "new"
    try:
        yield other
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own
        if connection.vendor == "postgresql":
            run_on("postgres", "dropdb", "--force", other)


def kring(server: Server, *words: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *map(str, words)]
    environment = server.environment(**more)
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.nightly
def test_all_is_lost_and_comes_back_with_the_key(
    server: Server, settings: Any, book: Callable[[str, object], None]
) -> None:
    seen = {name: pages_of(server, name) for name in ("mother", "parent_of_two", "teacher_who_is_parent")}
    begun = time.monotonic()
    done = server.backup()
    took = time.monotonic() - begun
    assert done.returncode == 0, done.stdout + done.stderr
    assert not VitalSign.objects.get(name="backup").trouble

    removed = server.scene.post_groep_5
    remove_written(written=removed, reason="Kwetsend.", by=Actor(server.cast.directie, Hat.STAFF, timezone.now()))
    far = server.folder / "far.age"
    assert server.backup("journal", KRING_JOURNAL_COPY=f"cp {{file}} {far}").returncode == 0
    shutil.rmtree(server.folder / "kring")

    begun, new = time.monotonic(), server.folder / "new"
    words = (server.backups, "--key", server.key, "--into", new, "--journal", far)
    done = program("restore.py", *words, env=dict(os.environ))
    assert (done.returncode, done.stderr) == (0, "")
    with elsewhere(server, new / "kring.dump", settings):
        there = {"KRING_DATA_DIR": str(new), "KRING_JOURNAL": str(new / "journal.jsonl")}
        put_right = kring(server, "restored", "--from", new / "journal.jsonl", "--heads", new / "heads.json", **there)
        assert put_right.returncode == 0, put_right.stdout + put_right.stderr
        assert kring(server, "check_media", **there).returncode == 0
        restored = time.monotonic() - begun
        back = {name: pages_of(server, name) for name in seen}
    everything = {(name, place): page for name, pages in seen.items() for place, page in pages.items() if place != FEED}
    same = {one for one, page in everything.items() if back[one[0]].get(one[1]) == page}
    gone = {place for _name, place in set(everything) - same}
    photo = server.scene.photo_of(removed)
    assert {place.split("/")[3 if "bericht" in place else 2] for place in gone} == {str(removed.uid), str(photo.uid)}
    assert len(same) > 10
    told = f"backup {took:.1f} s · restored {restored:.1f} s · pages and photos the same {len(same)}, gone {len(gone)}"
    book("DR20", told)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="a file is copied by the database itself")
@pytest.mark.parametrize(
    "wrong",
    [
        at_night('exec "$real" "$@" --exclude-table-data=core_vitalsign'),
        '"$real" "$@"; truncate -s 5000 "${@: -1}"',
    ],
)
def test_a_dump_that_does_not_come_back_is_no_backup(server: Server, wrong: str) -> None:
    """One in which a table is empty, and one that is cut off: what was written on the disk is tried, not trusted."""
    programs = server.folder / "bin"
    programs.mkdir()
    (programs / "pg_dump").write_text(f"#!/bin/bash\nreal={shutil.which('pg_dump')}\n{wrong}\n")
    (programs / "pg_dump").chmod(0o755)
    doctor.note("core", Observation(), now=server.now)
    done = server.backup(PATH=f"{programs}:{os.environ['PATH']}")
    assert done.returncode == 1
    assert server.nights() == []
    assert VitalSign.objects.get(name="backup").trouble == "check"
