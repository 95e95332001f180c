"""The yearly asking and the school's rules for it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from consent.asking.models import ConsentRound, Purpose
from consent.asking.services.texts import require_everybody
from consent.asking.views import status_of
from consent.overview.services import progress_at
from consent.rounds.forms import RoundForm, RulesForm
from consent.rounds.services.rounds import (
    NothingToAskError,
    NotOpenedYetError,
    StillOpenError,
    TooSoonError,
    close_round,
    open_round,
    rounds_of,
)
from consent.rounds.services.rules import change_rules, rules_of
from groups.records.places import place_of
from portal.core import access
from portal.core.confirming import confirmed_recently
from portal.core.request import Place, SignedInRequest
from portal.core.versions import EditedMeanwhileError


@access.declares("The directie, about the own school only: the rounds, and opening the yearly one.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def rounds(request: SignedInRequest) -> HttpResponse:
    place = place_of(request)
    form = RoundForm(request.POST if request.method == "POST" else None, rules=rules_of(place.school))
    if form.is_valid() and _opened(request, place, form):
        messages.success(request, _("The round is open. Families are asked from now on."))
        return redirect(reverse("consent:rounds") + place.ask)
    return render(request, "consent/rounds.html", _context(request, place, form), status=422 if form.errors else 200)


def _opened(request: SignedInRequest, place: Place, form: RoundForm) -> bool:
    try:
        open_round(school=place.school, by=request.actor, **form.cleaned_data)
    except TooSoonError:
        form.add_error("closes_on", _("This day is over. Choose a later one."))
    except NotOpenedYetError:
        form.add_error(None, _("No parent can come in yet. First open the school, then ask for consent."))
    except StillOpenError:
        form.add_error(None, _("A round is open already. Wait until it closes, or close it first."))
    except NothingToAskError:
        form.add_error(None, _("Begin with the purposes."))
    return not form.errors


def _context(request: SignedInRequest, place: Place, form: RoundForm) -> dict[str, object]:
    everything = rounds_of(place.school)
    return {
        "place": place,
        "form": form,
        "open": next((one for one in everything if one.closes_at > request.now), None),
        "past": [one for one in everything if one.closes_at <= request.now],
        "progress": progress_at(place.school, now=request.now),
    }


@access.declares("The directie of the school: end a round before its last day.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def close(request: SignedInRequest, uid: UUID) -> HttpResponse:
    rows = ConsentRound.objects.directed_by(request.actor).select_related("school")
    row = get_object_or_404(rows, uid=uid)
    back = f"{reverse('consent:rounds')}?school={row.school.uid}"
    if request.method == "POST":
        close_round(round=row, by=request.actor)
        messages.success(request, _("The round is closed."))
        return redirect(back)
    progress = progress_at(row.school, now=request.now)
    context = {"round": row, "back": back, "progress": progress, "is_over": row.closes_at <= request.now}
    return render(request, "consent/close.html", context)


@access.declares("The directie, about the own school only: how its consent works.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def rules(request: SignedInRequest) -> HttpResponse:
    place = place_of(request)
    if request.method == "POST" and "everybody" in request.POST:
        everybody = request.POST["everybody"] == "yes"
        require_everybody(school=place.school, everybody=everybody, by=request.actor)
        messages.success(request, _("Saved. It holds from this moment."))
        return redirect(reverse("consent:rules") + place.ask)
    form = RulesForm(request.POST if request.method == "POST" else None, rules=rules_of(place.school))
    if form.is_valid():
        try:
            change_rules(school=place.school, by=request.actor, **form.cleaned_data)
        except EditedMeanwhileError as meanwhile:
            form.meet(meanwhile.current)
        else:
            messages.success(request, _("Saved. It holds from this moment."))
            return redirect(reverse("consent:rules") + place.ask)
    asked = Purpose.objects.directed_by(request.actor).asked().filter(school=place.school)
    needs = [purpose.requires_all for purpose in asked]
    context = {"place": place, "form": form, "strict": sum(needs), "asked": len(needs)}
    return render(request, "consent/rules.html", context, status=status_of(form))
