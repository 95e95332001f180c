"""Work at the desk: one act on many things, and what became of each."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from moderation.desk.querysets.desk import BulkActQuerySet, BulkItemQuerySet
from portal.core.taking import TakenAway


class BulkVerb(models.TextChoices):
    HIDE = "hide", _("Hide")
    SHOW = "show", _("Show again")
    REMOVE = "remove", _("Remove")


class BulkKind(models.TextChoices):
    CASE = "case", _("reported things")
    POST = "post", _("messages")
    REPLY = "reply", _("replies")
    PHOTO = "photo", _("photos")


class Outcome(models.TextChoices):
    """What became of one thing; everything but the first three left it as it was."""

    WAITING = "waiting", _("waits")
    DONE = "done", _("done")
    ALREADY = "already", _("stood so already")
    BEFORE = "before", _("was removed before")
    REFUSED = "refused", _("is not there any more, or not yours to do")
    CLOSED = "closed", _("its case is closed")
    NO_COPY = "no_copy", _("no copy could be made; it still stands there")
    MOVING = "moving", _("somebody is changing it right now; it still stands there")
    FAILED = "failed", _("something went wrong; it still stands there")


LEFT_AS_IT_WAS = (Outcome.REFUSED, Outcome.CLOSED, Outcome.NO_COPY, Outcome.MOVING, Outcome.FAILED)


class BulkAct(models.Model):
    """Somebody at the desk hides, shows or removes many things for one reason; a task does them one by one.

    `told`: why, as who wrote them reads it, apart from the reason.

    `claimed_at`: a task has it in hand. Each thing is done by its own service, which asks anew who may.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    verb = models.CharField(max_length=8, choices=BulkVerb.choices)
    kind = models.CharField(max_length=8, choices=BulkKind.choices)
    reason = models.TextField(max_length=500)
    told = models.TextField(max_length=2000, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    takes_away = TakenAway(ends=("finished_at",))
    objects: ClassVar[BulkActQuerySet] = BulkActQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="photo") | Q(verb="remove"), name="moderation_bulkact_photos_are_removed"
            )
        ]
        indexes = [
            models.Index(fields=["begun_at"], condition=Q(finished_at=None), name="moderation_bulkact_unfinished")
        ]

    def __str__(self) -> str:
        return str(self.uid)


class BulkItem(models.Model):
    """One of these things: the number of its row, and what became of it."""

    act = models.ForeignKey(BulkAct, on_delete=models.CASCADE, related_name="items")
    subject_id = models.BigIntegerField()
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.WAITING)

    objects: ClassVar[BulkItemQuerySet] = BulkItemQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["act", "subject_id"], name="moderation_bulkitem_once")]

    def __str__(self) -> str:
        return f"{self.act_id} {self.subject_id}"
