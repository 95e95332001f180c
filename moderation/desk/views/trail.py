"""What happened at school: the audit trail, in words."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groups.models import School
from moderation.desk.domain import LIMITED_KINDS, SCOPED_KINDS
from moderation.desk.models.trail import TrailEvent
from moderation.desk.querysets.trail import OPEN_KINDS
from moderation.desk.services.desk import schools_by_uid, schools_named_by_uid, trail_at
from moderation.desk.services.trail import did_itself, told
from moderation.desk.views.facets import Facet, UidFacet
from moderation.desk.views.listing import DeskList, DeskRow, day_and_clock
from portal.core.domain.moments import at_school
from portal.core.request import SignedInRequest

KINDS = {**OPEN_KINDS, **SCOPED_KINDS, **LIMITED_KINDS}
KIND_OF_EVENT = Facet(gettext_lazy("About"), "over", "subject_kind", words=KINDS)
SCHOOL_OF_EVENT = UidFacet(gettext_lazy("School"), "school", "school_uid", named=schools_named_by_uid)


class TrailList(DeskList[TrailEvent]):
    slug = "gebeurd"
    name = gettext_lazy("What happened")
    scope = staticmethod(trail_at)
    has_page = False
    facets = (SCHOOL_OF_EVENT, KIND_OF_EVENT)
    per_page = 50
    columns = (gettext_lazy("Who"), gettext_lazy("What"), gettext_lazy("About"), gettext_lazy("When"))
    ordering = ("-at",)

    def lines_of(self, request: SignedInRequest, rows: Sequence[TrailEvent]) -> list[DeskRow]:
        return [
            DeskRow(
                pk=row.pk,
                title=f"{one.by} {one.words}",
                at=one.at,
                who=one.about.capitalize(),
                facts=(one.by, one.words, one.about.capitalize(), day_and_clock(one.at)),
            )
            for row, one in zip(rows, told(rows, now=request.now), strict=True)
        ]

    def cells(self, line: DeskRow) -> list[str]:
        return list(line.facts)

    def schools_of(self, rows: Sequence[TrailEvent]) -> list[School]:
        """Events outlive what they are about, and know their school by its uid."""
        uids = [row.school_uid for row in rows if row.school_uid]
        schools = {one.uid: one for one in schools_by_uid(uids=sorted(set(uids)))}
        return [schools[uid] for uid in uids]

    def lines_shown(self, request: SignedInRequest, rows: Sequence[TrailEvent]) -> list[DeskRow]:
        """What Kring itself did several times in a row on one day stands once, with how often."""
        pairs = zip(rows, super().lines_shown(request, rows), strict=True)
        return [_once([line for _row, line in same]) for _key, same in groupby(pairs, key=lambda pair: _what(pair[0]))]


def _what(row: TrailEvent) -> tuple[object, ...]:
    """Alike for rows that say the same of the same; what a person did stands by itself."""
    day = at_school(row.at).date()
    return (row.school_uid, row.verb, row.subject_uid, day) if did_itself(row) else (row.pk,)


def _once(lines: list[DeskRow]) -> DeskRow:
    if len(lines) == 1:
        return lines[0]
    times = _("%(count)s times") % {"count": len(lines)}
    return replace(lines[0], who=f"{lines[0].who} · {times}")
