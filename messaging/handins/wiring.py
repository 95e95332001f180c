"""What this room registers with the floor: what it mails and shows in the menu."""

from messaging.handins.mail import render_handins
from messaging.handins.menu import ENTRIES
from portal.core import menu, outbox


def register() -> None:
    """Called once, when the rows are known."""
    outbox.register("handin", render_handins)
    menu.register(*ENTRIES)
