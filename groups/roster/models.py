"""The files of a roster import by page, and how far it is."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from groups.records.models.schools import School
from groups.roster.querysets import RosterUploadQuerySet
from portal.core.taking import TakenAway


class UploadState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    PLANNING = "planning", _("being read")
    PLANNED = "planned", _("to be looked at")
    APPLYING = "applying", _("being taken over")
    APPLIED = "applied", _("taken over")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("withdrawn")
    FAILED = "failed", _("failed")


class RosterUpload(models.Model):
    """The files of one import by page, from handing in to the end. The bytes are outside the database and go soon.

    `fingerprint` is of the plan that is shown; the same plan is applied or none. `outcome` is what the page tells.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="roster_uploads")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    files = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=UploadState.choices, default=UploadState.WAITING)
    outcome = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64, blank=True)
    leavers_confirmed = models.BooleanField(default=False)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    settled_at = models.DateTimeField(null=True)

    takes_away = TakenAway(states={"state": ("failed", "refused", "withdrawn", "applied")}, keeps=("settled_at",))
    objects: ClassVar[RosterUploadQuerySet] = RosterUploadQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["school", "uploaded_at"], name="groups_upload_of_school")]

    def __str__(self) -> str:
        return str(self.uid)
