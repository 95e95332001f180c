"""What this room registers with the floor: what it mails, and words of the trail."""

from django.utils.translation import gettext_lazy as _

from groups.told.mail import render_told
from groups.told.services import TOLD
from portal.core import audit, outbox
from portal.core.words import Words

DONE: dict[str, Words] = {
    "telling.answered": _("wrote back to school"),
    "telling.seen": _("read what somebody wrote back"),
    "telling.forgotten": _("what school told people is gone, as its term was over"),
}
"""What is done in this room, in the words in which the directie reads it in the trail."""


def register() -> None:
    """Called once, when the rows are known."""
    outbox.register(TOLD, render_told)
    audit.register(DONE)
