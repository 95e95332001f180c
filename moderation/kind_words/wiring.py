"""What this room registers with the floor: its mail and its words of the trail."""

from django.utils.translation import gettext_lazy as _

from moderation.kind_words.mail import render_words
from moderation.kind_words.services.words import WORD
from portal.core import audit, outbox
from portal.core.words import Words

DONE: dict[str, Words] = {
    "kind_words.set": _("chose whether parents send each other kind words"),
    "parent_word.said": _("said a kind word to another parent"),
    "kind_words.closed": _("wants no more kind words"),
    "kind_words.taken": _("wants kind words again"),
}
"""What is done in this room, in the words in which the directie reads it in the trail."""


def register() -> None:
    """Called once, when the rows are known."""
    outbox.register(WORD, render_words)
    audit.register(DONE)
