"""Before the pages: five hundred lines that say nothing (DR15), and a process of pages that is killed (DR16)."""

import contextlib
import os
import signal
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from tests.drills.crowd import FEED, Readers, at_work, p95
from tests.drills.machine import BROKE_OFF, Installation, Visitor, needs_front, needs_postgres, needs_redis, until
from tests.drills.school import found_schools, parents_of, this_friday

pytestmark = [
    needs_redis,
    needs_front,
    needs_postgres,
    pytest.mark.nightly,
    pytest.mark.django_db(transaction=True),
]
LINES, READERS, SECONDS = 500, 6, 8
AS_QUIET = 3.0


@contextmanager
def silent_lines(port: int, tls: ssl.SSLContext) -> Iterator[list[int]]:
    """Lines that begin a request and go on with a letter now and then; how many stand and how many were hung up."""
    lines = []
    for _ in range(LINES):
        line = tls.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=60), server_hostname="127.0.0.1")
        line.sendall(b"GET /thuis/berichten/ HTTP/1.1\r\nHost: kring\r\nX-Slow: ")
        lines.append(line)
    count, over = [len(lines), 0], threading.Event()

    def drip() -> None:
        while not over.wait(1):
            for line in lines:
                with contextlib.suppress(OSError):
                    line.sendall(b"a")

    with at_work([drip]):
        try:
            yield count
        finally:
            over.set()
    for line in lines:
        line.settimeout(0.01)
        with contextlib.suppress(OSError):
            count[1] += line.recv(1000) == b""
        line.close()


@pytest.mark.flaky(reruns=2)  # compares times, on a machine that others use too
def test_slow_lines_hold_the_front_and_nobody_else(kring: Installation, book: Callable[[str, object], None]) -> None:
    """DR15: five hundred slow lines from one address; who reads meanwhile waits as in a quiet hour."""
    [school] = found_schools(1, this_friday())
    kring.web()
    port, tls = kring.front()
    readers = Readers([Visitor(port, user, tls) for user in parents_of(school)[:40]], rate=3)
    readers.read(SECONDS / 2)
    quiet = readers.read(SECONDS)
    with silent_lines(port, tls) as count:
        busy = readers.read(SECONDS)
        time.sleep(10)  # the front waits fifteen seconds for the head of a request
    book(
        "DR15",
        f"lines {count[0]} · hung up by the front {count[1]} · pages meanwhile {len(busy)}, p95 "
        f"{p95(busy) / p95(quiet):.1f} x quiet",
    )
    assert p95(busy) <= AS_QUIET * p95(quiet)
    assert count[1] == LINES


def test_process_of_pages_killed(kring: Installation, book: Callable[[str, object], None]) -> None:
    """DR16: `kill -9` of one of two processes under load; another one takes its place, and only what it was answering
    is lost: of these the front says so, and what was half-way on the line breaks off."""
    [school] = found_schools(1, this_friday())
    web = kring.web()
    port, tls = kring.front(KRING_FAMILIES_AT_ONCE="100")  # here nobody is to wait for others, as in DR42
    readers = [Visitor(port, user, tls) for user in parents_of(school)[:READERS]]
    answers: list[int] = []
    over = threading.Event()

    def read(visitor: Visitor) -> None:
        while not over.is_set():
            answers.append(visitor.status_of(FEED))

    def processes() -> set[int]:
        return set(web.running("granian")) - {web.pid}

    def hurt() -> None:
        try:
            time.sleep(SECONDS / 4)
            before = processes()
            os.kill(min(before), signal.SIGKILL)
            until(lambda: processes() - before, "another process")
            time.sleep(SECONDS)
        finally:
            over.set()

    with at_work([hurt, *(partial(read, visitor) for visitor in readers)]):
        pass
    gone = sum(status != 200 for status in answers)
    book("DR16", f"processes killed 1 · pages {len(answers)} · lost {gone}")
    assert set(answers) <= {200, 502, BROKE_OFF}
    assert gone <= READERS
    assert len(processes()) > 1
