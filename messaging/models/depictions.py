"""Who is on a photo, as somebody said it, and which refusals were followed through the photos."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from consent.models import Decision, Reluctance
from groups.models import Child
from messaging.models.images import Image
from messaging.querysets import DepictionQuerySet


class Depiction(models.Model):
    """Somebody looked: this child, or adult, is recognisable on this photo, or is not on it (`is_on`).

    `is_reluctant`: the child would rather not be on this one photo, with a `note` of what it said (POL-45).
    """

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="depictions")
    child = models.ForeignKey(Child, null=True, on_delete=models.PROTECT, related_name="depictions")
    adult = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="depictions")
    is_on = models.BooleanField()
    is_reluctant = models.BooleanField(default=False)
    note = models.CharField(max_length=500, blank=True)
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField()

    objects: ClassVar[DepictionQuerySet] = DepictionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(child__isnull=False, adult=None) | Q(child=None, adult__isnull=False),
                name="messaging_depiction_of_one",
            ),
            models.UniqueConstraint(fields=["image", "child"], name="messaging_depiction_child_once"),
            models.UniqueConstraint(fields=["image", "adult"], name="messaging_depiction_adult_once"),
        ]

    def __str__(self) -> str:
        return f"{self.child_id or self.adult_id} on {self.image_id}: {self.is_on}"


class FollowedRefusal(models.Model):
    """This no, or "liever niet" of a child, was followed: so many photos were hidden by it, and told once."""

    decision = models.OneToOneField(Decision, null=True, on_delete=models.PROTECT, related_name="followed")
    reluctance = models.OneToOneField(Reluctance, null=True, on_delete=models.PROTECT, related_name="followed")
    hidden = models.PositiveIntegerField()
    followed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decision__isnull=False, reluctance=None) | Q(decision=None, reluctance__isnull=False),
                name="messaging_followedrefusal_of_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.decision_id or self.reluctance_id}: {self.hidden}"
