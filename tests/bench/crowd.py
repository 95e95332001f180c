"""P2: requests a second with eight clients against the real server in production settings, beside the floor's.

The peers' figures are those of the performance card, measured once on two cores. Each is compared as a share of the
floor of its own table (1 718 requests a second), ours as a share of the floor of this run: only that can be carried
from one machine to another.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from portal.core.models import User
from tests.bench.cost import cookies_of

CLIENTS, SECONDS, TURNS = 8, 3.0, 3
CARD_FLOOR = 1718
PEERS = {"NodeBB recent": (143, 4), "machina": (60, 10), "Moodle": (18.8, 30)}
"""Requests a second on the card, and how many times that we want to reach."""
START_LIMIT = 60


def report(readers: Sequence[User]) -> list[str]:
    """Print ours beside the card's peers; returns P2 when it was missed."""
    with _server() as port:
        rates: dict[str, list[float]] = {"/vloer/": [], "/thuis/berichten/": []}
        cookies = [cookies_of(user).replace(settings.SESSION_COOKIE_NAME, "__Host-kring", 1) for user in readers]
        for _ in range(TURNS):
            for path, found in rates.items():
                found.append(_rate(port, path, cookies))
    floor, feed = max(rates["/vloer/"]), max(rates["/thuis/berichten/"])
    print(f"  {CLIENTS} clients: floor {floor:.0f} req/s, feed {feed:.0f} req/s, {feed / floor:.3f} of the floor")
    missed = False
    for peer, (rate, goal) in PEERS.items():
        times = (feed / floor) / (rate / CARD_FLOOR)
        missed |= times < goal
        print(
            f"P2   {times:.1f} x {peer} (the card's figures, not of this run: {rate} req/s at a floor of {CARD_FLOOR}) "
            f"(goal >= {goal}) {'ok' if times >= goal else 'MISSED'}"
        )
    return ["P2"] if missed else []


def _rate(port: int, path: str, cookies: Sequence[str]) -> float:
    visitor = [sys.executable, str(Path(__file__).with_name("visitor.py")), str(port), "localhost", path, str(SECONDS)]
    each = [[*visitor, *cookies[number:], *cookies[:number]] for number in range(CLIENTS)]
    clients = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in each]
    asked = [int(client.communicate()[0]) for client in clients]
    return sum(asked) / SECONDS


@contextmanager
def _server() -> Iterator[int]:
    """Workers as in production: one a core, one thread each; with SQLite one worker of eight threads, as embedded."""
    port = _free_port()
    workers, threads = (os.cpu_count() or 1, 4) if connection.vendor == "postgresql" else (1, 8)
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--log-level", "error"),
        *("--host", "127.0.0.1", "--port", str(port), "--workers", str(workers), "--blocking-threads", str(threads)),
        "tests.bench.serving:application",
    ]
    with tempfile.TemporaryDirectory() as folder:
        environ = _production(folder)
        manage = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
        subprocess.run(manage, cwd=settings.BASE_DIR, env=environ, check=True)
        server = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environ)
        try:
            _wait_for(server, port)
            yield port
        finally:
            server.terminate()
            server.wait(30)


def _production(folder: str) -> dict[str, str]:
    """The same database and secret, everything else as a school's own machine has it."""
    at = connection.settings_dict
    host = f"{at['USER']}:{at['PASSWORD']}@{at['HOST'] or '127.0.0.1'}:{at['PORT'] or 5432}"
    database = f"sqlite:///{at['NAME']}" if connection.vendor == "sqlite" else f"postgres://{host}/{at['NAME']}"
    kept = {key: value for key, value in os.environ.items() if not key.startswith("KRING_")}
    return kept | {
        "KRING_MODE": "production",
        "KRING_UNDO_SECONDS": "0",
        "KRING_SECRET_KEY": settings.SECRET_KEY,
        "KRING_CHAIN_KEY": settings.KRING_CHAIN_KEY,
        "KRING_HOSTS": "localhost",
        "KRING_BASE_URL": "https://localhost",
        "KRING_DATABASE_URL": database,
        "KRING_REDIS_URL": settings.KRING_REDIS_URL,
        "KRING_SMTP_URL": "smtp+tls://kring:none@127.0.0.1:587",
        "KRING_MAIL_FROM": "kring@localhost",
        "KRING_DATA_DIR": folder,
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + START_LIMIT
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if server.poll() is not None or time.monotonic() > until:
                raise RuntimeError("the server did not start") from None
            time.sleep(0.1)
