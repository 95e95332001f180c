"""Who finds what was kept of an unsent form."""

from datetime import datetime
from typing import Self
from uuid import UUID

from django.db import models

from portal.core.actor import Actor


class KeptTextQuerySet(models.QuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """What `actor` was writing in this hat; nobody else ever reads it."""
        return self.filter(user=actor.user.pk, hat=actor.hat)

    def fields_of(self, actor: Actor, form: str, uid: UUID) -> models.Subquery:
        """What `actor` was writing in this form about one thing, beside a question for that thing."""
        return models.Subquery(self.visible_to(actor).filter(form=form, about=uid).values("fields")[:1])

    def left_since(self, moment: datetime) -> Self:
        """Nobody went on with these after this moment."""
        return self.filter(kept_at__lte=moment)
