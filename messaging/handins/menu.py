"""Where the own drafts stand in the menu, and for whom."""

from django.utils.translation import gettext_lazy as _

from groups.accounts.services.hats import Hats
from groups.roles import PUBLISH, SUBMIT, Hat
from portal.core.menu import MenuEntry, Shelf


def _has_drafts(hats: Hats, hat: str) -> bool:
    """What one handed in: for who can, because others place it or read it first. The directie's desk leads there."""
    hands_in = hats.may(hat, SUBMIT) or (hat == Hat.STAFF and hats.may(hat, PUBLISH))
    return hands_in and not (hat == Hat.STAFF and hats.directs)


UNDER = ("concept/", "indienen/")

ENTRIES = (
    MenuEntry("messaging:drafts", "file-text", _("What I handed in"), Shelf.ABOVE, 30, _has_drafts, under=UNDER),
)
