"""Rows out: claimed in chunks, rendered set-wise, one connection a chunk. What happened to each stands on its row."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from time import monotonic
from traceback import extract_tb
from typing import NamedTuple

from django.core.mail import get_connection

from portal.core import doors
from portal.core.mail import MailAnswer, MailOutcome, OutgoingMail, greet, hand_over, hang_up, message_id
from portal.core.models import OutboxItem, OutboxState
from portal.core.outbox import claims
from portal.core.outbox.claims import ClaimedRows
from portal.core.outbox.kinds import Lane, Mail, Withheld, kind_of, kinds_of

log = logging.getLogger("kring.outbox")
PAUSES = [timedelta(minutes=m) for m in (1, 5, 30, 120, 720)]
SOON = [timedelta(minutes=m) for m in (1, 2, 5, 15, 60)]
"""How long to wait after each trouble: five times, or on the fast lane until the row's own end."""
MOST_TIMES_UNMADE = 3
MOST_TROUBLES = 3
Clock = Callable[[], datetime]


class Unmade(str):
    """Why no mail could be made of a row: its own fault, never its neighbours'."""


class Swept(NamedTuple):
    """How many rows were settled or put off, and whether it stopped because the mail server is away."""

    rows: int
    server_is_away: bool


def sweep(*, lane: Lane = Lane.POST, now: datetime) -> Swept:
    """Deliver what is due on this lane, the most urgent first. Stops when the mail server is away.

    While the doors are closed nothing leaves.
    """
    if doors.are_closed() or not OutboxItem.objects.under_way().filter(kind__in=kinds_of(lane)).exists():
        return Swept(0, server_is_away=False)
    begun = monotonic()

    def clock() -> datetime:
        return now + timedelta(seconds=monotonic() - begun)

    claims.take_back_stuck(lane, now)
    claims.drop_late(lane, now)
    handled = 0
    while claim := claims.claim_next(lane, clock()):
        delivery = Delivery(claim, clock)
        delivery.run()
        handled += len(claim.rows)
        if delivery.broke_off:
            return Swept(handled, server_is_away=True)
    return Swept(handled, server_is_away=False)


class Delivery:
    """One claimed chunk on its way over one connection."""

    def __init__(self, claim: ClaimedRows, clock: Clock) -> None:
        self.broke_off = False
        self._claim, self._clock = claim, clock
        self._is_fast = kind_of(claim.kind).lane is Lane.FAST
        self._server = get_connection()
        self._accepted: OutboxItem | None = None
        self._heard_from_server = False
        self._troubles = 0
        self._put_off = 0
        self._not_begun: list[OutboxItem] = []
        self._why = ""

    def run(self) -> None:
        if self._is_fast and (down := greet(self._server)):
            # Also where nothing will be sent: how the lane does must not depend on whose address was typed.
            self.broke_off = True
            claims.release(self._claim, self._claim.rows, self._clock(), down.reason)
            return
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
        if item.expires_at and item.expires_at <= self._clock():
            claims.settle(item, kind_of(item.kind).when_late, self._clock(), claims.LATE)
            return
        if isinstance(answer, Withheld):
            claims.settle(item, OutboxState.WITHHELD, self._clock(), answer.reason)
            return
        message = answer if isinstance(answer, Unmade) else _message(item, answer)
        if isinstance(message, Unmade):
            self._try_later(item, message, most=MOST_TIMES_UNMADE)
        elif claims.begin(item, self._claim, self._clock(), accepted=self._take_accepted()):
            self._note(item, hand_over(self._server, message))

    def _note(self, item: OutboxItem, answer: MailAnswer) -> None:
        now = self._clock()
        if answer.outcome is MailOutcome.ACCEPTED:
            self._accepted, self._troubles, self._put_off = item, 0, 0
            self._is_back(now)
        elif answer.outcome is MailOutcome.REFUSED:
            claims.settle(item, OutboxState.FAILED, now, answer.reason)
        elif answer.outcome is MailOutcome.LATER:
            self._not_now(item, answer)
        elif answer.outcome is MailOutcome.DOWN:
            self._not_begun, self._why, self.broke_off = [item], answer.reason, True
        else:
            self._lost_the_line(item, answer, now)

    def _not_now(self, item: OutboxItem, answer: MailAnswer) -> None:
        """Who waits for a code is put off once by a careful server, twice by one in trouble.

        One address that is put off may be a full mailbox; three different ones, and nobody served between, are not.
        """
        self._put_off += 1
        if item.tries if self._is_fast else self._put_off >= MOST_TROUBLES:
            claims.blame_server(item, self._clock())
        self._try_later(item, answer.reason)

    def _lost_the_line(self, item: OutboxItem, answer: MailAnswer, now: datetime) -> None:
        """After the text was handed over nobody knows; before it, nothing left. Three in a row: the server is ill."""
        hang_up(self._server)
        self._troubles += 1
        self._why, self.broke_off = answer.reason, self._troubles >= MOST_TROUBLES
        if self._is_fast:
            claims.blame_server(item, now)
        if answer.outcome is MailOutcome.CUT_OFF:
            self._try_later(item, answer.reason)
        elif kind_of(item.kind).newsletter or item.was_uncertain:
            claims.settle(item, OutboxState.UNCERTAIN, now, answer.reason)
        else:
            pause = SOON[0] if self._is_fast else PAUSES[1]
            claims.postpone(item, now + pause, answer.reason, was_uncertain=True)

    def _try_later(self, item: OutboxItem, reason: str, *, most: int | None = None) -> None:
        log.warning("outbox %s try %s: %s", item.uid, item.tries + 1, reason)
        pauses = SOON if self._is_fast else PAUSES
        if most is None and not self._is_fast:
            most = len(pauses)
        if most is not None and item.tries >= most:
            claims.settle(item, OutboxState.FAILED, self._clock(), reason)
        else:
            claims.postpone(item, self._clock() + pauses[min(item.tries, len(pauses) - 1)], reason)

    def _take_accepted(self) -> OutboxItem | None:
        accepted, self._accepted = self._accepted, None
        return accepted

    def _write_accepted(self) -> None:
        if accepted := self._take_accepted():
            claims.settle(accepted, OutboxState.ACCEPTED, self._clock())

    def _is_back(self, now: datetime) -> None:
        if not self._heard_from_server:
            self._heard_from_server = True
            claims.server_is_back(kind_of(self._claim.kind).lane, now)


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
        to=item.address or (item.recipient.email if item.recipient else ""),
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
