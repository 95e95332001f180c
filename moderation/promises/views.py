"""How the school keeps to its own rules: for the directie, the MR, the foundation, and on paper for an auditor."""

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from groups.models import School
from moderation.promises.services.promises import account_of
from portal.core import access
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.request import SignedInRequest, place_among


@access.declares("The directie, councils and case officer, about the own school only: its rules, counts, no names.")
@require_safe
def promises(request: SignedInRequest) -> HttpResponse:
    place = place_among(_accountable(actor=request.actor), request)
    school = place.school
    account = account_of(school, now=request.now)
    context = {
        "place": place,
        "directs": school.directs,
        "chapters": account.chapters,
        "protocol": account.protocol,
    }
    return render(request, "moderation/promises.html", context)


@compiled
def _accountable(actor: Actor) -> QuerySet:
    """The schools whose promises `actor` reads, each with whether `actor` directs it."""
    directed = School.objects.directed_by(actor).filter(pk=OuterRef("pk"))
    return School.objects.accounted_to(actor).annotate(directs=Exists(directed)).order_by("name", "pk")
