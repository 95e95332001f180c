"""What the directie signs once a year, on the desk."""

from collections.abc import Mapping, Sequence

from django.db.models import DateTimeField, ExpressionWrapper, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groups.records.models.schools import School
from groups.records.querysets import SchoolQuerySet
from groups.staff.services.overview import EACH
from portal.core.actor import Actor
from portal.core.waiting import Line, Queue


def _rows(actor: Actor) -> SchoolQuerySet[School]:
    """Schools for which nobody signed for a year; a school that opened has a year for the first time."""
    rows: SchoolQuerySet[School] = School.objects.directed_by(actor)
    since = Coalesce("looked_over_at", "opened_at")
    over = ExpressionWrapper(since + Value(EACH), output_field=DateTimeField())
    return rows.annotate(signed_over=over).filter(signed_over__lte=actor.now)


def _lines(rows: Sequence[School], actor: Actor) -> Mapping[int, Line]:
    page = reverse("groups:overview")
    return {
        school.pk: Line(
            _("Who can see what: not looked at for a year"),
            "",
            gettext_lazy("Look"),
            f"{page}?school={school.uid}",
            school.name,
        )
        for school in rows
    }


QUEUES = (Queue("overview", "eye", _rows, _lines, since="signed_over"),)
