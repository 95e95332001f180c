"""Conversations of the directie in which something is new, or that it froze and decides on, on its desk (POL-64)."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groups.roles import Hat
from messaging.talks.models import Thread, ThreadState
from messaging.talks.querysets import ThreadQuerySet
from portal.core.actor import Actor
from portal.core.addresses import address
from portal.core.excerpts import Excerpt
from portal.core.waiting import Line, Queue


def _rows(actor: Actor) -> ThreadQuerySet[Thread]:
    """Where `actor` was asked in as the directie, and has not read everything or left it frozen."""
    reader = actor.wearing(Hat.STAFF)
    return Thread.objects.visible_to(reader).asking_the_directie(reader)


def _asked_in(actor: Actor) -> ThreadQuerySet[Thread]:
    """Conversations of `actor` in which the directie reads, also as their teacher, and whether anything is new."""
    return Thread.objects.visible_to(actor.wearing(Hat.STAFF)).filter(directie_since__isnull=False)


def _lines(rows: Sequence[Thread], actor: Actor) -> Mapping[int, Line]:
    lines = {}
    for thread in rows:
        is_frozen = thread.state == ThreadState.FROZEN
        lines[thread.pk] = Line(
            _("A conversation is frozen: open it again or close it") if is_frozen else _("A conversation asks for you"),
            _("“%(title)s”") % {"title": thread.title},
            gettext_lazy("Decide") if is_frozen else gettext_lazy("Read it"),
            address("messaging:thread", Hat.STAFF, thread.uid),
            thread.school.name,
        )
    return lines


QUEUES = (
    Queue(
        "conversations",
        "messages-square",
        _rows,
        Excerpt(Thread, "uid", "state", "title", "school__name"),
        _lines,
        since="asks_since",
        some=_asked_in,
    ),
)
