"""What one request costs: milliseconds of this process, of the database's and of Redis, side by side with a floor."""

import io
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.middleware.csrf import _get_new_csrf_string  # what a browser sends back
from django.test.utils import CaptureQueriesContext

from portal.core.models import User

BLOCKS, WARM = 15, 10
"""A question has a function from the third time on, and PostgreSQL plans that five times before it keeps the plan."""


class Cost(NamedTuple):
    """CPU milliseconds a request, database included; p50 of the wall clock; bytes of the answer; statements."""

    cpu: float
    p50: float
    size: int
    queries: int


class Visit(NamedTuple):
    """What is asked: a path, with further headers of the request, the status it must get, and a form that is sent."""

    path: str
    headers: Mapping[str, str] = {}
    status: int = 200
    form: Mapping[str, str] | None = None


def cookies_of(user: User) -> str:
    """A session as a browser holds it."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.set_expiry(timedelta(hours=1))
    session.save()
    own = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
    return f"{own}; {settings.CSRF_COOKIE_NAME}={_get_new_csrf_string()}"


def compare(visits: Sequence[Visit], people: Sequence[User]) -> list[Cost]:
    """Each visit by each of `people`, in turns, so that a busy machine is busy for all; medians of the turns."""
    handler, cookies = WSGIHandler(), [cookies_of(user) for user in people]
    connection.settings_dict["CONN_MAX_AGE"] = None
    turns = {visit.path: _Turns() for visit in visits}
    for number in range(-WARM, BLOCKS):
        for visit in visits:
            begun = time.process_time() + _database_seconds()
            walls = [_timed(lambda c=cookie, v=visit: get(handler, v, c)) for cookie in cookies]
            spent = time.process_time() + _database_seconds() - begun
            if number >= 0:
                turns[visit.path].cpu.append(spent / len(cookies) * 1000)
                turns[visit.path].walls += walls
    return [_cost(turns[visit.path], handler, visit, cookies[0]) for visit in visits]


class _Turns:
    def __init__(self) -> None:
        self.cpu: list[float] = []
        self.walls: list[float] = []


def _cost(turns: _Turns, handler: WSGIHandler, visit: Visit, cookie: str) -> Cost:
    with CaptureQueriesContext(connection) as captured:
        body = get(handler, visit, cookie)
    return Cost(statistics.median(turns.cpu), statistics.median(turns.walls) * 1000, len(body), len(captured))


def _timed(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def _database_seconds() -> float:
    """CPU of the process behind our connection; 0 where that is ourselves or out of sight."""
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    schedule = Path(f"/proc/{pid}/schedstat")
    return int(schedule.read_text().split()[0]) / 1e9 if schedule.exists() else 0.0


def get(handler: WSGIHandler, visit: Visit, cookie: str) -> bytes:
    """The whole request in this process; refuses another status than the expected one."""
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": visit.path,
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
        **visit.headers,
        **({} if visit.form is None else _sending(visit.form, cookie)),
    }
    seen: list[str] = []
    response = handler(environ, lambda status, headers: seen.append(status))
    body = b"".join(response)
    response.close()
    if not seen[0].startswith(str(visit.status)):
        raise RuntimeError(f"{visit.path}: {seen[0]}")
    return body


def _sending(form: Mapping[str, str], cookie: str) -> dict[str, object]:
    """As a browser sends it, with the token it was given."""
    token = cookie.rpartition(f"{settings.CSRF_COOKIE_NAME}=")[2]
    body = urlencode({"csrfmiddlewaretoken": token, **form}).encode()
    return {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
