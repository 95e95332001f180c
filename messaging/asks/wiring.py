"""What this room registers with the floor: its mails, its words of the trail, its days of the agenda."""

from django.utils.translation import gettext_lazy as _

from agenda.planning.services import sources
from messaging.asks.mail import (
    by_mail,
    on_phones,
    render_changed,
    render_gone,
    render_helping,
    render_off,
    render_otherwise,
    render_reminders,
    render_reminders_on_phones,
    still_answering,
    still_helping,
    still_in_group,
    still_off,
    still_reading,
)
from messaging.asks.services.days import days_asked_about
from messaging.asks.services.news import A_PLACE, CHANGED, GONE, OFF, ON_PHONE, OTHERWISE
from messaging.asks.services.reminders import HELPER, HELPER_ON_PHONE, KIND
from messaging.asks.services.reminders import ON_PHONE as REMINDER_ON_PHONE
from portal.core import audit, outbox
from portal.core.words import Words

DONE: dict[str, Words] = {"answers.exported": _("took a list of answers along as a file")}
"""What is done in this room, in the words in which the directie reads it in the trail."""
TOLD = {
    CHANGED: (render_changed, still_reading),
    OTHERWISE: (render_otherwise, still_answering),
    GONE: (render_gone, still_in_group),
    A_PLACE: (render_helping, still_helping),
    OFF: (render_off, still_off),
}
"""How each is mailed, and whom it still concerns."""


def register() -> None:
    """Called once, when the rows are known."""
    audit.register(DONE)
    outbox.register(KIND, render_reminders)
    outbox.register(HELPER, by_mail(render_helping))
    outbox.register(REMINDER_ON_PHONE, render_reminders_on_phones, lane=outbox.Lane.PHONE)
    outbox.register(HELPER_ON_PHONE, on_phones(still_helping), lane=outbox.Lane.PHONE)
    for kind, (render, still) in TOLD.items():
        outbox.register(kind, by_mail(render))
        outbox.register(ON_PHONE[kind], on_phones(still), lane=outbox.Lane.PHONE)
    sources.register(days_asked_about)
