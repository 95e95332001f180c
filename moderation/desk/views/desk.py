"""The desk itself: its front page, and what becomes of work begun there (security.md 4)."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from groups.doors.context import hats_here
from groups.first_day.services.steps import first_days_of
from groups.models import School
from groups.people.services.families import unreached_by_mail
from groups.records.policies import directs_somewhere, watches_somewhere
from groups.roles import PUBLISH, Hat
from moderation.desk.domain import NUMBERS
from moderation.desk.menu import has_desk
from moderation.desk.models.desk import LEFT_AS_IT_WAS, BulkAct, Outcome
from moderation.desk.services.bulk import counts_of
from moderation.desk.views.content import CaseList, PhotoList, PostList, ReplyList
from moderation.desk.views.listing import DeskList, DeskRow, since_words
from moderation.desk.views.people import AdmissionList, ChildList, StaffList
from moderation.desk.views.trail import TrailList
from portal.core import access, outbox, waiting
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.doctor.answering import for_page
from portal.core.domain.moments import at_school
from portal.core.paging import paged
from portal.core.request import SignedInRequest

LISTS: tuple[DeskList, ...] = (
    CaseList(),
    PostList(),
    ReplyList(),
    PhotoList(),
    ChildList(),
    AdmissionList(),
    StaffList(),
    TrailList(),
)
MOST_LISTED = 50


@access.declares("Who directs a school or works for one, and editors: what waits for them; and the lists of a desk.")
def front(request: SignedInRequest) -> HttpResponse:
    hats = hats_here(request)
    if not has_desk(hats, hats.first):
        raise Http404
    page = paged(waiting.listed(request.actor), request)
    directs = directs_somewhere(request.actor)
    schools = _configured(actor=request.actor) if directs or hats.administers else []
    tells_school = not directs or hats.has_schools(Hat.STAFF)
    mail_status = outbox.status(schools, now=request.now) if schools else None
    context = {
        "page": page,
        "count": page.paginator.count,
        "number": number_in_words(page.paginator.count),
        "rows": [(row, about_words(row, tells_school, request.now), is_late(row, request.now)) for row in page],
        "lists": [(one.name, one.url) for one in LISTS if one.is_for(request.actor)],
        "directs": directs,
        "hands_in": hats.may(Hat.STAFF, PUBLISH),
        "watches": watches_somewhere(request.actor),
        "first_days": first_days_of(request.actor) if directs else [],
        "red": for_page(request.now).red if directs or hats.oversees or hats.administers else [],
        "mail_status": mail_status,
        "unreached": unreached_by_mail(actor=request.actor) if directs and mail_status and mail_status.failed else None,
    }
    return render(request, "desk/index.html", context)


@compiled
def _configured(actor: Actor) -> QuerySet[School, UUID]:
    """Whose mail this person looks after."""
    return School.objects.configured_by(actor).values_list("uid", flat=True)


def number_in_words(count: int) -> str:
    """At the head of a sentence: a word where people write one."""
    return str(NUMBERS[count]) if count < len(NUMBERS) else str(count)


def about_words(row: waiting.Waiting, tells_school: bool, now: datetime) -> str:
    """The second line of a row: about whom, and until when or for how long it waits; what is late says so beside it."""
    until = ""
    if row.due_on and not is_late(row, now):
        until = _("before %(day)s is over") % {"day": date_format(row.due_on, "l j F")}
    when = until or ("" if row.due_on else since_words(row.since, now))
    return " · ".join(filter(None, [row.line.who, row.line.school if tells_school else "", when]))


def is_late(row: waiting.Waiting, now: datetime) -> bool:
    """Whether the day on which it had to be done is gone."""
    return row.due_on is not None and row.due_on < at_school(now).date()


@access.declares("Who began it: how far the work is, and what was left as it was.")
def act(request: SignedInRequest, uid: UUID) -> HttpResponse:
    act = _own(request, uid)
    counts, listing = counts_of(act), _list_of(act)
    context = {
        "act": act,
        "is_busy": act.finished_at is None,
        "words": _words(counts.total(), counts[Outcome.WAITING]),
        "counts": [(outcome.label, counts[outcome]) for outcome in Outcome if counts[outcome]],
        "left": _left(request, act),
        "more": max(0, sum(counts[one] for one in LEFT_AS_IT_WAS) - MOST_LISTED),
        "list_url": listing.url_asked(request.GET.urlencode()),
        "list_name": listing.name,
    }
    return render(request, "desk/done.html", context)


@access.declares("Who began it: one sentence about how far it is, for the page that waits.")
def act_progress(request: SignedInRequest, uid: UUID) -> HttpResponse:
    act = _own(request, uid)
    if act.finished_at:
        return HttpResponse(status=204)
    counts = counts_of(act)
    sentence = _words(counts.total(), counts[Outcome.WAITING])
    return HttpResponse(sentence, content_type="text/plain; charset=utf-8")


def _list_of(act: BulkAct) -> DeskList:
    return next(one for one in LISTS if one.kind == act.kind)


def _left(request: SignedInRequest, act: BulkAct) -> list[tuple[str, DeskRow | None]]:
    """What was left as it was, and why; what this person does not see any more has no line."""
    items = list(act.items.filter(outcome__in=LEFT_AS_IT_WAS).order_by("pk")[:MOST_LISTED])
    lines = _list_of(act).lines_among(request, [item.subject_id for item in items])
    line_of = {line.pk: line for line in lines}
    return [(item.get_outcome_display(), line_of.get(item.subject_id)) for item in items]


def _own(request: SignedInRequest, uid: UUID) -> BulkAct:
    act: BulkAct = get_object_or_404(BulkAct.objects.made_by(request.user), uid=uid)
    return act


def _words(total: int, waiting: int) -> str:
    sentence = ngettext("%(done)s of %(count)s is done.", "%(done)s of %(count)s are done.", total)
    return sentence % {"done": total - waiting, "count": total} if waiting < total else _("Kring begins in a moment.")
