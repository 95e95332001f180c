"""The journal: what was taken away, copied out of the database to a file that is only added to (docs/adr/0055).

The rows are written by triggers. What the file has and the database does not, the database has forgotten: it is an
older one that was put back. The file is kept apart from the backups, and `manage.py restored` reads it.
"""

import fcntl
import json
import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models import Min

from portal.core import doors
from portal.core.models import JournalLine

log = logging.getLogger("kring.journal")
KEPT_FOR = timedelta(days=35)
"""As long as a backup: what no backup can bring back needs no line."""
MOST, TAIL = 5_000, 65_536


Said = dict[str, object]
"""What of a row a line says, by column."""


class OlderDatabaseError(Exception):
    """The file knows what this database does not: somebody put an older one back, and `restored` has not run."""


@dataclass(frozen=True)
class CopiedLine:
    """A line as the file has it."""

    n: int
    at: str
    place: str
    key: str
    act: str
    said: Said


def path() -> Path:
    return Path(settings.KRING_JOURNAL)


def copy(*, now: datetime) -> int:
    """Add to the file what is not there yet, on disk before the rows say so; returns how many lines.

    Broken off in between, a line is there twice, and twice is once. Raises `OlderDatabaseError`: then nothing is added.
    """
    path().parent.mkdir(parents=True, exist_ok=True)
    with open(path(), "a+b", opener=_for_us_alone) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if _last_number(file) > _highest():
            raise OlderDatabaseError
        copied = 0
        while rows := list(JournalLine.objects.filter(copied_at=None).order_by("pk")[:MOST]):
            _end_torn_line(file)
            file.write(b"".join(_as_text(row) for row in rows))
            file.flush()
            os.fsync(file.fileno())
            copied += JournalLine.objects.filter(pk__in=[row.pk for row in rows]).update(copied_at=now)
    JournalLine.objects.filter(copied_at__lt=now - KEPT_FOR).delete()
    return copied


def copy_or_close(*, now: datetime) -> int:
    """The same; an older database closes its doors by itself where people use it. While they are closed nothing is
    copied: what a restore writes stands in the journal once it is done.
    """
    if doors.are_closed():
        return 0
    try:
        return copy(now=now)
    except OlderDatabaseError:
        log.error("this database is older than its journal: run manage.py restored")
        if settings.PRODUCTION:
            doors.close(why="the database is older than its journal", now=now)
        return 0


def lag(*, now: datetime) -> timedelta:
    """How long the oldest line waits to be copied."""
    oldest = JournalLine.objects.filter(copied_at=None).aggregate(oldest=Min("at"))["oldest"]
    return max(now - oldest, timedelta(0)) if oldest else timedelta(0)


def unknown(lines: Iterable[CopiedLine | None]) -> list[CopiedLine | None]:
    """Those that this database does not have: what it knows was done in it, and perhaps undone by a person since.

    Rows are kept as long as a backup, so what is below the lowest was known here too. What a restore that broke off
    wrote itself was copied nowhere yet, and says nothing of that.
    """
    here = set(JournalLine.objects.values_list("pk", flat=True))
    lowest = JournalLine.objects.exclude(copied_at=None).aggregate(lowest=Min("pk"))["lowest"] or 0
    return [line for line in lines if line is None or (line.n not in here and line.n >= lowest)]


def read(source: Path) -> Iterator[CopiedLine | None]:
    """Every line of a file, in the order in which it came; None for one that cannot be read."""
    with source.open(encoding="utf-8", errors="replace") as file:
        for text in file:
            try:
                yield CopiedLine(**json.loads(text))
            except (ValueError, TypeError):
                yield None


def _for_us_alone(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


def _as_text(row: JournalLine) -> bytes:
    line = CopiedLine(row.pk, row.at.isoformat(), row.place, row.key, row.act, row.said)
    return json.dumps(vars(line), cls=DjangoJSONEncoder, separators=(",", ":")).encode() + b"\n"


def _end_torn_line(file: IO[bytes]) -> None:
    """A power cut in the middle of a line: the next begins a new one."""
    if file.seek(0, os.SEEK_END):
        file.seek(-1, os.SEEK_END)
        if file.read(1) != b"\n":
            file.write(b"\n")


def _last_number(file: IO[bytes]) -> int:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - TAIL, 0))
    numbers = []
    for text in file.read().splitlines():
        try:
            numbers.append(int(json.loads(text)["n"]))
        except (ValueError, TypeError, KeyError):
            continue
    return max(numbers, default=0)


def _highest() -> int:
    """The highest number that this database ever gave a line."""
    table = JournalLine._meta.db_table
    known = {
        "postgresql": f"SELECT last_value FROM {table}_id_seq",  # noqa: S608 - our own table
        "sqlite": f"SELECT seq FROM sqlite_sequence WHERE name = '{table}'",  # noqa: S608
    }
    with connection.cursor() as cursor:
        cursor.execute(known[connection.vendor])
        row = cursor.fetchone()
    return int(row[0]) if row else 0
