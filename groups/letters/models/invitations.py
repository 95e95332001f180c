"""The way in for one roster record."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from groups.letters.querysets import InvitationQuerySet
from groups.records.models.people import Child, StaffMember
from groups.records.models.truth import Guardianship
from portal.core.taking import TakenAway


class InvitationState(models.TextChoices):
    OPEN = "open", _("not used yet")
    USED = "used", _("used")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Invitation(models.Model):
    """A way in for one roster record: a code on a letter, or a mail to a first directie or IT administrator.

    Bound to the record, hashed at rest, single use, expiring. Printing a letter again withdraws the earlier code.
    `child`: the letter is to the pupil itself, who is 16 or over.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    guardianship = models.ForeignKey(Guardianship, null=True, on_delete=models.PROTECT, related_name="invitations")
    staff = models.ForeignKey(StaffMember, null=True, on_delete=models.PROTECT, related_name="invitations")
    child = models.ForeignKey(Child, null=True, on_delete=models.PROTECT, related_name="invitations", db_index=False)
    code_hash = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=InvitationState.choices, default=InvitationState.OPEN)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    used_at = models.DateTimeField(null=True)

    takes_away = TakenAway(states={"state": ("used", "withdrawn")}, keeps=("used_by", "used_at"))
    objects: ClassVar[InvitationQuerySet] = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(guardianship__isnull=False, staff=None, child=None)
                | Q(guardianship=None, staff__isnull=False, child=None)
                | Q(guardianship=None, staff=None, child__isnull=False),
                name="groups_invitation_for_one_record",
            ),
            models.UniqueConstraint(
                fields=["code_hash"],
                condition=~Q(code_hash="") & Q(state="open"),
                name="groups_invitation_code_unique",
            ),
        ]
        indexes = [
            models.Index(fields=["child"], condition=Q(child__isnull=False), name="groups_invitation_of_pupil"),
        ]

    def __str__(self) -> str:
        return str(self.uid)

    @property
    def about(self) -> Child | None:
        """Whose birthday the letter asks: the child of the parent it is to, or the pupil itself."""
        return self.guardianship.child if self.guardianship else self.child
