"""Files of the roster that somebody has to look at, on the desk of the directie."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groups.records.querysets import RosterUploadQuerySet
from groups.roster.models import RosterUpload, UploadState
from portal.core.actor import Actor
from portal.core.addresses import address
from portal.core.waiting import Line, Queue


def _rows(actor: Actor) -> RosterUploadQuerySet[RosterUpload]:
    return RosterUpload.objects.directed_by(actor).unsettled()


def _lines(rows: Sequence[RosterUpload], actor: Actor) -> Mapping[int, Line]:
    lines = {}
    for row in rows:
        is_read = row.state == UploadState.PLANNED
        words = _("The roster is read: look at what changes") if is_read else _("The roster could not be taken over")
        url = address("groups:roster_upload", row.uid)
        lines[row.pk] = Line(words, "", gettext_lazy("Look"), url, row.school.name)
    return lines


QUEUES = (Queue("roster", "file-text", _rows, _lines, since="uploaded_at", beside=("school",)),)
