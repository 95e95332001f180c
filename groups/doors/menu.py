"""Where help stands in the menu, for everybody, and the welcome of who has no messages."""

from django.utils.translation import gettext_lazy as _

from groups.accounts.services.hats import Hats
from portal.core.menu import MenuEntry, Shelf


def _only_welcomed(hats: Hats, hat: str) -> bool:
    """A pupil of sixteen, who waits for a letter, staff kept from all of it: not who begins elsewhere."""
    return not hats.reads and (bool(hats.stops) or not hats.only_operates)


def _everybody(hats: Hats, hat: str) -> bool:
    return True


UNDER = ("afspraken/", "school/afspraken")
"""What was agreed is read from there; what the directie does with it stands at its own place."""

ENTRIES = (
    MenuEntry("home", "house", _("Welcome"), Shelf.BAR, 9, _only_welcomed, in_hat=False),
    MenuEntry("groups:help", "life-buoy", _("Help"), Shelf.BAR, 90, _everybody, in_hat=False, under=UNDER),
)
