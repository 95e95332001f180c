"""What this room registers with the floor: its place in the menu."""

from agenda.planning.menu import ENTRIES
from portal.core import menu


def register() -> None:
    """Called once, when the rows are known."""
    menu.register(*ENTRIES)
