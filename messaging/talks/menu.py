"""Where conversations stand in the menu, and for whom."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from groups.accounts.services.hats import Hats
from groups.roles import Hat
from messaging.talks.services.conversations import count_news
from portal.core.actor import Actor
from portal.core.menu import Badge, MenuEntry, Shelf


def listens(hats: Hats, hat: str) -> bool:
    """Who has a place for conversations: who talks, and everybody of school, who can be asked in (POL-64)."""
    return hats.talks(hat) or (hat == Hat.STAFF and hats.staff)


def _count(reader: Actor) -> int:
    return count_news(reader)


def _new(number: int) -> str:
    return ngettext("%(count)s new", "%(count)s new", number) % {"count": number}


ENTRIES = (
    MenuEntry(
        "messaging:threads",
        "messages-square",
        _("Conversations"),
        Shelf.BAR,
        40,
        listens,
        badge=Badge(_count, _new),
        under=("gesprek/", "melden/gesprek/"),
    ),
)
