"""Which outbox rows are due, stuck or worth showing to the office."""

from datetime import datetime, timedelta

from django.db import models

STUCK_AFTER = timedelta(minutes=10)


class OutboxQuerySet(models.QuerySet):
    def due(self, *, now: datetime) -> "OutboxQuerySet":
        """Rows that may be claimed: waiting and due, oldest first."""
        return self.filter(state="pending", due_at__lte=now).order_by("due_at", "pk")

    def stuck(self, *, now: datetime) -> "OutboxQuerySet":
        """Rows claimed by a worker that never came back: whether the mail left is unknown."""
        return self.filter(state="sending", claimed_at__lt=now - STUCK_AFTER)
