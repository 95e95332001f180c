"""Conversations that ask for the directie and in which something is new, on its desk (POL-64)."""

from collections.abc import Mapping, Sequence

from django.db.models.functions import Greatest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groups.roles import Hat
from messaging.talks.models import Thread
from messaging.talks.querysets import ThreadQuerySet
from portal.core.actor import Actor
from portal.core.addresses import address
from portal.core.waiting import Line, Queue


def _rows(actor: Actor) -> ThreadQuerySet[Thread]:
    """Where `actor` was asked in as the directie, and has not read everything."""
    reader = actor.wearing(Hat.STAFF)
    unread, _read = Thread.objects.visible_to(reader).steered_by(reader).split_by_news(reader)
    return unread.annotate(asks_since=Greatest("directie_since", "last_message_at"))


def _asked_in(actor: Actor) -> ThreadQuerySet[Thread]:
    """Conversations of `actor` in which the directie reads, also as their teacher, and whether anything is new."""
    return Thread.objects.visible_to(actor.wearing(Hat.STAFF)).filter(directie_since__isnull=False)


def _lines(rows: Sequence[Thread], actor: Actor) -> Mapping[int, Line]:
    return {
        thread.pk: Line(
            _("A conversation asks for you"),
            _("“%(title)s”") % {"title": thread.title},
            gettext_lazy("Read it"),
            address("messaging:thread", Hat.STAFF, thread.uid),
            thread.school.name,
        )
        for thread in rows
    }


QUEUES = (
    Queue("conversations", "messages-square", _rows, _lines, since="asks_since", some=_asked_in, beside=("school",)),
)
