"""Where cases stand in the menu, and for whom."""

from django.utils.translation import gettext_lazy as _

from groups.accounts.services.hats import Hats
from groups.roles import MODERATE, Hat
from portal.core.menu import MenuEntry, Shelf


def handles(hats: Hats) -> bool:
    """Whether cases may come to this person: who moderates in the staff hat or directs, and the foundation's case
    officer.
    """
    return hats.may(Hat.STAFF, MODERATE) or hats.directs or hats.oversees


def _has_cases(hats: Hats, hat: str) -> bool:
    """Who has a desk finds them there."""
    return hat == Hat.STAFF and hats.may(Hat.STAFF, MODERATE) and not hats.directs


ENTRIES = (MenuEntry("moderation:cases", "inbox", _("Cases"), Shelf.BAR, 50, _has_cases, in_hat=False),)
