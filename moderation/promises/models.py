"""What the policy page promises, looked for every night on the running school."""

from django.db import models
from django.db.models import F, Q

from groups.models import School


class PromiseCheck(models.Model):
    """The last look at one promise at one school: of `looked_at` rows `broken` are not as promised."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=20)
    checked_at = models.DateTimeField()
    looked_at = models.PositiveIntegerField()
    broken = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "key"], name="moderation_promisecheck_once"),
            models.CheckConstraint(condition=Q(broken__lte=F("looked_at")), name="moderation_promisecheck_part"),
        ]

    def __str__(self) -> str:
        return f"{self.key} at {self.school_id}"
