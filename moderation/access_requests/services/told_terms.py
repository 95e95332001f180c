"""How long what school told somebody is kept: as long as a copy in the dossier about the same thing would be.

The terms are the school's own (docs/adr/0015), counted from the last that was said: when it was told, until when it
held, or what was written back. Of a case they begin when the case is closed. What somebody asked a copy of stays until
that is answered (AVG 5, 1, e and 15).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from groups.models import School, SchoolYear, Telling
from groups.records.services.locks import hold_schools
from groups.told.services import forget
from moderation.access_requests.models import AccessRequest
from moderation.cases.models.cases import Case
from moderation.dossier.domain.terms import term_of
from moderation.dossier.services.dossier import terms_of, year_end
from portal.core.actor import clock

SHORTEST = timedelta(days=365)
"""No term is shorter."""


def term_of_telling(telling: UUID) -> datetime | None:
    """Until when this is kept; None as long as its case is open, or its school year not known."""
    row = Telling.objects.filter(uid=telling).select_related("school").first()
    return terms_of_tellings([row], school=row.school)[row.pk] if row else None


def terms_of_tellings(tellings: Sequence[Telling], *, school: School) -> dict[int, datetime | None]:
    """The same for many of one school; four questions."""
    keys = [telling.pk for telling in tellings]
    rows = Telling.objects.filter(pk__in=keys).values_list("pk", Max("answers__written_at"))
    answered = {key: moment for key, moment in rows if moment}
    cases = Case.objects.filter(uid__in={telling.case_uid for telling in tellings})
    closed: dict[UUID | None, datetime | None] = dict(cases.values_list("uid", "closed_at"))
    terms, years = terms_of(school), list(SchoolYear.objects.order_by("starts_at"))
    until = {}
    for one in tellings:
        last = max(filter(None, (one.told_at, one.until, answered.get(one.pk))))
        at = closed.get(one.case_uid)
        closings = [max(at, last) if at else None] if one.case_uid in closed else []
        until[one.pk] = term_of(year_end(years, last), closings, terms)
    return until


def forget_told(*, now: datetime) -> int:
    """What school told people goes when its term is over, and nobody reads it any more. Repeatable."""
    gone = 0
    for school in School.objects.filter(tellings__told_at__lte=now - SHORTEST).distinct().order_by("pk"):
        with transaction.atomic():
            hold_schools(school.pk)
            asked = set(AccessRequest.objects.open().filter(school=school).values_list("about", "side"))
            old = Telling.objects.filter(school=school, told_at__lte=now - SHORTEST)
            rows = [one for one in old if (one.to_id, one.hat) not in asked]
            terms = terms_of_tellings(rows, school=school)
            over = [one for one in rows if (until := terms[one.pk]) and until <= now]
            forget(tellings=over, school=school, by=clock(now))
            gone += len(over)
    return gone
