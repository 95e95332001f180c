"""Who waits to come in: what the directie still has to look at, on the desk."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groups.people.services.families import classes_by_child, waiting_for
from groups.records.domain.names import PARTS
from groups.records.models.schools import School
from groups.records.models.truth import Guardianship, Level
from groups.records.querysets.truth import GuardianshipQuerySet
from groups.roles import DIRECT
from portal.core.actor import Actor
from portal.core.addresses import address
from portal.core.excerpts import Excerpt
from portal.core.templatetags.kring import midway
from portal.core.waiting import Line, Queue


def _unverified(actor: Actor) -> GuardianshipQuerySet[Guardianship]:
    """At the schools that `actor` directs, of anybody's family."""
    rows = Guardianship.objects.open().filter(level=Level.UNVERIFIED)
    return rows.filter(child__school__in=School.objects.keys_of(actor, DIRECT))


def _lines(rows: Sequence[Guardianship], actor: Actor) -> Mapping[int, Line]:
    groups = classes_by_child((row.child_id for row in rows), now=actor.now)
    lines = {}
    for row in rows:
        group = groups.get(row.child_id)
        child = _("with %(child)s") % {"child": row.child.full_name}
        lines[row.pk] = Line(
            _("May %(name)s come in?") % {"name": row.caregiver.full_name},
            f"{child}, {midway(group.name)}" if group else child,
            gettext_lazy("Decide"),
            address("groups:guardianship", row.uid),
            row.child.school.name,
        )
    return lines


_NAMES = [f"{who}__{part}" for who in ("caregiver", "child") for part in PARTS]
QUEUES = (
    Queue(
        "admissions",
        "key-round",
        waiting_for,
        Excerpt(Guardianship, "uid", *_NAMES, "child__school__name"),
        _lines,
        since="valid_from",
        some=_unverified,
    ),
)
