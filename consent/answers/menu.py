"""Where the own choices stand in the menu, and for whom."""

from django.utils.translation import gettext_lazy as _

from groups.accounts.services.hats import Hats
from groups.roles import Hat
from portal.core.menu import MenuEntry, Shelf


def _chooses(hats: Hats, hat: str) -> bool:
    """What may be shown of the own children: for parents with authority, also while their access is stopped."""
    return hat == Hat.FAMILY and hats.decides


ENTRIES = (MenuEntry("consent:choices", "shield-check", _("Consent"), Shelf.BELOW, 10, _chooses, in_hat=False),)
