"""Access requests, on the desk of whose turn it is: who answers them, or who reads the copy over."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from moderation.access_requests.models import AccessRequest, RequestState
from moderation.access_requests.querysets import AccessRequestQuerySet
from moderation.cases.querysets import held
from moderation.cases.services.people import Known, names_of
from portal.core.actor import Actor
from portal.core.addresses import address
from portal.core.excerpts import Excerpt
from portal.core.waiting import Line, Queue


def _rows(actor: Actor) -> AccessRequestQuerySet[AccessRequest]:
    return AccessRequest.objects.waiting_for(actor)


def _open(actor: Actor) -> AccessRequestQuerySet[AccessRequest]:
    """Whosever turn it is, of those on which `actor` has any right."""
    return AccessRequest.objects.open().filter(pk__in=held(AccessRequest, actor, "lead", "stand_in", "review"))


def _lines(rows: Sequence[AccessRequest], actor: Actor) -> Mapping[int, Line]:
    known = {row.pk: Known(row.about, row.school, row.side) for row in rows}
    names = names_of(known.values(), now=actor.now)
    lines = {}
    for row in rows:
        says = (
            _("A copy to read over, of %(name)s")
            if row.state == RequestState.REVIEW
            else _("%(name)s asks what school keeps")
        )
        lines[row.pk] = Line(
            says % {"name": names[known[row.pk]].name},
            "",
            gettext_lazy("Open it"),
            address("moderation:access_request", row.uid),
            row.school.name,
        )
    return lines


QUEUES = (
    Queue(
        "access_requests",
        "file-text",
        _rows,
        Excerpt(AccessRequest, "uid", "state", "side", "about__pk", "school__name"),
        _lines,
        since="opened_at",
        due="due_on",
        some=_open,
    ),
)
