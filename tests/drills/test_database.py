"""The database goes away under a running site (DR10): pages that say so, one line in each log, and all of it back."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from tests.drills.machine import Installation, needs_postgres, needs_redis, until
from tests.drills.school import classes_of, found_schools, teacher_of, this_friday

pytestmark = [needs_redis, needs_postgres, pytest.mark.django_db(transaction=True)]
WORKERS, PAGES, DEADLINE = 2, 20, 6.0


class Line:
    """Between Kring and its database; it can be cut, and nobody is let in until it is mended."""

    def __init__(self) -> None:
        told = urlsplit(settings.KRING_DATABASE_URL)
        self._there = (told.hostname or "127.0.0.1", told.port or 5432)
        self._listening: socket.socket | None = None
        self._open: list[socket.socket] = []
        self.port = 0
        self.mend()
        self.url = told._replace(
            netloc=f"{told.username}:{told.password or 'none'}@127.0.0.1:{self.port}",
            path=f"/{connection.settings_dict['NAME']}",
        ).geturl()

    def mend(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._let_in, args=[self._listening], daemon=True).start()

    def cut(self) -> None:
        """As a server that stops: whoever is there is thrown out, and the next one finds nobody."""
        for line in [self._listening, *self._open]:
            if line:
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
                line.close()
        self._open.clear()

    def _let_in(self, listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                ours, _ = listening.accept()
                theirs = socket.create_connection(self._there)
                self._open += [ours, theirs]
                for one, other in ((ours, theirs), (theirs, ours)):
                    threading.Thread(target=self._pass_on, args=[one, other], daemon=True).start()

    @staticmethod
    def _pass_on(one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := one.recv(65536):
                other.sendall(piece)
            other.shutdown(socket.SHUT_WR)


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line()
    yield made
    made.cut()


def test_it_stops_and_comes_back(kring: Installation, line: Line, book: Callable[[str, object], None]) -> None:
    [school] = found_schools(1, this_friday())
    visitor = kring.visitor(teacher_of(classes_of(school)[0]))
    fast = kring.fast(KRING_DATABASE_URL=line.url)
    web = kring.web(workers=WORKERS, KRING_DATABASE_URL=line.url)
    assert visitor.get("/school/berichten/").status == 200
    line.cut()
    away = [visitor.get("/school/berichten/") for _ in range(PAGES)]
    sent = visitor.post("/school/schrijven/", {"text": "Morgen gaan we naar het bos."})
    until(lambda: "fast lane" in fast.log.read_text(), "the lane for codes finds out", patience=20)
    line.mend()
    until(lambda: visitor.get("/school/berichten/").status == 200, "pages again", patience=10)
    assert {(page.status, page.headers["Retry-After"]) for page in away} == {(503, "15")}
    assert max(page.seconds for page in away) < DEADLINE
    assert (sent.status, "Morgen gaan we naar het bos." in sent.text) == (503, True)
    assert "again.js" not in sent.text
    said = web.log.read_text()
    told = said.count("the database does not answer")
    book(
        "DR10", f"{PAGES} pages while the database was away, slowest {max(p.seconds for p in away):.2f} s, {told} lines"
    )
    assert 1 <= told <= WORKERS
    assert "the database answers again" in said
    assert "Traceback" not in kring.said()
    assert fast.log.read_text().count("fast lane") == 1
