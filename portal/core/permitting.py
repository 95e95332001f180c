"""One rule asked about one row: may this person do this to this?"""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models

from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.models import User


def permits(actor: Actor, rule: str, row: models.Model) -> bool:
    """Whether `row` is among what this rule of its kind finds for `actor`, such as `Post.objects.editable_by`."""
    user, hat, now = actor
    return bool(_found(kind=type(row), rule=rule, row=row, user=user, hat=hat, now=now))


@compiled
def _found(
    kind: Any, rule: str, row: models.Model, user: User | AnonymousUser, hat: str, now: datetime
) -> models.QuerySet:
    ruled: models.QuerySet = getattr(kind.objects, rule)(Actor(user, hat, now))
    return ruled.filter(pk=row.pk).values_list("pk")[:1]
