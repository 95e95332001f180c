"""What is done in this app, in the words in which the directie reads it in the trail."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DONE: dict[str, str | Promise] = {
    "guardianship.decided": _("decided about authority"),
    "guardianship.ended": _("ended the access of a parent"),
    "letter.printed": _("printed a letter with a code"),
    "letter.withdrawn": _("withdrew a letter"),
    "claim.card_printed": _("printed a card about a letter that was used"),
    "claim.confirmed": _("knows the parent who came in with a letter"),
    "claim.denied": _("said: I did not come in with that letter"),
    "caregiver.claimed": _("came in as a parent"),
    "caregiver.unlinked": _("took an account off a parent"),
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
    "school.changed": _("changed the details of the school"),
    "access.repaired": _("put rights right again"),
    "restriction.begun": _("limited the access of somebody"),
    "restriction.ended": _("gave somebody access again"),
    "child.shielded": _("shielded a child"),
    "child.unshielded": _("lifted the shield of a child"),
    "roster.uploaded": _("put in files of the roster"),
    "roster.confirmed": _("agreed with the roster"),
    "roster.withdrawn": _("did not take the roster over"),
    "roster.imported": _("took the roster over"),
}
