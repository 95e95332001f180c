"""What this room registers with the floor: what it mails, shows in the menu and writes in the trail."""

from django.utils.translation import gettext_lazy as _

from groups.records.addresses import GROUP, HOME
from messaging.posts.menu import ENTRIES
from portal.core import addresses, audit, menu
from portal.core.words import Words

DONE: dict[str, Words] = {
    "post.published": _("placed a message"),
    "post.edited": _("changed a message"),
    "post.hidden": _("hid a message"),
    "post.held": _("a planned message waits, as who wrote it is not in that group any more"),
    "post.shown": _("showed a message again"),
    "post.retracted": _("took a message back"),
    "post.removed": _("removed a message, with a copy in the dossier"),
    "reply.published": _("wrote a reply"),
    "reply.edited": _("changed a reply"),
    "reply.hidden": _("hid a reply"),
    "reply.shown": _("showed a reply again"),
    "reply.retracted": _("took a reply back"),
    "reply.removed": _("removed a reply, with a copy in the dossier"),
}
"""What is done in this room, in the words in which the directie reads it in the trail."""


def register() -> None:
    """Called once, when the rows are known."""
    menu.register(*ENTRIES)
    addresses.register(HOME, "messaging:feed")
    addresses.register(GROUP, "messaging:group")
    audit.register(DONE)
