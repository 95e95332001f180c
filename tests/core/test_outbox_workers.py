"""Two workers, two beats, a worker that is killed: each row is delivered once. Real processes, a real mail server.

On SQLite as on PostgreSQL: whatever `KRING_DATABASE_URL` names.
"""

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from datetime import datetime, timedelta
from random import Random

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from groups.services.schools import change_school
from messaging.domain.windows import SCHOOL_CLOCK
from messaging.models import DigestEdition
from messaging.services.editions import send_due_editions
from messaging.services.posts import publish_post
from portal.core import outbox
from portal.core.models import OutboxItem
from portal.core.outbox.claims import take_back_stuck
from tests.cast import Cast
from tests.mail.server import Sink, mail_server

pytestmark = pytest.mark.django_db(transaction=True)
KILLED = -signal.SIGKILL
PATIENCE = 60.0
SWEEP = """
import sys
import django
django.setup()
from django.conf import settings
from django.utils import timezone
from portal.core import outbox
settings.EMAIL_BACKEND = "portal.core.mail.SmtpBackend"
settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", int(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
outbox.sweep(now=timezone.now())
"""


@pytest.fixture
def friday(cast: Cast) -> datetime:
    """The hour that just closed, with one message in it."""
    OutboxItem.objects.all().delete()
    now = timezone.now().astimezone(SCHOOL_CLOCK).replace(minute=0, second=0, microsecond=0)
    change_school(school=cast.linde, by=None, now=now, digest_weekday=now.isoweekday(), digest_hour=now.hour)
    publish_post(
        groups=[cast.groep_4],
        kind="update",
        title="Herfst",
        text="Bladeren",
        replies="on",
        by=cast.teacher,
        hat="staff",
        now=now - timedelta(minutes=1),
    )
    return now


def write_rows(cast: Cast, friday: datetime, number: int) -> None:
    """Many letters of one edition; each has its own Message-ID, so a second copy of one shows."""
    edition = DigestEdition.objects.create(
        school=cast.linde,
        kind=DigestEdition.Kind.WEEKLY,
        name="drill",
        window_from=friday - timedelta(days=7),
        cut_at=friday,
        made_at=friday,
    )
    OutboxItem.objects.bulk_create(
        OutboxItem(
            kind="digest",
            recipient=cast.mother,
            subject_kind="edition",
            subject_uid=edition.uid,
            school_uid=cast.linde.uid,
            dedupe_key=f"drill:{uuid.uuid4()}",
            due_at=friday,
        )
        for _ in range(number)
    )


def environment() -> dict[str, str]:
    """A process on the tests' own database."""
    name = str(connection.settings_dict["NAME"])
    url = (
        f"sqlite:///{name}"
        if connection.vendor == "sqlite"
        else settings.KRING_DATABASE_URL.rsplit("/", 1)[0] + "/" + name
    )
    own = {"DJANGO_SETTINGS_MODULE": "portal.settings", "KRING_MODE": "test", "KRING_DATABASE_URL": url}
    return {**os.environ, **own, "KRING_DATA_DIR": str(settings.KRING_DATA_DIR)}


def worker(port: int) -> subprocess.Popen[str]:
    """A process that waits for a line and then sweeps once."""
    process = subprocess.Popen(
        [sys.executable, "-c", SWEEP, str(port)],
        cwd=settings.BASE_DIR,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def start(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def finish(process: subprocess.Popen[str]) -> int:
    code = process.wait(timeout=PATIENCE)
    for pipe in (process.stdin, process.stdout):
        if pipe and not pipe.closed:
            pipe.close()
    return code


def reconcile(sink: Sink) -> outbox.Ledger:
    """Prints the ledger; nothing lost, nothing arrived twice, nothing for another reader."""
    found = outbox.ledger(kind="digest")
    double = sum(number - 1 for number in sink.copies.values())
    wrong = sum(address != "mother@cast.example" for address, _ in sink.accepted)
    print(f"ledger: {found} · double {double} · wrong {wrong}")
    assert (found.lost, double, wrong) == (0, 0, 0)
    return found


def test_two_workers_share_the_rows(cast: Cast, friday: datetime) -> None:
    """DR2."""
    write_rows(cast, friday, 1200)
    with mail_server() as (sink, port):
        workers = [worker(port), worker(port)]
        for process in workers:
            start(process)
        assert [finish(process) for process in workers] == [0, 0]
        found = reconcile(sink)
    assert (found.accepted, found.uncertain) == (1200, 0)
    assert len(sink.accepted) == 1200


def test_two_beats_make_one_newsletter(cast: Cast, friday: datetime) -> None:
    """DR3."""
    ready = threading.Barrier(4)
    errors: list[BaseException] = []

    def tick() -> None:
        ready.wait()
        try:
            send_due_editions(now=friday + timedelta(minutes=1))
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    beats = [threading.Thread(target=tick) for _ in range(4)]
    for beat in beats:
        beat.start()
    for beat in beats:
        beat.join()
    assert errors == []
    assert DigestEdition.objects.filter(school=cast.linde).count() == 1
    rows = Counter(OutboxItem.objects.filter(kind="digest").values_list("recipient", flat=True))
    assert len(rows) == 5
    assert set(rows.values()) == {1}


@pytest.mark.parametrize(
    ("rows", "kills"), [(200, 1), pytest.param(1000, 20, marks=pytest.mark.long)], ids=["once", "twenty times"]
)
def test_a_worker_killed_in_the_middle_loses_and_doubles_nothing(
    cast: Cast, friday: datetime, rows: int, kills: int
) -> None:
    """DR1: `kill -9` at random; what was claimed goes out later, what was on its way is in doubt and shown."""
    write_rows(cast, friday, rows)
    dice = Random(7)
    with mail_server() as (sink, port):
        sink.slow = 0.002
        for _ in range(kills):
            process = worker(port)
            before = len(sink.accepted)
            start(process)
            while len(sink.accepted) == before and process.poll() is None:
                time.sleep(0.01)
            time.sleep(dice.uniform(0, 0.15))
            process.kill()
            assert finish(process) in {KILLED, 0}
            take_back_stuck(timezone.now() + timedelta(minutes=6))
        outbox_is_swept(port)
        found = reconcile(sink)
    assert found.accepted + found.uncertain == rows
    assert found.uncertain <= kills


def outbox_is_swept(port: int) -> None:
    process = worker(port)
    start(process)
    assert finish(process) == 0
