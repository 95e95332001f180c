"""What the school does about a case: a measure, a letter, a kind word."""

from contextlib import suppress
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from groups.people.services.restrictions import SilentTooLongError
from groups.roles import Hat
from messaging.talks.services.chairs import unread_at_school
from moderation.cases.domain.letters import templates_for
from moderation.cases.forms.cases import LACKS, LetterForm, MeasureForm, NoteForm
from moderation.cases.models.cases import Case
from moderation.cases.models.measures import Letter, MeasureKind
from moderation.cases.policies import can_address, can_lead, measures_for
from moderation.cases.services.cases import CaseClosedError
from moderation.cases.services.letters import draft_letter, write_letter
from moderation.cases.services.looking import DoneMeanwhileError, written_down
from moderation.cases.services.measures import (
    InternalFirstError,
    MeasureRefusedError,
    NoDayError,
    NoLetterNumberError,
    NoOtherWayError,
    NotConsultedError,
    NotHeardError,
    NotToldError,
    Silencing,
    record_measure,
)
from moderation.cases.services.notes import address_colleague, ready_words
from moderation.cases.services.people import Known, named, names_of
from moderation.cases.views.finding import closed_already, handled_case, once_more, written_at
from portal.core import access
from portal.core.confirming import confirmed_recently
from portal.core.request import SignedInRequest
from portal.core.submissions import AlreadySubmittedError
from portal.core.words import Words

TEMPLATE = "brief"
REFUSED: dict[type[Exception], tuple[str, Words]] = {
    InternalFirstError: ("why_outside", gettext_lazy("Do something inside school first, or write why not.")),
    NoLetterNumberError: ("letter_number", gettext_lazy("Type the number of the letter of the board.")),
    NotConsultedError: ("consulted", gettext_lazy("Speak with the school management first.")),
    NotHeardError: ("heard", LACKS["heard"]),
    NotToldError: ("told", LACKS["told"]),
    NoOtherWayError: ("other_way", gettext_lazy("Write why, how the person reaches school, and the last day.")),
    SilentTooLongError: (
        "talk_until",
        gettext_lazy("At most four weeks ahead, and not longer than the limit itself."),
    ),
    NoDayError: ("until", LACKS["until"]),
}
"""Which field says what is missing, and how."""


@access.declares("Who handles the case; what goes beyond a talk is for who leads it.")
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed_recently
def measure(request: SignedInRequest, uid: UUID) -> HttpResponse:
    case = handled_case(request, uid)
    kinds = measures_for(request.actor, case)
    leads = can_lead(request.actor, case)
    if not case.is_open:
        return closed_already(request, uid)
    stood = written_down(case, actor=request.actor)
    form_of = partial(MeasureForm, kinds=kinds, leads=leads, is_family=case.side == Hat.FAMILY, stood=stood)
    form, status = form_of(request.POST if request.method == "POST" else None), _status(request)
    try:
        is_recorded = form.is_valid() and _recorded(request, case, form)
    except CaseClosedError:
        return closed_already(request, uid)
    except DoneMeanwhileError:
        form, status, is_recorded = form_of(_typed(request, case)), 409, False
        form.add_error(None, DONE_MEANWHILE)
    if is_recorded:
        messages.success(request, _("Written down."))
        if form.cleaned_data["kind"] == MeasureKind.SUSPENDED:
            _say_who_reads(request, case)
        return redirect("moderation:case", uid)
    context = {
        "case": case,
        "form": form,
        "about": named(case.about, case.school, case.side, now=request.now),
        "leads": leads,
    }
    return render(request, "moderation/measure.html", context, status=status)


DONE_MEANWHILE: Words = gettext_lazy(
    "Something was written down here meanwhile. Open the case and read what, and by whom. Is it still what you want? "
    "Then do it again."
)


def _typed(request: SignedInRequest, case: Case) -> QueryDict:
    return once_more(request, written_down(case, actor=request.actor))


def _status(request: SignedInRequest) -> int:
    return 422 if request.method == "POST" else 200


def _say_who_reads(request: SignedInRequest, case: Case) -> None:
    """Where somebody of school was kept out: in how many conversations nobody of school reads now."""
    count = unread_at_school(case.about, case.school, now=request.now) if case.side == Hat.STAFF else 0
    if count:
        said = ngettext(
            "In %(count)s conversation nobody of school reads what parents write now. Give a colleague the task.",
            "In %(count)s conversations nobody of school reads what parents write now. Give a colleague the task.",
            count,
        )
        messages.warning(request, said % {"count": count})


def _recorded(request: SignedInRequest, case: Case, form: MeasureForm) -> bool:
    facts = {**form.cleaned_data, "submission_key": form.cleaned_data["key"]}
    del facts["key"]
    closing = (facts.pop("talk_until", None), facts.pop("talk_why", ""), facts.pop("other_way", ""))
    facts["silencing"] = Silencing(*closing) if any(closing) else None
    try:
        record_measure(case=case, by=request.actor, **facts)
    except AlreadySubmittedError:
        return True
    except (MeasureRefusedError, SilentTooLongError) as refused:
        form.add_error(*REFUSED[type(refused)])
    return not form.errors


@access.declares("Who leads the case: the directie, or the case officer in its place.")
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed_recently
def new_letter(request: SignedInRequest, uid: UUID) -> HttpResponse:
    case = handled_case(request, uid)
    access.demand(can_lead(request.actor, case))
    if not case.is_open:
        return closed_already(request, uid)
    offered = templates_for(case.side)
    template = next((one for one in offered if one.key == request.GET.get(TEMPLATE)), None)
    if template is None:
        return render(request, "moderation/choose_letter.html", {"case": case, "templates": offered})
    status = _status(request)
    if request.method == "POST":
        form = LetterForm(request.POST)
        try:
            made = _written(request, case, template.key, form) if form.is_valid() else None
        except CaseClosedError:
            return closed_already(request, uid)
        except DoneMeanwhileError:
            form, status, made = LetterForm(_typed(request, case)), 409, None
            form.add_error(None, DONE_MEANWHILE)
        if made:
            messages.success(request, _("Written down."))
            return redirect("moderation:letter", made)
    else:
        text = draft_letter(case=case, template=template, by=request.actor)
        stood = written_down(case, actor=request.actor)
        form = LetterForm(initial={"title": template.title, "text": text, "stood": stood})
    context = {"case": case, "form": form, "template": template}
    return render(request, "moderation/new_letter.html", context, status=status)


def _written(request: SignedInRequest, case: Case, template: str, form: LetterForm) -> UUID:
    facts = form.cleaned_data
    try:
        return write_letter(
            case=case,
            template=template,
            title=facts["title"],
            text=facts["text"],
            stood=facts["stood"],
            by=request.actor,
            submission_key=facts["key"],
        ).uid
    except AlreadySubmittedError as first:
        return first.subject_uid


@access.declares("Who handles the case: a letter as it was printed.")
@require_safe
def letter(request: SignedInRequest, uid: UUID) -> HttpResponse:
    rows = Letter.objects.visible_to(request.actor).select_related("case__school", "case__about")
    letter_row = get_object_or_404(rows, uid=uid)
    about = named(letter_row.case.about, letter_row.case.school, letter_row.case.side, now=request.now)
    return render(request, "moderation/letter.html", {"letter": letter_row, "case": letter_row.case, "about": about})


@access.declares("Staff, to a colleague, about what that colleague wrote where both read.")
@require_http_methods(["GET", "HEAD", "POST"])
def address(request: SignedInRequest, hat: Hat, kind: str, uid: UUID) -> HttpResponse:
    if hat != Hat.STAFF:
        raise Http404
    written = written_at(request, hat, kind, uid)
    access.demand(can_address(request.actor.wearing(hat), written))
    reader = Known(written.author, written.school, written.hat)
    writer = Known(request.user, written.school, Hat.STAFF)
    names = names_of([reader, writer], now=request.now)
    words = {"name": names[reader].name, "sender": names[writer].name}
    start: dict[str, object] = {"text": ready_words(to=written.author, hat=written.hat, about=written.kind, **words)}
    form = NoteForm(request.POST) if request.method == "POST" else NoteForm(initial=start)
    if form.is_valid():
        with suppress(AlreadySubmittedError):
            facts = {"text": form.cleaned_data["text"], "submission_key": form.cleaned_data["key"]}
            address_colleague(written=written, by=request.actor, **facts)
        messages.success(request, _("Your message has been sent."))
        return redirect(written.page_in(hat))
    context = {
        "form": form,
        "written": written,
        "back": written.page_in(hat),
        "about": names[reader],
    }
    return render(request, "moderation/address.html", context, status=422 if form.is_bound else 200)
