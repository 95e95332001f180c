"""What this room registers with the floor: its words in the trail, and what the doctor says of it."""

from django.utils.translation import gettext_lazy as _

from moderation.restoring.services import CHECKS
from portal.core import audit, doctor
from portal.core.words import Words

DONE: dict[str, Words] = {
    "kring.restored": _("opened Kring again after a restore"),
    "kring.mail_sent": _("let mail from before a restore go out"),
    "kring.mail_dropped": _("let mail from before a restore not go out"),
}
"""What is done in this room, in the words in which the directie reads it in the trail."""


def register() -> None:
    """Called once, when the rows are known."""
    audit.register(DONE)
    doctor.register(*CHECKS)
