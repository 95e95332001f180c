"""Whose questionnaire is open, and whose results may be read."""

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef

from groups.models import School
from moderation.rules.querysets.protocols import of_own_schools
from portal.core.actor import Actor


class EvaluationQuerySet(models.QuerySet):
    def directed_by(self, actor: Actor) -> Self:
        """Of the schools `actor` directs: nobody else reads how many answered, or what."""
        return self.filter(school__in=School.objects.directed_by(actor))

    def visible_to(self, actor: Actor) -> Self:
        """Of the schools `actor` belongs to, open or closed, with `is_answered`: staff and families alike."""
        takers = self.model.takers.rel.related_model.objects.filter(evaluation=OuterRef("pk"), user=actor.user.pk)
        rows: Self = of_own_schools(self, actor)
        return rows.annotate(is_answered=Exists(takers))

    def waiting_for(self, actor: Actor) -> Self:
        """What `actor` can still answer."""
        return self.visible_to(actor).open().filter(is_answered=False)

    def open(self) -> Self:
        """Still asking."""
        return self.filter(closed_at__isnull=True)
