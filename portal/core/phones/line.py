"""One word to one phone, by the push service that its browser named; what became of it.

Nothing is followed to another address. A service that hangs or refuses is left alone for a minute: phones of others
do not wait for it.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from hashlib import sha256
from http.client import HTTPConnection, HTTPException
from time import monotonic
from urllib.parse import urlsplit

from portal.core.domain.outage import Outage
from portal.core.in_time import LineInTime, SecureLineInTime
from portal.core.models import PushDevice
from portal.core.phones.sealing import seal, to_text
from portal.core.phones.vapid import authorization, is_service, origin_of

log = logging.getLogger("kring.outbox")
PATIENCE = 10.0
"""Seconds for each answer on the way, also for one that comes a letter at a time."""
MOST_ANSWER = 1 << 16
TOPIC = 32
GONE, TOO_MANY, TROUBLE = {404, 410}, 429, 500
_away: dict[str, Outage] = {}


class PhoneOutcome(Enum):
    """`GONE`: there is no such phone any more. `AWAY`: the service; nothing left. `UNCERTAIN`: perhaps it did."""

    ACCEPTED = "accepted"
    GONE = "gone"
    REFUSED = "refused"
    LATER = "later"
    AWAY = "away"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True)
class PhoneAnswer:
    """`reason` never holds an address: it is kept, shown and logged."""

    outcome: PhoneOutcome
    reason: str = ""


@dataclass(frozen=True)
class Sealed:
    """What goes to one phone: of no use after so many seconds, in the place of what went under the same topic."""

    body: bytes
    topic: str
    seconds: int


def sealed_for(device: PushDevice, words: bytes, *, tag: str, seconds: int) -> Sealed:
    """The topic says nothing to who carries it: the same tag on two phones is not the same."""
    topic = to_text(sha256(f"{device.uid}:{tag}".encode()).digest())[:TOPIC]
    return Sealed(seal(words, p256dh=device.p256dh, auth=device.auth), topic, seconds)


class PhoneLine:
    """Lines to the push services, one to each, open as long as a chunk is on its way."""

    def __init__(self) -> None:
        self._lines: dict[str, HTTPConnection] = {}

    def hand_over(self, device: PushDevice, what: Sealed, *, now: datetime) -> PhoneAnswer:
        """Raises nothing. An address that is not of a push service of the settings is not called."""
        if not is_service(device.endpoint):
            return PhoneAnswer(PhoneOutcome.GONE, "no push service of the settings")
        origin = origin_of(device.endpoint)
        if _outage(origin).lasts(monotonic()):
            return PhoneAnswer(PhoneOutcome.AWAY, "the push service does not answer")
        answer = self._try(origin, device, what, now)
        if answer.outcome in {PhoneOutcome.AWAY, PhoneOutcome.UNCERTAIN}:
            self._drop(origin)
            if _outage(origin).begins(monotonic()):
                log.warning("push service %s: %s", urlsplit(origin).hostname, answer.reason)
        return answer

    def _try(self, origin: str, device: PushDevice, what: Sealed, now: datetime) -> PhoneAnswer:
        """A line that went stale between two words is opened once more."""
        stale = origin in self._lines
        begun = False
        try:
            line = self._lines.get(origin) or self._open(origin)
            begun = True
            return self._post(line, device, what, now)
        except (HTTPException, OSError) as error:
            if stale and isinstance(error, ConnectionError):
                self._drop(origin)
                return self._try(origin, device, what, now)
            outcome = PhoneOutcome.UNCERTAIN if begun else PhoneOutcome.AWAY
            return PhoneAnswer(outcome, f"{'dropped' if begun else 'no connection'}: {type(error).__name__}")

    def _open(self, origin: str) -> HTTPConnection:
        asked = urlsplit(origin)
        kind = LineInTime if asked.scheme == "http" else SecureLineInTime
        line = kind(str(asked.hostname), asked.port, timeout=PATIENCE)
        line.connect()
        self._lines[origin] = line
        return line

    def _post(self, line: HTTPConnection, device: PushDevice, what: Sealed, now: datetime) -> PhoneAnswer:
        address = urlsplit(device.endpoint)
        path = f"{address.path or '/'}?{address.query}" if address.query else address.path or "/"
        headers = {
            "Authorization": authorization(origin_of(device.endpoint), now=now),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(what.seconds),
            "Topic": what.topic,
            "Urgency": "high",
        }
        line.request("POST", path, body=what.body, headers=headers)
        response = line.getresponse()
        response.read(MOST_ANSWER)
        if not response.isclosed():
            self._drop(origin_of(device.endpoint))
        return _by_status(response.status)

    def _drop(self, origin: str) -> None:
        if line := self._lines.pop(origin, None):
            line.close()

    def close(self) -> None:
        for origin in list(self._lines):
            self._drop(origin)


def _by_status(status: int) -> PhoneAnswer:
    said = f"push service says {status}"
    if status in GONE:
        return PhoneAnswer(PhoneOutcome.GONE, said)
    if status == TOO_MANY:
        return PhoneAnswer(PhoneOutcome.LATER, said)
    if status >= TROUBLE:
        return PhoneAnswer(PhoneOutcome.AWAY, said)
    return PhoneAnswer(PhoneOutcome.ACCEPTED) if status // 100 == 2 else PhoneAnswer(PhoneOutcome.REFUSED, said)


def _outage(origin: str) -> Outage:
    return _away.setdefault(origin, Outage(seconds=60))


def forget_outages() -> None:
    """As a worker that was started anew."""
    _away.clear()
