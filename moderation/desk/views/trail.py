"""What happened at school: the audit trail, in words."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy

from moderation.desk.domain import SCOPED_KINDS
from moderation.desk.models.trail import TrailEvent
from moderation.desk.querysets.trail import OPEN_KINDS
from moderation.desk.services.desk import trail_at
from moderation.desk.services.trail import told
from moderation.desk.views.facets import Facet
from moderation.desk.views.listing import DeskList, DeskRow
from portal.core.request import SignedInRequest

KIND_OF_EVENT = Facet(gettext_lazy("About"), "over", "subject_kind", words={**OPEN_KINDS, **SCOPED_KINDS})


class TrailList(DeskList[TrailEvent]):
    slug = "gebeurd"
    name = gettext_lazy("What happened")
    scope = staticmethod(trail_at)
    has_page = False
    facets = (KIND_OF_EVENT,)
    per_page = 50
    ordering = ("-at",)

    def lines_of(self, request: SignedInRequest, rows: Sequence[TrailEvent]) -> list[DeskRow]:
        return [
            DeskRow(pk=row.pk, title=f"{one.by} {one.words}", at=one.at, who=one.about.capitalize())
            for row, one in zip(rows, told(rows), strict=True)
        ]
