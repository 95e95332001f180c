"""What people think of Kring (POL-70). Who answered and what was answered share nothing but the questionnaire."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from groups.models import School
from moderation.rules.querysets.evaluations import EvaluationQuerySet
from portal.core.taking import TakenAway

LONGEST_REMARK = 1_000


class Evaluation(models.Model):
    """One asking of the five questions, opened and closed by the directie; one at a time for each school."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="evaluations")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    takes_away = TakenAway(ends=("closed_at",), keeps=("closed_by",))
    objects: ClassVar[EvaluationQuerySet] = EvaluationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school"], condition=Q(closed_at__isnull=True), name="moderation_evaluation_one_open"
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None) | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="moderation_evaluation_closed_at_by",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uid)


class EvaluationTaker(models.Model):
    """That somebody answered, so that nobody answers twice. No moment, and no way to what was answered."""

    append_only = True

    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="takers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "user"], name="moderation_evaluationtaker_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.evaluation_id}"


class EvaluationTally(models.Model):
    """How often a score was given to a question. Counted up; there is no row for one person's answers."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="tallies")
    question = models.PositiveSmallIntegerField()
    score = models.PositiveSmallIntegerField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "question", "score"], name="moderation_evaluationtally_once"),
        ]

    def __str__(self) -> str:
        return f"{self.question}: {self.count} × {self.score}"


class EvaluationRemark(models.Model):
    """Somebody's own words. All of a questionnaire are shuffled whenever one comes in: their order says nothing."""

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="remarks")
    words = models.TextField(max_length=LONGEST_REMARK)

    def __str__(self) -> str:
        return str(self.uid)
