"""Who may be shown for what, from when until when: a row that follows from the answers and is read by one look-up."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from consent.clearances.querysets import ClearanceQuerySet
from groups.models import Child, School


class Clearance(models.Model):
    """One person may be shown for one purpose in this time, or somebody refused it (POL-40, 43 to 46).

    No row: not answered, and so not shown. Rows of one person and purpose never overlap. Written by its projection
    only (`clearances.services`); without `valid_until` there is no end yet. `key` is the purpose's: a child
    that rather not is refused also where nobody was asked yet.
    """

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="+")
    child = models.ForeignKey(Child, null=True, on_delete=models.CASCADE, related_name="clearances")
    adult = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="clearances")
    key = models.CharField(max_length=40)
    is_shown = models.BooleanField()
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)

    objects: ClassVar[ClearanceQuerySet] = ClearanceQuerySet.as_manager()
    same_school = ("child",)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(child__isnull=False, adult=None) | Q(child=None, adult__isnull=False),
                name="consent_clearance_about_one",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_from__lt=F("valid_until")),
                name="consent_clearance_in_order",
            ),
            models.UniqueConstraint(fields=["child", "key", "valid_from"], name="consent_clearance_of_child"),
            models.UniqueConstraint(fields=["adult", "school", "key", "valid_from"], name="consent_clearance_of_adult"),
        ]
        indexes = [
            models.Index(fields=["school", "key"], condition=Q(is_shown=False), name="consent_clearance_refused"),
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.child_id or self.adult_id}"
