"""Where the desk stands in the menu, and for whom."""

from django.utils.translation import gettext_lazy as _

from groups.accounts.services.hats import Hats
from groups.roles import Hat
from moderation.cases.menu import handles
from portal.core.menu import MenuEntry, Shelf


def _has_desk(hats: Hats, hat: str) -> bool:
    """The lists of the own school: for who directs one, and for the case officer, who is no staff of it."""
    return (hats.directs and hat == Hat.STAFF) or (not hats.staff and handles(hats))


ENTRIES = (MenuEntry("desk:index", "list-checks", _("The desk"), Shelf.ABOVE, 10, _has_desk, in_hat=False),)
