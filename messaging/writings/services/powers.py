"""What a reader may do with what stands on a page: one compiled question for all rows of a kind. Writes nothing."""

from typing import TypeVar

from django.db import models
from django.db.models import QuerySet

from messaging.writings.models import Message, Post, Reply
from portal.core.actor import Actor
from portal.core.compiled import compiled

POWERS: dict[type[models.Model], tuple[str, ...]] = {
    Post: (
        *("may_edit", "may_retract", "may_hide", "may_show", "may_remove"),
        *("may_reply", "may_count", "answers_all"),
    ),
    Reply: ("may_edit", "may_retract", "may_hide", "may_show", "may_remove"),
    Message: ("may_edit", "may_retract", "may_remove"),
}
Written = TypeVar("Written", Post, Reply, Message)


def powered(rows: list[Written], actor: Actor) -> list[Written]:
    """The same rows, which `actor` found, each with the powers that `with_powers_for` of its kind annotates."""
    if rows:
        kind = type(rows[0])
        found = _powers(kind=kind, rows=[row.pk for row in rows], actor=actor)
        powers_of = {pk: powers for pk, *powers in found}
        for row in rows:
            for name, held in zip(POWERS[kind], powers_of[row.pk], strict=True):
                setattr(row, name, held)
    return rows


@compiled
def _powers(kind: type[Post] | type[Reply] | type[Message], rows: list[int], actor: Actor) -> QuerySet:
    these = kind.objects.filter(pk__in=rows).with_powers_for(actor)
    return these.values_list("pk", *POWERS[kind])
