"""What a school said does not apply to it."""

from django.conf import settings
from django.db import models

from groups.records.models.schools import School


class LeftStep(models.Model):
    """A step of the first day that this school leaves: who said so, and when. What is done follows from other rows."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="left_steps")
    step = models.CharField(max_length=20)
    left_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    left_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "step"], name="groups_leftstep_once")]

    def __str__(self) -> str:
        return f"{self.step} of {self.school_id}"
