"""What this room registers with the floor: its words of the trail."""

from django.utils.translation import gettext_lazy as _

from portal.core import audit
from portal.core.words import Words

DONE: dict[str, Words] = {
    "purpose.added": _("added something to ask consent for"),
    "purpose.changed": _("changed the words of what consent is asked for"),
    "purpose.retired": _("stopped asking consent for something"),
    "purpose.resumed": _("asks consent for something again"),
}
"""What is done in this room, in the words in which the directie reads it in the trail."""


def register() -> None:
    """Called once, when the rows are known."""
    audit.register(DONE)
