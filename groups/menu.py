"""Which pages of this app stand in the menu, and for whom; and to which pages of apps above it leads."""

from django.utils.translation import gettext_lazy as _

from groups.roles import Hat
from groups.services.hats import Hats
from portal.core.menu import MenuEntry, Shelf

HOME = "home"
"""Where a hat begins."""
GROUP = "group"
"""What is written in a group."""


def _directs(hats: Hats, hat: str) -> bool:
    return hat == Hat.STAFF and hats.directs


def _everybody(hats: Hats, hat: str) -> bool:
    return True


ENTRIES = (
    MenuEntry("groups:people", "users", _("People"), Shelf.BAR, 30, _directs, in_hat=False),
    MenuEntry("groups:help", "life-buoy", _("Help"), Shelf.BAR, 90, _everybody, in_hat=False),
)
