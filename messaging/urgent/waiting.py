"""What every family has to read and some have not, on the desk: two days after it was placed."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from messaging.urgent.models import FollowUp
from messaging.urgent.querysets import FollowUpQuerySet
from portal.core.actor import Actor
from portal.core.addresses import address
from portal.core.excerpts import Excerpt
from portal.core.templatetags.kring import midway
from portal.core.waiting import Line, Queue


def _rows(actor: Actor) -> FollowUpQuerySet:
    return FollowUp.objects.waiting_for(actor)


def _waits(actor: Actor) -> FollowUpQuerySet:
    """For anybody."""
    return FollowUp.objects.waiting()


def _lines(rows: Sequence[FollowUp], actor: Actor) -> Mapping[int, Line]:
    return {
        row.pk: Line(
            _("Not every family has read it"),
            _("%(title)s, in %(group)s") % {"title": row.post.title, "group": midway(row.post.group.name)},
            gettext_lazy("Phone"),
            address("messaging:reach", row.post.uid),
            row.post.group.school.name,
        )
        for row in rows
    }


QUEUES = (
    Queue(
        "essential",
        "phone",
        _rows,
        Excerpt(FollowUp, "post__uid", "post__title", "post__group__name", "post__group__school__name"),
        _lines,
        since="waits_since",
        some=_waits,
    ),
)
