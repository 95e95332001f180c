"""What was urgent and why, who may send it beside the directie, who was phoned, and what of is followed up."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from groups.models import Caregiver, School, StaffMember
from messaging.urgent.domain import PLACES, REASON_LIMIT
from messaging.urgent.querysets import DeputyQuerySet, FollowUpQuerySet, UrgentQuerySet
from messaging.writings.models import Post
from portal.core.taking import TakenAway


class UrgentDeputy(models.Model):
    """A member of staff whom the directie named: of a school's three places one; the database holds the number."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="urgent_deputies")
    staff = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    place = models.PositiveSmallIntegerField()
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    named_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    takes_away = TakenAway(ends=("ended_at",))
    objects: ClassVar[DeputyQuerySet] = DeputyQuerySet.as_manager()
    same_school = ("staff",)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(place__range=(1, PLACES)), name="messaging_urgentdeputy_three_places"),
            models.UniqueConstraint(
                fields=["school", "place"],
                condition=Q(ended_at__isnull=True),
                name="messaging_urgentdeputy_one_a_place",
            ),
            models.UniqueConstraint(
                fields=["staff"], condition=Q(ended_at__isnull=True), name="messaging_urgentdeputy_one_place_each"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.school_id} {self.place}"


class UrgentMessage(models.Model):
    """That a message broke through, and the reason its sender gave. Rows are only added."""

    append_only = True

    post = models.OneToOneField(Post, on_delete=models.PROTECT, related_name="urgent")
    reason = models.CharField(max_length=REASON_LIMIT)

    objects: ClassVar[UrgentQuerySet] = UrgentQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.post_id)


class PhoneCall(models.Model):
    """Somebody of the school told this adult by phone what the message says; gone where it was ticked by mistake."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="phone_calls")
    caregiver = models.ForeignKey(Caregiver, on_delete=models.CASCADE, related_name="+")
    called_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    caller_name = models.CharField(max_length=200)
    called_at = models.DateTimeField()

    objects: ClassVar[models.Manager["PhoneCall"]] = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "caregiver"], name="messaging_phonecall_once")]

    def __str__(self) -> str:
        return f"{self.post_id}: {self.caregiver_id}"


class FollowUp(models.Model):
    """Whom a message reached that every family has to read: asked after a day, and after two days by the school.

    `waits_since`: some families had not read it and it waits for who phones; `ended_at`: everybody knows, or, where
    somebody `ended_by` it, who remained has it on paper.
    """

    post = models.OneToOneField(Post, on_delete=models.CASCADE, related_name="follow_up")
    reminded_at = models.DateTimeField()
    waits_since = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    takes_away = TakenAway(ends=("ended_at",))
    objects: ClassVar[FollowUpQuerySet] = FollowUpQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["waits_since"], condition=Q(ended_at__isnull=True), name="messaging_followup_open")
        ]

    def __str__(self) -> str:
        return str(self.post_id)
