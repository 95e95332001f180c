"""What this room registers with the floor: what it mails, shows in the menu and writes in the trail."""

from django.utils.translation import gettext_lazy as _

from groups.records.addresses import DESK
from moderation.desk.menu import ENTRIES
from portal.core import addresses, audit, menu
from portal.core.words import Words

DONE: dict[str, Words] = {
    "desk.begun": _("began something with many things at once"),
    "desk.exported": _("took a list along as a file"),
}
"""What is done in this room, in the words in which the directie reads it in the trail."""


def register() -> None:
    """Called once, when the rows are known."""
    menu.register(*ENTRIES)
    addresses.register(DESK, "desk:index")
    audit.register(DONE)
