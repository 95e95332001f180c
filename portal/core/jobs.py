"""The one door to Celery: tasks are declared with `task` and rung by name, after the commit, with ids only.

A ring that gets lost loses nothing: the row it was about is there, and a sweep finds it.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial, wraps
from time import monotonic

from celery import Task, current_app, shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from portal.core import doors
from portal.core.domain.outage import Outage

log = logging.getLogger("kring.jobs")
_broker_away = Outage(seconds=10)
_followers: dict[str, set[str]] = {}
_unheard: ContextVar[list[str] | None] = ContextVar("unheard", default=None)


def task(name: str) -> Callable[[Callable], Task]:
    """Declare a task: delivered again when its worker dies, no result kept. While the doors are closed it does nothing:
    what it would have done a sweep finds when they are open again."""

    def declare(work: Callable) -> Task:
        @wraps(work)
        def unless_closed(*ids: int | str) -> None:
            if not doors.are_closed():
                work(*ids)

        return shared_task(name=name, acks_late=True, ignore_result=True)(unless_closed)

    return declare


def ring(name: str, *ids: int | str) -> None:
    """Ask for a task once this transaction is committed; without a broker the sweep does it later."""
    transaction.on_commit(partial(_send, name, ids))


def register_follower(happened: str, task: str) -> None:
    """Called from `AppConfig.ready`: this task is rung whenever that happened in an app below."""
    _followers.setdefault(happened, set()).add(task)


def tell(happened: str, *ids: int | str) -> None:
    """Ring whoever follows this, as `ring` does: who they are is not known here."""
    for task in sorted(_followers.get(happened, ())):
        ring(task, *ids)


@contextmanager
def listening() -> Iterator[list[str]]:
    """Collects the names of the tasks that were rung meanwhile and that no broker heard."""
    unheard: list[str] = []
    before = _unheard.set(unheard)
    try:
        yield unheard
    finally:
        _unheard.reset(before)


def _send(name: str, ids: tuple[int | str, ...]) -> None:
    if not _broker_away.lasts(monotonic()) and _is_heard(name, ids):
        return
    unheard = _unheard.get()
    if unheard is not None:
        unheard.append(name)


def _is_heard(name: str, ids: tuple[int | str, ...]) -> bool:
    try:
        current_app.send_task(name, args=ids, retry=False, ignore_result=True)
    except (OperationalError, OSError) as error:
        if _broker_away.begins(monotonic()):
            log.warning("no broker for %s: %s", name, type(error).__name__)
        return False
    return True
