"""What this room registers with the floor: what it tells, mails, shows on the desk, writes in the trail, does again."""

from django.utils.translation import gettext_lazy as _

from groups.told.domain import kinds
from moderation.leaving.domain import TOLD
from moderation.leaving.mail import render_certificate
from moderation.leaving.models import Departure
from moderation.leaving.services.again import left_again
from moderation.leaving.services.certifying import KIND
from moderation.leaving.services.soundness import CHECK
from moderation.leaving.waiting import QUEUES
from portal.core import audit, doctor, outbox, replaying, waiting
from portal.core.words import Words

DONE: dict[str, Words] = {
    "departure.proposed": _("proposed to stop with Kring"),
    "departure.confirmed": _("decided as the second person to stop with Kring"),
    "departure.taken_back": _("took back that school stops with Kring"),
    "departure.erased": _("deleted a school that left"),
    "departure.certified": _("sealed the certificate of a school that left"),
}
"""What is done in this room, in the words in which the directie reads it in the trail."""


def register() -> None:
    """Called once, when the rows are known."""
    outbox.register(KIND, render_certificate)
    kinds.register(TOLD)
    audit.register(DONE)
    waiting.register(*QUEUES)
    doctor.register(CHECK)
    replaying.register(Departure._meta.db_table, left_again)
