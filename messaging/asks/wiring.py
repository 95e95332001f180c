"""What this room registers with the floor: its mails, its words of the trail, its days of the agenda."""

from django.utils.translation import gettext_lazy as _

from agenda.planning.services import sources
from messaging.asks.mail import render_changed, render_gone, render_helping, render_otherwise, render_reminders
from messaging.asks.services.days import days_asked_about
from messaging.asks.services.news import A_PLACE, CHANGED, GONE, OTHERWISE
from messaging.asks.services.reminders import HELPER, KIND
from portal.core import audit, outbox
from portal.core.words import Words

DONE: dict[str, Words] = {"answers.exported": _("took a list of answers along as a file")}
"""What is done in this room, in the words in which the directie reads it in the trail."""


def register() -> None:
    """Called once, when the rows are known."""
    audit.register(DONE)
    outbox.register(KIND, render_reminders)
    outbox.register(CHANGED, render_changed)
    outbox.register(OTHERWISE, render_otherwise)
    outbox.register(GONE, render_gone)
    outbox.register(HELPER, render_helping)
    outbox.register(A_PLACE, render_helping)
    sources.register(days_asked_about)
