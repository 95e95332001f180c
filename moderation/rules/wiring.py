"""What this room registers with the floor: what it mails, shows in the menu and writes in the trail."""

from django.utils.translation import gettext_lazy as _

from groups.first_day.services import steps
from moderation.rules.mail.evaluations import render_invitations
from moderation.rules.mail.protocols import render_reminders
from moderation.rules.steps import STEPS
from portal.core import audit, outbox
from portal.core.words import Words

DONE: dict[str, Words] = {
    "protocol.draft_started": _("began a new text of the rules"),
    "protocol.draft_written": _("changed the text of the rules"),
    "protocol.put_in_force": _("put the rules in force"),
    "protocol.reminded": _("reminded people of the rules"),
    "protocol.exported": _("took the list of who knows the rules along as a file"),
    "evaluation.opened": _("opened the questionnaire"),
    "evaluation.closed": _("closed the questionnaire"),
}
"""What is done in this room, in the words in which the directie reads it in the trail."""


def register() -> None:
    """Called once, when the rows are known."""
    outbox.register("protocol_reminder", render_reminders)
    outbox.register("evaluation_opened", render_invitations, newsletter=True)
    audit.register(DONE)
    steps.register(*STEPS)
