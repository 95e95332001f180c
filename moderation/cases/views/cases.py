"""The queue of who handles cases, one case, and what may be done with it."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from groups.doors.context import hats_here
from groups.people.services.true_names import signed
from groups.records.policies import watches_somewhere
from groups.roles import Hat
from groups.told.domain.kinds import kind_of
from messaging.removing.services.hard_copy import NotRemovedError
from messaging.writings.services.written import NameInItError
from moderation.cases.domain.deciding import Choice
from moderation.cases.forms.deciding import DecideForm
from moderation.cases.menu import handles
from moderation.cases.models.cases import WORDS, Case, CaseState, Reason
from moderation.cases.models.measures import RESTRICTING, KindNote
from moderation.cases.policies import can_lead
from moderation.cases.services.cases import CaseClosedError, OpenAlreadyError, choices_in, reopen_case
from moderation.cases.services.deciding import (
    CaseDecision,
    NothingDecidedError,
    NotUntrueError,
    StillAwayError,
    decide_case,
)
from moderation.cases.services.history import histories_of, history_of
from moderation.cases.services.looking import (
    DoneMeanwhileError,
    Involved,
    Shown,
    find_case,
    involved_in,
    letters_in,
    lines_of,
    notes_in,
    open_file,
    photos_in,
    queue_of,
    shown_in,
    standing_in,
    words_in,
)
from moderation.cases.services.measures import NotToldError, restore_access, restrictions_of
from moderation.cases.services.notes import ready_words
from moderation.cases.services.people import Known, named, names_of
from moderation.cases.services.telling import answered_tellings, find_answered, put_answers_away
from moderation.cases.views.finding import closed_already, handled_case, is_of_several, typed_before
from portal.core import access
from portal.core.confirming import confirmed_recently
from portal.core.domain.moments import noon_of
from portal.core.media.serving import photo_response
from portal.core.paging import paged
from portal.core.request import SignedInRequest, as_uid, or_404
from portal.core.words import Words

STATE, ANSWERS = "klaar", "answers"


@access.declares("The directie, who moderates a group, and the case officer: the cases they handle, never the own.")
@require_safe
def cases(request: SignedInRequest) -> HttpResponse:
    if not handles(hats_here(request)):
        raise Http404
    state = CaseState.CLOSED if STATE in request.GET else CaseState.OPEN
    page = paged(queue_of(actor=request.actor, state=state), request)
    context = {
        "page": page,
        "lines": lines_of(list(page), tells_school=is_of_several(request), actor=request.actor),
        "today": noon_of(request.now),
        "options": _options(state.value),
        "state": state.value,
        "opens_dossier": watches_somewhere(request.actor),
    }
    return render(request, "moderation/cases.html", context)


@access.declares("Who handles cases, and who told somebody something: answers to what they told or handle.")
@require_safe
def answers(request: SignedInRequest) -> HttpResponse:
    """What people wrote back to school: what waits, and what was put away and is found again here."""
    page, has_cases = paged(answered_tellings(actor=request.actor), request), handles(hats_here(request))
    if not (has_cases or page.paginator.count):
        raise Http404
    known = [Known(row.to, row.school, row.hat) for row in page]
    names = names_of(known, now=request.now)
    lines = [(row, names[one].name) for row, one in zip(page, known, strict=True)]
    context = {"page": page, "lines": lines, "has_cases": has_cases, "options": _options(ANSWERS)}
    context |= {"watches": watches_somewhere(request.actor), "tells_school": is_of_several(request)}
    return render(request, "moderation/answers.html", context)


def _options(current: str) -> list[dict[str, object]]:
    queue = reverse("moderation:cases")
    places = [
        (CaseState.OPEN.value, pgettext("a case", "Open"), queue),
        (CaseState.CLOSED.value, _("Handled"), f"{queue}?{STATE}=1"),
        (ANSWERS, _("Written back"), reverse("moderation:answers")),
    ]
    return [{"label": label, "url": url, "current": name == current} for name, label, url in places]


@access.declares("Who handles the case: the directie, who moderates its group, or the case officer; never a party.")
@require_http_methods(["GET", "HEAD", "POST"])
def case(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """One page, and one form that decides. What cannot be undone asks its maker to prove who that is."""
    case = handled_case(request, uid)
    if request.method != "POST":
        return _case_page(request, case)
    if not case.is_open:
        return closed_already(request, uid)
    decides = _decided_with_proof if request.POST.get("choice") == Choice.GONE else _decided
    return decides(request, case)


def _decided(request: SignedInRequest, case: Case) -> HttpResponse:
    shown, involved = shown_in(case, actor=request.actor), involved_in(case, actor=request.actor)
    if already := _is_so_already(request.POST.get("choice", ""), shown):
        messages.warning(request, already)
        return redirect("moderation:case", case.uid)
    stood = _stood(case, involved, notes_in(case, actor=request.actor))
    if anew := typed_before(request, stood):
        form = _form(request, case, involved, anew, stood)
        form.add_error(None, DONE_MEANWHILE)
        return _case_page(request, case, form, status=409)
    form = _form(request, case, involved, request.POST, stood)
    try:
        is_done = form.is_valid() and _done(request, case, form)
    except CaseClosedError:
        return closed_already(request, case.uid)
    except DoneMeanwhileError:
        return _decided(request, handled_case(request, case.uid))
    if is_done:
        messages.success(request, _said_of(form.decision, is_read=case.about.is_active))
        return redirect("moderation:case", case.uid)
    return _case_page(request, case, form, status=422)


DONE_MEANWHILE: Words = gettext_lazy(
    "Something was done about this meanwhile. Below you read what, and by whom. Is it still what you want? Then do it "
    "again."
)


def _stood(case: Case, involved: Involved, notes: Sequence[KindNote]) -> str:
    return standing_in(case, measures=len(involved.measures), notes=len(notes))


def _is_so_already(choice: str, shown: Shown) -> str:
    """The same form a second time, or somebody else was first: in words that it is so; else nothing."""
    is_hidden = shown.written is not None and shown.written.is_hidden
    if (choice == Choice.HIDE and is_hidden) or (choice == Choice.GONE and shown.is_removed):
        return _("It was taken away already. Below you read what was done.")
    stands = shown.written is not None and not (is_hidden or shown.is_gone)
    return _("It was put back already. Below you read what was done.") if choice == Choice.SHOW and stands else ""


_decided_with_proof = confirmed_recently(_decided)


def _done(request: SignedInRequest, case: Case, form: DecideForm) -> bool:
    said = form.cleaned_data
    try:
        decide_case(
            case=case, decision=form.decision, stood=said["stood"], by=request.actor, submission_key=said["key"]
        )
    except NotToldError:
        form.add_error("told", _("Write what the person reads, or why that is not told yet."))
    except NothingDecidedError:
        form.add_error(None, _("Choose also: write a kind word, or close the case."))
    except NotUntrueError:
        form.add_error("is_untrue", _("Then leave it or put it back, and close the case."))
    except StillAwayError as away:
        form.add_error("closes", str(_kept_open_by(form, away)))
    except NameInItError:
        form.add_error(None, _("A child in it may not be named now. Its writer changes that first."))
    except NotRemovedError as error:
        form.add_error(None, str(error.sentence))
    return not form.errors


def _kept_open_by(form: DecideForm, away: StillAwayError) -> Words:
    if form.decision.choice == Choice.HIDE:
        return THEN_STAYS_OPEN
    if not away.may_put_back:
        return NOT_THEIRS_TO_PUT_BACK
    return PUT_BACK_FIRST if form.may_remove else PUT_MESSAGE_BACK_FIRST


THEN_STAYS_OPEN: Words = gettext_lazy("It is away for now then, and the case stays open. Do not close it yet.")
PUT_BACK_FIRST: Words = gettext_lazy("It is away for now. Put it back first, or take it away for good.")
PUT_MESSAGE_BACK_FIRST: Words = gettext_lazy("The message is away for now. Put it back first.")
NOT_THEIRS_TO_PUT_BACK: Words = gettext_lazy(
    "It is away for now, and you cannot put it back. Leave the case open for the school management."
)


def _said_of(decision: CaseDecision, *, is_read: bool) -> str:
    """What was done, in one line; `is_read`: the account of whom it is about is not closed."""
    done = str(DONE[decision.choice]) if decision.choice in DONE else ""
    sent = _("Your kind word has been sent.") if is_read else str(NOBODY_READS)
    spoke = sent if decision.kind_word else ""
    closed = _("Handled. Who reported it gets a message.") if decision.closes else ""
    return " ".join(filter(None, [done, spoke, closed]))


NOBODY_READS: Words = gettext_lazy("This account is closed: nobody reads it in Kring. Call, or send a letter.")
DONE: dict[str, Words] = {
    Choice.HIDE: gettext_lazy("Taken away for now. Nobody reads it."),
    Choice.SHOW: gettext_lazy("Everybody in the group reads this again."),
    Choice.GONE: gettext_lazy("Taken away for good. The copy is in the dossier."),
}


def _form(request: SignedInRequest, case: Case, involved: Involved, data: QueryDict | None, stood: str) -> DecideForm:
    choices = choices_in(case, by=request.actor.wearing(Hat.ANY))
    count = len(involved.reports)
    reporters = ngettext(
        "The %(count)s person who reported it hears that you looked, not what you did.",
        "The %(count)s people who reported it hear that you looked, not what you did.",
        count,
    )
    name, sender = involved.about.name, involved.reader.name
    words = "" if data else ready_words(to=case.about, hat=case.side, about=case.kind, name=name, sender=sender)
    facts = {"kind_word": words, "name": name, "reporters": reporters % {"count": count}, "stood": stood}
    return DecideForm(data, choices=choices, leads=case.may_lead, is_photo=case.photo_id is not None, **facts)


def _case_page(
    request: SignedInRequest, case: Case, form: DecideForm | None = None, *, status: int = 200
) -> HttpResponse:
    shown, involved = shown_in(case, actor=request.actor), involved_in(case, actor=request.actor)
    notes = notes_in(case, actor=request.actor)
    restricting = any(measure.kind in RESTRICTING for measure in involved.measures)
    if form is None and case.is_open:
        form = _form(request, case, involved, None, _stood(case, involved, notes))
    context = {
        "case": case,
        "about": involved.about,
        "tells_school": is_of_several(request),
        "shown": shown,
        "form": form,
        "thing": WORDS[case.kind].counted if case.kind in WORDS else "",
        "turned": WORDS[shown.written.kind].counted if shown.written else "",
        "reads": {
            "hidden": kind_of("hidden").heading.to(case.side),
            "shown": kind_of("shown").heading.to(case.side),
            "removed": kind_of("photo_removed" if case.photo_id else "removed").heading.to(case.side),
        },
        "page": shown.written.page_in(Hat.STAFF) if shown.opens and shown.written and not shown.is_gone else "",
        "reports": involved.reports,
        "is_spread": any(one.report.reason == Reason.SPREAD for one in involved.reports),
        "history": history_of(
            case,
            involved=involved,
            letters=letters_in(case, actor=request.actor),
            notes=notes,
            actor=request.actor,
        ),
        "may_lead": case.may_lead,
        "in_its_place": case.may_lead and not case.against_directie and not case.directs,
        "restrictions": restrictions_of(case, now=request.now) if case.may_lead and restricting else [],
    }
    return render(request, "moderation/case.html", context, status=status)


@access.declares("Who leads the case: the directie, or the case officer in its place.")
@require_POST
def restore(request: SignedInRequest, uid: UUID) -> HttpResponse:
    restore_access(case=handled_case(request, uid), by=request.actor)
    messages.success(request, _("This limit is over, from now on."))
    return redirect("moderation:case", uid)


@access.declares("Who handles the case.")
@require_POST
def reopen(request: SignedInRequest, uid: UUID) -> HttpResponse:
    try:
        reopen_case(case=handled_case(request, uid), by=request.actor)
    except OpenAlreadyError as other:
        messages.warning(request, _("There is another open case about this. Go on in that one."))
        found = find_case(other.case.uid, actor=request.actor)
        return redirect("moderation:case", found.uid) if found else redirect("moderation:cases")
    messages.success(request, _("The case is open again."))
    return redirect("moderation:case", uid)


@access.declares("Who handles the case: the bytes of a photo in it.")
@require_safe
def case_photo(request: SignedInRequest, uid: UUID, number: int, side: int) -> HttpResponse:
    photos = photos_in(handled_case(request, uid), actor=request.actor)
    if not 0 < number <= len(photos):
        raise Http404
    key, sha256 = photos[number - 1].as_reported
    return photo_response(request, key=key, sha256=sha256, side=side)


@access.declares("Who handles cases about this person: everything in those, to print; written down.")
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed_recently
def person_file(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Reached by a case, so that nobody's own number is needed to ask for a file."""
    case = handled_case(request, uid)
    if request.method != "POST":
        return redirect("moderation:case", uid)
    file = open_file(case=case, by=request.actor)
    signed(
        [measure for one in file for measure in one.measures.all()],
        "decided_by",
        school=case.school_id,
        now=request.now,
    )
    done = histories_of(file, actor=request.actor)
    rows = [(one, words_in(one), done[one.pk]) for one in file]
    about = named(case.about, case.school, case.side, now=request.now)
    leads = can_lead(request.actor, case)
    context = {"case": case, "about": about, "rows": rows, "may_lead": leads}
    return render(request, "moderation/file.html", context)


@access.declares("Who handles the case that it follows from; without a case who told it, and the directie.")
@require_http_methods(["GET", "HEAD", "POST"])
def answered(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """What somebody wrote back to what school told; it waits until somebody at school puts it away."""
    telling = or_404(find_answered(uid, actor=request.actor))
    if request.method == "POST":
        put_answers_away(telling, last=as_uid(request.POST.get("last", "")), by=request.actor)
        if telling.answers.unseen().exists():
            messages.info(request, _("More was written meanwhile. It stands below."))
            return redirect("moderation:answered", uid)
        if handles(hats_here(request)):
            messages.success(request, _("Put away. It stays under Cases, with what was written back."))
        else:
            messages.success(request, _("Put away. It stays in Settings, under From school to you."))
        return redirect("home")
    answers = list(telling.answers.order_by("pk"))
    context = {
        "telling": telling,
        "answers": answers,
        "waits": any(one.seen_at is None for one in answers),
        "about": named(telling.to, telling.school, telling.hat, now=request.now),
        "tells_school": is_of_several(request),
        "case": find_case(telling.case_uid, actor=request.actor) if telling.case_uid else None,
    }
    return render(request, "moderation/answered.html", context)
