"""What this room registers with the floor: what it mails, shows in the menu and writes in the trail."""

from django.utils.translation import gettext_lazy as _

from moderation.frequency.mail import render_hints
from moderation.frequency.services.frequency_hints import HINT
from portal.core import audit, outbox
from portal.core.words import Words

DONE: dict[str, Words] = {
    "frequency.checked": _("counted what groups placed"),
    "frequency.changed": _("changed how often we want to place something"),
}
"""What is done in this room, in the words in which the directie reads it in the trail."""


def register() -> None:
    """Called once, when the rows are known."""
    outbox.register(HINT, render_hints, newsletter=True)
    audit.register(DONE)
