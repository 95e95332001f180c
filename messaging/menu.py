"""Which pages of this app stand in the menu, and for whom; and to which pages of apps above it leads."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from groups.roles import PUBLISH, SUBMIT, Hat, Role
from groups.services.hats import Hats
from messaging.services.conversations import count_news
from messaging.services.handin_reading import count_waiting
from portal.core.actor import Actor
from portal.core.menu import Badge, MenuEntry, Shelf

REPORT = "report"
"""Where somebody reports what was written."""
REPORT_AUTHOR = "report_author"
"""Where somebody reports who wrote it."""


def _everybody(hats: Hats, hat: str) -> bool:
    return True


def _writes(hats: Hats, hat: str) -> bool:
    return hats.may(hat, PUBLISH)


def listens(hats: Hats, hat: str) -> bool:
    """Who has a place for conversations: who talks, and everybody of school, who can be asked in (POL-64)."""
    return hats.talks(hat) or (hat == Hat.STAFF and hats.staff)


def _judges(hats: Hats, hat: str) -> bool:
    return hat == Hat.STAFF and not {(hat, Role.DIRECTIE), (hat, Role.EDITOR)}.isdisjoint(hats.acting)


def _has_drafts(hats: Hats, hat: str) -> bool:
    """What one handed in: for who can, because others place it or read it first."""
    return hats.may(hat, SUBMIT) or (hat == Hat.STAFF and hats.may(hat, PUBLISH))


def _count_messages(reader: Actor) -> int:
    return count_news(reader.user, hat=reader.hat, now=reader.now)


def _count_drafts(reader: Actor) -> int:
    return count_waiting(reader.user, now=reader.now)


def _new(number: int) -> str:
    return ngettext("%(count)s new", "%(count)s new", number) % {"count": number}


def _waiting(number: int) -> str:
    return ngettext("%(count)s draft waits for you", "%(count)s drafts wait for you", number) % {"count": number}


ENTRIES = (
    MenuEntry("messaging:feed", "newspaper", _("Messages"), Shelf.BAR, 10, _everybody),
    MenuEntry("messaging:compose", "pencil", _("Write"), Shelf.BAR, 20, _writes),
    MenuEntry(
        "messaging:threads",
        "messages-square",
        _("Conversations"),
        Shelf.BAR,
        40,
        listens,
        badge=Badge(_count_messages, _new),
    ),
    MenuEntry(
        "messaging:waiting",
        "inbox",
        _("Waits for you"),
        Shelf.ABOVE,
        20,
        _judges,
        badge=Badge(_count_drafts, _waiting),
    ),
    MenuEntry("messaging:drafts", "file-text", _("My drafts"), Shelf.ABOVE, 30, _has_drafts),
)
