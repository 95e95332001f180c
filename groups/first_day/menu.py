"""Where a directie begins as long as the first day goes on; no place in the menu."""

from django.utils.translation import gettext_lazy as _

from groups.accounts.services.hats import Hats
from groups.first_day.services.steps import first_days_of
from groups.roles import Hat
from portal.core.menu import MenuEntry, Shelf


def _nowhere(hats: Hats, hat: str) -> bool:
    return False


def _begins(hats: Hats, hat: str) -> bool:
    return hat == Hat.STAFF and hats.directs and bool(first_days_of(hats.actor))


ENTRIES = (
    MenuEntry("groups:first_day", "inbox", _("The first day"), Shelf.BAR, 4, _nowhere, in_hat=False, begins=_begins),
)
