"""What a reader may do with what stands on a page: one compiled question for all rows of a kind. Writes nothing."""

from datetime import datetime
from typing import TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import QuerySet

from messaging.writings.models import Message, Post, Reply
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.models import User

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
        asked = {"kind": kind, "rows": [row.pk for row in rows], "user": actor.user, "hat": actor.hat, "now": actor.now}
        powers_of = {pk: powers for pk, *powers in _powers(**asked)}
        for row in rows:
            for name, held in zip(POWERS[kind], powers_of[row.pk], strict=True):
                setattr(row, name, held)
    return rows


@compiled
def _powers(
    kind: type[Post] | type[Reply] | type[Message], rows: list[int], user: User | AnonymousUser, hat: str, now: datetime
) -> QuerySet:
    these = kind.objects.filter(pk__in=rows).with_powers_for(Actor(user, hat, now))
    return these.values_list("pk", *POWERS[kind])
