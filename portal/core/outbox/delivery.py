"""Rows out: claimed in chunks, rendered set-wise, one connection a chunk. What happened to each stands on its row."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from time import monotonic
from traceback import extract_tb
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.core.mail import get_connection

from portal.core import doors, stopping
from portal.core.mail import MailAnswer, MailOutcome, OutgoingMail, greet, hand_over, hang_up, message_id
from portal.core.models import OutboxItem, OutboxState, PushDevice
from portal.core.outbox import claims
from portal.core.outbox.claims import ClaimedRows
from portal.core.outbox.kinds import Answer, Lane, Mail, Push, Withheld, kind_of, kinds_of
from portal.core.phones import devices
from portal.core.phones.line import PhoneAnswer, PhoneLine, PhoneOutcome, sealed_for
from portal.core.phones.vapid import origin_of

log = logging.getLogger("kring.outbox")
PAUSES = [timedelta(minutes=m) for m in (1, 5, 30, 120, 720)]
SOON = [timedelta(minutes=m) for m in (1, 2, 5, 15, 60)]
"""How long to wait after each trouble: five times, or on the fast lane until the row's own end."""
MOST_TIMES_UNMADE = 3
MOST_TROUBLES = 3
MADE_TOGETHER = 100
FRESH = timedelta(seconds=30)
"""For so long counts what was asked for a chunk; for whose turn comes later it is asked once more."""
MOST_WORDS = 100
"""Letters; more than fit on a locked phone."""
DECLARATIVE = 8030
"""By this number a browser knows that it can show a push by itself."""
Clock = Callable[[], datetime]


Send = Callable[[], None]


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
    kind_of_delivery = PhoneDelivery if lane is Lane.PHONE else MailDelivery
    while not stopping.is_told() and (claim := claims.claim_next(lane, clock())):
        delivery = kind_of_delivery(claim, clock)
        delivery.run()
        handled += len(claim.rows)
        if delivery.broke_off:
            return Swept(handled, server_is_away=True)
    return Swept(handled, server_is_away=False)


class Delivery:
    """One claimed chunk on its way: by mail, or to phones."""

    def __init__(self, claim: ClaimedRows, clock: Clock) -> None:
        self.broke_off = False
        self._claim, self._clock = claim, clock
        self._is_fast = kind_of(claim.kind).lane is Lane.FAST
        self._accepted: OutboxItem | None = None
        self._not_begun: list[OutboxItem] = []
        self._why = ""

    def run(self) -> None:
        for place, (item, answer) in enumerate(self._answers()):
            if stopping.is_told():
                claims.give_back(self._claim, self._claim.rows[place:])
                break
            self._treat(item, answer)
            if self.broke_off:
                rest = [*self._not_begun, *self._claim.rows[place + 1 :]]
                claims.release(self._claim, rest, self._clock(), self._why)
                break
        self._write_accepted()
        self._hang_up()

    def _answers(self) -> Iterator[tuple[OutboxItem, Mail | Push | Withheld | Unmade]]:
        """Each row at its turn. With a slow server it is asked anew, for twice as many as went meanwhile."""
        rows, place, most = self._claim.rows, 0, len(self._claim.rows)
        while asked := rows[place : place + most]:
            first = place
            if place:
                claims.ask_anew(self._claim, asked)
            rendered = list(_rendered(self._claim.kind, asked, self._clock()))
            old_at = self._clock() + FRESH
            for answer in _made(rendered):
                yield answer
                place += 1
                if self._clock() >= old_at:
                    break
            most = 2 * (place - first)

    def _treat(self, item: OutboxItem, answer: Mail | Push | Withheld | Unmade) -> None:
        if item.expires_at and item.expires_at <= self._clock():
            claims.settle(item, kind_of(item.kind).when_late, self._clock(), claims.LATE)
            return
        if isinstance(answer, Withheld):
            claims.settle(item, OutboxState.WITHHELD, self._clock(), answer.reason)
            return
        send = answer if isinstance(answer, Unmade) else self._ready(item, answer)
        if isinstance(send, Unmade):
            self._try_later(item, send, most=MOST_TIMES_UNMADE)
        elif claims.begin(item, self._claim, self._clock(), accepted=self._take_accepted()):
            send()

    def _ready(self, item: OutboxItem, answer: Mail | Push) -> Send | Unmade:
        """How this one is sent, once it is written down that it is."""
        raise NotImplementedError

    def _hang_up(self) -> None:
        raise NotImplementedError

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


class MailDelivery(Delivery):
    """Over one connection with the mail server."""

    def __init__(self, claim: ClaimedRows, clock: Clock) -> None:
        super().__init__(claim, clock)
        self._server = get_connection()
        self._heard_from_server = False
        self._troubles = 0
        self._put_off = 0
        self._refused: list[OutboxItem] = []

    def run(self) -> None:
        if self._is_fast and (down := greet(self._server)):
            # Also where nothing will be sent: how the lane does must not depend on whose address was typed.
            self.broke_off = True
            claims.release(self._claim, self._claim.rows, self._clock(), down.reason)
            return
        super().run()

    def _hang_up(self) -> None:
        with suppress(OSError):
            self._server.close()

    def _ready(self, item: OutboxItem, answer: Mail | Push) -> Send | Unmade:
        message = _message(item, answer)
        return message if isinstance(message, Unmade) else lambda: self._note(item, hand_over(self._server, message))

    def _note(self, item: OutboxItem, answer: MailAnswer) -> None:
        now = self._clock()
        if answer.outcome is MailOutcome.ACCEPTED:
            self._accepted, self._troubles, self._put_off, self._refused = item, 0, 0, []
            self._is_back(now)
        elif answer.outcome is MailOutcome.REFUSED:
            self._never(item, answer, now)
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

    def _never(self, item: OutboxItem, answer: MailAnswer, now: datetime) -> None:
        """One address that is refused is wrong; of three different ones, and nobody served between, the server is.

        Then these are put off, and so is what it refuses until it takes a mail again. What it refuses once more after
        that does not blame it a second time. A code is of no use later, so the fast lane puts none off.
        """
        self._refused.append(item)
        in_trouble = len(self._refused) >= MOST_TROUBLES or claims.is_failing(Lane.POST)
        if self._is_fast or not in_trouble:
            claims.settle(item, OutboxState.FAILED, now, answer.reason)
            return
        for one in self._refused:
            if not one.tries:
                claims.blame_server(one, now)
            self._try_later(one, answer.reason)
        self._refused, self._heard_from_server = [], False

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

    def _is_back(self, now: datetime) -> None:
        if not self._heard_from_server:
            self._heard_from_server = True
            claims.server_is_back(kind_of(self._claim.kind).lane, now)


class PhoneDelivery(Delivery):
    """To phones, by whatever push service each has. One that is away keeps the others from nothing."""

    def __init__(self, claim: ClaimedRows, clock: Clock) -> None:
        super().__init__(claim, clock)
        self._line = PhoneLine()
        self._answering: set[str] = set()
        self._phones: Mapping[UUID, PushDevice] = {}

    def run(self) -> None:
        """Who it is for may have signed out there, or somebody else in: of that phone nothing is asked any more."""
        named = [row.device for row in self._claim.rows if row.device]
        phones = devices.alive_by_uid(named, now=self._clock())
        mine = {row.device: row.recipient_id for row in self._claim.rows if row.device}
        self._phones = {uid: one for uid, one in phones.items() if one.user_id == mine[uid]}
        for row in [one for one in self._claim.rows if one.device not in self._phones]:
            claims.settle(row, OutboxState.WITHHELD, self._clock(), "the phone is not theirs any more")
            self._claim.rows.remove(row)
        if self._claim.rows:
            super().run()

    def _hang_up(self) -> None:
        self._line.close()

    def _ready(self, item: OutboxItem, answer: Mail | Push) -> Send | Unmade:
        now = self._clock()
        if not (isinstance(answer, Push) and item.device and item.expires_at):
            return Unmade(f"{claims.UNMADE}: no push")
        device, seconds = self._phones[item.device], int((item.expires_at - now).total_seconds())
        try:
            what = sealed_for(device, _notice(answer), tag=answer.tag, seconds=seconds)
        except Exception as error:
            return _unmade(item, error)
        return lambda: self._note(item, device, self._line.hand_over(device, what, now=self._clock()))

    def _note(self, item: OutboxItem, device: PushDevice, answer: PhoneAnswer) -> None:
        now, at = self._clock(), origin_of(device.endpoint)
        if answer.outcome is PhoneOutcome.ACCEPTED:
            self._accepted = item
            if at not in self._answering:
                self._answering.add(at)
                claims.server_is_back(Lane.PHONE, now, at=at)
        elif answer.outcome is PhoneOutcome.GONE:
            devices.forget_gone(device)
            claims.settle(item, OutboxState.WITHHELD, now, answer.reason)
        elif answer.outcome is PhoneOutcome.REFUSED:
            claims.settle(item, OutboxState.FAILED, now, answer.reason)
        elif answer.outcome is PhoneOutcome.LATER:
            self._try_later(item, answer.reason)
        elif answer.outcome is PhoneOutcome.AWAY:
            claims.release(self._claim, [item], now, answer.reason, at=at)
        elif item.was_uncertain:
            claims.settle(item, OutboxState.UNCERTAIN, now, answer.reason)
        else:
            claims.postpone(item, now + PAUSES[0], answer.reason, was_uncertain=True)


def _notice(push: Push) -> bytes:
    """As browsers show it by themselves; where one cannot, our worker shows the same."""
    notice = {
        "title": push.title[:MOST_WORDS],
        "body": push.body[:MOST_WORDS],
        "navigate": settings.KRING_BASE_URL + push.path,
        "tag": push.tag,
        "lang": push.language,
        "app_badge": "1",
    }
    return json.dumps({"web_push": DECLARATIVE, "notification": notice, "app_badge": 1}, ensure_ascii=False).encode()


def _rendered(kind: str, rows: Sequence[OutboxItem], now: datetime) -> Iterator[tuple[OutboxItem, Answer | Unmade]]:
    """The chunk at once; when that fails in halves, so that one poisoned row parks itself and nobody else."""
    try:
        yield from list(zip(rows, kind_of(kind).render(rows, now), strict=True))
    except Exception as error:
        if len(rows) == 1:
            yield rows[0], _unmade(rows[0], error)
            return
        for part in (rows[: len(rows) // 2], rows[len(rows) // 2 :]):
            yield from _rendered(kind, part, now)


def _made(
    rendered: Sequence[tuple[OutboxItem, Answer | Unmade]],
) -> Iterator[tuple[OutboxItem, Mail | Push | Withheld | Unmade]]:
    """What is still to be made, some at a time: one by one between the sending each takes a tenth more."""
    for start in range(0, len(rendered), MADE_TOGETHER):
        yield from [(item, _made_of(item, answer)) for item, answer in rendered[start : start + MADE_TOGETHER]]


def _made_of(item: OutboxItem, answer: Answer | Unmade) -> Mail | Push | Withheld | Unmade:
    if not callable(answer):
        return answer
    try:
        return answer()
    except Exception as error:
        return _unmade(item, error)


def _message(item: OutboxItem, mail: Mail | Push) -> OutgoingMail | Unmade:
    if not isinstance(mail, Mail):
        return Unmade(f"{claims.UNMADE}: no mail")
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
    return Unmade(f"{claims.UNMADE}: {type(error).__name__}")
