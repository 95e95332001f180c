"""The ledger of security.md 9: what had to reach somebody, against what the mail server really took."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from groups.roles import Hat
from messaging.models import Post
from portal.core import outbox
from portal.core.models import OutboxItem, OutboxState, User
from tests.mail.server import Sink

TOKEN = re.compile(r"kanarie-[\w-]+")


@dataclass(frozen=True)
class Balance:
    """`lost`: readers without a row, rows in no state, and rows called sent of which the server knows nothing."""

    rows: outbox.Ledger
    lost: int
    double: int
    wrong: int

    def __str__(self) -> str:
        counts = {**vars(self.rows), "lost": self.lost, "double": self.double, "wrong": self.wrong}
        return " · ".join(f"{name} {number}" for name, number in counts.items())


def reconcile(sink: Sink, *, wanted: Iterable[User] = (), now: datetime | None = None, **chosen: Any) -> Balance:
    """Compare the rows with the server; `wanted` are the readers who must each have a row."""
    rows = OutboxItem.objects.filter(**chosen)
    known = set(rows.values_list("recipient", flat=True))
    arrived = {str(message["Message-ID"]).strip("<").partition("@")[0] for _, message in sink.accepted}
    called_sent = rows.filter(state=OutboxState.ACCEPTED).values_list("uid", flat=True)
    found = outbox.ledger(**chosen)
    return Balance(
        rows=found,
        lost=found.lost
        + sum(user.pk not in known for user in wanted)
        + sum(str(uid) not in arrived for uid in called_sent),
        double=_accepted_twice(sink),
        wrong=_seen_by_who_may_not(sink, now or timezone.now()),
    )


def _tokens(message: Any) -> frozenset[str]:
    return frozenset(TOKEN.findall(message.get_body().get_content() if message.is_multipart() else str(message)))


def _accepted_twice(sink: Sink) -> int:
    """Second copies that the server confirmed, and second mails in which the same reader reads the same."""
    copies = sum(max(0, number - sink.unconfirmed[uid] - 1) for uid, number in sink.copies.items())
    mails = {str(message["Message-ID"]): (address, _tokens(message)) for address, message in sink.accepted}
    said = Counter(read for read in mails.values() if read[1])
    return copies + sum(number - 1 for number in said.values())


def _seen_by_who_may_not(sink: Sink, now: datetime) -> int:
    """Mails with a message that their reader may not see in Kring."""
    shown = {post.pk: _words(post) for post in Post.objects.filter(title__contains="kanarie-")}
    addresses = dict(User.objects.values_list("pk", "email"))
    may = {
        (addresses[reader], word)
        for reader, post in Post.objects.visible_pairs(User.objects.all(), now=now, hat=Hat.FAMILY)
        for word in shown.get(post, ())
    }
    return sum(
        any((address, word) not in may for word in _tokens(message)) or message["To"] != address
        for address, message in sink.accepted
    )


def _words(post: Post) -> list[str]:
    return TOKEN.findall(post.title)
