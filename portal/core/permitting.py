"""One rule asked about one row: may this person do this to this?"""

from typing import Any

from django.db import models

from portal.core.actor import Actor
from portal.core.compiled import compiled


def permits(actor: Actor, rule: str, row: models.Model) -> bool:
    """Whether `row` is among what this rule of its kind finds for `actor`, such as `Post.objects.editable_by`."""
    return bool(_found(kind=type(row), rule=rule, row=row, actor=actor))


@compiled
def _found(kind: Any, rule: str, row: models.Model, actor: Actor) -> models.QuerySet:
    ruled: models.QuerySet = getattr(kind.objects, rule)(actor)
    return ruled.filter(pk=row.pk).values_list("pk")[:1]
