"""Who knows that a school leaves, and who decides it."""

from datetime import date
from typing import Self

from django.db import models

from groups.models import School
from portal.core.actor import Actor
from portal.core.models import User


class DepartureQuerySet(models.QuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Of the schools of which `actor` is the directie, or the foundation's case officer: they decide it by two."""
        return self.filter(school_uid__in=School.objects.watched_by(actor).values("uid"))

    def waiting_for(self, actor: Actor) -> Self:
        """Proposed by somebody else, for a second person whom `actor` can be."""
        oneself = User.objects.filter(pk=actor.user.pk).values("uid")
        return self.visible_to(actor).waiting().exclude(proposed_by_uid__in=oneself)

    def waiting(self) -> Self:
        """Proposed, and nobody confirmed it yet."""
        return self.filter(confirmed_at__isnull=True)

    def due(self, *, today: date) -> Self:
        """Decided by two, its day has come, and not all of it is gone."""
        return self.filter(confirmed_at__isnull=False, leaves_on__lte=today, certified_at__isnull=True)

    def erased(self) -> Self:
        """Of whom nothing is left to read."""
        return self.filter(erased_at__isnull=False)
