"""What this room registers with the floor: its places in the menu, words of the trail and what waits."""

from django.utils.translation import gettext_lazy as _

from groups.people.domain.told import TOLD
from groups.people.menu import ENTRIES
from groups.people.services.guardianships import decided_again
from groups.people.waiting import QUEUES
from groups.told.domain import kinds
from portal.core import audit, menu, replaying, waiting
from portal.core.words import Words

DONE: dict[str, Words] = {
    "guardianship.decided": _("decided about authority"),
    "guardianship.ended": _("ended the access of a parent"),
    "restriction.begun": _("limited the access of somebody"),
    "restriction.ended": _("gave somebody access again"),
    "child.shielded": _("shielded a child"),
    "child.unshielded": _("lifted the shield of a child"),
}
"""What is done in this room, in the words in which the directie reads it in the trail."""


def register() -> None:
    """Called once, when the rows are known."""
    menu.register(*ENTRIES)
    audit.register(DONE)
    waiting.register(*QUEUES)
    kinds.register(TOLD)
    replaying.register("groups_guardianship", decided_again)
