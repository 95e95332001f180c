"""Which kind words somebody reads."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models

from portal.core.actor import Actor

KEPT_FOR = timedelta(days=30)


class ParentWordQuerySet(models.QuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """What was said to `actor` in the last thirty days: nobody else reads it, not at school either."""
        if not actor.user.is_authenticated:
            return self.none()
        return self.filter(to=actor.user, said_at__gt=actor.now - KEPT_FOR)

    def gone(self, *, now: datetime) -> Self:
        """What nobody reads any more."""
        return self.filter(said_at__lte=now - KEPT_FOR)
