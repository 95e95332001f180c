"""A whole Kring as a school runs it, on the tests' database: granian, Celery workers, a beat, a Redis that may die.

Production settings; every program in a process group of its own, so that a drill can kill it with all it started.
"""

import contextlib
import http.client
import os
import re
import secrets
import shutil
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import redis
from celery import Celery
from django.conf import settings
from django.db import connection
from django.test import Client

from tests.cast import SIGN_IN
from tests.deploy.test_nginx import NGINX, adapted, make_certificate, wait_for, write_names
from tests.mail.server import free_port

HOST = "kring.drill.example"
PATIENCE = 120.0
BROKE_OFF = 0
"""In the place of a status: what was half-way on the line can be asked of nobody else any more."""
AS_DOCKER_DOES = ("sh", "-c", 'until "$@"; do sleep 1; done', "restart: unless-stopped")
"""A program that ends with an error is started again."""
BEAT = """
from portal.celery import app
for entry in app.conf.beat_schedule.values():
    entry["schedule"] = 1.0
app.Beat(loglevel="WARNING", quiet=True, schedule={schedule!r}).run()
"""
PERSONAL = re.compile(
    rf"kanarie\S*|\b(?:Noor|Anna|Karima|Said|Riet)\b|[\w.+-]+@(?!drill|{re.escape(HOST)})[\w-]+\.[\w.]+|[?&]\w+=\S+"
)
"""In a log: the words and the names of a drill, an address of somebody, what was asked of a page."""
REDIS_SERVER = shutil.which("redis-server")
needs_redis = pytest.mark.skipif(not REDIS_SERVER, reason="needs a redis-server that a drill may kill")
needs_front = pytest.mark.skipif(not (NGINX and shutil.which("openssl")), reason="needs nginx and openssl")
needs_postgres = pytest.mark.skipif(connection.vendor != "postgresql", reason="the drill is about PostgreSQL and Redis")


def until(
    done: Callable[[], Any], what: str, patience: float = PATIENCE, ring: Callable[[], object] = lambda: None
) -> None:
    """Wait for something that has to happen; a drill that waits in vain says for what.

    `ring` is done again after each quarter of that time, as the beat does each minute: one ring may get lost.
    """
    begun = time.monotonic()
    quarters = 0
    while not done():
        waited = time.monotonic() - begun
        if waited > patience:
            pytest.fail(f"waited {patience:.0f} s in vain: {what}")
        if waited > (quarters + 1) * patience / 4:
            quarters += 1
            ring()
        time.sleep(0.05)


class Program:
    """A process and all it starts, in a group of its own; what it says goes to a file."""

    def __init__(self, command: Sequence[str], *, log: Path, environment: Mapping[str, str] | None = None) -> None:
        self.log = log
        with log.open("a") as said:
            self._process = subprocess.Popen(
                command,
                cwd=settings.BASE_DIR,
                env=environment,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def send(self, number: int) -> None:
        """A signal to the whole group, as `kill -NUMBER -- -PGID` does."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def ask_to_stop(self) -> None:
        """SIGTERM to the first process only, as Docker and systemd do."""
        self._process.terminate()

    def wait(self, patience: float = PATIENCE) -> int:
        return self._process.wait(patience)

    def kill(self) -> None:
        self.send(signal.SIGKILL)
        self._process.wait(PATIENCE)

    def running(self, file: str) -> list[int]:
        """The processes of the group that were started with this file."""
        found = []
        for status in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                numbers = status.read_text().rpartition(")")[2].split()
                if int(numbers[2]) == self.pid and file in (status.parent / "cmdline").read_text():
                    found.append(int(status.parent.name))
        return found

    def threads(self) -> int:
        """How many threads the whole group has."""
        found = 0
        for status in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                numbers = status.read_text().rpartition(")")[2].split()
                found += int(numbers[17]) if int(numbers[2]) == self.pid else 0
        return found


class OwnRedis:
    """A Redis of this drill alone: it may be killed, hung, filled and emptied."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        self.client = redis.Redis(port=self.port)
        self.start()

    def start(self) -> None:
        command = [str(REDIS_SERVER), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir"]
        self.program = Program([*command, str(self._folder)], log=self._folder / "redis.log")
        until(self._answers, "Redis answers")

    def waiting(self) -> int:
        """How many workers wait for something to do."""
        return sum(each["cmd"] == "brpop" for each in self.client.client_list())

    def _answers(self) -> bool:
        with contextlib.suppress(redis.RedisError):
            return bool(self.client.ping())
        return False


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    text: str
    seconds: float

    @property
    def location(self) -> str:
        return self.headers["Location"] or ""


class Visitor:
    """Somebody at the running site, signed in or not; each request is a connection of its own.

    With `tls` through the front, which tells the site from which address somebody comes: `network`.
    """

    network = "127.0.0.1"

    def __init__(self, port: int, user: Any = None, tls: ssl.SSLContext | None = None) -> None:
        self._port, self._tls = port, tls
        token = secrets.token_hex(16)
        self.token = token
        self.headers = {
            "Host": HOST,
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": "192.0.2.7",
            "Origin": f"https://{HOST}",
            "Referer": f"https://{HOST}/",
            "Accept-Language": "nl",
            "Cookie": f"__Host-kring-csrf={token}",
        }
        if user:
            client = Client()
            client.force_login(user, backend=SIGN_IN)
            self.headers["Cookie"] += f"; __Host-kring={client.cookies[settings.SESSION_COOKIE_NAME].value}"

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def status_of(self, path: str) -> int:
        """Of this page; `BROKE_OFF` where the line broke in the middle of it, as when who answers is killed at that."""
        try:
            return self.get(path).status
        except http.client.IncompleteRead:
            return BROKE_OFF

    def post(self, path: str, fields: Mapping[str, Any]) -> Answer:
        form = urlencode({"csrfmiddlewaretoken": self.token, **fields}, doseq=True)
        return self._ask("POST", path, form.encode(), {"Content-Type": "application/x-www-form-urlencoded"})

    def upload(self, path: str, fields: Mapping[str, str], files: Sequence[tuple[str, bytes]]) -> Answer:
        body, kind = self.multipart(fields, files)
        return self._ask("POST", path, body, {"Content-Type": kind})

    def slowly(self, path: str, body: bytes, kind: str, seconds: float) -> Answer:
        """What `multipart` made, over a line on which it takes so long."""

        def parts() -> Iterator[bytes]:
            size = -(-len(body) // 20)
            for begin in range(0, len(body), size):
                time.sleep(seconds / 20)
                yield body[begin : begin + size]

        return self._ask("POST", path, parts(), {"Content-Type": kind, "Content-Length": str(len(body))})

    def multipart(self, fields: Mapping[str, str], files: Sequence[tuple[str, bytes]]) -> tuple[bytes, str]:
        """A form with files, as a browser writes it; and its content type."""
        boundary = "----drill" + secrets.token_hex(8)
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in {"csrfmiddlewaretoken": self.token, **fields}.items()
        ]
        for name, data in files:
            head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="foto.jpg"\r\n'
            parts.append(f"{head}Content-Type: image/jpeg\r\n\r\n".encode() + data + b"\r\n")
        return b"".join(parts) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes | Iterator[bytes] | None = None,
        more: Mapping[str, str] | None = None,
    ) -> Answer:
        begun = time.monotonic()
        line = self._line()
        try:
            line.request(method, path, body, {**self.headers, **(more or {})})
            response = line.getresponse()
            text = response.read().decode()
        finally:
            line.close()
        return Answer(response.status, response.headers, text, time.monotonic() - begun)

    def _line(self) -> http.client.HTTPConnection:
        if self._tls is None:
            return http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        return http.client.HTTPSConnection(
            "127.0.0.1", self._port, timeout=PATIENCE, context=self._tls, source_address=(self.network, 0)
        )


def production(folder: Path, **more: str) -> dict[str, str]:
    """The settings of a Kring whose files lie here, as in production, on the tests' own database."""
    name = str(connection.settings_dict["NAME"])
    server = settings.KRING_DATABASE_URL.rsplit("/", 1)[0]
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith("KRING_")},
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "KRING_MODE": "production",
        "KRING_SECRET_KEY": settings.SECRET_KEY,
        "KRING_CHAIN_KEY": settings.KRING_CHAIN_KEY,
        "KRING_HOSTS": HOST,
        "KRING_BASE_URL": f"https://{HOST}",
        "KRING_DATABASE_URL": f"sqlite:///{name}" if connection.vendor == "sqlite" else f"{server}/{name}",
        "KRING_DATA_DIR": str(folder),
        **more,
    }


@dataclass
class Installation:
    """Where everything of one Kring lies and listens; starts its parts and stops them all at the end."""

    folder: Path
    redis: OwnRedis
    mail_port: int
    port: int = field(default_factory=free_port)
    programs: list[Program] = field(default_factory=list)

    def environment(self, **more: str) -> dict[str, str]:
        """As in production, on the tests' own database."""
        its_own = {
            "KRING_UNDO_SECONDS": "0",
            "KRING_REDIS_URL": self.redis.url,
            "KRING_SMTP_URL": f"smtp://127.0.0.1:{self.mail_port}",
            "KRING_MAIL_FROM": f"Kring <kring@{HOST}>",
            "TMPDIR": str(self.temporary),
        }
        return production(self.folder, **its_own | more)

    @property
    def temporary(self) -> Path:
        """Where uploads lie while they come in."""
        place = self.folder / "tmp"
        place.mkdir(exist_ok=True)
        return place

    def worker(self, *before: str, **more: str) -> Program:
        """A Celery worker as in docker-compose.yml, with one process; `before` is what starts it."""
        options = ["--concurrency", "1", "--loglevel", "WARNING", "--hostname", f"{secrets.token_hex(4)}@drill"]
        command = [sys.executable, "-m", "celery", "-A", "portal.celery", "worker", *options]
        return self._start("worker", [*before, *command], more)

    def fast(self, *before: str, **more: str) -> Program:
        """The worker of the fast lane, as in docker-compose.yml."""
        return self._start("fast", [*before, sys.executable, "manage.py", "fast_lane"], more)

    def beat(self, **more: str) -> Program:
        """A beat for which a second is as long as its schedule says: each task once a second."""
        schedule = str(self.folder / f"beat-{secrets.token_hex(4)}")
        return self._start("beat", [sys.executable, "-c", BEAT.format(schedule=schedule)], more)

    def clock(self, **more: str) -> Program:
        """The beat of production, which rings by its own schedule; it looks each second whether its clock jumped."""
        schedule = str(self.folder / f"beat-{secrets.token_hex(4)}")
        options = ["--max-interval", "1", "--schedule", schedule, "--loglevel", "WARNING"]
        return self._start("beat", [sys.executable, "-m", "celery", "-A", "portal.celery", "beat", *options], more)

    def web(
        self,
        *before: str,
        threads: int = 4,
        workers: int = 2,
        port: int | None = None,
        application: str = "portal.wsgi:application",
        **more: str,
    ) -> Program:
        """The pages, as the image serves them; `before` is a command that starts it in a world of its own."""
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port"]
        command += [str(port or self.port), "--workers", str(workers), "--blocking-threads", str(threads)]
        command += ["--respawn-failed-workers", "--log-level", "warning", application]
        program = self._start("web", [*before, *command], more)
        until(lambda: not program.is_running or self.answers(port or self.port), "the pages answer")
        assert program.is_running, program.log.read_text()
        return program

    def front(self, *nodes: int, name: str = "front", **more: str) -> tuple[int, ssl.SSLContext]:
        """The front with our own nginx.conf before these webs, or the one there is; where it answers, and what its
        certificate is checked with."""
        folder = self.folder / name
        folder.mkdir()
        make_certificate(folder)
        (folder / "static").symlink_to(self.folder / "static")
        plain, secure = free_port(), free_port()
        text = adapted(folder, plain, secure).replace("/srv/kring/media/", f"{self.folder}/media/")
        write_names(folder, *(nodes or [self.port]), **more)
        (folder / "nginx.conf").write_text(text)
        options = ["-c", str(folder / "nginx.conf"), "-p", str(folder), "-g", "daemon off;"]
        self._start("front", [str(NGINX), *options], {})
        wait_for(f"http://127.0.0.1:{plain}/gezond/front")
        return secure, ssl.create_default_context(cafile=folder / "fullchain.pem")

    def visitor(self, user: Any) -> Visitor:
        return Visitor(self.port, user)

    def ring(self, task: str, times: int = 1) -> None:
        """Put tasks on the queue, as `jobs.ring` and the beat do."""
        with Celery("bell", broker=self.redis.url, set_as_current=False) as app, app.connection_for_write() as line:
            for _ in range(times):
                app.send_task(task, queue="kring", ignore_result=True, connection=line)

    def stop(self) -> None:
        for program in [*self.programs, self.redis.program]:
            program.kill()
        self.redis.client.close()

    def said(self) -> str:
        """What all parts wrote in their logs, the front and Redis too."""
        return "\n".join(path.read_text() for path in sorted(self.folder.rglob("*.log")))

    def _start(self, name: str, command: Sequence[str], more: Mapping[str, str]) -> Program:
        program = Program(command, log=self.folder / f"{name}.log", environment=self.environment(**more))
        self.programs.append(program)
        return program

    @staticmethod
    def answers(port: int) -> bool:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with contextlib.closing(line), contextlib.suppress(OSError, http.client.HTTPException):
            line.request("GET", "/gezond/", headers={"Host": HOST})
            return line.getresponse().status == 200
        return False


def collect_static(folder: Path) -> Path:
    """The static files with their hashes in their names, which production pages refer to."""
    lines = (Path(settings.BASE_DIR) / "deploy" / "build.env").read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines if line.startswith("KRING_"))
    environment = {**os.environ, **values, "KRING_DATA_DIR": str(folder)}
    for words in (["collectstatic", "--no-input", "--verbosity", "0"], ["fault_pages"]):
        command = [sys.executable, "manage.py", *words]
        subprocess.run(command, cwd=settings.BASE_DIR, env=environment, check=True)
    return folder / "static"


@contextlib.contextmanager
def installation(folder: Path, mail_port: int, static: Path) -> Iterator[Installation]:
    """Everything stopped at the end, whatever happened; what the programs said is shown when the drill failed.

    Whatever broke, none of it is about somebody.
    """
    (folder / "static").symlink_to(static)
    kring = Installation(folder, OwnRedis(folder), mail_port)
    try:
        yield kring
    finally:
        kring.stop()
        print(kring.said())
    assert PERSONAL.findall(kring.said()) == []
