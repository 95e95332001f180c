"""Who waits to come in: what the directie still has to look at, on the desk."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groups.people.services.families import classes_by_child, waiting_for
from groups.records.models.truth import Guardianship
from portal.core.actor import Actor
from portal.core.addresses import address
from portal.core.templatetags.kring import midway
from portal.core.waiting import Line, Queue


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


QUEUES = (Queue("admissions", "key-round", waiting_for, _lines, since="valid_from", beside=("child__school",)),)
