"""Which of the own schools a page of the directie is about."""

from django.db.models import QuerySet

from groups.records.models.schools import School
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.request import Place, SignedInRequest, place_among


def place_of(request: SignedInRequest) -> Place:
    """The asked one of the schools this person directs, or the first; whoever directs none gets 404."""
    return place_among(_directed(actor=request.actor), request)


@compiled
def _directed(actor: Actor) -> QuerySet[School]:
    return School.objects.directed_by(actor).order_by("name", "pk")
