"""What this room registers with the floor: what it mails, shows in the menu and lets wait."""

from messaging.handins.mail import render_handins
from messaging.handins.menu import ENTRIES
from messaging.handins.waiting import QUEUES
from portal.core import menu, outbox, waiting


def register() -> None:
    """Called once, when the rows are known."""
    outbox.register("handin", render_handins)
    menu.register(*ENTRIES)
    waiting.register(*QUEUES)
