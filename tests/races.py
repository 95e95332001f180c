"""Deeds at once, each in a thread and a connection of its own: what races are made of."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections

PATIENCE = 60


def on_postgresql(test: Callable) -> Callable:
    """SQLite writes one at a time."""
    skipped = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite writes one at a time")
    return pytest.mark.django_db(transaction=True)(pytest.mark.postgres(skipped(test)))


class Race:
    """Deeds that begin together, each in a thread and connection that stays; `overlapped`: in how many of its runs."""

    def __init__(self, deeds: int) -> None:
        self.barrier = threading.Barrier(deeds)
        self.pool = ThreadPoolExecutor(deeds)
        self.runs = self.overlapped = 0

    def run(self, *deeds: Callable[[], Any]) -> None:
        pauses = [random.uniform(0, 0.012) for _ in deeds]
        done = [self.pool.submit(self._one, deed, pause) for deed, pause in zip(deeds, pauses, strict=True)]
        begun, ended = zip(*(one.result(30) for one in done), strict=True)
        self.runs += 1
        self.overlapped += max(begun) < min(ended)

    def _one(self, deed: Callable[[], Any], pause: float) -> tuple[float, float]:
        """When it began and when it was done."""
        self.barrier.wait(10)
        time.sleep(pause)
        begun = time.monotonic()
        deed()
        return begun, time.monotonic()

    def close(self) -> None:
        count = self.barrier.parties
        together = threading.Barrier(count)
        for one in [self.pool.submit(lambda: (together.wait(10), connections.close_all())) for _ in range(count)]:
            one.result(30)
        self.pool.shutdown()


def together(*deeds: Callable[[], Any]) -> list[Any]:
    """All of them let go at the same moment; what each answered, or the error it raised."""
    barrier = threading.Barrier(len(deeds))

    def one(deed: Callable[[], Any]) -> Any:
        try:
            barrier.wait(10)
            return deed()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return [done.result(PATIENCE) for done in [pool.submit(one, deed) for deed in deeds]]


def all_done(*deeds: Callable[[], Any]) -> None:
    """The same; the first error is the test's."""
    for answer in together(*deeds):
        if isinstance(answer, Exception):
            raise answer


@pytest.fixture
def race() -> Iterator[Callable[[int], Race]]:
    made: list[Race] = []

    def begin(deeds: int) -> Race:
        made.append(Race(deeds))
        return made[-1]

    yield begin
    for one in made:
        one.close()
        print(f"overlapped in {one.overlapped} of {one.runs} runs")
        assert one.overlapped * 2 >= one.runs, "deeds that wait for each other race with nobody"
