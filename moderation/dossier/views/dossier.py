"""The dossier of a school: its hard copies, reading one for a reason, how long they stay, destroying them by two."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from groups.models import School
from groups.people.services.true_names import signed
from groups.records.places import place_of
from groups.records.policies import can_direct
from moderation.cases.models.cases import WORDS
from moderation.dossier.forms import ReadingForm, TermsForm
from moderation.dossier.models import Destruction, DossierPiece, DossierReading
from moderation.dossier.services import dossier
from moderation.dossier.services.dossier import cases_about
from moderation.dossier.services.drawing import page_of
from moderation.dossier.services.printing import PhotosLaterError, print_copy
from moderation.dossier.views.sealed import sealed_page, sealed_pdf
from portal.core import access
from portal.core.confirming import confirmed_recently
from portal.core.domain.lines import tidy_sought
from portal.core.dossier import CopyDamagedError
from portal.core.paging import paged
from portal.core.request import SignedInRequest, or_404, place_among
from portal.core.said import let_go
from portal.core.versions import EditedMeanwhileError
from portal.core.words import Words

SOUGHT, LONGEST_SOUGHT = "q", 100


@dataclass(frozen=True)
class PieceRow:
    """A hard copy on the list."""

    kept: dossier.KeptPiece
    kind: Words
    where: str
    destruction: Any


@access.declares("The directie, of the own school; the case officer what a directie wrote there.")
@require_safe
def dossier_list(request: SignedInRequest) -> HttpResponse:
    place = place_among(School.objects.watched_by(request.actor).order_by("name", "pk"), request)
    school = place.school
    sought = tidy_sought(request.GET.get(SOUGHT, ""))[:LONGEST_SOUGHT]
    terms = dossier.terms_of(school)
    termed = dossier.kept_pieces(actor=request.actor, school=school, terms=terms, sought=sought)
    if "voorbij" in request.GET:
        termed = [one for one in termed if one.is_over and one.piece.has_copy]
    page = paged(termed, request)
    waiting = dossier.destructions_of(one.piece for one in page)
    where = dossier.whereabouts_of(one.piece for one in page)
    lines = [
        PieceRow(one, WORDS[one.piece.subject_kind].name, where.get(one.piece.pk, ""), waiting.get(one.piece.pk))
        for one in page
    ]
    context = {
        "school": school,
        "place": place,
        "lines": lines,
        "page": page,
        "sought": sought,
        "only_over": "voorbij" in request.GET,
        "confirmable": dossier.proposals_for(school=school, actor=request.actor),
        "terms": terms,
        "directs": can_direct(request.actor, school),
    }
    return render(request, "moderation/dossier_list.html", context)


@access.declares("The directie, of the own school; the case officer what a directie wrote there. Asks why.")
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed_recently
def dossier_piece(request: SignedInRequest, uid: UUID) -> HttpResponse:
    piece = _piece(request, uid)
    form = ReadingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and piece.has_copy and form.is_valid():
        reading = dossier.open_copy(piece=piece, reason=form.cleaned_data["reason"], by=request.actor)
        let_go(request)
        return redirect("moderation:dossier_reading", reading.uid)
    return _piece_page(request, piece, form, status=422 if form.is_bound else 200)


def _piece(request: SignedInRequest, uid: UUID) -> Any:
    pieces = DossierPiece.objects.visible_to(request.actor).with_copy_told()
    return get_object_or_404(pieces, uid=uid)


def _piece_page(request: SignedInRequest, piece: Any, form: ReadingForm, status: int = 200) -> HttpResponse:
    school = get_object_or_404(School.objects.watched_by(request.actor), uid=piece.school_uid)
    [termed] = dossier.with_terms([piece], terms=dossier.terms_of(school), now=request.now)
    is_alone = termed.is_over and dossier.is_alone(piece, actor=request.actor)
    context = {
        "piece": piece,
        "kind_label": WORDS[piece.subject_kind].name,
        "kept": termed,
        "school": school,
        "form": form,
        "destruction": dossier.destructions_of([piece]).get(piece.pk),
        "is_alone": is_alone,
        "directs": is_alone and can_direct(request.actor, school),
        "readings": dossier.readings_of(piece, school=school, now=request.now),
        "cases": cases_about(piece, actor=request.actor),
        "back_url": f"{reverse('moderation:dossier')}?school={school.uid}",
    }
    return render(request, "moderation/dossier_piece.html", context, status=status)


@access.declares("Who wrote down why, for half an hour: the way to the copy.")
@require_safe
@confirmed_recently
def dossier_reading(request: SignedInRequest, uid: UUID) -> HttpResponse:
    reading = _reading(request, uid)
    piece = _piece(request, reading.entry.uid)
    context = {"reading": reading, "piece": piece, "kind_label": WORDS[piece.subject_kind].name}
    return render(request, "moderation/dossier_reading.html", context)


@access.declares("Who wrote down why, for half an hour: the copy itself, shut off from everything.")
@require_safe
@confirmed_recently
def dossier_copy(request: SignedInRequest, uid: UUID) -> HttpResponse:
    reading = _reading(request, uid)
    try:
        content = dossier.copy_for(reading, by=request.actor)
    except CopyDamagedError:
        return render(request, "moderation/dossier_damaged.html", {"reading": reading}, status=500)
    if content is None:
        raise Http404
    return sealed_page(page_of(content))


@access.declares("Who wrote down why, for half an hour: the copy as a PDF; that too is written down.")
@require_POST
@confirmed_recently
def dossier_pdf(request: SignedInRequest, uid: UUID) -> HttpResponse:
    reading = _reading(request, uid)
    try:
        content = print_copy(reading, language=get_language(), by=request.actor)
    except CopyDamagedError:
        return render(request, "moderation/dossier_damaged.html", {"reading": reading}, status=500)
    except PhotosLaterError:
        messages.warning(request, _("The photos cannot be printed right now. Try again in a moment."))
        return redirect("moderation:dossier_reading", reading.uid)
    if content is None:
        messages.warning(request, _("This copy was destroyed. There is nothing to print."))
        return redirect("moderation:dossier_piece", reading.entry.uid)
    return sealed_pdf(content, name=f"dossier-{reading.entry.number}")


def _reading(request: SignedInRequest, uid: UUID) -> Any:
    """An own reading that is still open, of a copy that may still be read."""
    mine = DossierReading.objects.open_to(request.actor).select_related("entry")
    reading = get_object_or_404(mine, uid=uid)
    _piece(request, reading.entry.uid)
    return reading


@access.declares("The directie, of the own school: how long hard copies stay, and on what ground.")
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed_recently
def dossier_terms(request: SignedInRequest) -> HttpResponse:
    school = place_of(request).school
    terms = dossier.terms_row(school)
    initial = {name: getattr(terms, name) for name in ("after_case", "after_year", "ground", "version")}
    form = TermsForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            dossier.change_terms(school=school, by=request.actor, **form.cleaned_data)
        except EditedMeanwhileError as meanwhile:
            form.meet(meanwhile.current)
        else:
            messages.success(request, _("Saved."))
            return redirect(f"{reverse('moderation:dossier')}?school={school.uid}")
    context = {"school": school, "form": form, "back_url": f"{reverse('moderation:dossier')}?school={school.uid}"}
    return render(request, "moderation/dossier_terms.html", context, status=_status(form))


def _status(form: TermsForm) -> int:
    if form.meanwhile:
        return 409
    return 422 if form.errors else 200


@access.declares("Who may read the copy, once its term is over: proposes to destroy it.")
@require_POST
@confirmed_recently
def propose_destruction(request: SignedInRequest, uid: UUID) -> HttpResponse:
    piece = _piece(request, uid)
    try:
        dossier.propose_destruction(piece=piece, by=request.actor)
    except dossier.TermNotOverError:
        messages.error(request, _("The term of this copy is not over."))
    else:
        messages.success(request, _("Proposed. A second person has to confirm it."))
    return redirect("moderation:dossier_piece", piece.uid)


@access.declares("Another directie of the school, or the case officer: confirms, or takes the proposal back.")
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed_recently
def destruction(request: SignedInRequest, uid: UUID) -> HttpResponse:
    proposals = Destruction.objects.confirmable_by(request.actor).select_related("entry", "school")
    proposal = proposals.filter(uid=uid).first()
    if proposal is None:
        return _taken_back(request, uid)
    list_url = f"{reverse('moderation:dossier')}?school={proposal.school.uid}"
    if request.method != "POST":
        signed([proposal], "proposed_by", school=proposal.school_id, now=request.now)
        is_own = proposal.proposed_by_id == request.user.pk
        is_alone = is_own and dossier.is_alone(proposal.entry, actor=request.actor)
        context = {
            "proposal": proposal,
            "kind_label": WORDS[proposal.entry.subject_kind].name,
            "back_url": list_url,
            "is_own": is_own,
            "is_alone": is_alone,
            "directs": is_alone and can_direct(request.actor, proposal.school),
        }
        return render(request, "moderation/destruction.html", context)
    try:
        _settle(request, proposal)
    except PermissionDenied:
        return _taken_back(request, uid)
    return redirect(list_url)


def _taken_back(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Just before, by somebody else or in another window; for everybody else there never was a proposal."""
    school = or_404(dossier.school_of_withdrawn(uid, actor=request.actor))
    messages.info(request, _("This proposal was taken back already. The copy stays."))
    return redirect(f"{reverse('moderation:dossier')}?school={school.uid}")


def _settle(request: SignedInRequest, proposal: Destruction) -> None:
    if "withdraw" in request.POST:
        if dossier.withdraw_destruction(destruction=proposal, by=request.actor):
            messages.success(request, _("The proposal has been taken back. The copy stays."))
        else:
            messages.warning(request, _("The copy is destroyed."))
        return
    try:
        dossier.confirm_destruction(destruction=proposal, by=request.actor)
    except dossier.SamePersonError:
        messages.error(request, _("You proposed this. Somebody else confirms it."))
    except dossier.TermNotOverError:
        messages.error(request, _("The term of this copy is not over."))
    else:
        messages.success(request, _("The copy is destroyed. The dossier holds a certificate of it."))
