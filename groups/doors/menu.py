"""Where help stands in the menu: for everybody."""

from django.utils.translation import gettext_lazy as _

from groups.accounts.services.hats import Hats
from portal.core.menu import MenuEntry, Shelf


def _everybody(hats: Hats, hat: str) -> bool:
    return True


UNDER = ("afspraken/", "school/afspraken")
"""What was agreed is read from there; what the directie does with it stands at its own place."""

ENTRIES = (MenuEntry("groups:help", "life-buoy", _("Help"), Shelf.BAR, 90, _everybody, in_hat=False, under=UNDER),)
