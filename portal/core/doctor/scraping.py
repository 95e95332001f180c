"""What Prometheus reads: what the processes counted, and what the database says of lanes, sessions and red lines."""

from collections.abc import Iterator
from threading import Lock
from time import monotonic

from django.contrib.sessions.models import Session
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from portal.core import metrics, outbox
from portal.core.doctor.answering import for_page
from portal.core.models import OutboxState

LASTS = 10.0
"""Seconds that what the database said still counts."""


class Stock(Collector):
    """How things stand now, asked of the database; every label is a word of ours."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        now = timezone.now()
        rows = GaugeMetricFamily("kring_mail_rows", "Mails not sent, by lane and state.", labels=["lane", "state"])
        age = GaugeMetricFamily("kring_mail_oldest_seconds", "How long the oldest is due, by lane.", labels=["lane"])
        for lane in outbox.Lane:
            counts, oldest = outbox.stock(lane, now=now)
            for state in OutboxState:
                if state not in outbox.SETTLED_WELL:
                    rows.add_metric([lane.value, state.value], counts.get(state.value, 0))
            age.add_metric([lane.value], max(0.0, (now - oldest).total_seconds()) if oldest else 0)
        yield rows
        yield age
        sessions = Session.objects.filter(expire_date__gt=now).count()
        yield GaugeMetricFamily("kring_sessions", "Sessions that are not over.", value=sessions)
        red = GaugeMetricFamily("kring_red", "1 where the doctor's line is red.", labels=["line"])
        for finding in for_page(now).findings:
            red.add_metric([finding.name], int(finding.is_red))
        yield red


_one_asks = Lock()
_last: list[tuple[float, bytes]] = []


def forget() -> None:
    """The next scrape asks the database."""
    _last.clear()


def scraped() -> bytes:
    """Everything, in Prometheus' text form."""
    return metrics.counted() + _stock()


def _stock() -> bytes:
    with _one_asks:
        if not _last or monotonic() - _last[0][0] > LASTS:
            registry = CollectorRegistry()
            registry.register(Stock())
            _last[:] = [(monotonic(), generate_latest(registry))]
        return _last[0][1]
