"""Which outbox rows are due, stuck or worth showing to the office."""

from datetime import datetime, timedelta

from django.db import models

STUCK_AFTER = timedelta(minutes=5)


class OutboxQuerySet(models.QuerySet):
    def due(self, *, now: datetime) -> "OutboxQuerySet":
        """Rows that may be claimed: waiting and due, oldest first."""
        return self.filter(state="pending", due_at__lte=now).order_by("due_at", "pk")

    def stuck(self, *, now: datetime) -> "OutboxQuerySet":
        """Rows of a worker that has not come back: claimed, or begun, longer ago than any mail may take.

        Or in days to come, by a clock that ran ahead.
        """
        recently = (now - STUCK_AFTER, now + STUCK_AFTER)
        return self.filter(state__in=("claimed", "sending")).exclude(claimed_at__range=recently)

    def waiting_for_server(self) -> "OutboxQuerySet":
        """Rows put off because the mail server was away."""
        return self.filter(state="pending", failing_since__isnull=False)
