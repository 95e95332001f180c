"""Who finds what was kept of an unsent form."""

from datetime import datetime
from typing import Self

from django.db import models

from portal.core.actor import Actor


class KeptTextQuerySet(models.QuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """What `actor` was writing in this hat; nobody else ever reads it."""
        return self.filter(user=actor.user.pk, hat=actor.hat)

    def left_since(self, moment: datetime) -> Self:
        """Nobody went on with these after this moment."""
        return self.filter(kept_at__lte=moment)
