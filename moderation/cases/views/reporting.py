"""Reporting what one doubts, and reading what becomes of it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from groups.models import Child, Group
from groups.roles import Hat
from messaging.models import Placement, Thread, Writing
from moderation.cases.forms.reports import ParticipantForm, ReportForm
from moderation.cases.models.cases import Report
from moderation.cases.policies import can_address
from moderation.cases.services import reports as service
from moderation.cases.services.news import nobodys
from moderation.cases.services.reports import (
    Content,
    goes_to_teacher,
    others_in,
    report_content,
    report_person,
    reported_before,
    subject_of,
    written_in,
)
from moderation.cases.views.finding import photo_at, written_at
from moderation.kind_words.policies import can_say
from portal.core import access
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.models import User
from portal.core.paging import paged
from portal.core.request import SignedInRequest
from portal.core.words import Words

REPORT_PAGE = "moderation/report.html"
THANKS: Words = gettext_lazy("Thank you. Your report has come in.")
ALREADY: Words = gettext_lazy("This was reported already. School is looking into it. Is there more? Call the school.")
ALREADY_AT_BOARD: Words = gettext_lazy("This was reported already. The board is looking into it.")


@access.declares("Who may read this, in that hat, and did not write it.")
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: SignedInRequest, hat: Hat, kind: str, uid: UUID) -> HttpResponse:
    return _report(request, hat, written_at(request, hat, kind, uid))


@access.declares("Who may see this photo where it stands, in that hat, and did not place it.")
@require_http_methods(["GET", "HEAD", "POST"])
def report_photo(request: SignedInRequest, hat: Hat, kind: str, uid: UUID, number: int) -> HttpResponse:
    return _report(request, hat, photo_at(request, hat, kind, uid, number), number=number)


@access.declares("Who may read what this person wrote, in that hat, and is not that person.")
@require_http_methods(["GET", "HEAD", "POST"])
def report_author(request: SignedInRequest, hat: Hat, kind: str, uid: UUID) -> HttpResponse:
    return _report(request, hat, written_at(request, hat, kind, uid), person=True)


@access.declares("Who is in the conversation, in that hat: about somebody else who is in it.")
@require_http_methods(["GET", "HEAD", "POST"])
def report_participant(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    rows = Thread.objects.visible_to(request.actor.wearing(hat))
    thread = get_object_or_404(rows.select_related("school"), uid=uid)
    people = [(chair.uid, chair.name) for chair in others_in(thread, actor=request.actor)]
    form = ParticipantForm(request.POST if request.method == "POST" else None, people=people)
    if form.is_valid():
        by = request.actor.wearing(hat)
        chair, why = form.cleaned_data["who"], form.why
        made = service.report_participant(thread=thread, chair=chair, **why, by=by)
        if answer := _thanked(request, made, form):
            return answer
    context = {"hat": hat, "thread": thread, "form": form, "back": reverse("messaging:thread", args=[hat, thread.uid])}
    return render(request, "moderation/report_participant.html", context, status=422 if form.is_bound else 200)


def _report(
    request: SignedInRequest, hat: Hat, content: Content, *, person: bool = False, number: int = 0
) -> HttpResponse:
    subject, written = subject_of(content, person=person), written_in(content)
    context: dict[str, object] = {
        "hat": hat,
        "kind": written.in_addresses,
        "written": written,
        "is_person": person,
        "number": number,
        "photo": content if isinstance(content, Placement) else None,
        "back": written.page_in(hat),
    }
    if written.author_id == request.user.pk:
        return render(request, REPORT_PAGE, {**context, "is_own": True}, status=403)
    if request.method != "POST" and (before := reported_before(subject, by=request.actor)):
        return render(request, REPORT_PAGE, {**context, "before": before, "already": _already(before)})
    has_teacher = goes_to_teacher(subject, now=request.now)
    form = ReportForm(request.POST if request.method == "POST" else None, has_teacher=has_teacher)
    if form.is_valid():
        made = _made(request, hat, content, form, person)
        if answer := _thanked(request, made, form):
            return answer
    context |= {
        "form": form,
        "kept": f"report-{written.uid}-{'wie' if person else number}",
        "may_address": can_address(request.actor.wearing(hat), written),
        "may_say": not person and can_say(request.actor.wearing(hat), written),
        "ask_url": _ask_url(request, hat, written),
    }
    return render(request, REPORT_PAGE, context, status=422 if form.is_bound else 200)


def _ask_url(request: SignedInRequest, hat: Hat, written: Writing) -> str:
    """Where a parent asks who of the staff wrote this (POL-60): the conversation it stands in, or a new one."""
    if hat != Hat.FAMILY or written.hat != Hat.STAFF:
        return ""
    if written.thread:
        return reverse("messaging:thread", args=[hat, written.thread.uid])
    above = written.on_page_of
    if not above or not above.group:
        return ""
    taught = _taught(teacher=written.author, group=above.group, actor=request.actor.wearing(hat))
    child = next(iter(taught), None)
    return f"{reverse('messaging:new_thread', args=[hat])}?kind={child}" if child else ""


@compiled
def _taught(teacher: User, group: Group, actor: Actor) -> QuerySet[Child, UUID]:
    """The children of this group about whom `actor` talks with school, and whom this teacher has."""
    taught = Child.objects.taught_by(Actor(teacher, Hat.ANY, actor.now)).enrolled_in([group.pk], now=actor.now)
    children = Child.objects.discussed_by(actor).filter(pk__in=taught.values("pk"))
    return children.in_name_order().values_list("uid", flat=True)


def _made(request: SignedInRequest, hat: Hat, content: Any, form: ReportForm, person: bool) -> Report:
    by = request.actor.wearing(hat)
    if person:
        reason, words, seen_where = form.why.values()
        return report_person(seen_in=content, reason=reason, words=words, seen_where=seen_where, by=by)
    return report_content(content=content, **form.told, by=by)


def _thanked(request: SignedInRequest, made: Report, form: ReportForm) -> HttpResponse | None:
    """To the own reports; None when this one stood there already in other words or for others: nobody reads it."""
    if any(getattr(made, fact) != typed for fact, typed in form.told.items()):
        form.add_error(None, _already(made))
        return None
    messages.success(request, THANKS)
    return redirect(f"{reverse('moderation:my_reports')}#melding-{made.uid}")


def _already(before: Report) -> Words:
    """Who looks into it, as the own reports say."""
    return ALREADY_AT_BOARD if before.case.is_known_to_be_of_board else ALREADY


@access.declares("Everybody signed in: the own reports.")
@require_safe
def my_reports(request: SignedInRequest) -> HttpResponse:
    rows = Report.objects.made_by(request.user).select_related("case__group", "case__school", "case__writing")
    page = paged(rows.order_by("-reported_at", "-pk"), request)
    nobody = nobodys([one.case for one in page], now=request.now)
    return render(request, "moderation/my_reports.html", {"page": page, "nobodys": nobody})
