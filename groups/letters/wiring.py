"""What this room registers with the floor: its mails and words of the trail."""

from django.utils.translation import gettext_lazy as _

from groups.letters.mail import claims, coming_in
from portal.core import audit, outbox
from portal.core.models import OutboxState
from portal.core.words import Words

DONE: dict[str, Words] = {
    "letter.printed": _("printed a letter with a code"),
    "letter.withdrawn": _("withdrew a letter"),
    "claim.card_printed": _("printed a card about a letter that was used"),
    "claim.confirmed": _("knows the parent who came in with a letter"),
    "claim.denied": _("said: I did not come in with that letter"),
    "caregiver.claimed": _("came in as a parent"),
    "caregiver.unlinked": _("took an account off a parent"),
    "pupil.letter_printed": _("printed the letter of a pupil"),
    "pupil.letter_withdrawn": _("withdrew the letter of a pupil"),
    "pupil.claimed": _("came in as a pupil"),
    "pupil.unlinked": _("took an account off a pupil"),
}
"""What is done in this room, in the words in which the directie reads it in the trail."""


def register() -> None:
    """Called once, when the rows are known."""
    outbox.register("admitted", coming_in.render_admitted)
    outbox.register("invited", coming_in.render_invited)
    for kind, render in claims.NOTICES.items():
        outbox.register(kind, render, lane=outbox.Lane.FAST, when_late=OutboxState.FAILED)
    outbox.register("claim_to_teachers", claims.render_claim_to_teachers)
    outbox.register("claim_settled", claims.render_claim_settled)
    outbox.register("claim_denied", claims.render_claim_denied)
    outbox.register("pupil_arrived", coming_in.render_pupil_arrived)
    outbox.register("parent_welcome", coming_in.render_parent_welcome)
    outbox.register("staff_welcome", coming_in.render_staff_welcome)
    outbox.register(
        "staff_arrived", coming_in.render_staff_arrived, lane=outbox.Lane.FAST, when_late=OutboxState.FAILED
    )
    audit.register(DONE)
