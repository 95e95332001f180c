"""Whose address it is."""

from typing import Self

from django.db import models

from portal.core.actor import Actor


class CalendarAddressQuerySet(models.QuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """The own address in this hat, of which nobody else knows that it is there."""
        return self.filter(user=actor.user.pk, hat=actor.hat)

    def open(self) -> Self:
        """Of accounts that are not closed."""
        return self.filter(user__is_active=True)
