"""How the school keeps to its own rules: for the directie, the MR, the foundation, and on paper for an auditor."""

from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from groups.models import School
from moderation.promises.services.promises import account_of
from portal.core import access
from portal.core.request import SignedInRequest, place_among


@access.declares("The directie, councils and case officer, about the own school only: its rules, counts, no names.")
@require_safe
def promises(request: SignedInRequest) -> HttpResponse:
    directed = School.objects.directed_by(request.actor).filter(pk=OuterRef("pk"))
    own = School.objects.accounted_to(request.actor).annotate(directs=Exists(directed))
    place = place_among(own.order_by("name", "pk"), request)
    school = place.school
    account = account_of(school, now=request.now)
    context = {
        "place": place,
        "directs": school.directs,
        "chapters": account.chapters,
        "protocol": account.protocol,
    }
    return render(request, "moderation/promises.html", context)
