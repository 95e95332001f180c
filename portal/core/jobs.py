"""The one door to Celery: tasks are declared with `task` and rung by name, after the commit, with ids only.

A ring that gets lost loses nothing: the row it was about is there, and a sweep finds it.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from celery import current_app, shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger("kring.jobs")


def task(name: str) -> Callable[[Callable], Any]:
    """Declare a task: delivered again when its worker dies, no result kept."""
    return shared_task(name=name, acks_late=True, ignore_result=True)


def ring(name: str, *ids: int | str) -> None:
    """Ask for a task once this transaction is committed; without a broker the sweep does it later."""
    transaction.on_commit(partial(_send, name, ids))


def _send(name: str, ids: tuple[int | str, ...]) -> None:
    try:
        current_app.send_task(name, args=ids, retry=False, ignore_result=True)
    except (OperationalError, OSError) as error:
        log.warning("no broker for %s: %s", name, type(error).__name__)
