"""The roster, on the desk of the directie: files that somebody has to look at, and the one that is missing."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from django.db.models import DateTimeField, ExpressionWrapper, F, Max, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groups.records.models.schools import School
from groups.records.querysets.schools import SchoolQuerySet
from groups.roster.domain.years import year_name, year_of
from groups.roster.models import RosterUpload, UploadState
from groups.roster.querysets import RosterUploadQuerySet
from portal.core.actor import Actor
from portal.core.addresses import address
from portal.core.excerpts import Excerpt
from portal.core.waiting import Line, Queue

BEFORE: Final = timedelta(weeks=4)
"""So long before the year is over the next one is asked for: who comes back on 1 August finds everybody shut out."""


def _rows(actor: Actor) -> RosterUploadQuerySet[RosterUpload]:
    return RosterUpload.objects.directed_by(actor).unsettled()


def _lines(rows: Sequence[RosterUpload], actor: Actor) -> Mapping[int, Line]:
    lines = {}
    for row in rows:
        is_read = row.state == UploadState.PLANNED
        words = _("The roster is read: look at what changes") if is_read else _("The roster could not be taken over")
        url = address("groups:roster_upload", row.uid)
        files = ", ".join(file["name"] for file in row.files)
        lines[row.pk] = Line(words, files, gettext_lazy("Look"), url, row.school.name)
    return lines


def _ending(actor: Actor) -> SchoolQuerySet[School]:
    """Schools whose last groups are of a year that is over, or soon will be."""
    rows: SchoolQuerySet[School] = School.objects.directed_by(actor).annotate(over=Max("groups__school_year__ends_at"))
    asked = ExpressionWrapper(F("over") - Value(BEFORE), output_field=DateTimeField())
    return rows.annotate(asked_since=asked).filter(asked_since__lte=actor.now)


def _missing(rows: Sequence[School], actor: Actor) -> Mapping[int, Line]:
    year = {"year": year_name(year_of(actor.now + BEFORE))}
    return {
        school.pk: Line(
            _("The roster of %(year)s is not there yet") % year,
            _("Without it nobody has a group from 1 August on"),
            gettext_lazy("Read in"),
            f"{address('groups:roster')}?school={school.uid}",
            school.name,
        )
        for school in rows
    }


QUEUES = (
    Queue(
        "new_year",
        "calendar-days",
        _ending,
        Excerpt(School, "uid", "name"),
        _missing,
        since="asked_since",
        says_since=False,
    ),
    Queue(
        "roster",
        "file-text",
        _rows,
        Excerpt(RosterUpload, "uid", "state", "files", "school__name"),
        _lines,
        since="uploaded_at",
    ),
)
