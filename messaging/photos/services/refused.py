"""Whose no makes somebody look at photos, asked before the photos are.

Mostly nobody's, and then the largest part of their question is not asked at all; else it is about these children.
"""

from django.db.models import QuerySet

from consent.models import Clearance
from messaging.photos.querysets.review import refusals_told_to
from portal.core.actor import Actor
from portal.core.compiled import compiled

MOST = 200
"""Of more children the photos are asked with the refusals in the same question."""

Children = list[int] | tuple[()] | None
"""Their keys; an empty tuple is nobody, and None too many to name."""


def refused_before(actor: Actor) -> Children:
    """Of whose no `actor` hears, as staff who judge photos."""
    children = _told(actor=actor)
    return (children or ()) if len(children) <= MOST else None


@compiled
def _told(actor: Actor) -> QuerySet[Clearance, int]:
    return refusals_told_to(actor).values_list("child", flat=True)[: MOST + 1]
