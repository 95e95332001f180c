"""The queue of who handles cases, one case, and what may be done with it."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from groups.doors.context import hats_here
from groups.people.services.true_names import signed
from groups.records.policies import watches_somewhere
from groups.roles import Hat
from messaging.removing.services.hard_copy import NotRemovedError
from moderation.cases.forms.cases import HideForm, RemoveForm
from moderation.cases.menu import handles
from moderation.cases.models.cases import Case, CaseState
from moderation.cases.models.measures import RESTRICTING
from moderation.cases.policies import can_lead
from moderation.cases.services.cases import (
    OpenAlreadyError,
    close_case,
    hide_reported,
    may_hide,
    may_remove,
    remove_reported,
    reopen_case,
    show_reported,
)
from moderation.cases.services.looking import (
    find_case,
    involved_in,
    letters_in,
    lines_of,
    notes_in,
    open_file,
    photos_in,
    queue_of,
    shown_in,
    words_in,
)
from moderation.cases.services.measures import restore_access, restrictions_of
from moderation.cases.services.people import named
from moderation.cases.services.telling import find_answered, put_answers_away, tellings_in
from moderation.cases.views.finding import handled_case, page_of
from portal.core import access
from portal.core.actor import Actor
from portal.core.confirming import confirmed_recently
from portal.core.media.serving import photo_response
from portal.core.paging import paged
from portal.core.request import SignedInRequest, or_404

STATE = "klaar"


@access.declares("The directie, who moderates a group, and the case officer: the cases they handle, never the own.")
@require_safe
def cases(request: SignedInRequest) -> HttpResponse:
    if not handles(hats_here(request)):
        raise Http404
    state = CaseState.CLOSED if STATE in request.GET else CaseState.OPEN
    options = [
        {"label": pgettext("a case", "Open"), "url": request.path, "current": state == CaseState.OPEN},
        {"label": _("Handled"), "url": f"{request.path}?{STATE}=1", "current": state == CaseState.CLOSED},
    ]
    page = paged(queue_of(actor=request.actor, state=state), request)
    context = {
        "page": page,
        "lines": lines_of(list(page), actor=request.actor),
        "options": options,
        "state": state.value,
        "opens_dossier": watches_somewhere(request.actor),
    }
    return render(request, "moderation/cases.html", context)


@access.declares("Who handles the case: the directie, who moderates its group, or the case officer; never a party.")
@require_safe
def case(request: SignedInRequest, uid: UUID) -> HttpResponse:
    user, now = request.user, request.now
    case = handled_case(request, uid)
    shown, involved = shown_in(case, actor=request.actor), involved_in(case, actor=request.actor)
    restricting = any(measure.kind in RESTRICTING for measure in involved.measures)
    context = {
        "case": case,
        "about": involved.about,
        "shown": shown,
        "page": page_of(shown.written, Hat.STAFF) if shown.opens and shown.written else "",
        "reports": involved.reports,
        "measures": involved.measures,
        "letters": letters_in(case),
        "notes": notes_in(case),
        "tellings": tellings_in(case),
        "may_hide": case.is_open and may_hide(case, by=Actor(user, Hat.ANY, now)),
        "may_remove": case.is_open and may_remove(case, by=Actor(user, Hat.ANY, now)),
        "may_lead": case.may_lead,
        "in_its_place": case.may_lead and not case.against_directie and not case.directs,
        "restrictions": restrictions_of(case, now=now) if case.may_lead and restricting else [],
    }
    return render(request, "moderation/case.html", context)


@dataclass(frozen=True)
class CaseAct:
    """Something done to a case in one click: the service that does it, and the word after it."""

    do: Callable[..., object]
    done: Promise | str


SHOW = CaseAct(show_reported, gettext_lazy("Everybody in the group reads this again."))
CLOSE = CaseAct(close_case, gettext_lazy("Handled. Who reported it gets a message."))
RESTORE = CaseAct(restore_access, gettext_lazy("The access is back, from now on."))


@access.declares("Who handles the case and moderates its group; a directie's text: the case officer.")
@require_http_methods(["GET", "HEAD", "POST"])
def hide_content(request: SignedInRequest, uid: UUID) -> HttpResponse:
    case = handled_case(request, uid)
    form = HideForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        hide_reported(case=case, by=request.actor, **form.cleaned_data)
        messages.success(request, _("Hidden. Parents do not read this any more."), extra_tags=f"kept:hide-{uid}")
        return redirect("moderation:case", uid)
    access.demand(case.is_open and may_hide(case, by=request.actor))
    context = {"case": case, "form": form, "shown": shown_in(case, actor=request.actor)}
    return render(request, "moderation/hide.html", context, status=422 if form.is_bound else 200)


@access.declares("Who handles the case and moderates its group; a directie's text: the case officer.")
@require_POST
def show_content(request: SignedInRequest, uid: UUID) -> HttpResponse:
    return _do(request, uid, SHOW)


@access.declares("Who handles the case.")
@require_POST
def close(request: SignedInRequest, uid: UUID) -> HttpResponse:
    return _do(request, uid, CLOSE)


@access.declares("Who leads the case: the directie, or the case officer in its place.")
@require_POST
def restore(request: SignedInRequest, uid: UUID) -> HttpResponse:
    return _do(request, uid, RESTORE)


def _do(request: SignedInRequest, uid: UUID, act: CaseAct) -> HttpResponse:
    act.do(case=handled_case(request, uid), by=request.actor)
    messages.success(request, str(act.done))
    return redirect("moderation:case", uid)


@access.declares("Who handles the case and may remove what it is about.")
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed_recently
def remove_content(request: SignedInRequest, uid: UUID) -> HttpResponse:
    case = handled_case(request, uid)
    access.demand(case.is_open)
    if not may_remove(case, by=request.actor):
        access.demand(shown_in(case, actor=request.actor).is_removed)
        messages.info(request, _("This was removed already. The copy is in the dossier."))
        return redirect("moderation:case", uid)
    form = RemoveForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _removed(request, case, form):
        messages.success(request, _("Removed. The copy is in the dossier."))
        return redirect("moderation:case", uid)
    shown = shown_in(case, actor=request.actor)
    context = {"case": case, "form": form, "shown": shown}
    return render(request, "moderation/remove.html", context, status=422 if form.is_bound else 200)


def _removed(request: SignedInRequest, case: Case, form: RemoveForm) -> bool:
    try:
        remove_reported(case=case, by=request.actor, **form.cleaned_data)
    except NotRemovedError as error:
        form.add_error(None, str(error.sentence))
    return not form.errors


@access.declares("Who handles the case.")
@require_POST
def reopen(request: SignedInRequest, uid: UUID) -> HttpResponse:
    try:
        reopen_case(case=handled_case(request, uid), by=request.actor)
    except OpenAlreadyError:
        messages.warning(request, _("There is another open case about this. Go on in that one."))
        return redirect("moderation:cases")
    messages.success(request, _("The case is open again."))
    return redirect("moderation:case", uid)


@access.declares("Who handles the case: the bytes of a photo in it.")
@require_safe
def case_photo(request: SignedInRequest, uid: UUID, number: int, side: int) -> HttpResponse:
    photos = photos_in(handled_case(request, uid), actor=request.actor)
    if not 0 < number <= len(photos):
        raise Http404
    image = photos[number - 1].image
    return photo_response(request, key=image.key, sha256=image.sha256, side=side)


@access.declares("Who handles cases about this person: everything in those, to print; written down.")
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed_recently
def person_file(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Reached by a case, so that nobody's own number is needed to ask for a file."""
    case = handled_case(request, uid)
    if request.method != "POST":
        return redirect("moderation:case", uid)
    file = open_file(case=case, by=request.actor)
    rows = [(one, words_in(one)) for one in file]
    signed([measure for one in file for measure in one.measures.all()], "decided_by", school=case.school_id)
    about = named(case.about, case.school, case.side)
    leads = can_lead(request.actor, case)
    context = {"case": case, "about": about, "rows": rows, "may_lead": leads}
    return render(request, "moderation/file.html", context)


@access.declares("Who handles the case that it follows from; without a case who told it, and the directie.")
@require_http_methods(["GET", "HEAD", "POST"])
def answered(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """What somebody wrote back to what school told, until somebody at school puts it away."""
    telling = or_404(find_answered(uid, actor=request.actor))
    if request.method == "POST":
        put_answers_away(telling, by=request.actor)
        messages.success(request, _("Put away. It stays with the case."))
        return redirect("home")
    answers = list(telling.answers.order_by("pk"))
    context = {
        "telling": telling,
        "answers": answers,
        "waits": any(one.seen_at is None for one in answers),
        "about": named(telling.to, telling.school, telling.hat),
        "case": find_case(telling.case_uid, actor=request.actor) if telling.case_uid else None,
    }
    return render(request, "moderation/answered.html", context)
