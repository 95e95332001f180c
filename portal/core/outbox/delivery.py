"""Rows out: claimed in chunks, rendered set-wise, one connection a chunk. What happened to each stands on its row."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from time import monotonic
from traceback import extract_tb

from django.core.mail import get_connection

from portal.core.mail import Answer, Outcome, OutgoingMail, hand_over, hang_up, message_id
from portal.core.models import OutboxItem, OutboxState
from portal.core.outbox import claims
from portal.core.outbox.claims import Claim
from portal.core.outbox.kinds import Mail, Withheld, kind_of

log = logging.getLogger("kring.outbox")
PAUSES = [timedelta(minutes=m) for m in (1, 5, 30, 120, 720)]
MOST_TIMES_UNMADE = 3
MOST_TROUBLES = 3
Clock = Callable[[], datetime]


class Unmade(str):
    """Why no mail could be made of a row: its own fault, never its neighbours'."""


def sweep(*, now: datetime) -> int:
    """Deliver what is due, the most urgent first; returns how many rows were settled or put off.

    Stops when the mail server is away: the next sweep asks again.
    """
    begun = monotonic()

    def clock() -> datetime:
        return now + timedelta(seconds=monotonic() - begun)

    claims.take_back_stuck(now)
    handled = 0
    while claim := claims.claim_next(clock()):
        delivery = Delivery(claim, clock)
        delivery.run()
        handled += len(claim.rows)
        if delivery.broke_off:
            break
    return handled


class Delivery:
    """One claimed chunk on its way over one connection."""

    def __init__(self, claim: Claim, clock: Clock) -> None:
        self.broke_off = False
        self._claim, self._clock = claim, clock
        self._server = get_connection()
        self._accepted: OutboxItem | None = None
        self._heard_from_server = False
        self._troubles = 0
        self._not_begun: list[OutboxItem] = []
        self._why = ""

    def run(self) -> None:
        for place, (item, answer) in enumerate(list(_rendered(self._claim.kind, self._claim.rows, self._clock()))):
            self._treat(item, answer)
            if self.broke_off:
                rest = [*self._not_begun, *self._claim.rows[place + 1 :]]
                claims.release(self._claim, rest, self._clock(), self._why)
                break
        self._write_accepted()
        with suppress(OSError):
            self._server.close()

    def _treat(self, item: OutboxItem, answer: Mail | Withheld | Unmade) -> None:
        if isinstance(answer, Withheld):
            claims.settle(item, OutboxState.WITHHELD, self._clock(), answer.reason)
            return
        message = answer if isinstance(answer, Unmade) else _message(item, answer)
        if isinstance(message, Unmade):
            self._try_later(item, message, most=MOST_TIMES_UNMADE)
        elif claims.begin(item, self._claim, self._clock(), accepted=self._take_accepted()):
            self._note(item, hand_over(self._server, message))

    def _note(self, item: OutboxItem, answer: Answer) -> None:
        now = self._clock()
        if answer.outcome is Outcome.ACCEPTED:
            self._accepted, self._troubles = item, 0
            self._is_back(now)
        elif answer.outcome is Outcome.REFUSED:
            claims.settle(item, OutboxState.FAILED, now, answer.reason)
        elif answer.outcome is Outcome.LATER:
            self._try_later(item, answer.reason, most=len(PAUSES))
        elif answer.outcome is Outcome.DOWN:
            self._not_begun, self._why, self.broke_off = [item], answer.reason, True
        else:
            self._lost_the_line(item, answer, now)

    def _lost_the_line(self, item: OutboxItem, answer: Answer, now: datetime) -> None:
        """After the text was handed over nobody knows; before it, nothing left. Three in a row: the server is ill."""
        hang_up(self._server)
        self._troubles += 1
        self._why, self.broke_off = answer.reason, self._troubles >= MOST_TROUBLES
        if answer.outcome is Outcome.CUT_OFF:
            self._try_later(item, answer.reason, most=len(PAUSES))
        elif kind_of(item.kind).newsletter or item.was_uncertain:
            claims.settle(item, OutboxState.UNCERTAIN, now, answer.reason)
        else:
            claims.postpone(item, now + PAUSES[1], answer.reason, was_uncertain=True)

    def _try_later(self, item: OutboxItem, reason: str, *, most: int) -> None:
        log.warning("outbox %s try %s: %s", item.uid, item.tries + 1, reason)
        if item.tries >= most:
            claims.settle(item, OutboxState.FAILED, self._clock(), reason)
        else:
            claims.postpone(item, self._clock() + PAUSES[item.tries], reason)

    def _take_accepted(self) -> OutboxItem | None:
        accepted, self._accepted = self._accepted, None
        return accepted

    def _write_accepted(self) -> None:
        if accepted := self._take_accepted():
            claims.settle(accepted, OutboxState.ACCEPTED, self._clock())

    def _is_back(self, now: datetime) -> None:
        if not self._heard_from_server:
            self._heard_from_server = True
            claims.server_is_back(now)


def _rendered(
    kind: str, rows: Sequence[OutboxItem], now: datetime
) -> Iterator[tuple[OutboxItem, Mail | Withheld | Unmade]]:
    """The chunk at once; when that fails in halves, so that one poisoned row parks itself and nobody else."""
    try:
        yield from list(zip(rows, kind_of(kind).render(rows, now), strict=True))
    except Exception as error:
        if len(rows) == 1:
            yield rows[0], _unmade(rows[0], error)
            return
        for part in (rows[: len(rows) // 2], rows[len(rows) // 2 :]):
            yield from _rendered(kind, part, now)


def _message(item: OutboxItem, mail: Mail) -> OutgoingMail | Unmade:
    message = OutgoingMail(
        mail.subject,
        mail.text,
        mail.html,
        to=item.recipient.email if item.recipient else item.address,
        headers={"Message-ID": message_id(item.uid), "Auto-Submitted": "auto-generated", **mail.headers},
    )
    try:
        _ = message.wire
    except Exception as error:
        return _unmade(item, error)
    return message


def _unmade(item: OutboxItem, error: Exception) -> Unmade:
    """Where it went wrong, without the words of the error: those may be somebody's."""
    frame = extract_tb(error.__traceback__)[-1]
    log.error("outbox %s not made: %s in %s, line %s", item.uid, type(error).__name__, frame.name, frame.lineno)
    return Unmade(f"not made: {type(error).__name__}")
