"""Whose questionnaire is open, and whose results may be read."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef

from groups.models import School
from moderation.querysets.protocols import of_own_schools


class EvaluationQuerySet(models.QuerySet):
    def directed_by(self, user: Any, *, now: datetime) -> Self:
        """Of the schools `user` directs: nobody else reads how many answered, or what."""
        return self.filter(school__in=School.objects.directed_by(user, now=now))

    def visible_to(self, user: Any, *, now: datetime) -> Self:
        """Of the schools `user` belongs to, open or closed, with `is_answered`: staff and families alike."""
        takers = self.model.takers.rel.related_model.objects.filter(evaluation=OuterRef("pk"), user=user.pk)
        rows: Self = of_own_schools(self, user, now=now)
        return rows.annotate(is_answered=Exists(takers))

    def waiting_for(self, user: Any, *, now: datetime) -> Self:
        """What `user` can still answer."""
        return self.visible_to(user, now=now).open().filter(is_answered=False)

    def open(self) -> Self:
        """Still asking."""
        return self.filter(closed_at__isnull=True)
