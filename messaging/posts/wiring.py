"""What this room registers with the floor: its places in the menu and the pages that others lead to."""

from groups.records.addresses import GROUP, HOME
from messaging.posts.menu import ENTRIES
from portal.core import addresses, menu


def register() -> None:
    """Called once, when the rows are known."""
    menu.register(*ENTRIES)
    addresses.register(HOME, "messaging:feed")
    addresses.register(GROUP, "messaging:group")
