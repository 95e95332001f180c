"""What this room registers with the floor: what it mails, shows in the menu and lets wait."""

from django.utils.translation import gettext_lazy as _

from messaging.newsletter.services import sections
from messaging.talks.mail import steps, weekly
from messaging.talks.mail.conversations import render_messages, render_on_phones
from messaging.talks.menu import ENTRIES
from messaging.talks.models import Seat, ThreadGrant
from messaging.talks.services import newcomers, seats, thread_rights
from messaging.talks.services.message_news import ON_PHONE, STEP, STEP_ON_PHONE
from messaging.talks.waiting import QUEUES
from portal.core import access, audit, menu, outbox, waiting
from portal.core.words import Words

DONE: dict[str, Words] = {"thread.arrived": _("let somebody into conversations")}
"""What is done in this room and stands with a person, in the words in which the directie reads it in the trail."""


def register() -> None:
    """Called once, when the rows are known."""
    access.register_follower("messaging.Thread", newcomers.follow_tasks)
    access.register(access.Projection(Seat, seats.COLUMNS, seats.seats, "thread__school", of=seats.of_people))
    access.register(access.Projection(ThreadGrant, thread_rights.COLUMNS, thread_rights.thread_rights))
    outbox.register("message", render_messages)
    outbox.register(ON_PHONE, render_on_phones, lane=outbox.Lane.PHONE)
    outbox.register(STEP, steps.render_steps)
    outbox.register(STEP_ON_PHONE, steps.render_on_phones, lane=outbox.Lane.PHONE)
    sections.register(sections.Source(weekly.readers, weekly.unread))
    audit.register(DONE)
    menu.register(*ENTRIES)
    waiting.register(*QUEUES)
