"""Where the desk stands in the menu, for whom, and who begins there."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from groups.accounts.services.hats import Hats
from groups.roles import Hat, Role
from portal.core import waiting
from portal.core.actor import Actor
from portal.core.menu import Badge, MenuEntry, Shelf


def begins_at_desk(hats: Hats, hat: str) -> bool:
    """Who directs a school; and who works for one without being staff of it: the case officer, the IT administrator."""
    return (hat == Hat.STAFF and hats.directs) or (not hats.staff and (hats.oversees or hats.administers))


def has_desk(hats: Hats, hat: str) -> bool:
    """These, and editors, for the drafts that wait for them."""
    return begins_at_desk(hats, hat) or (hat == Hat.STAFF and (hat, Role.EDITOR) in hats.acting)


def _waiting(number: int) -> str:
    return ngettext("%(count)s waits for you", "%(count)s wait for you", number) % {"count": number}


def _count(reader: Actor) -> int:
    return waiting.lately(reader)


UNDER = (
    *("zaken/", "inzage/", "school/overdracht/", "school/dossier/", "school/eerste-dag/"),
    *("school/vrije", "school/gegevens", "school/mensen", "school/concept"),
)
"""The last four are written shorter than others have them: who has both places finds them there."""

ENTRIES = (
    MenuEntry(
        "desk:index",
        "inbox",
        _("The desk"),
        Shelf.BAR,
        5,
        has_desk,
        in_hat=False,
        badge=Badge(_count, _waiting, is_told=True),
        begins=begins_at_desk,
        under=UNDER,
    ),
)
