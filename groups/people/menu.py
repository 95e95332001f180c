"""Where people stand in the menu, and for whom."""

from django.utils.translation import gettext_lazy as _

from groups.accounts.services.hats import Hats
from groups.roles import Hat
from portal.core.menu import MenuEntry, Shelf


def _directs(hats: Hats, hat: str) -> bool:
    return hat == Hat.STAFF and hats.directs


UNDER = (
    *("school/mensen/", "school/kennismaken/", "school/toestemming/", "school/gegevens/", "collega/"),
    *("school/afspraken/", "school/vragenlijst/", "school/hoe-vaak/", "school/cijfers/", "school/vrije-dagen/"),
    *("school/weeknieuws/", "school/spoed/", "school/vertrek/", "bureau/medewerkers/"),
)
"""Where the way back leads to people, the menu says so too."""

ENTRIES = (MenuEntry("groups:people", "users", _("People"), Shelf.BAR, 45, _directs, in_hat=False, under=UNDER),)
