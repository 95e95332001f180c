"""With a real broker and a real Celery worker process: what was rung after the commit is done."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from groups.staff.services.staff import invite_staff
from portal.core.actor import clock
from portal.core.models import OutboxItem, OutboxState
from tests.cast import Cast

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not settings.KRING_REDIS_URL, reason="KRING_REDIS_URL names no Redis"),
]
PATIENCE = 90.0


@pytest.fixture
def worker(cast: Cast, tmp_path: Path) -> Iterator[Path]:
    """A worker process on the tests' own database; yields the folder its mail goes to."""
    database = connection.settings_dict
    url = settings.KRING_DATABASE_URL.rsplit("/", 1)[0] + "/" + str(database["NAME"])
    environment = {**os.environ, "KRING_MODE": "test", "KRING_DATABASE_URL": url, "KRING_DATA_DIR": str(tmp_path)}
    environment["KRING_QUEUE"] = settings.CELERY_TASK_DEFAULT_QUEUE
    command = [sys.executable, "-m", "celery", "-A", "portal", "worker", "-P", "solo", "-l", "WARNING"]
    process = subprocess.Popen([*command, "--without-gossip", "--without-mingle"], env=environment)
    yield tmp_path / "mail"
    process.terminate()
    process.wait(timeout=20)


def test_a_worker_delivers_what_was_rung(cast: Cast, worker: Path) -> None:
    invite_staff(email="nieuw@cast.example", role="ict", school=cast.linde, by=clock(timezone.now()))
    ends = time.monotonic() + PATIENCE
    item = OutboxItem.objects.get(address="nieuw@cast.example")
    while item.state != OutboxState.ACCEPTED and time.monotonic() < ends:
        time.sleep(0.2)
        item.refresh_from_db()
    assert item.state == OutboxState.ACCEPTED
    assert sum(b"To: nieuw@cast.example" in file.read_bytes() for file in worker.glob("*.eml")) == 1
