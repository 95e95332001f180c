"""How the school keeps to its own rules: for the directie, and on paper for the MR, the board or an auditor."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from moderation.services.promises import promises_of
from moderation.services.protocols import protocol_at
from moderation.views.own_schools import place_of
from portal.core import access
from portal.core.request import SignedInRequest


@access.declares("The directie, about the own school only: its rules, how they are set, since when, and counts.")
@require_safe
def promises(request: SignedInRequest) -> HttpResponse:
    place = place_of(request)
    context = {
        "place": place,
        "chapters": promises_of(place.school, now=request.now),
        "protocol": protocol_at(place.school, now=request.now),
    }
    return render(request, "moderation/promises.html", context)
