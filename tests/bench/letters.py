"""P6–P8: newsletters to a server that says yes, their CPU, and the writing of their rows."""

import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.test.utils import override_settings
from django.utils import timezone

from groups.models import School
from messaging.domain.windows import SCHOOL_CLOCK
from messaging.models import DigestEdition
from messaging.services.editions import send_edition
from portal.core import outbox
from portal.core.models import OutboxItem, User
from tests.bench.schools import add_school, school_year

SCHOOLS, FIRST = 10, 60
ROWS = 100_000
MOODLE_CPU_MS, NODEBB_CPU_MS = 76.0, 121.0
"""CPU of one mail there, measured on the same kind of machine (performance card)."""
HUNDRED_THOUSAND_S, ROWS_S = 240, 1.0


def report() -> list[str]:
    """Prints the measurements; returns the goals that were missed."""
    now = timezone.now()
    with transaction.atomic():
        year = school_year(now)
        schools = [add_school(FIRST + number, year, now) for number in range(SCHOOLS)]
    mails, seconds, cpu = _newsletters(schools, now)
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = _rows(now)
    per_mail = 1000 * cpu / mails
    print(
        f"P6 newsletters: {mails / seconds:.0f} mails/s, 100 000 in {100_000 * seconds / mails:.0f} s, "
        f"peak {rss:.0f} MB"
    )
    print(
        f"P7 CPU a mail: {per_mail:.2f} ms, 1/{MOODLE_CPU_MS / per_mail:.0f} Moodle, "
        f"1/{NODEBB_CPU_MS / per_mail:.0f} NodeBB"
    )
    print(f"P8 {ROWS} outbox rows: {rows:.2f} s")
    missed = {
        "P6": 100_000 * seconds / mails > HUNDRED_THOUSAND_S,
        "P7": per_mail > MOODLE_CPU_MS / 25,
        "P8": rows > ROWS_S,
    }
    return [goal for goal, is_missed in missed.items() if is_missed]


def _newsletters(schools: list[School], now: datetime) -> tuple[int, float, float]:
    """Each mail holds three messages of the class and three of the school; mails, seconds and CPU seconds."""
    cut = now.astimezone(SCHOOL_CLOCK).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    School.objects.filter(pk__in=[s.pk for s in schools]).update(digest_weekday=cut.isoweekday(), digest_hour=cut.hour)
    for school in School.objects.filter(pk__in=[s.pk for s in schools]):
        DigestEdition.objects.create(
            school=school,
            kind=DigestEdition.Kind.WEEKLY,
            name="before",
            window_from=cut - timedelta(hours=9),
            cut_at=cut - timedelta(hours=3),
            made_at=now,
        )
        send_edition(school=school, now=now)
    mails = outbox.ledger(kind="digest", state="pending").intents
    with (
        _sink() as port,
        override_settings(EMAIL_BACKEND="portal.core.mail.SmtpBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=port),
    ):
        cpu, begun = time.process_time(), time.perf_counter()
        outbox.sweep(now=timezone.now())
        done = time.perf_counter() - begun, time.process_time() - cpu
    found = outbox.ledger(kind="digest")
    print(f"   ledger: {found}")
    if found.accepted != mails:
        raise RuntimeError("not every newsletter was accepted")
    return mails, *done


def _rows(now: datetime) -> float:
    User.objects.bulk_create([User(email=f"rij{n}@bench.example", password="!") for n in range(ROWS)], batch_size=2000)
    begun = time.perf_counter()
    added = outbox.enqueue_many(
        "digest",
        recipients=User.objects.filter(email__startswith="rij", email__endswith="@bench.example"),
        subject_kind="edition",
        subject_uid=DigestEdition.objects.latest("pk").uid,
        key="bench",
        now=now,
    )
    seconds = time.perf_counter() - begun
    OutboxItem.objects.filter(dedupe_key__startswith="bench:").delete()
    if added != ROWS:
        raise RuntimeError(f"{added} rows instead of {ROWS}")
    return seconds


@contextmanager
def _sink() -> Iterator[int]:
    command = [sys.executable, str(Path(settings.BASE_DIR) / "tests/bench/sink.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.terminate()
