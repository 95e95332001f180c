"""One rule asked about one row: may this person do this to this?"""

from datetime import datetime
from typing import Any

from django.db import models

from portal.core.actor import Actor
from portal.core.compiled import compiled


def permits(actor: Actor, rule: str, row: models.Model) -> bool:
    """Whether `row` is among what this rule of its kind finds for `actor`, such as `Post.objects.editable_by`."""
    asked = {"kind": type(row), "rule": rule, "row": row, "user": actor.user, "hat": actor.hat, "now": actor.now}
    return bool(_found(**asked))


@compiled
def _found(kind: Any, rule: str, row: Any, user: Any, hat: str, now: datetime) -> Any:
    return getattr(kind.objects, rule)(Actor(user, hat, now)).filter(pk=row.pk).values_list("pk")[:1]
