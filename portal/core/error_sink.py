"""A mistake of ours is told elsewhere too, where somebody asked for that: its kind and its places in the code.

No words of an error, no value of a variable, no address of a page: each of these may be what somebody wrote.
"""

import logging
import os
from datetime import timedelta
from http.client import HTTPException
from queue import SimpleQueue
from threading import Lock, Thread
from time import monotonic
from traceback import walk_tb

from portal.core.domain.faults import came_from, fault_of, kind_of
from portal.core.in_time import post_words

log = logging.getLogger("kring.errors")
AGAIN = timedelta(hours=1).total_seconds()
"""The same mistake is told once an hour by each process."""
SECONDS = 10
MOST = 100
"""Mistakes that are remembered, and that wait to be told; more at once are one and the same story."""


class ErrorSink(logging.Handler):
    """Posts a mistake as text to `url`, from a thread of its own, so that no page waits for it.

    What the database could not do is none: the doctor tells that.
    """

    def __init__(self, url: str, host: str) -> None:
        super().__init__(logging.ERROR)
        self._url, self._host = url, host
        self._told: dict[str, float] = {}
        self._waiting: SimpleQueue[str] = SimpleQueue()
        self._pid, self._starting = 0, Lock()

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if error is None or fault_of(error) is not None:
            return
        text = f"{self._host}, {record.name}\n{told_of(error)}\n"
        if self._is_news(text) and self._waiting.qsize() < MOST:
            self._start()
            self._waiting.put(text)

    def _is_news(self, text: str) -> bool:
        now = monotonic()
        with self._starting:
            self._told = {one: at for one, at in self._told.items() if now - at < AGAIN}
            if text in self._told or len(self._told) >= MOST:
                return False
            self._told[text] = now
            return True

    def _start(self) -> None:
        """In this process: one that was begun before a fork is not here."""
        with self._starting:
            if self._pid != os.getpid():
                self._pid, self._waiting = os.getpid(), SimpleQueue()
                Thread(target=self._tell, args=(self._waiting,), name="errors", daemon=True).start()

    def _tell(self, waiting: "SimpleQueue[str]") -> None:
        while True:
            words = waiting.get()
            try:
                post_words(self._url, words, title="Kring: a mistake in the code", seconds=SECONDS)
            except (HTTPException, OSError, ValueError) as error:
                log.warning("a mistake could not be told: %s", type(error).__name__)


def told_of(error: BaseException) -> str:
    """The kind of an error and of what led to it, each with its places, the last one nearest to it."""
    return "\nafter:\n".join(
        "\n".join([*(f"  {frame.f_code.co_filename}:{line} {frame.f_code.co_qualname}"
                     for frame, line in walk_tb(one.__traceback__)), kind_of(one)])
        for one in came_from(error)
    )  # fmt: skip
