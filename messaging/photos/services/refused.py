"""Whose no keeps photos away, asked before the photos are.

Mostly nobody's, and then the largest part of their question is not asked at all; else it is about these children.
"""

from django.db.models import QuerySet

from consent.models import Clearance
from groups.models import GroupGrant
from groups.roles import VIEW
from messaging.photos.querysets.images import hiding_refusals
from messaging.photos.querysets.review import refusals_told_to
from portal.core.actor import Actor
from portal.core.compiled import compiled

MOST = 200
"""Of more children the photos are asked with the refusals in the same question."""

Children = list[int] | tuple[()] | None
"""Their keys; an empty tuple is nobody, and None too many to name."""


def refused_where(actor: Actor) -> Children:
    """Whose no hides photos at the schools where `actor` reads."""
    return _few(_hiding(actor=actor))


def refused_before(actor: Actor) -> Children:
    """Of whose no `actor` hears, as staff who judge photos."""
    return _few(_told(actor=actor))


def _few(children: list[int]) -> Children:
    return (children or ()) if len(children) <= MOST else None


@compiled
def _hiding(actor: Actor) -> QuerySet[Clearance, int]:
    schools = GroupGrant.objects.schools_of(actor, VIEW)
    return hiding_refusals(schools=schools, now=actor.now).values_list("child", flat=True)[: MOST + 1]


@compiled
def _told(actor: Actor) -> QuerySet[Clearance, int]:
    return refusals_told_to(actor).values_list("child", flat=True)[: MOST + 1]
