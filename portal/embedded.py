"""Embedded mode: worker, fast lane, beat and alarm as threads of the one serving process; a small school without Redis.

Two such processes would be two schedulers, so a lock file under the data directory lets one in and refuses the
next loudly. Effects are rows first and a sweep finds what a killed thread forgot, so nothing depends on it.
"""

import fcntl
import logging
import os
import threading

from django.conf import settings
from django.utils.module_loading import import_string

from portal.celery import app

log = logging.getLogger("kring")
_held: list[int] = []


class AlreadyServingError(RuntimeError):
    """Another embedded Kring serves this data directory."""


def start() -> None:
    """Start the threads once, when `KRING_EMBEDDED` asks for it; raises `AlreadyServingError` for a second one."""
    if not settings.KRING_EMBEDDED or _held:
        return
    _held.append(_only_one())
    # Before the threads: Celery looks for tasks once, and whoever comes second goes on without waiting for them.
    app.loader.import_default_modules()
    app.finalize()
    for target in (_work, _mail_fast, _beat, _watch):
        threading.Thread(target=target, name=f"kring{target.__name__}", daemon=True).start()


def _only_one() -> int:
    """Nothing is written in it: where the disk is full, or can only be read, people still read what is there."""
    lock = os.open(settings.KRING_DATA_DIR / "serving.lock", os.O_RDONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise AlreadyServingError("Another Kring already serves this data directory.") from error
    return lock


def _work() -> None:
    worker = app.Worker(
        pool="solo", concurrency=1, loglevel="WARNING", quiet=True, without_heartbeat=True, without_mingle=True
    )
    worker.start()


def _mail_fast() -> None:
    import_string("portal.core.fast_lane.serve")(threading.Event())  # by name: models are loaded by then


def _watch() -> None:
    """Who looks after the server is told what is red, as long as this process lives."""
    state = settings.KRING_DATA_DIR / "alarm.json"
    import_string("portal.core.doctor.alarm.serve")(threading.Event(), state=state)


def _beat() -> None:
    app.Beat(loglevel="WARNING", quiet=True, schedule=str(settings.KRING_DATA_DIR / "beat-schedule")).run()
