"""Access requests: written down, drawn up line by line, read over by a second person, given."""

from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from groups.doors.context import hats_here
from groups.people.services.true_names import signed
from groups.records.policies import has_case_officer, watches_somewhere
from groups.records.services.contacts import schools_of_person
from groups.roles import Hat
from messaging.writings.domain.naming import Names, pieces_of
from moderation.access_requests.forms import HandingForm, MarkForm, RequestWordForm, StartForm
from moderation.access_requests.models import AccessCopy, AccessRequest, Asker, RequestState
from moderation.access_requests.policies import can_answer, can_read_over
from moderation.access_requests.services import access_requests as service
from moderation.access_requests.services.access_copies import draw_copy, lines_in, sealed_content
from moderation.access_requests.services.access_pieces import names_of_others
from moderation.access_requests.services.news import second_persons
from moderation.cases.policies import can_lead
from moderation.cases.services.people import named
from moderation.cases.views.finding import handled_case
from moderation.dossier.views.sealed import sealed_page, sealed_pdf
from portal.core import access
from portal.core.actor import Actor
from portal.core.confirming import confirmed_recently
from portal.core.domain import chain
from portal.core.domain.moments import at_school
from portal.core.dossier import CopyDamagedError
from portal.core.paging import paged
from portal.core.request import SignedInRequest, or_404
from portal.core.said import let_go
from portal.core.words import Words

DONE = "klaar"
STEPS: Mapping[str, int] = {RequestState.DRAWING: 1, RequestState.REVIEW: 2, RequestState.APPROVED: 3}
"""Which of the three steps an open request is in."""


@access.declares("The directie and the case officer: the requests they handle, or read over; never the own.")
@require_safe
def access_requests(request: SignedInRequest) -> HttpResponse:
    if not watches_somewhere(request.actor):
        raise Http404
    is_done = DONE in request.GET
    options = [
        {"label": pgettext("a case", "Open"), "url": request.path, "current": not is_done},
        {"label": _("Answered"), "url": f"{request.path}?{DONE}=1", "current": is_done},
    ]
    page = paged(service.requests_of(actor=request.actor, is_done=is_done), request)
    lines = service.request_rows(list(page), actor=request.actor)
    context = {"page": page, "lines": lines, "options": options, "is_done": is_done}
    return render(request, "moderation/access_requests.html", context)


@access.declares("Who leads the case: writes down that its person asks for access.")
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed_recently
def start_access(request: SignedInRequest, uid: UUID) -> HttpResponse:
    case = handled_case(request, uid)
    access.demand(can_lead(request.actor, case))
    form = StartForm(request.POST if request.method == "POST" else None, is_pupil=service.pupil_of(case) is not None)
    if opened := service.open_request_like(case):
        access.demand(can_answer(request.actor, opened))
        messages.info(request, _("There is an open request of this person. Go on with that one."))
        return redirect("moderation:access_request", opened.uid)
    if form.is_valid():
        try:
            made = service.start_request(case=case, by=request.actor, **form.cleaned_data)
            let_go(request)
            return redirect("moderation:access_request", made.uid)
        except service.WrongDayError:
            form.add_error("received_on", _("Choose a day of the past year."))
        except service.NotForThemError:
            form.add_error("asker", _("Somebody of sixteen or older asks alone."))
        except service.OpenRequestError as opened_by_other:
            return redirect("moderation:access_request", opened_by_other.request.uid)
    context = {"case": case, "form": form, "about": named(case.about, case.school, case.side, now=request.now)}
    return render(request, "moderation/start_access.html", context, status=422 if form.is_bound else 200)


OF_AGE_BY_NOW: Words = gettext_lazy("This pupil is sixteen by now and asks alone. Close this request without a copy.")
KNOWN_AT_BOARD: Words = gettext_lazy("The board knows that you ask for it.")
KNOWN_AT_SCHOOL: Words = gettext_lazy("School knows that you ask for it.")
KNOWN_TO_NOBODY: Words = gettext_lazy("Your question is kept. Call or mail the board: it is not in Kring yet.")


def _who_knows(made: AccessRequest, actor: Actor) -> Words:
    if not made.against_directie:
        return KNOWN_AT_SCHOOL
    is_known = has_case_officer(made.school, besides=actor.user, now=actor.now)
    return KNOWN_AT_BOARD if is_known else KNOWN_TO_NOBODY


@access.declares("Everybody signed in, about oneself: asks the own school what it keeps.")
@require_http_methods(["GET", "HEAD", "POST"])
def ask_access(request: SignedInRequest, hat: Hat) -> HttpResponse:
    actor = request.actor.wearing(hat)
    refused = ""
    if request.method == "POST":
        chosen = request.POST.get("school")
        school = or_404(next((one for one in schools_of_person(actor) if str(one.uid) == chosen), None))
        try:
            made = service.ask_access(school=school, by=actor)
        except service.NotForThemError:
            refused = _("You are younger than sixteen. Your parents ask it for you, at school.")
        except service.OpenRequestError:
            return redirect("moderation:ask_access", hat)
        else:
            messages.success(request, str(_who_knows(made, actor)))
            return redirect("moderation:ask_access", hat)
    rows = service.own_requests(actor)
    hats = hats_here(request)
    context = {"hat": hat, "rows": rows, "refused": refused, "both": hats.staff and hats.family}
    return render(request, "moderation/ask_access.html", context, status=422 if refused else 200)


@access.declares("Who handles the request, or reads it over; never a party.")
@require_safe
def access_request(request: SignedInRequest, uid: UUID) -> HttpResponse:
    try:
        asked = _request(request, uid)
    except Http404:
        return _not_to_read_over(request, uid)
    user, now = request.user, request.now
    handles = can_answer(Actor(user, Hat.ANY, now), asked)
    signed([asked], "prepared_by", school=asked.school_id, now=now)
    is_waiting = asked.state == RequestState.REVIEW
    context = {
        "asked": asked,
        "step": STEPS.get(asked.state),
        "about": _about(asked, request.now),
        "handles": handles,
        "reads_over": can_read_over(Actor(user, Hat.ANY, now), asked),
        "in_hand": handles and AccessRequest.objects.drawn_up_by(user).filter(pk=asked.pk).exists(),
        "can_extend": handles and service.can_extend(asked, now=now),
        "is_late": service.is_late(asked, now=now),
        "is_alone": is_waiting and not second_persons(asked, now=now),
        "copy": service.copy_of(asked) if handles else None,
    }
    return render(request, "moderation/access_request.html", context)


def _request(request: SignedInRequest, uid: UUID) -> AccessRequest:
    rows = AccessRequest.objects.visible_to(request.actor)
    return get_object_or_404(rows.select_related("school", "about", "prepared_by"), uid=uid)


def _handled(request: SignedInRequest, uid: UUID) -> AccessRequest:
    """A request that this reader handles; who only reads it over is refused."""
    asked = _request(request, uid)
    access.demand(can_answer(request.actor, asked))
    return asked


def _went_on(request: SignedInRequest, asked: AccessRequest, *, is_possible: bool) -> HttpResponse | None:
    """A step from a page of before: who handles it reads that it is not for now any more."""
    if request.method != "POST" or is_possible or not can_answer(request.actor, asked):
        return None
    return _second(request, asked)


def _second(request: SignedInRequest, asked: AccessRequest) -> HttpResponse:
    """Also who comes in the same moment."""
    messages.warning(request, _("This request went on meanwhile. Nothing was done now. Below you read how it stands."))
    return redirect("moderation:access_request", asked.uid)


def _is_again(request: SignedInRequest, asked: AccessRequest) -> bool:
    """A double click, or the way back, and not the same step by a colleague who was first."""
    return request.method != "POST" or asked.ended_by_id == request.user.pk


def _is_same_word(request: SignedInRequest, kept: str) -> bool:
    """The same of a step of which the reason alone is kept: with another reason it is somebody, or something, else."""
    form = RequestWordForm(request.POST)
    return request.method != "POST" or (form.is_valid() and form.cleaned_data["word"] == kept)


def _about(asked: AccessRequest, now: datetime) -> Any:
    return named(asked.about, asked.school, asked.side, now=now)


@access.declares("Who handles the request: gathers everything about the person, once more when something changed.")
@require_POST
@confirmed_recently
def draw_up_access(request: SignedInRequest, uid: UUID) -> HttpResponse:
    asked = _handled(request, uid)
    try:
        service.draw_up(asked=asked, by=request.actor)
    except CopyDamagedError:
        return render(request, "moderation/dossier_damaged.html", status=500)
    return redirect("moderation:mark_access", uid)


@access.declares("Who drew up the copy: says of each line whether it stays.")
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed_recently
def mark_access(request: SignedInRequest, uid: UUID) -> HttpResponse:
    asked = _handled(request, uid)
    if asked.state == RequestState.REVIEW and asked.prepared_by == request.user:  # a double click, or the way back
        return redirect("moderation:access_request", uid)
    is_drawn_up = AccessRequest.objects.drawn_up_by(request.user).filter(pk=asked.pk).exists()
    if went_on := _went_on(request, asked, is_possible=is_drawn_up):
        return went_on
    access.demand(is_drawn_up)
    passages = list(asked.passages.all())
    names = names_of_others(asked, [one.text for one in passages])
    data = request.POST if request.method == "POST" else None
    form = MarkForm(data, passages=passages, names=names, black=asked.blackened, other=asked.other_words)
    try:
        if form.is_bound and form.is_of_before:
            raise service.MarkedMeanwhileError
        if form.is_valid():
            return _marked(request, asked, form)
    except service.MarkedMeanwhileError:
        messages.warning(
            request, _("This copy changed meanwhile, in another window. Below you see how it stands. Look once more.")
        )
        return redirect("moderation:mark_access", uid)
    looked_for = Names((*names, *asked.blackened))
    lines = [(one, pieces_of(one.text, looked_for.mentioned_in(one.text)), form[f"p{one.pk}"]) for one in passages]
    groups = [
        (title, list(rows)) for (_n, title), rows in groupby(lines, key=lambda line: (line[0].piece, line[0].title))
    ]
    context = {"asked": asked, "about": _about(asked, request.now), "form": form, "groups": groups}
    return render(request, "moderation/mark_access.html", context, status=422 if form.is_bound else 200)


def _marked(request: SignedInRequest, asked: AccessRequest, form: MarkForm) -> HttpResponse:
    """What was chosen is kept, also where the copy cannot be read over as it is."""
    service.mark_passages(
        asked=asked,
        grounds=form.grounds,
        blackened=form.black,
        other_words=form.cleaned_data["other_words"],
        stood=form.stands,
        by=request.actor,
    )
    if "submit" not in request.POST:
        messages.success(request, _("Saved."))
        return redirect("moderation:mark_access", asked.uid)
    try:
        service.submit_copy(asked=asked, by=request.actor)
    except service.PiecesChangedError:
        messages.warning(request, _("Something changed meanwhile. Gather again; what you chose is kept."))
    else:
        messages.success(request, _("A second person reads it now. You get a mail."))
    return redirect("moderation:access_request", asked.uid)


@access.declares("A second person, never who drew it up, never a party: reads the copy, approves it or gives it back.")
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed_recently
def review_access(request: SignedInRequest, uid: UUID) -> HttpResponse:
    try:
        asked = _request(request, uid)
    except Http404:
        return _not_to_read_over(request, uid)
    reads_over = can_read_over(request.actor, asked)
    if went_on := _went_on(request, asked, is_possible=reads_over or asked.state == RequestState.REVIEW):
        return went_on
    access.demand(reads_over)
    draft = bytes(asked.draft or b"")
    is_back = "return" in request.POST
    form = RequestWordForm(request.POST if is_back else None, label=_("What has to change?"))
    if is_back and form.is_valid():
        service.return_copy(asked=asked, word=form.cleaned_data["word"], by=request.actor)
        messages.success(request, _("It goes back to who drew it up."))
        return redirect("moderation:access_requests")
    problem = _approval(request, asked) if request.method == "POST" and not is_back else None
    if request.method == "POST" and not is_back and problem is None:
        messages.success(request, _("Approved. The copy can be given now."))
        return redirect("moderation:access_requests")
    context = {
        "asked": asked,
        "about": _about(asked, request.now),
        "form": form,
        "lines": lines_in(draft),
        "digest": chain.digest(draft),
        "problem": problem,
    }
    return render(request, "moderation/review_access.html", context, status=422 if request.method == "POST" else 200)


def _not_to_read_over(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """A double click or the back button of who only reads over, or who comes too late: it is not theirs any more."""
    if service.was_read_over(uid, actor=request.actor):
        messages.info(request, _("You read this over already. Nothing was done now."))
    elif service.waited_for(uid, actor=request.actor):
        messages.warning(request, _("This request went on meanwhile. Nothing was done now."))
    else:
        raise Http404
    return redirect("moderation:access_requests")


def _approval(request: SignedInRequest, asked: AccessRequest) -> str | None:
    """What is in the way of approving what was read, in words."""
    try:
        service.approve_copy(asked=asked, digest=request.POST.get("digest", ""), by=request.actor)
    except service.PiecesChangedError:
        return _("Something changed since this was drawn up. Give it back, so that it is drawn up again.")
    except service.OtherCopyError:
        return _("This is another copy than the one you read. Read it once more.")
    return None


@access.declares("Who handles the request: the approved copy; who reads it over: the copy that waits.")
@require_safe
@confirmed_recently
def access_copy(request: SignedInRequest, uid: UUID) -> HttpResponse:
    asked = _request(request, uid)
    if can_read_over(request.actor, asked):
        return sealed_page(bytes(asked.draft or b""))
    try:
        content = sealed_content(_copy(request, uid))
    except CopyDamagedError:
        return render(request, "moderation/dossier_damaged.html", status=500)
    return sealed_page(content)


def _copy(request: SignedInRequest, uid: UUID) -> AccessCopy:
    return or_404(service.copy_of(_handled(request, uid)))


@access.declares("Who handles the request: the approved copy as a PDF; that is written down.")
@require_POST
@confirmed_recently
def access_pdf(request: SignedInRequest, uid: UUID) -> HttpResponse:
    copy = _copy(request, uid)
    try:
        content = draw_copy(copy, language=get_language())
    except CopyDamagedError:
        return render(request, "moderation/dossier_damaged.html", status=500)
    try:
        service.note_printing(copy=copy, by=request.actor)
    except service.NotForThemError:
        messages.error(request, OF_AGE_BY_NOW)
        return redirect("moderation:access_request", uid)
    return sealed_pdf(content, name=f"inzage-{at_school(copy.sealed_at):%Y-%m-%d}")


@access.declares("Who handles the request: on which day and how the copy was given.")
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed_recently
def hand_over_access(request: SignedInRequest, uid: UUID) -> HttpResponse:
    asked = _handled(request, uid)
    if asked.state == RequestState.ANSWERED and _is_again(request, asked):
        return redirect("moderation:access_request", uid)
    if went_on := _went_on(request, asked, is_possible=asked.state == RequestState.APPROVED):
        return went_on
    access.demand(asked.state == RequestState.APPROVED)
    form = HandingForm(
        request.POST if request.method == "POST" else None, initial={"handed_on": at_school(request.now).date()}
    )
    if form.is_valid():
        try:
            service.hand_over(asked=asked, by=request.actor, **form.cleaned_data)
        except service.WentOnError:
            return _second(request, asked)
        except service.WrongDayError:
            form.add_error("handed_on", _("Choose a day since the copy was read over."))
        except service.NotForThemError:
            form.add_error(None, OF_AGE_BY_NOW)
        else:
            messages.success(request, _("Written down. This request is answered."))
            return redirect("moderation:access_request", uid)
    words = (
        _("The copy was given"),
        _("Write it down"),
        _("After this the working copy is deleted. What you gave stays."),
    )
    return _step(request, asked, form, *words)


@access.declares("Who handles the request, within the first month: takes two months more, with a reason.")
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed_recently
def extend_access(request: SignedInRequest, uid: UUID) -> HttpResponse:
    asked = _handled(request, uid)
    if asked.is_open and asked.extended_because != "" and _is_same_word(request, asked.extended_because):
        return redirect("moderation:access_request", uid)
    if went_on := _went_on(request, asked, is_possible=service.can_extend(asked, now=request.now)):
        return went_on
    access.demand(service.can_extend(asked, now=request.now))
    words = (
        _("More time needed"),
        _("Take two months more"),
        _("Once, when it is a lot of work. Tell why, before the first month is over."),
    )
    done = _("Written down. Now tell the person.") if asked.asker != Asker.SELF else _("Written down.")
    return _with_reason(request, asked, _("Why is more time needed?"), service.extend_request, done, words)


@access.declares("Who handles the request: ends it without a copy, with a reason.")
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed_recently
def close_access(request: SignedInRequest, uid: UUID) -> HttpResponse:
    asked = _handled(request, uid)
    if asked.state == RequestState.CLOSED and _is_again(request, asked):
        return redirect("moderation:access_request", uid)
    if went_on := _went_on(request, asked, is_possible=asked.is_open):
        return went_on
    access.demand(asked.is_open)
    words = (
        _("Close without a copy"),
        _("Close this request"),
        _("Taken back, or a no of school: then say why, and where to complain."),
    )
    done = _("This request is closed.")
    return _with_reason(request, asked, _("Why is no copy given?"), service.close_request, done, words)


def _with_reason(
    request: SignedInRequest,
    asked: AccessRequest,
    label: str,
    do: Callable[..., Any],
    done: Promise | str,
    words: tuple[str, str, str],
) -> HttpResponse:
    read = _("Who asked reads this, and gets a mail.") if asked.asker == Asker.SELF else _("Tell it to who asked.")
    form = RequestWordForm(request.POST if request.method == "POST" else None, label=label, help_text=read)
    if form.is_valid():
        try:
            do(asked=asked, reason=form.cleaned_data["word"], by=request.actor)
        except service.WentOnError:
            return _second(request, asked)
        messages.success(request, str(done))
        return redirect("moderation:access_request", asked.uid)
    return _step(request, asked, form, *words)


def _step(request: SignedInRequest, asked: AccessRequest, form: Any, title: str, button: str, why: str) -> HttpResponse:
    context = {
        "asked": asked,
        "about": _about(asked, request.now),
        "form": form,
        "title": title,
        "button": button,
        "why": why,
    }
    return render(request, "moderation/access_step.html", context, status=422 if form.is_bound else 200)
