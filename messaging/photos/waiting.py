"""Photos that somebody has to look at after a no, on the desk: a row for each group."""

from collections.abc import Mapping, Sequence

from django.db.models import Min, OuterRef, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from groups.models import Group
from groups.records.querysets.schools import GroupQuerySet
from groups.roles import Hat
from messaging.photos.models import Placement
from messaging.photos.querysets.review import refusals_told_to
from messaging.photos.services.review import to_judge
from portal.core.actor import Actor
from portal.core.addresses import address
from portal.core.excerpts import Excerpt
from portal.core.templatetags.kring import midway
from portal.core.waiting import Line, Queue


def _rows(actor: Actor) -> GroupQuerySet[Group]:
    """Where `actor` has to say who is on a photo; those of which that is known only stay away."""
    waiting = Placement.objects.doubtful_for(actor)
    here = Placement.objects.filter(writing__group=OuterRef("pk")).order_by().values("writing__group")
    oldest = Subquery(here.annotate(oldest=Min("writing__published_at")).values("oldest"))
    return Group.objects.filter(pk__in=waiting.values("writing__group")).annotate(oldest_photo=oldest)


def _lines(rows: Sequence[Group], actor: Actor) -> Mapping[int, Line]:
    counts = to_judge(actor)
    return {
        group.pk: Line(
            ngettext("%(count)s photo to look at", "%(count)s photos to look at", counts.get(group.pk, 0))
            % {"count": counts.get(group.pk, 0)},
            _("of %(group)s, after a no") % {"group": midway(group.name)},
            gettext_lazy("Look"),
            address("messaging:review", Hat.STAFF, group.uid),
            group.school.name,
        )
        for group in rows
    }


QUEUES = (
    Queue(
        "photos",
        "eye",
        _rows,
        Excerpt(Group, "uid", "name", "school__name"),
        _lines,
        since="oldest_photo",
        some=refusals_told_to,
        says_since=False,
    ),
)
