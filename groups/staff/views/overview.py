"""Who can see what, for the directie to look over and sign."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from groups.records.places import place_of
from groups.roles import Role
from groups.staff.services.overview import ROLES, overview_of, sign_overview
from portal.core import access
from portal.core.request import SignedInRequest


@access.declares("The directie, about the own school only: who of the staff and the councils can see what.")
@require_http_methods(["GET", "POST"])
def overview(request: SignedInRequest) -> HttpResponse:
    place = place_of(request)
    if request.method == "POST":
        sign_overview(school=place.school, by=request.actor)
        messages.success(request, _("Signed. Kring asks again in a year."))
        return redirect(reverse("groups:overview") + place.ask)
    found = overview_of(place.school, now=request.now)
    tasks = [(role, found.tasks[role]) for role in ROLES if role in found.tasks]
    context = {
        "place": place,
        "tasks": tasks,
        "has_case_officer": Role.CASE_OFFICER in found.tasks,
        "entrusted": found.entrusted,
        "groups": found.groups,
        "councils": found.councils,
    }
    return render(request, "groups/overview.html", context)
