"""Signs of life as rows: written by whoever lives or looked, read by whoever asks how Kring does."""

from contextlib import suppress
from datetime import datetime
from time import monotonic

import django.db
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from portal.core.compiled import compiled
from portal.core.doctor.findings import Observation, Observed
from portal.core.models import VitalSign

HEARTBEAT = 30.0
"""Seconds between two rows of the same part in the same process, however often it says that it lives."""
_said: dict[str, float] = {}


def alive(name: str, *, now: datetime) -> None:
    """Call it as often as you like: one statement each half minute. A database that is away stops no part."""
    if monotonic() - _said.get(name, float("-inf")) < HEARTBEAT:
        return
    _said[name] = monotonic()
    with suppress(django.db.Error):
        note(name, Observation(), now=now)


def alive_now(name: str) -> None:
    """The same for a part of Celery, which has no moment of its own; leaves no connection behind in its thread."""
    alive(name, now=timezone.now())
    connection.close()


def note(name: str, seen: Observation, *, now: datetime) -> None:
    """Write down what was seen of this part, in the place of what was seen before."""
    row = VitalSign(name=name, at=now, trouble=seen.trouble[:200], numbers=seen.numbers)
    VitalSign.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["name"], update_fields=["at", "trouble", "numbers"]
    )


def seen_at(name: str) -> datetime | None:
    """When something was written down of this part last."""
    return VitalSign.objects.filter(name=name).values_list("at", flat=True).first()


def signs() -> dict[str, Observed]:
    """The last one of each part; one question."""
    return {name: Observed(at, trouble, numbers) for name, at, trouble, numbers in _signs()}


@compiled
def _signs() -> QuerySet[VitalSign, tuple[str, datetime, str, dict[str, int]]]:
    return VitalSign.objects.values_list("name", "at", "trouble", "numbers")
