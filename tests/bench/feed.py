"""The feed of one parent against the floor "session + user, no work", with one school's data and with a hundred.

The whole request in this process through the WSGI handler; CPU is this process (with SQLite the database too).
"""

import io
import statistics
import time
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.core.models import User
from tests.bench import schools

WARM, ROUNDS = 30, 300
GOAL_FEED_QUERIES = 8
GOAL_GROWTH = 1.3


class Cost(NamedTuple):
    """Milliseconds a request, median wall and mean CPU; bytes of the answer; statements."""

    p50: float
    cpu: float
    size: int
    queries: int


def report() -> list[str]:
    """Print the table; returns the names of the goals that were missed."""
    now = datetime.now(UTC)
    year = schools.school_year(now)
    schools.add_school(0, year, now)
    parent = User.objects.get(email=schools.address(0, 0))
    small, small_floor = measure("/thuis/berichten/", parent), measure("/vloer/", parent)
    _line("floor, 1 school", small_floor, small_floor)
    _line("feed, 1 school", small, small_floor)
    for number in range(1, 100):
        schools.add_school(number, year, now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    large, large_floor = measure("/thuis/berichten/", parent), measure("/vloer/", parent)
    _line("floor, 100 schools", large_floor, large_floor)
    _line("feed, 100 schools", large, large_floor)
    growth = (large.cpu / large_floor.cpu) / (small.cpu / small_floor.cpu)
    print(f"feed with 100 schools' data: {growth:.2f} x the ratio with one (goal <= {GOAL_GROWTH})")
    missed = ["feed statements"] if max(small.queries, large.queries) > GOAL_FEED_QUERIES else []
    return missed + (["feed growth"] if growth > GOAL_GROWTH else [])


def measure(path: str, user: User) -> Cost:
    """Cost of one GET, signed in as `user`."""
    handler, cookie = WSGIHandler(), _session(user)
    for _ in range(WARM):
        body = _get(handler, path, cookie)
    walls, cpu = [], time.process_time()
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        body = _get(handler, path, cookie)
        walls.append(time.perf_counter() - begun)
    cpu = time.process_time() - cpu
    with CaptureQueriesContext(connection) as captured:
        _get(handler, path, cookie)
    return Cost(statistics.median(walls) * 1000, cpu / ROUNDS * 1000, len(body), len(captured))


def _line(name: str, cost: Cost, floor: Cost) -> None:
    print(
        f"{name:<20} p50 {cost.p50:6.2f} ms   cpu {cost.cpu:6.2f} ms   {cost.cpu / floor.cpu:5.2f} x floor   "
        f"{cost.size / 1000:5.1f} kB   {cost.queries} SQL"
    )


def _session(user: User) -> str:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.set_expiry(timedelta(hours=1))
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def _get(handler: WSGIHandler, path: str, cookie: str) -> bytes:
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "HTTP_COOKIE": cookie,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http",
    }
    seen: list[str] = []
    response = handler(environ, lambda status, headers: seen.append(status))
    body = b"".join(response)
    response.close()
    if not seen[0].startswith("200"):
        raise RuntimeError(f"{path}: {seen[0]}")
    return body
