"""Open cases on the desk of who handles them, where somebody may come to harm first; and what people write back."""

from collections.abc import Mapping, Sequence

from django.db.models import Exists, Min, OuterRef, Q, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from groups.told.models import Telling, TellingAnswer
from groups.told.querysets import TellingQuerySet
from moderation.cases.models.cases import BREAKING_THROUGH, Case, Reason, Report
from moderation.cases.querysets import CaseQuerySet
from moderation.cases.services.contents import with_contents
from moderation.cases.services.looking import reports_told
from moderation.cases.services.people import Known, names_of
from moderation.cases.services.telling import answers_for
from portal.core.actor import Actor
from portal.core.addresses import address
from portal.core.templatetags.kring import midway
from portal.core.waiting import Line, Queue


def _rows(actor: Actor) -> CaseQuerySet[Case]:
    return Case.objects.visible_to(actor).open()


def _is_danger(actor: Actor) -> Q:
    """Somebody who reported it says that it cannot wait."""
    told = Report.objects.told_to(actor).filter(reason__in=BREAKING_THROUGH)
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


def _answered(actor: Actor) -> TellingQuerySet[Telling]:
    """What somebody wrote back to, and nobody at school put away."""
    fresh = TellingAnswer.objects.unseen().filter(telling=OuterRef("pk")).order_by().values("telling")
    rows: TellingQuerySet[Telling] = Telling.objects.filter(pk__in=answers_for(actor).values("telling"))
    return rows.annotate(answered_at=Subquery(fresh.annotate(first=Min("written_at")).values("first")))


def _answer_lines(rows: Sequence[Telling], actor: Actor) -> Mapping[int, Line]:
    known = {row.pk: Known(row.to, row.school, row.hat) for row in rows}
    names = names_of(known.values())
    return {
        row.pk: Line(
            _("%(name)s wrote back") % {"name": names[known[row.pk]].name},
            row.heading,
            gettext_lazy("Read it"),
            address("moderation:answered", row.uid),
            row.school.name,
        )
        for row in rows
    }


QUEUES = (
    Queue("cases", "flag", _rows, _lines, since="opened_at", danger=_is_danger, beside=("group",)),
    Queue("answers", "message-circle", _answered, _answer_lines, since="answered_at", beside=("school", "to")),
)
