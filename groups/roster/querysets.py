"""Which rosters that were handed in."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from portal.core.actor import Actor


class RosterUploadQuerySet(models.QuerySet):
    def directed_by(self, actor: Actor) -> Self:
        """What was handed in for the schools `actor` directs; nobody else knows that it exists."""
        return self.filter(school__in=self.model.school.field.related_model.objects.directed_by(actor))

    def unfinished(self) -> Self:
        """Work that a task has to do, or is doing."""
        return self.filter(state__in=("waiting", "planning", "applying"))

    def unsettled(self) -> Self:
        """What was read and not decided about, and what went wrong after which nothing newer was handed in."""
        newer = self.model.objects.filter(school=OuterRef("school"), uploaded_at__gt=OuterRef("uploaded_at"))
        return self.filter(Q(state="planned") | Q(~Exists(newer), state__in=("refused", "failed")))

    def unclaimed(self, *, before: datetime) -> Self:
        """Unfinished work that nobody took, or that somebody took before `before` and never finished."""
        return self.unfinished().filter(Q(claimed_at__isnull=True) | Q(claimed_at__lt=before))
