"""What this room registers with the floor: what follows tasks, its words of the trail, and what waits."""

from django.utils.translation import gettext_lazy as _

from groups.first_day.services import steps
from groups.staff.services.staff import end_seats_of_who_left
from groups.staff.steps import STEPS
from groups.staff.waiting import QUEUES
from portal.core import access, audit, waiting
from portal.core.words import Words

DONE: dict[str, Words] = {
    "staff.invited": _("invited a member of staff"),
    "staff.claimed": _("came in as staff"),
    "staff.address_typed": _("typed the address of a member of staff"),
    "staff.letter_printed": _("printed the letter of a member of staff"),
    "staff.letter_used": _("came in with a letter for staff"),
    "staff.known": _("said that a colleague is the right person"),
    "staff.told": _("told a member of staff that they can come in"),
    "staff.changed": _("changed the details of a member of staff"),
    "assignment.begun": _("gave somebody a task"),
    "assignment.changed": _("changed from when a task counts"),
    "assignment.ended": _("ended a task"),
    "seat.taken": _("gave somebody a place in a council"),
    "seat.ended": _("ended a place in a council"),
    "school.looked_over": _("signed that who can see what is right"),
}
"""What is done in this room, in the words in which the directie reads it in the trail."""


def register() -> None:
    """Called once, when the rows are known."""
    access.register_follower("groups.CouncilSeat", end_seats_of_who_left)
    audit.register(DONE)
    steps.register(*STEPS)
    waiting.register(*QUEUES)
