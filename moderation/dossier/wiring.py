"""What this room registers with the floor: what it mails, lets wait and writes in the trail."""

from django.utils.translation import gettext_lazy as _

from moderation.dossier.mail import render_heads
from moderation.dossier.services.soundness import CHECK
from moderation.dossier.waiting import QUEUES
from portal.core import audit, doctor, outbox, waiting
from portal.core.words import Words

DONE: dict[str, Words] = {
    "dossier.removal": _("put a copy into the dossier"),
    "dossier.certificate": _("destroyed a copy; the certificate stays"),
    "dossier.read": _("read a copy in the dossier"),
    "dossier.printed": _("made a PDF of a copy in the dossier"),
    "dossier.checked": _("checked the dossier"),
    "dossier.terms_changed": _("changed how long copies stay"),
    "dossier.destruction_proposed": _("proposed to destroy a copy"),
    "dossier.destruction_withdrawn": _("took that proposal back"),
}
"""What is done in this room, in the words in which the directie reads it in the trail."""


def register() -> None:
    """Called once, when the rows are known."""
    outbox.register("dossier_heads", render_heads)
    audit.register(DONE)
    doctor.register(CHECK)
    waiting.register(*QUEUES)
