"""What this room registers with the floor: its words of the trail, and how addresses end with an account's sessions."""

from django.utils.translation import gettext_lazy as _

from agenda.feeds.services.addresses import stop_addresses_of
from portal.core import audit, unattended
from portal.core.words import Words

DONE: dict[str, Words] = {
    "calendar.made": _("made an address for the own calendar"),
    "calendar.renewed": _("renewed the address of the own calendar"),
    "calendar.stopped": _("stopped the address of the own calendar"),
}
"""What is done in this room, in words; of the own account only its owner reads it."""


def register() -> None:
    """Called once, when the rows are known."""
    audit.register(DONE)
    unattended.register(
        stop_addresses_of,
        verb="calendar.stopped",
        words=_("The address for a calendar of your own ended too: make a new one in Kring."),
    )
