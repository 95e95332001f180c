"""What a reader may do with what stands on a page: one compiled question for all rows of a kind. Writes nothing."""

from typing import TypeVar

from django.db.models import QuerySet

from messaging.writings.models import Writing
from portal.core.actor import Actor
from portal.core.compiled import compiled

Row = TypeVar("Row", bound=Writing)


def powered(rows: list[Row], actor: Actor) -> list[Row]:
    """The same rows, all of a kind, which `actor` found, each with the powers that its kind annotates."""
    if rows:
        kind = type(rows[0])
        asked = _powers(kind=kind, rows=[row.pk for row in rows], actor=actor)
        powers_of = {pk: powers for pk, *powers in asked}
        for row in rows:
            for name, held in zip(kind.powers, powers_of[row.pk], strict=True):
                setattr(row, name, held)
    return rows


@compiled
def _powers(kind: type[Writing], rows: list[int], actor: Actor) -> QuerySet:
    these = kind.rows().filter(pk__in=rows).with_powers_for(actor)
    return these.values_list("pk", *kind.powers)
