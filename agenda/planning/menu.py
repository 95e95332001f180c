"""Where the agenda stands in the menu, and for whom."""

from django.utils.translation import gettext_lazy as _

from groups.accounts.services.hats import Hats
from portal.core.menu import MenuEntry, Shelf


def _has_groups(hats: Hats, hat: str) -> bool:
    return bool(hats.signs.get(hat))


ENTRIES = (MenuEntry("agenda:coming", "calendar-days", _("Agenda"), Shelf.BAR, 47, _has_groups),)
