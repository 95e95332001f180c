"""A school that leaves, on the desk of who can be the second person."""

from collections.abc import Mapping, Sequence

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from moderation.leaving.models import Departure
from moderation.leaving.querysets import DepartureQuerySet
from portal.core.actor import Actor
from portal.core.addresses import address
from portal.core.excerpts import Excerpt
from portal.core.waiting import Line, Queue


def _rows(actor: Actor) -> DepartureQuerySet:
    return Departure.objects.waiting_for(actor)


def _proposed(actor: Actor) -> DepartureQuerySet:
    """By anybody."""
    return Departure.objects.waiting()


def _lines(rows: Sequence[Departure], actor: Actor) -> Mapping[int, Line]:
    return {row.pk: _line(row) for row in rows}


def _line(row: Departure) -> Line:
    what = _("%(school)s wants to stop with Kring on %(day)s") % {
        "school": row.name,
        "day": date_format(row.leaves_on, "j F Y"),
    }
    url = f"{address('moderation:departure')}?school={row.school_uid}"
    return Line(what, "", gettext_lazy("Look at it"), url, row.name)


QUEUES = (
    Queue(
        "departures",
        "log-out",
        _rows,
        Excerpt(Departure, "name", "leaves_on", "school_uid"),
        _lines,
        since="proposed_at",
        due="leaves_on",
        some=_proposed,
    ),
)
