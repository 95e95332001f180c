"""Which outbox rows are due, stuck or worth showing to the office."""

from datetime import datetime, timedelta
from typing import Self

from django.contrib.sessions.models import Session
from django.db import models

STUCK_AFTER = timedelta(minutes=5)
FAST_IS_STUCK_AFTER = timedelta(minutes=2)


class OutboxQuerySet(models.QuerySet):
    def due(self, *, now: datetime) -> Self:
        """Rows that may be claimed: waiting and due, oldest first."""
        alive = models.Q(expires_at=None) | models.Q(expires_at__gt=now)
        return self.filter(alive, state="pending", due_at__lte=now).order_by("due_at", "pk")

    def under_way(self) -> Self:
        """Rows that are not settled yet."""
        return self.filter(state__in=("pending", "claimed", "sending"))

    def late(self, *, now: datetime) -> Self:
        """Rows whose end came while they waited."""
        return self.filter(state="pending", expires_at__lte=now)

    def stuck(self, *, now: datetime, after: timedelta = STUCK_AFTER) -> Self:
        """Rows of a worker that has not come back: claimed, or begun, longer ago than any mail may take.

        Or in days to come, by a clock that ran ahead.
        """
        recently = (now - after, now + after)
        return self.filter(state__in=("claimed", "sending")).exclude(claimed_at__range=recently)

    def failing(self) -> Self:
        """Rows that had trouble with the mail server, from which nothing good was heard since."""
        return self.filter(state__in=("pending", "uncertain"), failing_since__isnull=False)


class PushDeviceQuerySet(models.QuerySet):
    def alive(self, *, now: datetime) -> Self:
        """Phones on which somebody is still signed in, of accounts that are not closed."""
        sessions = Session.objects.filter(session_key=models.OuterRef("session_key"), expire_date__gt=now)
        return self.filter(models.Exists(sessions), user__is_active=True)
