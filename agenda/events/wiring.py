"""What this room registers with the floor: its mails and what shows on phones, and its words of the trail."""

from django.utils.translation import gettext_lazy as _

from agenda.events.mail import render_cancelled, render_changed, render_on_phones, render_skipped
from agenda.events.services.news import CANCELLED, CHANGED, ON_PHONE, SKIPPED
from portal.core import audit, outbox
from portal.core.words import Words

DONE: dict[str, Words] = {
    "event.made": _("put something in the agenda"),
    "event.changed": _("changed something in the agenda"),
    "event.cancelled": _("cancelled something in the agenda"),
    "event.skipped": _("cancelled one time of something in the agenda"),
}
"""What is done in this room, in the words in which the directie reads it in the trail."""


def register() -> None:
    """Called once, when the rows are known."""
    audit.register(DONE)
    outbox.register(CHANGED, render_changed)
    outbox.register(CANCELLED, render_cancelled)
    outbox.register(SKIPPED, render_skipped)
    for kind in ON_PHONE.values():
        outbox.register(kind, render_on_phones, lane=outbox.Lane.PHONE)
