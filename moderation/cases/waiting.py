"""Open cases, on the desk of who handles them: where somebody may come to harm, before all else."""

from collections.abc import Mapping, Sequence

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from moderation.cases.models.cases import BREAKING_THROUGH, Case, Reason, Report
from moderation.cases.querysets import CaseQuerySet
from moderation.cases.services.contents import with_contents
from moderation.cases.services.looking import reports_told
from portal.core.actor import Actor
from portal.core.addresses import address
from portal.core.templatetags.kring import midway
from portal.core.waiting import Line, Queue


def _rows(actor: Actor) -> CaseQuerySet[Case]:
    return Case.objects.visible_to(actor).open()


def _is_danger(actor: Actor) -> Q:
    """Somebody who reported it says that it cannot wait."""
    told = Report.objects.visible_to(actor).filter(reason__in=BREAKING_THROUGH)
    return Q(Exists(told.filter(case=OuterRef("pk"))))


def _lines(rows: Sequence[Case], actor: Actor) -> Mapping[int, Line]:
    cases = with_contents(rows)
    reports = reports_told(cases, actor=actor)
    return {case.pk: _line(case, reports[case.pk]) for case in cases}


def _line(case: Case, reports: list[Report]) -> Line:
    told = ngettext("%(count)s report", "%(count)s reports", len(reports)) % {"count": len(reports)}
    reasons = dict.fromkeys(str(Reason(report.reason).label) for report in reports)
    where = case.get_kind_display()
    if case.group:
        where = f"{where} {_('in %(group)s') % {'group': midway(case.group.name)}}"
    return Line(where, f"{told}: {', '.join(reasons)}", gettext_lazy("Look"), address("moderation:case", case.uid))


QUEUES = (Queue("cases", "flag", _rows, _lines, since="opened_at", danger=_is_danger, beside=("group",)),)
