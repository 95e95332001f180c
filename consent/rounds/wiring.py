"""What this room registers with the floor: its words of the trail."""

from django.utils.translation import gettext_lazy as _

from consent.rounds.steps import STEPS
from groups.first_day.services import steps
from portal.core import audit
from portal.core.words import Words

DONE: dict[str, Words] = {
    "round.opened": _("began to ask for consent"),
    "round.closed": _("stopped asking for consent"),
}
"""What is done in this room, in the words in which the directie reads it in the trail."""


def register() -> None:
    """Called once, when the rows are known."""
    audit.register(DONE)
    steps.register(*STEPS)
