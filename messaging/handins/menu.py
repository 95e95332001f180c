"""Where drafts that wait stand in the menu, and for whom."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from groups.accounts.services.hats import Hats
from groups.roles import PUBLISH, SUBMIT, Hat, Role
from messaging.handins.services.handin_reading import count_waiting
from portal.core.actor import Actor
from portal.core.menu import Badge, MenuEntry, Shelf


def _judges(hats: Hats, hat: str) -> bool:
    return hat == Hat.STAFF and not {(hat, Role.DIRECTIE), (hat, Role.EDITOR)}.isdisjoint(hats.acting)


def _has_drafts(hats: Hats, hat: str) -> bool:
    """What one handed in: for who can, because others place it or read it first."""
    return hats.may(hat, SUBMIT) or (hat == Hat.STAFF and hats.may(hat, PUBLISH))


def _count(reader: Actor) -> int:
    return count_waiting(reader)


def _waiting(number: int) -> str:
    return ngettext("%(count)s draft waits for you", "%(count)s drafts wait for you", number) % {"count": number}


ENTRIES = (
    MenuEntry(
        "messaging:waiting",
        "inbox",
        _("Waits for you"),
        Shelf.ABOVE,
        20,
        _judges,
        badge=Badge(_count, _waiting),
    ),
    MenuEntry("messaging:drafts", "file-text", _("My drafts"), Shelf.ABOVE, 30, _has_drafts),
)
