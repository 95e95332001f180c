"""What this room registers with the floor: what it mails, lets wait and writes in the trail."""

from django.utils.translation import gettext_lazy as _

from consent.answers.services.decisions import ANSWERED
from messaging.photos.mail import render_receipts
from messaging.photos.services.soundness import CHECK, KEEPING_CHECK
from messaging.photos.waiting import QUEUES
from portal.core import audit, doctor, jobs, outbox, waiting
from portal.core.words import Words

DONE: dict[str, Words] = {
    "photo.removed": _("removed a photo"),
    "photo.denied": _("said that somebody is not on a photo"),
    "photos.judged": _("looked through photos"),
}
"""What is done in this room, in the words in which the directie reads it in the trail."""


def register() -> None:
    """Called once, when the rows are known."""
    outbox.register("photos_hidden", render_receipts)
    jobs.register_follower(ANSWERED, "messaging.follow_refusals")
    audit.register(DONE)
    waiting.register(*QUEUES)
    doctor.register(CHECK, KEEPING_CHECK)
