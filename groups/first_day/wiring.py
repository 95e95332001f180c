"""What this room registers with the floor: where a directie begins, its words of the trail; and its own step."""

from django.utils.translation import gettext_lazy as _

from groups.first_day.menu import ENTRIES
from groups.first_day.services import steps
from groups.first_day.steps import STEPS
from portal.core import audit, menu
from portal.core.words import Words

DONE: dict[str, Words] = {
    "school.begun": _("began the school in Kring"),
    "school.opened": _("opened the school to parents"),
    "first_day.left": _("said that a step of the first day does not apply"),
    "first_day.taken": _("took up a step of the first day again"),
}
"""What is done in this room, in the words in which the directie reads it in the trail."""


def register() -> None:
    """Called once, when the rows are known."""
    menu.register(*ENTRIES)
    audit.register(DONE)
    steps.register(*STEPS)
