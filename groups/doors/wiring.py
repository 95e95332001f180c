"""What this room registers with the floor: its places in the menu."""

from groups.doors import signals as signals
from groups.doors.menu import ENTRIES
from portal.core import menu


def register() -> None:
    """Called once, when the rows are known."""
    menu.register(*ENTRIES)
