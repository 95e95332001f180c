"""Celery workers and beats that die, double, starve and are replaced in mid-newsletter (DR1–DR3, DR27, DR30)."""

import shutil
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from random import Random

import pytest
from django.db import connection
from django.db.models import F

from messaging.models import DigestEdition
from messaging.newsletter.services.editions import send_due_editions
from portal.core import outbox
from portal.core.models import OutboxItem, OutboxState
from portal.core.querysets import STUCK_AFTER
from tests.drills.ledger import reconcile
from tests.drills.machine import Installation, needs_redis, until
from tests.drills.school import PARENTS, found_schools, parents_of, this_friday, write_news
from tests.mail.server import Sink

pytestmark = [needs_redis, pytest.mark.django_db(transaction=True)]
MINUTE = timedelta(minutes=1)
TEN_MINUTES = 600.0


def all_settled() -> bool:
    connection.close()
    return outbox.ledger(kind="digest").pending == 0


def minutes_pass() -> None:
    """What a dead worker held is old enough to be taken back."""
    held = OutboxItem.objects.filter(state__in=[OutboxState.CLAIMED, OutboxState.SENDING])
    held.update(claimed_at=F("claimed_at") - STUCK_AFTER - MINUTE)


@pytest.mark.parametrize(
    ("schools", "kills"), [(1, 1), pytest.param(4, 20, marks=pytest.mark.long)], ids=["once", "twenty times"]
)
def test_worker_killed_in_the_middle(
    kring: Installation, sink: Sink, book: Callable[..., None], schools: int, kills: int
) -> None:
    """DR1: `kill -9` of the whole group at random; every mail goes out once, or is in doubt and shown."""
    friday = this_friday()
    founded = found_schools(schools, friday)
    write_news(founded, friday - MINUTE)
    send_due_editions(now=friday + MINUTE)
    dice = Random(7)
    sink.slow = 0.005
    in_doubt = 0
    for _ in range(kills):
        before = len(sink.accepted)
        worker = kring.worker()
        sweep = partial(kring.ring, "core.sweep_outbox")
        sweep()
        until(lambda before=before: len(sink.accepted) > before, "the worker sends", ring=sweep)
        time.sleep(dice.uniform(0, 0.2))
        worker.kill()
        assert outbox.ledger().pending
        in_doubt += OutboxItem.objects.filter(state=OutboxState.SENDING).count()
        minutes_pass()
    restarted = time.monotonic()
    sink.slow = 0
    kring.worker()
    kring.ring("core.sweep_outbox")
    until(all_settled, "the newsletter is out")
    found = reconcile(sink, wanted=parents_of(*founded), kind="digest")
    book("DR1", found)
    assert time.monotonic() - restarted < TEN_MINUTES
    assert found.rows.accepted + found.rows.uncertain == schools * PARENTS
    assert found.rows.uncertain == in_doubt <= kills


@pytest.mark.nightly
def test_two_workers_and_the_same_task_fifty_times(kring: Installation, sink: Sink, book: Callable[..., None]) -> None:
    """DR2: a row asked for by fifty threads; five rings for each thirty rows, to two workers; one mail a row."""
    friday = this_friday()
    founded = found_schools(1, friday)
    write_news(founded, friday - MINUTE)
    send_due_editions(now=friday + MINUTE)
    edition = DigestEdition.objects.get(school=founded[0])
    first = parents_of(*founded)[0]
    ready = threading.Barrier(50)

    def ask() -> None:
        ready.wait()
        key = f"digest:{founded[0].uid}:{edition.name}:{first.pk}"
        outbox.enqueue(
            "digest", recipient=first, subject_kind="edition", subject_uid=edition.uid, dedupe_key=key, now=friday
        )
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = list(OutboxItem.objects.order_by("pk").values_list("pk", flat=True))
    OutboxItem.objects.update(due_at=friday + timedelta(days=1))
    for _ in range(2):
        kring.worker()
    until(lambda: kring.redis.waiting() == 2, "both workers listen")
    for start in range(0, PARENTS, PARENTS // 10):
        OutboxItem.objects.filter(pk__in=rows[start : start + PARENTS // 10]).update(due_at=friday)
        kring.ring("core.sweep_outbox", times=5)
        until(lambda start=start: outbox.ledger().accepted == start + PARENTS // 10, "these are out")
    until(lambda: kring.redis.client.llen("kring") == 0, "every ring was heard")
    found = reconcile(sink, wanted=parents_of(*founded), kind="digest")
    book("DR2", found)
    assert (found.rows.intents, found.rows.accepted, len(sink.accepted)) == (PARENTS, PARENTS, PARENTS)


@pytest.mark.nightly
def test_two_beats(kring: Installation, sink: Sink, book: Callable[..., None]) -> None:
    """DR3: two beats with two workers; one edition, and one row and one mail for each reader."""
    friday = this_friday()
    founded = found_schools(1, friday)
    write_news(founded, friday - MINUTE)
    for _ in range(2):
        kring.worker()
        kring.beat()
    until(lambda: OutboxItem.objects.filter(kind="digest").exists() and all_settled(), "the newsletter is out")
    ringing = kring.redis.client.info("commandstats")["cmdstat_lpush"]["calls"]
    until(lambda: kring.redis.client.info("commandstats")["cmdstat_lpush"]["calls"] > ringing + 30, "more ticks")
    found = reconcile(sink, wanted=parents_of(*founded), kind="digest")
    book("DR3", found)
    assert DigestEdition.objects.filter(school=founded[0]).count() == 1
    assert set(Counter(OutboxItem.objects.values_list("recipient", flat=True)).values()) == {1}
    assert (found.rows.intents, found.rows.accepted, len(sink.accepted)) == (PARENTS, PARENTS, PARENTS)


@pytest.mark.nightly
def test_worker_replaced_by_a_new_release(kring: Installation, sink: Sink, book: Callable[..., None]) -> None:
    """DR27: SIGTERM in the middle, the new worker starts at once; nothing is in doubt."""
    friday = this_friday()
    founded = found_schools(1, friday)
    write_news(founded, friday - MINUTE)
    send_due_editions(now=friday + MINUTE)
    sink.slow = 0.02
    old = kring.worker()
    kring.ring("core.sweep_outbox")
    until(lambda: len(sink.accepted) > 20, "the worker sends")
    old.ask_to_stop()
    assert old.wait() in {0, -signal.SIGTERM}
    assert outbox.ledger().pending, "it let go of what it had not begun"
    kring.worker()
    kring.ring("core.sweep_outbox")
    until(all_settled, "the newsletter is out")
    found = reconcile(sink, wanted=parents_of(*founded), kind="digest")
    book("DR27", found)
    assert (found.rows.accepted, found.rows.uncertain) == (PARENTS, 0)


@pytest.mark.nightly
@pytest.mark.skipif(not shutil.which("prlimit"), reason="needs prlimit")
@pytest.mark.parametrize("megabytes", [100, 130, 160])
def test_worker_without_memory(kring: Installation, sink: Sink, book: Callable[..., None], megabytes: int) -> None:
    """DR30: it may have so much and no more; whatever it did not do, the next one does."""
    friday = this_friday()
    founded = found_schools(1, friday)
    write_news(founded, friday - MINUTE)
    send_due_editions(now=friday + MINUTE)
    starved = kring.worker("prlimit", f"--as={megabytes << 20}")
    kring.ring("core.sweep_outbox")
    until(lambda: not starved.is_running or all_settled() or sink.accepted, "it dies or sends", patience=60)
    starved.kill()
    before = len(sink.accepted)
    minutes_pass()
    kring.worker()
    kring.ring("core.sweep_outbox")
    until(all_settled, "the newsletter is out")
    found = reconcile(sink, wanted=parents_of(*founded), kind="digest")
    book("DR30", f"{found} · sent within {megabytes} MB {before}")
    assert (found.lost, found.double, found.wrong) == (0, 0, 0)
    assert found.rows.accepted + found.rows.uncertain == PARENTS
