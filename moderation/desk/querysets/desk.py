"""Whose work at the desk it is, and what of it is left."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from portal.core.models import User

WAITING = "waiting"


class BulkActQuerySet(models.QuerySet):
    def made_by(self, user: User) -> Self:
        """What `user` began at the desk; nobody else finds it."""
        return self.filter(by=user.pk)

    def unfinished(self) -> Self:
        """With something left to do."""
        return self.filter(finished_at__isnull=True)

    def unclaimed(self, *, before: datetime) -> Self:
        """Unfinished, and in nobody's hands: never taken, or by who took it before `before` and did not come back."""
        return self.unfinished().filter(Q(claimed_at__isnull=True) | Q(claimed_at__lt=before))


class BulkItemQuerySet(models.QuerySet):
    def waiting(self) -> Self:
        """Not done yet, in the order in which they were chosen."""
        return self.filter(outcome=WAITING).order_by("pk")
