"""The desk itself: its front page, and what becomes of work begun there (security.md 4)."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from groups.records.policies import directs_somewhere
from moderation.desk.models.desk import LEFT_AS_IT_WAS, BulkAct, Outcome
from moderation.desk.services.bulk import counts_of
from moderation.desk.services.desk import waits_at
from moderation.desk.views.content import CaseList, PhotoList, PostList, ReplyList
from moderation.desk.views.listing import DeskList, DeskRow
from moderation.desk.views.people import AdmissionList, ChildList, StaffList
from moderation.desk.views.trail import TrailList
from portal.core import access
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


@access.declares("The directie and the case officer: the lists of their own desk, with what waits.")
def front(request: SignedInRequest) -> HttpResponse:
    cases, admissions = waits_at(request.actor)
    waits = {CaseList.slug: cases, AdmissionList.slug: admissions}
    lists = [
        {"listing": one, "url": reverse(f"desk:{one.slug}"), "waits": waits.get(one.slug, 0)}
        for one in LISTS
        if one.is_for(request.actor)
    ]
    directs = directs_somewhere(request.actor)
    return render(request, "desk/index.html", {"lists": lists, "directs": directs})


@access.declares("Who began it: how far the work is, and what was left as it was.")
def act(request: SignedInRequest, uid: UUID) -> HttpResponse:
    act = _own(request, uid)
    counts = counts_of(act)
    context = {
        "act": act,
        "is_busy": act.finished_at is None,
        "words": _words(counts.total(), counts[Outcome.WAITING]),
        "counts": [(outcome.label, counts[outcome]) for outcome in Outcome if counts[outcome]],
        "left": _left(request, act),
        "more": max(0, sum(counts[one] for one in LEFT_AS_IT_WAS) - MOST_LISTED),
        "list_url": reverse(f"desk:{_list_of(act).slug}"),
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
    lines = _list_of(act).lines_by(request, pk__in=[item.subject_id for item in items])
    line_of = {line.pk: line for line in lines}
    return [(item.get_outcome_display(), line_of.get(item.subject_id)) for item in items]


def _own(request: SignedInRequest, uid: UUID) -> BulkAct:
    act: BulkAct = get_object_or_404(BulkAct.objects.made_by(request.user), uid=uid)
    return act


def _words(total: int, waiting: int) -> str:
    sentence = ngettext("%(done)s of %(count)s is done.", "%(done)s of %(count)s are done.", total)
    return sentence % {"done": total - waiting, "count": total} if waiting < total else _("Kring begins in a moment.")
