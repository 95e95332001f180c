"""What the workers do, at the moment a test wants it; and what came of it at the mail server."""

from datetime import datetime
from email.message import EmailMessage

import time_machine

from portal.core import outbox
from tests.mail.server import Sink

Delivered = list[tuple[str, str]]
"""To whom a mail went, with all that can be read of it."""


def deliver(sink: Sink, now: datetime, place: str = "@post.example") -> Delivered:
    """Everything that is due; what came of it for people who have their address at `place`."""
    begun = len(sink.accepted)
    with time_machine.travel(now, tick=False):
        for lane in outbox.Lane:
            outbox.sweep(lane=lane, now=now)
    came = [(address, message) for address, message in sink.accepted[begun:] if address.endswith(place)]
    return [(address, _words(message)) for address, message in came]


def _words(message: EmailMessage) -> str:
    """Its headers and every text in it, as a reader gets them."""
    headers = [f"{name}: {value}" for name, value in message.items()]
    texts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    return "\n".join([*headers, *texts])


def people(delivered: Delivered) -> list[str]:
    """Who got something, by the name in front of the @, sorted."""
    return sorted(address.partition("@")[0] for address, _ in delivered)
