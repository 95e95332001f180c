"""The directie's purposes: beginning with ours, how each works, in which words, and asking one no more."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from consent.asking.forms.purposes import GROUNDS, NewPurposeForm, PurposeForm, WordsForm
from consent.asking.models import Purpose
from consent.asking.services.starting import start_consent
from consent.asking.services.texts import (
    Explained,
    add_purpose,
    change_purpose,
    lapsing_since_retired,
    resume_purpose,
    retire_purpose,
    words_of,
    write_text,
)
from groups.records.places import place_of
from portal.core import access
from portal.core.confirming import confirmed_recently
from portal.core.forms import VersionedForm
from portal.core.request import SignedInRequest
from portal.core.submissions import AlreadySubmittedError
from portal.core.versions import EditedMeanwhileError


@access.declares("The directie, about the own school only: the purposes Kring comes with.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def start(request: SignedInRequest) -> HttpResponse:
    place = place_of(request)
    if request.method == "GET":
        return redirect(reverse("consent:school") + place.ask)
    start_consent(school=place.school, by=request.actor)
    messages.success(request, _("The texts are there. Read them through, then open the first round."))
    return redirect(reverse("consent:purposes") + place.ask)


@access.declares("The directie, about the own school only: what it asks families.")
@require_safe
def purposes(request: SignedInRequest) -> HttpResponse:
    place = place_of(request)
    everything = Purpose.objects.directed_by(request.actor).filter(school=place.school)
    rows = list(everything.order_by("position", "pk"))
    shown = [(row, title_of(words)) for row, words in _explained(rows)]
    context = {
        "place": place,
        "asked": [(row, title) for row, title in shown if row.retired_at is None],
        "retired": [(row, title) for row, title in shown if row.retired_at],
    }
    return render(request, "consent/purposes.html", context)


def _explained(rows: list[Purpose]) -> list[tuple[Purpose, Explained]]:
    words = words_of(rows)
    return [(row, words[row.pk]) for row in rows]


def titled(rows: Iterable[Purpose]) -> list[tuple[Purpose, str]]:
    """Each of these with its title."""
    rows = list(rows)
    words = words_of(rows)
    return [(row, title_of(words[row.pk])) for row in rows]


def title_of(words: Explained) -> str:
    """In the language of the page: Dutch unless somebody reads English."""
    return words.title_en if (get_language() or "").startswith("en") else words.title_nl


@access.declares("The directie, about the own school only: a purpose of its own.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def new_purpose(request: SignedInRequest) -> HttpResponse:
    place = place_of(request)
    form = NewPurposeForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and "preview" not in request.POST:
        chosen = {name: form.cleaned_data[name] for name in ("basis", "reach", "requires_all")}
        who: dict[str, Any] = {"by": request.actor, "submission_key": form.cleaned_data["key"]}
        with suppress(AlreadySubmittedError):
            add_purpose(school=place.school, words=form.words, **chosen, **who)
        messages.success(request, _("Added. Families are asked about it from now on."))
        return redirect(reverse("consent:purposes") + place.ask)
    context = {"place": place, "form": form, "preview": form.words if form.is_valid() else None}
    return render(request, "consent/new_purpose.html", context, status=422 if form.errors else 200)


def _found(request: SignedInRequest, uid: UUID) -> Purpose:
    rows = Purpose.objects.directed_by(request.actor).select_related("school")
    return get_object_or_404(rows, uid=uid)


def _context(purpose: Purpose, form: VersionedForm | None) -> dict[str, Any]:
    words = words_of([purpose])[purpose.pk]
    back = f"{reverse('consent:purposes')}?school={purpose.school.uid}"
    return {"purpose": purpose, "words": words, "title": title_of(words), "form": form, "back": back}


@access.declares("The directie, about the own school only: on which ground a purpose stands and who sees it.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def purpose(request: SignedInRequest, uid: UUID) -> HttpResponse:
    row = _found(request, uid)
    form = PurposeForm(request.POST if request.method == "POST" else None, purpose=row)
    if form.is_valid():
        try:
            change_purpose(purpose=row, by=request.actor, **form.cleaned_data)
        except EditedMeanwhileError as meanwhile:
            form.meet(meanwhile.current)
        else:
            messages.success(request, _("Saved. It holds from this moment."))
            return redirect(_context(row, form)["back"])
    context = {**_context(row, form), "grounds": dict(GROUNDS)}
    return render(request, "consent/purpose.html", context, status=status_of(form))


@access.declares("The directie, about the own school only: the words of a purpose.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def words(request: SignedInRequest, uid: UUID) -> HttpResponse:
    row = _found(request, uid)
    form = WordsForm(request.POST if request.method == "POST" else None, words=words_of([row])[row.pk])
    preview = form.words if form.is_valid() else None
    if preview and "preview" not in request.POST:
        try:
            write_text(purpose=row, version=form.cleaned_data["version"], words=preview, by=request.actor)
        except EditedMeanwhileError as meanwhile:
            form.meet(meanwhile.current)
        else:
            messages.success(request, _("Saved. Parents read these words from now on."))
            return redirect("consent:purpose", uid=row.uid)
    context = {**_context(row, form), "preview": preview}
    shown = 200 if preview and "preview" in request.POST else status_of(form)
    return render(request, "consent/words.html", context, status=shown)


@access.declares("The directie, about the own school only: ask a purpose no more, or again.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def retire(request: SignedInRequest, uid: UUID) -> HttpResponse:
    row = _found(request, uid)
    if request.method == "POST":
        change = resume_purpose if request.POST.get("act") == "resume" else retire_purpose
        change(purpose=row, by=request.actor)
        messages.success(request, _("Saved. It holds from this moment."))
        return redirect(_context(row, None)["back"])
    is_missed = row.retired_at is not None and lapsing_since_retired(row).exists()
    return render(request, "consent/retire.html", {**_context(row, None), "missed_a_round": is_missed})


def status_of(form: VersionedForm) -> int:
    """A form that comes back after sending was refused, or somebody else was first."""
    if form.is_bound:
        return 422 if form.errors else 409
    return 200
