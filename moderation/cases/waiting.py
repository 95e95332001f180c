"""Open cases on the desk of who handles them, where somebody may come to harm first; what people write back; and what
was taken away for now and comes back to the desk, so that nothing is away for ever without a decision (POL-61, 62).
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from groups.models import GroupGrant, School
from groups.roles import DIRECT, MODERATE, Hat
from groups.told.models import Telling, TellingAnswer
from groups.told.querysets import TellingQuerySet
from messaging.models import Writing, WritingState
from moderation.cases.models.cases import BREAKING_THROUGH, SUBJECT_KINDS, Case, Reason, Report
from moderation.cases.querysets import CaseQuerySet
from moderation.cases.services.looking import reasons_told
from moderation.cases.services.people import Known, names_of
from moderation.cases.services.telling import answers_for
from portal.core.actor import Actor
from portal.core.addresses import address
from portal.core.excerpts import Excerpt
from portal.core.looking import there_is
from portal.core.templatetags.kring import midway
from portal.core.waiting import Line, Queue

AWAY_FOR = timedelta(days=5)
"""After so long what is away for now waits on the desk: its writer reads that school decides within a week."""


def _rows(actor: Actor) -> CaseQuerySet[Case]:
    return Case.objects.visible_to(actor).with_told(actor).with_about_kind().open()


def _is_danger(actor: Actor) -> Q:
    """Somebody who reported it says that it cannot wait."""
    reports = Report.objects.told_to(actor).filter(reason__in=BREAKING_THROUGH)
    return there_is(reports.filter(case=OuterRef("pk")))


def _lines(rows: Sequence[Case], actor: Actor) -> Mapping[int, Line]:
    reasons = reasons_told(rows, actor=actor)
    return {case.pk: _line(case, str(SUBJECT_KINDS[case.about_kind]), reasons[case.pk]) for case in rows}


def _line(case: Case, where: str, told: Sequence[str]) -> Line:
    counted = ngettext("%(count)s report", "%(count)s reports", len(told)) % {"count": len(told)}
    reasons = [str(Reason(reason).label) for reason in dict.fromkeys(told)]
    if case.group:
        where = f"{where} {_('in %(group)s') % {'group': midway(case.group.name)}}"
    url = address("moderation:case", case.uid)
    return Line(where, f"{counted}: {', '.join(reasons)}", gettext_lazy("Look"), url, case.school.name)


def _away(actor: Actor) -> QuerySet[Writing]:
    """Whatever is away at the schools where `actor` moderates."""
    schools = GroupGrant.objects.schools_of(actor.wearing(Hat.STAFF), MODERATE)
    return Writing.objects.filter(state=WritingState.HIDDEN, school__in=schools)


def _left_away(actor: Actor) -> QuerySet[Writing]:
    """Messages and replies that are away for `AWAY_FOR`, in no open case: for who took them away, and the directie.

    Never the own words that somebody else took away (W8), and only of groups that `actor` still moderates. What its
    writer planned and left before its moment is there at once (`hold_planned`).
    """
    moderated = GroupGrant.objects.of(actor.wearing(Hat.STAFF), MODERATE)
    here = Q(group__in=moderated) | Q(post__group__in=moderated)
    directed = Q(school__in=School.objects.keys_of(actor, DIRECT)) & ~Q(author=actor.user.pk)
    handled = Case.objects.open().filter(writing=OuterRef("pk"))
    rows = Writing.objects.filter(here, Q(hidden_by=actor.user.pk) | directed, state=WritingState.HIDDEN)
    held = Q(hidden_by=F("author"), hidden_at__lt=F("published_at"))
    return rows.filter(~Exists(handled), held | Q(hidden_at__lte=Value(actor.now) - Value(AWAY_FOR)))


def _away_lines(rows: Sequence[Writing], actor: Actor) -> Mapping[int, Line]:
    lines = {}
    for row in rows:
        above = row.on_page_of
        if above is None or above.group is None:
            continue
        lines[row.pk] = Line(
            (_("Planned, and not placed: %(name)s") if row.is_held else _("Taken away for now: %(name)s"))
            % {"name": row.author_name},
            midway(above.group.name),
            gettext_lazy("Decide"),
            row.page_in(Hat.STAFF),
            row.school.name,
        )
    return lines


def _unseen(actor: Actor) -> QuerySet[TellingAnswer]:
    """Of anybody."""
    return TellingAnswer.objects.unseen()


def _answered(actor: Actor) -> TellingQuerySet[Telling]:
    """What somebody wrote back to, and nobody at school put away."""
    fresh = TellingAnswer.objects.unseen().filter(telling=OuterRef("pk")).order_by().values("telling")
    rows: TellingQuerySet[Telling] = Telling.objects.filter(pk__in=answers_for(actor).values("telling"))
    return rows.annotate(answered_at=Subquery(fresh.annotate(first=Min("written_at")).values("first")))


def _answer_lines(rows: Sequence[Telling], actor: Actor) -> Mapping[int, Line]:
    known = {row.pk: Known(row.to, row.school, row.hat) for row in rows}
    names = names_of(known.values(), now=actor.now)
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


_AWAY_READ = (
    *("uid", "kind", "thread", "state", "author_name", "hidden_at", "published_at"),
    *("group__name", "post__uid", "post__kind", "post__group__name", "school__name"),
)
QUEUES = (
    Queue(
        "cases",
        "flag",
        _rows,
        Excerpt(Case, "uid", "about_kind", "group__name", "school__name"),
        _lines,
        since="told_at",
        danger=_is_danger,
    ),
    Queue(
        "away",
        "eye-off",
        _left_away,
        Excerpt(Writing, *_AWAY_READ),
        _away_lines,
        since="hidden_at",
        some=_away,
    ),
    Queue(
        "answers",
        "message-circle",
        _answered,
        Excerpt(Telling, "uid", "kind", "hat", "to__pk", "school__name"),
        _answer_lines,
        since="answered_at",
        some=_unseen,
    ),
)
