"""How the school keeps to its own rules: for the directie, the MR, the foundation, and on paper for an auditor."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from groups.models import School
from moderation.services.promises import promises_of
from moderation.services.protocols import protocol_at
from moderation.views.own_schools import place_among
from portal.core import access
from portal.core.request import SignedInRequest


@access.declares("The directie, councils and case officer, about the own school only: its rules, counts, no names.")
@require_safe
def promises(request: SignedInRequest) -> HttpResponse:
    own = School.objects.accounted_to(request.actor)
    place = place_among(own.order_by("name", "pk"), request)
    directs = School.objects.directed_by(request.actor).filter(pk=place.school.pk).exists()
    context = {
        "place": place,
        "directs": directs,
        "chapters": promises_of(place.school, now=request.now),
        "protocol": protocol_at(place.school, now=request.now),
    }
    return render(request, "moderation/promises.html", context)
