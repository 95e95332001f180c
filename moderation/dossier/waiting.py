"""A copy that somebody proposed to destroy, on the desk of who can be the second person."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from moderation.dossier.models import Destruction
from moderation.dossier.querysets import DestructionQuerySet
from portal.core.actor import Actor
from portal.core.addresses import address
from portal.core.excerpts import Excerpt
from portal.core.waiting import Line, Queue


def _rows(actor: Actor) -> DestructionQuerySet:
    return Destruction.objects.waiting_for(actor)


def _proposed(actor: Actor) -> DestructionQuerySet:
    """By anybody."""
    return Destruction.objects.waiting()


def _lines(rows: Sequence[Destruction], actor: Actor) -> Mapping[int, Line]:
    return {row.pk: _line(row) for row in rows}


def _line(row: Destruction) -> Line:
    what = _("Destroy copy %(number)s") % {"number": row.entry.number}
    return Line(what, "", gettext_lazy("Look at it"), address("moderation:destruction", row.uid), row.school.name)


QUEUES = (
    Queue(
        "destructions",
        "trash-2",
        _rows,
        Excerpt(Destruction, "uid", "entry__number", "school__name"),
        _lines,
        since="proposed_at",
        some=_proposed,
    ),
)
