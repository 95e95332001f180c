"""What this room registers with the floor: its words of the trail, and what waits."""

from django.utils.translation import gettext_lazy as _

from groups.first_day.services import steps
from groups.schools.steps import STEPS
from groups.schools.waiting import QUEUES
from portal.core import audit, waiting
from portal.core.words import Words

DONE: dict[str, Words] = {
    "school.changed": _("changed the details of the school"),
}
"""What is done in this room, in the words in which the directie reads it in the trail."""


def register() -> None:
    """Called once, when the rows are known."""
    audit.register(DONE)
    steps.register(*STEPS)
    waiting.register(*QUEUES)
