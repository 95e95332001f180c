"""One text of any kind, as far as somebody reads it. Writes nothing."""

from typing import TypeVar
from uuid import UUID

from django.db.models import QuerySet

from messaging.writings.models import Writing
from portal.core.actor import Actor
from portal.core.compiled import compiled

Row = TypeVar("Row", bound=Writing)


def find_written(kind: type[Row], uid: UUID, *, actor: Actor, along: tuple[str, ...] = ()) -> Row | None:
    """The text of this kind that `actor` reads in that hat, with what it is `fetched_with` and this; None for others
    (POL-01).
    """
    return next(iter(_visible(kind=kind, uid=uid, along=along, actor=actor)), None)


@compiled
def _visible(kind: type[Row], uid: UUID, along: tuple[str, ...], actor: Actor) -> QuerySet[Row]:
    return kind.rows().visible_to(actor).select_related(*kind.fetched_with, *along).filter(uid=uid)
