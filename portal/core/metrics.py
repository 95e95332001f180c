"""What a process counts while it works, for Prometheus: how much and how long, never who or what (docs/adr/0054).

Each worker of the web server is a process of its own and a scrape meets one of them. So all of them keep their numbers
in files of a folder in memory, which the client library adds up.
"""

import os
from pathlib import Path

from django.conf import settings

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
if settings.KRING_METRICS_TOKEN and settings.KRING_METRICS_DIR:
    Path(settings.KRING_METRICS_DIR).mkdir(parents=True, exist_ok=True)
    os.environ[FOLDER] = settings.KRING_METRICS_DIR  # read by the library as it is loaded

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest  # noqa: E402
from prometheus_client.multiprocess import MultiProcessCollector  # noqa: E402

OWN = CollectorRegistry()
PAGE_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
DECODE_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

requests = Counter("kring_requests", "Pages asked for, by room and kind of answer.", ["room", "answer"], registry=OWN)
request_seconds = Histogram("kring_request_seconds", "Time to an answer.", ["room"], buckets=PAGE_SECONDS, registry=OWN)
sql_seconds = Counter("kring_sql_seconds", "Time that pages waited for the database.", ["room"], registry=OWN)
sql_statements = Counter("kring_sql_statements", "Statements that pages asked.", ["room"], registry=OWN)
sign_ins = Counter("kring_sign_ins", "Times somebody came in.", registry=OWN)
decode_seconds = Histogram(
    "kring_decode_seconds", "Time to decode and develop one photo.", buckets=DECODE_SECONDS, registry=OWN
)


def count_sign_in(**_: object) -> None:
    """Receiver of Django's signal: that somebody came in, not who."""
    sign_ins.inc()


def counted() -> bytes:
    """What all processes counted together, in Prometheus' text form; without a folder, this one alone."""
    if FOLDER not in os.environ:
        return generate_latest(OWN)
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return generate_latest(together)
