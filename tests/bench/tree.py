"""What a request costs the whole tree that serves it: the web's processes, nginx, Redis and the database behind them.

Every page is asked for in turns with the floor, so that a busy machine is busy for all; who asks is not counted.
"""

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPSConnection
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings

from portal.core.media import storage
from portal.core.models import User
from tests.bench.cost import Visit, cookies_of, get
from tests.bench.world import KEY
from tests.drills.machine import HOST, Installation, Visitor

WARM, TURNS, REQUESTS = 5, 5, 10
CLIENTS, SECONDS = 8, 3
ACCEL = "/binnen/"
PHOTO_BYTES = 25_000
WEBP = "image/webp"


class Page(NamedTuple):
    """What is asked, by whom, and how many times the floor it should cost; `etag` of what is at hand already, `form`
    what is sent, anew each time."""

    path: str
    reader: User
    goal: float
    etag: str = ""
    form: Callable[[], Mapping[str, str]] | None = None

    @property
    def limit(self) -> float:
        """Above this many times CI refuses it."""
        return 2 * self.goal

    @property
    def status(self) -> int:
        return 302 if self.form else 304 if self.etag else 200

    def visit(self) -> Visit:
        """The same, asked in this process."""
        known = {"HTTP_IF_NONE_MATCH": self.etag} if self.etag else {}
        return Visit(self.path, {"HTTP_ACCEPT": WEBP} | known, self.status, self.form() if self.form else None)


class Served(NamedTuple):
    """CPU milliseconds a request of the whole tree, milliseconds a request takes, statements of the database."""

    cpu: float
    p50: float
    queries: int


class Tree:
    """A running Kring, from the front to the database."""

    def __init__(self, kring: Installation) -> None:
        _lay_photo(kring.folder)
        web = kring.web(application="tests.bench.serving:application", KRING_ACCEL=ACCEL)
        self._direct = kring.port
        self._port, self._context = kring.front()
        self._groups = {program.pid for program in [*kring.programs, kring.redis.program]} | {web.pid}

    def measure(self, pages: Mapping[str, Page], turns: int = TURNS, requests: int = REQUESTS) -> dict[str, Served]:
        """What each page costs, in turns, the first of which only warm up; medians of the others.

        A question is asked three times in a process before it has a function, and PostgreSQL plans each function five
        times in a session before it keeps a plan: of two processes with eight sessions that is some fifty requests.
        """
        cpu: dict[str, list[float]] = {name: [] for name in pages}
        walls: dict[str, list[float]] = {name: [] for name in pages}
        with self._line() as line:
            visitors = {name: Visitor(self._port, page.reader) for name, page in pages.items()}
            for turn in range(-WARM, turns):
                for name, page in pages.items():
                    begun = self._spent()
                    took = [_asked(line, page, visitors[name]) for _ in range(requests)]
                    if turn >= 0:
                        cpu[name].append(self._since(begun) / requests * 1000)
                        walls[name] += took
        return {
            name: Served(statistics.median(cpu[name]), statistics.median(walls[name]) * 1000, _queries(page))
            for name, page in pages.items()
        }

    def rate(self, path: str, readers: Sequence[User]) -> float:
        """Requests a second that so many clients get of the web itself, each of them one of these readers at a time."""
        cookies = [Visitor(self._direct, user).headers["Cookie"] for user in readers]
        visitor = [sys.executable, str(Path(__file__).with_name("visitor.py")), str(self._direct), HOST, path]
        each = [[*visitor, str(SECONDS), *cookies[n:], *cookies[:n]] for n in range(CLIENTS)]
        clients = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in each]
        return sum(int(client.communicate()[0]) for client in clients) / SECONDS

    @contextmanager
    def _line(self) -> Iterator[HTTPSConnection]:
        line = HTTPSConnection("127.0.0.1", self._port, timeout=60, context=self._context)
        try:
            yield line
        finally:
            line.close()

    def _spent(self) -> dict[int, float]:
        """CPU seconds so far of each process of these groups, and of each that serves our database."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
                "AND backend_type IN ('client backend', 'parallel worker')"
            )
            serving = {pid for (pid,) in cursor}
        return {int(one.name): _seconds(one) for one in Path("/proc").glob("[0-9]*") if self._has(one, serving)}

    def _since(self, before: dict[int, float]) -> float:
        """What was spent since; a process that ended meanwhile, as a connection in time does, takes nothing away."""
        return sum(max(0.0, spent - before.get(pid, 0.0)) for pid, spent in self._spent().items())

    def _has(self, place: Path, serving: set[int]) -> bool:
        with suppress(OSError):
            numbers = (place / "stat").read_text().rpartition(")")[2].split()
            return int(numbers[2]) in self._groups or int(place.name) in serving
        return False


def _seconds(place: Path) -> float:
    """Of all threads of a process, to the nanosecond."""
    found = 0
    for thread in place.glob("task/*/schedstat"):
        with suppress(OSError):
            found += int(thread.read_text().split()[0])
    return found / 1e9


def _lay_photo(folder: Path) -> None:
    """The bytes of the one photo that is asked for, as heavy as a small size is."""
    place = folder / "media" / storage.place_of(KEY, "webp", 400)
    place.parent.mkdir(parents=True)
    place.write_bytes(random.Random(1).randbytes(PHOTO_BYTES))


def _asked(line: HTTPSConnection, page: Page, visitor: Visitor) -> float:
    """Seconds of one request; refuses another answer than the page's."""
    body, head = None, visitor.headers | {"Accept": WEBP} | ({"If-None-Match": page.etag} if page.etag else {})
    if page.form:
        body = urlencode({"csrfmiddlewaretoken": visitor.token, **page.form()})
        head |= {"Content-Type": "application/x-www-form-urlencoded"}
    begun = time.perf_counter()
    line.request("POST" if page.form else "GET", page.path, body, head)
    answer = line.getresponse()
    answer.read()
    if answer.status != page.status:
        raise RuntimeError(f"{page.path}: {answer.status} {answer.headers['Location'] or ''}")
    return time.perf_counter() - begun


def _queries(page: Page) -> int:
    """Of one more request, in this process; composing what it asks for the first time asks too."""
    cookies = cookies_of(page.reader)
    with override_settings(KRING_ACCEL=ACCEL):
        get(WSGIHandler(), page.visit(), cookies)
        with CaptureQueriesContext(connection) as captured:
            get(WSGIHandler(), page.visit(), cookies)
    return len(captured)
