"""The office's paper: find the child or the adult, type over what was signed, look at the scan."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from consent.answers.models import PaperForm
from consent.asking.domain.standing import photos_since
from consent.asking.models import Purpose
from consent.asking.services.texts import refusable_at
from consent.asking.views import titled
from consent.paper import services as office
from consent.paper.forms import PaperEntryForm as Form
from consent.paper.services import (
    AlreadySubmittedError,
    AnsweredSinceError,
    NoSayError,
    ScanRefusedError,
    Signed,
    SignedAboutOneself,
    SignedBeforeBirthError,
    SignedInFutureError,
)
from groups.people.services.families import find_families
from groups.records.places import place_of
from portal.core import access
from portal.core.confirming import confirmed_recently
from portal.core.domain.lines import tidy_sought
from portal.core.media import storage
from portal.core.media.kinds import LARGE, MOST_BYTES, SMALL, kind_for
from portal.core.request import SignedInRequest, or_404

SIDES = {LARGE, SMALL}
HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept, Cookie",
}
"""A signature is kept by no cache, not even the reader's own."""


@access.declares("The directie, about the own school only: whose form was signed on paper.")
@require_safe
def paper(request: SignedInRequest) -> HttpResponse:
    place = place_of(request)
    sought = tidy_sought(request.GET.get("q", ""))[:100]
    context: dict[str, object] = {"place": place, "sought": sought}
    if sought:
        since = photos_since(request.now)
        families = find_families([place.school.pk], sought, now=request.now, at_school_since=since)
        context |= {"families": families, "adults": office.find_adults(place.school, sought, by=request.actor)}
    return render(request, "consent/paper.html", context)


@access.takes_files
@access.declares("The directie of the child's school, not about the own family: a signed form with its scan.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def record_paper(request: SignedInRequest, uid: UUID) -> HttpResponse:
    child = or_404(office.find_child(uid, by=request.actor))
    asked = titled(refusable_at(child.school, actor=request.actor))
    signers = office.signers_of(child, now=request.now)
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = Form(*sent, signers=signers, purposes=asked)
    if form.is_valid() and _recorded(request, partial(Signed, child, form.caregiver), form, dict(asked)):
        messages.success(request, _("Saved. The answers count from now on."))
        return redirect("consent:record_paper", uid=child.uid)
    alone = office.decides_alone(child.birth_on, now=request.now)
    context = {
        "uid": child.uid,
        "name": child.full_name,
        "ask": f"?school={child.school.uid}",
        "form": form,
        "alone": alone,
        "blank_url": reverse("consent:blank_form", args=[child.uid]),
        "nobody": not (signers or alone),
        "forms": office.forms_of(child),
    }
    return render(request, "consent/record_paper.html", context, status=422 if form.errors else 200)


@access.takes_files
@access.declares("The directie, about adults of the own school and not oneself: a signed form about the own image.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def record_adult_paper(request: SignedInRequest, uid: UUID) -> HttpResponse:
    place = place_of(request)
    adult = or_404(office.find_adult(uid, place.school, by=request.actor))
    asked = titled(Purpose.objects.directed_by(request.actor).asked().for_adults().filter(school=place.school))
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = Form(*sent, signers=[], purposes=asked)
    if form.is_valid() and _recorded(request, partial(SignedAboutOneself, adult, place.school), form, dict(asked)):
        messages.success(request, _("Saved. The answers count from now on."))
        return redirect(reverse("consent:record_adult_paper", args=[adult.uid]) + place.ask)
    context = {
        "uid": adult.uid,
        "name": adult.name,
        "is_adult": True,
        "ask": place.ask,
        "form": form,
        "nobody": not asked,
        "forms": office.forms_of_adult(adult, place.school),
    }
    return render(request, "consent/record_paper.html", context, status=422 if form.errors else 200)


def _recorded(
    request: SignedInRequest, by_whom: Callable[..., office.AnySigned], form: Any, titles: dict[Purpose, str]
) -> bool:
    answers = form.cleaned_data
    signed = by_whom(signed_on=answers["signed_on"], answers=form.answers)
    if answers["scan"].size > MOST_BYTES:
        form.add_error("scan", complaint("heavy"))
        return False
    try:
        office.record_paper(signed=signed, scan=answers["scan"].read(), key=answers["key"], by=request.actor)
    except AlreadySubmittedError:
        return True
    except SignedInFutureError:
        form.add_error("signed_on", _("This day is still to come. Look at the form again."))
    except SignedBeforeBirthError:
        form.add_error("signed_on", _("The child was not born yet on this day. Look at the form again."))
    except AnsweredSinceError as since:
        _refuse_older(form, [titles[purpose] for purpose in since.purposes])
    except NoSayError:
        form.add_error(None, _("This person has no say about this now."))
    except ScanRefusedError as refused:
        form.add_error("scan", complaint(refused.reason))
    return not form.errors


def _refuse_older(form: forms.ModelForm, titles: list[str]) -> None:
    """What was chosen after the signature stands; the form says about what."""
    form.add_error(None, _("This person answered otherwise after signing. That answer stands."))
    form.add_error(None, _("Leave this open, or ask again: %(titles)s.") % {"titles": ", ".join(titles)})


def complaint(reason: str) -> str:
    """Why a scan is not kept, in words that say what to do."""
    sentences = {
        "empty": _("This file is empty. Choose it again."),
        "kind": _("This is not a photo that Kring knows. A PDF cannot go in: make a photo of the form."),
        "heic": _("This photo is in the iPhone's own format. Choose it on the iPhone itself, or send it as JPEG."),
        "large": _("This photo has too many pixels. Choose a smaller one."),
        "heavy": _("This photo is larger than 15 MB. Choose a smaller one."),
        "slow": _("This photo is made in a way that costs too much time. Make another photo of the form."),
        "broken": _("This photo did not come in whole. Choose it again."),
        "later": _("Kring cannot look at photos now. Try again in a minute."),
        "room": _("There is no room for photos now. Tell the school's IT person."),
    }
    return sentences[reason]


@access.declares("The directie of the school, not about the own family: the scan of a signed form.")
@require_safe
def scan(request: SignedInRequest, uid: UUID, side: int) -> HttpResponse:
    """The bytes, straight through: rare, and never kept anywhere on the way."""
    if side not in SIDES:
        raise Http404
    row = get_object_or_404(PaperForm.objects.directed_by(request.actor), uid=uid)
    try:
        kind = kind_for(request.headers.get("Accept"), key=row.key, side=side)
        data = storage.read(row.key, kind, side)
    except FileNotFoundError:
        raise Http404 from None
    return HttpResponse(data, content_type=f"image/{kind}", headers=HEADERS)
