"""A mail worker in a process of its own: for each line it reads it sweeps, and writes down what that cost.

`python -m tests.bench.sweeper PORT`, with the database in `KRING_DATABASE_URL`. One JSON object for each sweep.
"""

import json
import re
import sys
import time
from contextlib import suppress
from pathlib import Path

import django

django.setup()

from django.conf import settings
from django.db import connection
from django.utils import timezone

from portal.core import outbox
from portal.core.loaded import settle_down


def main(port: str) -> None:
    settings.EMAIL_BACKEND = "portal.core.mail.SmtpBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", int(port)
    settle_down()
    for _ in sys.stdin:
        print(json.dumps(sweep()), flush=True)


def sweep() -> dict[str, float]:
    """Rows, seconds, CPU seconds of this process and of its database server, and the peak in MB so far."""
    begun, own, database = time.perf_counter(), time.process_time(), database_cpu()
    rows = outbox.sweep(now=timezone.now()).rows
    return {
        "rows": rows,
        "seconds": time.perf_counter() - begun,
        "cpu": time.process_time() - own,
        "database_cpu": database_cpu() - database,
        "peak": peak(),
    }


def database_cpu() -> float:
    """What this connection's server process has used so far; nothing for SQLite, or a server elsewhere."""
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor, suppress(OSError):
        cursor.execute("SELECT pg_backend_pid()")
        ticks = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text().rpartition(")")[2].split()
        return (int(ticks[11]) + int(ticks[12])) / 100
    return 0.0


def peak() -> float:
    """In MB, of this program alone: what getrusage says begins with the parent's."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


if __name__ == "__main__":
    main(sys.argv[1])
