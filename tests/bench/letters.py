"""P6–P8: newsletters to a server that says yes, by one worker and two; CPU, memory, and the writing of their rows."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from groups.models import School
from messaging.models import DigestEdition, EditionKind
from messaging.newsletter.services.editions import send_edition
from portal.core import outbox
from portal.core.domain.moments import SCHOOL_ZONE
from portal.core.models import OutboxItem, User
from tests.bench.schools import add_school, school_year

FIRST = 200
WARM, SMALL, LARGE = 2, 7, 67
"""Schools of 300 readers: a sweep nobody measures, then 2 100 mails against 20 100."""
ROWS = 100_000
MOODLE_CPU_MS, NODEBB_CPU_MS = 76.0, 121.0
"""CPU of one mail there, measured on the same kind of machine (performance card)."""
HUNDRED_THOUSAND_S, BY_TWO_S, GROWTH, PEAK_MB, ROWS_S = 240, 60, 1.1, 120, 1.0


class Sweep(NamedTuple):
    """What one sweep cost; milliseconds are for each mail, `cpu` holds `database_cpu`."""

    mails: int
    wall: float
    cpu: float
    database_cpu: float
    peak: float


def report() -> list[str]:
    """Prints the measurements; returns the goals that were missed."""
    now = timezone.now()
    with sink() as port, _sweeper(port) as first, _sweeper(port) as second:
        workers = [[first, second], [first], [first], [first, second]]
        _, small, large, by_two = (_newsletters(*each, now) for each in zip(_each_time(now), workers, strict=True))
    rows = rows_of(DigestEdition.objects.latest("pk").uid, now)
    growth = large.cpu / small.cpu
    print(f"   ledger: {outbox.ledger(kind='digest')}")
    print(
        f"P6 newsletters: {1000 / large.wall:.0f} mails/s, 100 000 in {100 * large.wall:.0f} s; CPU a mail "
        f"{growth:.2f} x from {small.mails} to {large.mails} mails; peak {large.peak:.0f} MB"
    )
    print(f"P6 by two workers: {1000 / by_two.wall:.0f} mails/s, 100 000 in {100 * by_two.wall:.0f} s")
    print(
        f"P7 CPU a mail: {large.cpu:.2f} ms, of which the database server {large.database_cpu:.2f}; "
        f"1/{MOODLE_CPU_MS / large.cpu:.0f} Moodle, 1/{NODEBB_CPU_MS / large.cpu:.0f} NodeBB"
    )
    print(f"P8 {ROWS} outbox rows: {rows:.2f} s")
    missed = {
        "P6": 100 * large.wall > HUNDRED_THOUSAND_S,
        "P6 by two": 100 * by_two.wall > BY_TWO_S,
        "P6 growth": growth > GROWTH,
        "P6 memory": large.peak > PEAK_MB,
        "P7": large.cpu > MOODLE_CPU_MS / 25,
        "P8": rows > ROWS_S,
    }
    return [goal for goal, is_missed in missed.items() if is_missed]


def _each_time(now: datetime) -> Iterator[list[School]]:
    """The schools of each sweep, made when it is their turn."""
    year, number = school_year(now), count(FIRST)
    for schools in (WARM, SMALL, LARGE, LARGE):
        with transaction.atomic():
            made = [add_school(next(number), year, now).pk for _ in range(schools)]
            cut = _cut(now)
            School.objects.filter(pk__in=made).update(digest_weekday=cut.isoweekday(), digest_hour=cut.hour)
        yield list(School.objects.filter(pk__in=made))


def _cut(now: datetime) -> datetime:
    return now.astimezone(SCHOOL_ZONE).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)


def _newsletters(schools: list[School], sweepers: "list[subprocess.Popen[str]]", now: datetime) -> Sweep:
    """Each mail holds three messages of the class and three of the school; the sweepers begin together."""
    for school in schools:
        DigestEdition.objects.create(
            school=school,
            kind=EditionKind.WEEKLY,
            name="before",
            window_from=_cut(now) - timedelta(hours=9),
            cut_at=_cut(now) - timedelta(hours=3),
            made_at=now,
        )
        send_edition(school=school, now=now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    mails = outbox.ledger(kind="digest").pending
    for sweeper in sweepers:
        assert sweeper.stdin is not None
        sweeper.stdin.write("\n")
        sweeper.stdin.flush()
    costs = [_answer(sweeper) for sweeper in sweepers]
    if sum(cost["rows"] for cost in costs) != mails or outbox.ledger().accepted != outbox.ledger().intents:
        raise RuntimeError("not every newsletter was accepted")
    database = sum(cost["database_cpu"] for cost in costs)
    seconds = (max(cost["seconds"] for cost in costs), sum(cost["cpu"] for cost in costs) + database, database)
    return Sweep(mails, *(1000 * each / mails for each in seconds), max(cost["peak"] for cost in costs))


def _answer(sweeper: "subprocess.Popen[str]") -> dict[str, Any]:
    assert sweeper.stdout is not None
    cost: dict[str, Any] = json.loads(sweeper.stdout.readline())
    return cost


def rows_of(subject: UUID, now: datetime) -> float:
    """Seconds to write the rows of `ROWS` people."""
    User.objects.bulk_create([User(email=f"rij{n}@bench.example", password="!") for n in range(ROWS)], batch_size=2000)
    begun = time.perf_counter()
    added = outbox.enqueue_many(
        "digest",
        recipients=User.objects.filter(email__startswith="rij", email__endswith="@bench.example"),
        subject_kind="edition",
        subject_uid=subject,
        key="bench",
        now=now,
    )
    seconds = time.perf_counter() - begun
    OutboxItem.objects.filter(dedupe_key__startswith="bench:").delete()
    if added != ROWS:
        raise RuntimeError(f"{added} rows instead of {ROWS}")
    return seconds


@contextmanager
def sink() -> Iterator[str]:
    """The port of a mail server."""
    command = [sys.executable, str(Path(settings.BASE_DIR) / "tests/bench/sink.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


@contextmanager
def _sweeper(port: str) -> Iterator["subprocess.Popen[str]"]:
    """A worker on the database of this bench."""
    name = str(connection.settings_dict["NAME"])
    given = f"sqlite:///{name}"
    if connection.vendor != "sqlite":
        given = f"{settings.KRING_DATABASE_URL.rpartition('/')[0]}/{name}"
    environment = {**os.environ, "KRING_DATABASE_URL": given, "KRING_DATA_DIR": str(settings.KRING_DATA_DIR)}
    command = [sys.executable, "-m", "tests.bench.sweeper", port]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, text=True, **pipes) as process:
        yield process
