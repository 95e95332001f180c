"""All is lost and put back by the commands of docs/operations.md: 5 000 children with a year behind them.

The database is there whole, of the photos a part of what such a foundation has; for all of them it is arithmetic.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from groups.models import Child
from messaging.models import Image, Seen
from portal.core.media.decoding import Refused, develop
from portal.core.models import OutboxItem, OutboxState, User
from tests.bench import schools
from tests.bench.copying import copy
from tests.bench.photos import QUALITY_OF_A_PHONE, photograph
from tests.drills.machine import production
from tests.failures.putting_back import run_on

SCHOOLS, WITH_PHOTOS, MAILS_EACH = 17, 8, 200
"""Of 300 children each; in so many of them photos have bytes; a reader got so many mails."""
ALL_PHOTOS = 20_000_000_000
MOST_MINUTES = 60
"""DR20."""
ROOT = Path(settings.BASE_DIR)
TABLES = "SELECT pg_size_pretty(pg_database_size(current_database()))"


class Took(NamedTuple):
    """Seconds of each step."""

    backup: float
    unpack: float
    database: float
    restored: float
    check_media: float

    def minutes(self, times: float) -> tuple[float, float]:
        """Until the doors are open again, and until every photo was read, with so many times the photos."""
        opened = self.database + self.restored + times * self.unpack
        return opened / 60, (opened + times * self.check_media) / 60


def report() -> list[str]:
    """Print what each step takes; returns the goal that was missed."""
    if connection.vendor != "postgresql" or not all(map(shutil.which, ("age", "pg_dump", "pg_restore"))):
        print("restore: not measured, needs PostgreSQL with its programs, and age")
        return []
    with TemporaryDirectory() as made:
        folder = Path(made)
        _grow(folder / "kring/media")
        size = sum(file.stat().st_size for file in folder.rglob("*.webp"))
        took = _lost_and_back(folder)
    times = ALL_PHOTOS / size
    print(
        f"restore: {Child.objects.count()} children, {OutboxItem.objects.count()} mails, {Seen.objects.count()} marks, "
        f"database {_ask(TABLES)}; {Image.objects.count()} photos of {size / 1e9:.2f} GB"
    )
    print("  seconds: " + ", ".join(f"{name} {value:.0f}" for name, value in took._asdict().items()))
    opened, checked = took.minutes(times)
    print(
        f"  with {ALL_PHOTOS / 1e9:.0f} GB of photos ({times:.0f} x): open after {opened:.0f} minutes, each read "
        f"after {checked:.0f} (goal <= {MOST_MINUTES})"
    )
    return ["restore"] if checked > MOST_MINUTES else []


def _grow(media: Path) -> None:
    """Rows in bulk; each photo has files of its own, all of one photo."""
    now = timezone.now()
    year = schools.school_year(now)
    with transaction.atomic():
        made = [schools.add_school(number, year, now) for number in range(SCHOOLS)]
        for school in made[:WITH_PHOTOS]:
            schools.add_photos(school, now)
    _keep_photos(media)
    OutboxItem.objects.bulk_create(
        OutboxItem(
            kind="digest",
            recipient=user,
            subject_kind="edition",
            subject_uid=made[0].uid,
            dedupe_key=f"bench:{user.pk}",
            due_at=now,
            settled_at=now,
            state=OutboxState.ACCEPTED,
        )
        for user in User.objects.filter(caregivers__isnull=False).distinct()
    )
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SET LOCAL session_replication_role = replica")  # mail of months ago is in no journal any more
        copy([OutboxItem], MAILS_EACH - 1)
        cursor.execute(
            "INSERT INTO messaging_seen (user_id, writing_id, hat, seen_at) SELECT c.user_id, w.id, '', now() "
            "FROM messaging_writing w JOIN groups_caregiver c ON c.school_id = w.school_id WHERE c.user_id IS NOT NULL"
        )
        cursor.execute("ANALYZE")


def _keep_photos(media: Path) -> None:
    with TemporaryDirectory() as made:
        file = Path(made) / "photo.jpg"
        photograph().save(file, quality=QUALITY_OF_A_PHONE)
        photo = develop(file.read_bytes())
    if isinstance(photo, Refused):
        raise TypeError(photo.reason)
    largest = max(photo.renditions, key=lambda one: one.side)
    Image.objects.update(sha256=sha256(largest.data).hexdigest(), width=photo.width, height=photo.height)
    for key in Image.objects.values_list("key", flat=True):
        home = media / key[:2] / key
        home.mkdir(parents=True)
        for one in photo.renditions:
            (home / f"{one.side}.{one.kind}").write_bytes(one.data)


def _lost_and_back(folder: Path) -> Took:
    told = subprocess.run(["age-keygen", "-o", folder / "key"], capture_output=True, text=True, check=True).stderr
    there = {
        "KRING_SMTP_URL": "smtp+tls://a:b@127.0.0.1:9",
        "KRING_BACKUP_DIR": str(folder / "backups"),
        "KRING_BACKUP_TO": told.split()[-1],
    }
    backup = _seconds("deploy/backup.py", "night", env=production(folder / "kring", **there))
    shutil.rmtree(folder / "kring")
    new = folder / "new"
    [journal] = (folder / "backups").glob("*/journal.jsonl.age")
    words = ("--key", folder / "key", "--journal", journal, "--into", new)
    unpack = _seconds("deploy/restore.py", folder / "backups", *words, env=dict(os.environ))
    with _empty_database() as name:
        begun = time.monotonic()
        run_on(name, "pg_restore", "--no-owner", "--exit-on-error", "--dbname", name, str(new / "kring.dump"))
        database = time.monotonic() - begun
        there |= {"KRING_JOURNAL": str(new / "journal.jsonl")}
        env = production(new, **there)
        env["KRING_DATABASE_URL"] = re.sub(r"[^/]+$", name, env["KRING_DATABASE_URL"])
        taken = ("--from", new / "journal.jsonl", "--heads", new / "heads.json")
        restored = _seconds("manage.py", "restored", *taken, env=env)
        return Took(backup, unpack, database, restored, _seconds("manage.py", "check_media", env=env))


@contextmanager
def _empty_database() -> Iterator[str]:
    name = f"{connection.settings_dict['NAME']}_elsewhere"
    run_on("postgres", "createdb", name)
    try:
        yield name
    finally:
        run_on("postgres", "dropdb", "--force", name)


def _seconds(program: str, *words: str | Path, env: dict[str, str]) -> float:
    begun = time.monotonic()
    subprocess.run([sys.executable, ROOT / program, *words], cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - begun


def _ask(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return str(cursor.fetchone()[0])
