"""The worker of the fast lane: it looks for codes and safety notices by itself, twice a second.

No bell and no broker: who signs in while Redis is away still gets the code, and a page that writes such a row waits for
nothing but its own commit.
"""

import logging
from pathlib import Path
from threading import Event
from time import monotonic

from django.db import close_old_connections
from django.utils import timezone

from portal.core import doctor, outbox
from portal.core.domain.outage import Outage

log = logging.getLogger("kring.outbox")
TICK, BREATHER = 0.5, 10.0
"""Seconds between two looks; and after a server, of mail or of rows, that was away: it is left alone for a moment."""
_trouble = Outage(seconds=BREATHER)


def serve(stop: Event, *, heartbeat: Path | None = None) -> None:
    """Sweep the lane until `stop` is set; what is being sent then is finished first. Touches `heartbeat` each turn."""
    while not stop.is_set():
        pause = _turn()
        if heartbeat:
            heartbeat.touch()
        stop.wait(pause)


def _turn() -> float:
    try:
        close_old_connections()
        swept = outbox.sweep(lane=outbox.Lane.FAST, now=timezone.now())
    except Exception as error:  # a turn that went wrong is not the end of the lane
        if _trouble.begins(monotonic()):
            log.error("fast lane: %s; it is tried again", type(error).__name__)
        return BREATHER
    doctor.alive("fast", now=timezone.now())
    return BREATHER if swept.server_is_away else TICK
