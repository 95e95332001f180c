"""The mail about a kind word: that something waits, without a name and without a word of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from groups.roles import Hat
from groups.told.mail import mail_about
from moderation.kind_words.services.words import rules_at, words_to
from portal.core.actor import Actor
from portal.core.models import OutboxItem
from portal.core.outbox import Mail, Withheld

WAITS = (_("A kind word of another parent"), _("Read it"), _("Nobody else reads it."))


def render_words(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """To whom it was said, as long as that is there to read and the school wants kind words."""
    for row in rows:
        is_open = row.recipient is not None and row.recipient.is_active
        mine = words_to(Actor(row.recipient, Hat.FAMILY, now)) if is_open else []
        word = next((one for one in mine if one.uid == row.subject_uid), None)
        if word and rules_at(word.school).is_on:
            yield mail_about(row, WAITS, word.school, "moderation:kind_words")
        else:
            yield Withheld("not there any more")
