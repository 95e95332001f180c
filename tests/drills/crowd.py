"""People at the running site: who reads, who signs in, and how long each page took them."""

import itertools
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from http.cookies import SimpleCookie
from statistics import quantiles
from typing import Any

from tests.drills.machine import Answer, Visitor
from tests.mail.server import Sink

DOOR, CODE_PAGE, FEED = "/inloggen/", "/inloggen/code/", "/thuis/berichten/"
CODE = re.compile(r"\b\d{3}-\d{3}\b")
_houses = itertools.count(1)


class Stranger(Visitor):
    """Somebody who is not in yet, on a network of their own."""

    def __init__(self, port: int, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(port, tls=tls)
        house = next(_houses)
        self.network = f"127.{18 + house // 62500}.{house // 250 % 250}.{house % 250 + 1}"
        self.headers["X-Forwarded-For"] = f"198.{18 + house // 62500}.{house // 250 % 250}.{house % 250 + 1}"

    def ask_code(self, address: str) -> Answer:
        return self.keep(self.post(DOOR, {"email": address}))

    def come_in(self, code: str) -> Answer:
        return self.keep(self.post(CODE_PAGE, {"code": code}))

    def keep(self, answer: Answer) -> Answer:
        """Take the cookies of an answer along, as a browser does."""
        jar = SimpleCookie(self.headers["Cookie"])
        for line in answer.headers.get_all("Set-Cookie") or []:
            jar.load(line)
        self.headers["Cookie"] = "; ".join(f"{name}={morsel.value}" for name, morsel in jar.items())
        return answer


class Post:
    """The newest code for each address, as it came in."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def code_for(self, address: str, patience: float = 60.0) -> str:
        ends = time.monotonic() + patience
        while time.monotonic() < ends:
            for to, message in reversed(list(self._sink.accepted)):
                if to == address and (found := CODE.search(str(message.get_body(("plain",)).get_content()))):  # type: ignore[union-attr]
                    return found[0]
            time.sleep(0.05)
        raise AssertionError(f"no code for {address} in {patience:.0f} s")


def p95(seconds: Sequence[float]) -> float:
    return quantiles(seconds, n=20)[-1]


class Readers:
    """People who read their feed, each at a moment of their own: so many pages a second, however slow the answers."""

    def __init__(self, visitors: Iterable[Visitor], *, rate: float, hands: int = 16) -> None:
        self._visitors = itertools.cycle(visitors)
        self._rate, self._hands = rate, hands
        self._taking = threading.Lock()

    def read(self, seconds: float) -> list[float]:
        """How long each page took, from the moment somebody wanted it."""
        begun, turns = time.monotonic(), itertools.count()
        took: list[float] = []

        def reads() -> None:
            while True:
                with self._taking:
                    due, visitor = begun + next(turns) / self._rate, next(self._visitors)
                if due > begun + seconds:
                    return
                time.sleep(max(0.0, due - time.monotonic()))
                answer = visitor.get(FEED)
                assert answer.status == 200, answer.status
                took.append(time.monotonic() - due)

        with at_work([reads] * self._hands):
            pass
        return took


@contextmanager
def at_work(works: Sequence[Callable[[], Any]]) -> Iterator[None]:
    """Each in a thread of its own; waits for all at the end, and fails when one did."""
    wrong: list[BaseException] = []

    def safely(work: Callable[[], Any]) -> None:
        try:
            work()
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=safely, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join()
    if wrong:
        raise wrong[0]
