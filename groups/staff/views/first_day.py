"""What a directie sets up of its people: the names that parents read, who takes her place, who is in the council."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from groups.people.forms.people import SearchForm
from groups.records.places import place_of
from groups.roles import Role
from groups.staff.forms import DeputyForm, NamesForm, SeatForm
from groups.staff.services.councils import Council, councils_of, find_holders, holder_of
from groups.staff.services.names import choose_names, named_at
from groups.staff.services.staff import invite_staff, seat_council_member
from groups.staff.services.tasks import directing_at
from portal.core import access
from portal.core.confirming import confirmed_recently
from portal.core.request import Place, SignedInRequest, or_404


@access.declares("The directie, about the staff of the own school only: under which names parents read them.")
@require_http_methods(["GET", "POST"])
def names(request: SignedInRequest) -> HttpResponse:
    place = place_of(request)
    staff = named_at(place.school, now=request.now)
    form = NamesForm(request.POST if request.method == "POST" else None, staff=staff)
    if request.method == "POST" and form.is_valid():
        choose_names(school=place.school, names=form.names(), by=request.actor)
        messages.success(request, _("Saved. From the next message on parents read it so."))
        return redirect(reverse("groups:first_day") + place.ask)
    context = {"place": place, "form": form}
    return render(request, "groups/names.html", context, status=422 if form.errors else 200)


@access.declares("The directie, about the own school only: somebody who directs it too, by an invitation.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def deputy(request: SignedInRequest) -> HttpResponse:
    place = place_of(request)
    form = DeputyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        named = form.cleaned_data
        invite_staff(
            email=named["email"], role=Role.DIRECTIE, school=place.school, name=named["name"], by=request.actor
        )
        messages.success(request, _("The invitation is on its way."))
        return redirect(reverse("groups:deputy") + place.ask)
    context = {"place": place, "form": form, "directing": directing_at(place.school, now=request.now)}
    return render(request, "groups/deputy.html", context, status=422 if form.errors else 200)


@access.declares("The directie, about the own school only: who is in the councils, and giving a seat.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def council(request: SignedInRequest) -> HttpResponse:
    place = place_of(request)
    councils = councils_of(place.school, now=request.now)
    if request.method == "POST":
        return _seated(request, place, councils)
    words = SearchForm(request.GET).words
    staff, parents = find_holders(place.school, words, now=request.now) if words else ([], [])
    kept = {name: value for name, value in request.GET.items() if name not in SearchForm.base_fields}
    context = {"place": place, "councils": councils, "sought": words, "found": [*staff, *parents], "kept": kept}
    return render(request, "groups/council.html", context)


def _seated(request: SignedInRequest, place: Place, councils: Iterable[Council]) -> HttpResponse:
    """Give the seat that was asked; twice is once."""
    form = SeatForm(request.POST)
    or_404(form.is_valid() or None)
    group = or_404(next((one.group for one in councils if one.group.uid == form.cleaned_data["council"]), None))
    staff, parent = holder_of(place.school, form.cleaned_data["holder"], now=request.now)
    holder = or_404(staff or parent)
    seat_council_member(group=group, staff=staff, caregiver=parent, by=request.actor)
    words = _("%(name)s has a seat in %(council)s.")
    messages.success(request, words % {"name": holder.full_name, "council": group.name})
    return redirect(request.get_full_path())
