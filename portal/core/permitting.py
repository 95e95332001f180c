"""One rule asked about one row: may this person do this to this?"""

from typing import Any

from django.db import models

from portal.core.actor import Actor
from portal.core.compiled import compiled


def permits(actor: Actor, rule: str, row: models.Model) -> bool:
    """Whether `row` is among what this rule of its kind finds for `actor`, such as `Post.objects.editable_by`."""
    return bool(_found(rule=rule, row=row, actor=actor))


def among(rule: str, row: models.Model, actor: Actor) -> models.QuerySet:
    """The same as a queryset, of that row or of nothing, for who asks more at once."""
    kind: Any = type(row)
    ruled: models.QuerySet = getattr(kind.objects, rule)(actor)
    return ruled.filter(pk=row.pk)


@compiled
def _found(rule: str, row: models.Model, actor: Actor) -> models.QuerySet:
    return among(rule, row, actor).values_list("pk")[:1]
