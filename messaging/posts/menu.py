"""Where messages stand in the menu, and for whom."""

from django.utils.translation import gettext_lazy as _

from groups.accounts.services.hats import Hats
from groups.roles import PUBLISH
from portal.core.menu import MenuEntry, Shelf


def _reads(hats: Hats, hat: str) -> bool:
    return hats.reads


def _writes(hats: Hats, hat: str) -> bool:
    return hats.may(hat, PUBLISH)


READING = ("bericht/", "reactie/", "groep/", "melden/", "vriendelijk/", "aanspreken/", "van-school/", "cijfers")

ENTRIES = (
    MenuEntry("messaging:feed", "newspaper", _("Messages"), Shelf.BAR, 10, _reads, under=READING),
    MenuEntry("messaging:compose", "pencil", _("Write"), Shelf.BAR, 20, _writes, under=("foto/",)),
)
