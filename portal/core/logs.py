"""What a log may say: where something went wrong and of which kind, never what somebody wrote; an outage once.

The words of an error quote what was typed, an address say; PostgreSQL quotes the whole row.
"""

import logging
import re
from threading import Lock
from time import monotonic
from typing import Any

from django.http import HttpRequest

from portal.core import doors
from portal.core.domain.faults import Fault, came_from, fault_of, fault_said_by, kind_of, traceback_without_words
from portal.core.domain.outage import Outage

log = logging.getLogger("kring.database")
_outages = {fault: Outage(seconds=0) for fault in Fault}
_closed = Outage(seconds=0)
_telling = Lock()
SERVICE_UNAVAILABLE = 503
CLOSED = "Kring is closed, as after a restore; pages say so with status 503 until manage.py restored opens it"
SECRET = re.compile(r"(?<=/)[\w:-]{40,}")
"""A part of an address that is longer than the number of anything: a signed link, or an own calendar."""
SAID = {
    Fault.AWAY: "the database does not answer; pages say so with status 503 until it does",
    Fault.BUSY: "the database let somebody wait for too long",
    Fault.READ_ONLY: "nothing can be written in the database: its disk is full, or it is a copy of another one",
    Fault.NO_ROOM: "a disk of this machine is full, or can only be read: see df, also of temporary files",
}


class WithoutWords(logging.Formatter):
    """A traceback without the message of any error in it, and an address without the secret that opens it."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        record.message = SECRET.sub("…", record.message)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's own name
        return traceback_without_words(ei[1])


class WithoutAddresses(logging.Filter):
    """Of the page that was asked for its kind: in its address may stand what opens it, a link of a mail for example."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            address = {request.path, request.path.encode("unicode_escape").decode()}
            kind = request.resolver_match.route if request.resolver_match else "a page that is not there"
            record.args = tuple(kind if one in address else one for one in record.args)
        return True


class OncePerOutage(logging.Filter):
    """Lets one line through when the database begins to fail, in place of a traceback for each page that met it."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if error is None:
            return not _is_of_closed_doors(record) or (_closed.begins(monotonic()) and _as_closed(record))
        if isinstance(record.args, dict) and "exc" in record.args:  # Celery repeats the words of the error
            record.args = {**record.args, "exc": kind_of(error)}
        fault = fault_of(error)
        return fault is None or (_is_news(fault) and _in_one_line(record, fault, error))


def _is_of_closed_doors(record: logging.LogRecord) -> bool:
    """Nothing went wrong, and no page was looked for yet. Whoever waits has a page that asks again and again."""
    is_refused = record.name == "django.request" and getattr(record, "status_code", None) == SERVICE_UNAVAILABLE
    return is_refused and doors.are_closed()


def _as_closed(record: logging.LogRecord) -> bool:
    record.name, record.msg, record.args = "kring.doors", CLOSED, ()
    return True


def _is_news(fault: Fault) -> bool:
    with _telling:
        return _outages[fault].begins(monotonic())


def _in_one_line(record: logging.LogRecord, fault: Fault, error: BaseException) -> bool:
    record.name, record.exc_info, record.exc_text = log.name, None, None
    kinds = ", ".join(kind_of(one) for one in came_from(error) if fault_said_by(one))
    record.msg, record.args = "%s (%s)", (SAID[fault], kinds)
    return True


def answers_again(*, alias: str = "default", **_: object) -> None:
    """Receiver of `connection_created`."""
    if alias == "default":
        with _telling:
            was_away = _outages[Fault.AWAY].ends()
        if was_away:
            log.warning("the database answers again")
