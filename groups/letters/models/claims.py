"""Somebody came in as a caregiver: by which proof, and from when the school's word stands behind it."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from groups.letters.models.invitations import Invitation
from groups.letters.querysets import ClaimQuerySet
from groups.records.models.people import Caregiver
from portal.core.taking import TakenAway


class ClaimHow(models.TextChoices):
    ADDRESS = "address", _("with the address in the roster")
    LETTER = "letter", _("with a letter")
    CHANGED = "changed", _("with an address that came into the list later")


class ClaimEnd(models.TextChoices):
    UNLINKED = "unlinked", _("taken off by the management")
    DENIED = "denied", _("it was somebody else")


class Claim(models.Model):
    """An account took the record of a caregiver. Who came in by letter, or with an address that a later list put in the
    place of another, is known from `settles_at` on.

    Before that moment earlier conversations stay closed and a yes does not count (docs/adr/0027). `settles_at` is null
    where there is nothing to wait for, and where the claim ended before it came: then it never does. `settled_by` is
    the teacher who knows this person. `card_due`: told by a card with the next letters, as there is no address.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    caregiver = models.ForeignKey(Caregiver, on_delete=models.PROTECT, related_name="claims")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="claims")
    how = models.CharField(max_length=10, choices=ClaimHow.choices)
    letter = models.OneToOneField(Invitation, null=True, on_delete=models.PROTECT, related_name="claim")
    claimed_at = models.DateTimeField()
    settles_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    card_due = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True)
    ended_how = models.CharField(max_length=10, choices=ClaimEnd.choices, blank=True)

    may_confirm: bool
    """Whether the reader of a conversation may say “I know this person”; `arrivals_in` puts it there."""

    takes_away = TakenAway(ends=("ended_at",), keeps=("ended_how",))
    objects: ClassVar[ClaimQuerySet] = ClaimQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["caregiver"], condition=Q(ended_at__isnull=True), name="groups_claim_one_open"
            ),
            models.CheckConstraint(
                condition=Q(how="letter", letter__isnull=False)
                | Q(how__in=("address", "changed"), letter__isnull=True),
                name="groups_claim_letter_with_its_letter",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_how="") | Q(ended_at__isnull=False) & ~Q(ended_how=""),
                name="groups_claim_ended_in_a_way",
            ),
        ]
        indexes = [models.Index(fields=["caregiver", "settles_at"], name="groups_claim_settles")]

    def __str__(self) -> str:
        return str(self.uid)
