"""Which of the own schools a page of the directie is about."""

from groups.records.models.schools import School
from portal.core.request import Place, SignedInRequest, place_among


def place_of(request: SignedInRequest) -> Place:
    """The asked one of the schools this person directs, or the first; whoever directs none gets 404."""
    return place_among(School.objects.directed_by(request.actor).order_by("name", "pk"), request)
