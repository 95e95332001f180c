"""What this room registers with the floor: its mails, notices on phones, what waits for whom, who is
named, what follows tasks, words of the trail.
"""

from django.utils.translation import gettext_lazy as _

from groups.staff.services import overview
from messaging.urgent.mail import render_on_phones, render_telling
from messaging.urgent.services.deputies import end_places_of_who_left, entrusted_at
from messaging.urgent.services.kinds import ESSENTIAL, ESSENTIAL_ON_PHONE, ON_PHONE, URGENT
from messaging.urgent.waiting import QUEUES
from portal.core import access, audit, outbox, waiting
from portal.core.models import OutboxState
from portal.core.words import Words

DONE: dict[str, Words] = {
    "urgent.sent": _("sent an urgent message"),
    "urgent.called": _("noted who was phoned about a message"),
    "urgent.followed": _("gave who had not read a message a letter"),
    "urgent.named": _("named somebody who may send urgent messages"),
    "urgent.unnamed": _("ended that somebody may send urgent messages"),
}
"""What is done in this room, in the words in which the directie reads it in the trail."""


def register() -> None:
    """Called once, when the rows are known."""
    outbox.register(URGENT, render_telling, lane=outbox.Lane.FAST, when_late=OutboxState.FAILED)
    outbox.register(ON_PHONE, render_on_phones, lane=outbox.Lane.PHONE)
    outbox.register(ESSENTIAL, render_telling)
    outbox.register(ESSENTIAL_ON_PHONE, render_on_phones, lane=outbox.Lane.PHONE)
    access.register_follower("messaging.UrgentDeputy", end_places_of_who_left)
    waiting.register(*QUEUES)
    overview.register(entrusted_at)
    audit.register(DONE)
