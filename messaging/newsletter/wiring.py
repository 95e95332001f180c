"""What this room registers with the floor: what it mails and shows in the menu."""

from django.utils.translation import gettext_lazy as _

from messaging.newsletter.mail import next_week
from messaging.newsletter.mail.editions import render_edition
from messaging.newsletter.mail.phones import render_on_phones
from messaging.newsletter.mail.trial import render_trials
from messaging.newsletter.services import sections
from messaging.newsletter.services.editions import ON_PHONE
from messaging.newsletter.services.trial import TRIAL
from portal.core import audit, menu, outbox
from portal.core.words import Words

DONE: dict[str, Words] = {"digest.foreword": _("wrote above the weekly mail")}
"""What is done in this room, in the words in which the directie reads it in the trail."""


def register() -> None:
    """Called once, when the rows are known."""
    outbox.register("messages", render_edition)
    outbox.register(ON_PHONE, render_on_phones, lane=outbox.Lane.PHONE)
    outbox.register("digest", render_edition, newsletter=True)
    outbox.register(TRIAL, render_trials)
    audit.register(DONE)
    menu.register_own("/thuis/weeknieuws/")
    sections.register(sections.Source(next_week.readers, next_week.coming, is_news=True))
