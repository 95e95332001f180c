"""What this room registers with the floor: a mail on the fast lane, a notice on phones, words of the trail."""

from django.utils.translation import gettext_lazy as _

from messaging.urgent.mail import render_on_phones, render_urgent
from messaging.urgent.services.sending import ON_PHONE, URGENT
from portal.core import audit, outbox
from portal.core.models import OutboxState
from portal.core.words import Words

DONE: dict[str, Words] = {
    "urgent.sent": _("sent an urgent message"),
    "urgent.called": _("noted who was phoned about an urgent message"),
    "urgent.named": _("named somebody who may send urgent messages"),
    "urgent.unnamed": _("ended that somebody may send urgent messages"),
}
"""What is done in this room, in the words in which the directie reads it in the trail."""


def register() -> None:
    """Called once, when the rows are known."""
    outbox.register(URGENT, render_urgent, lane=outbox.Lane.FAST, when_late=OutboxState.FAILED)
    outbox.register(ON_PHONE, render_on_phones, lane=outbox.Lane.PHONE)
    audit.register(DONE)
