"""The dossier as the school keeps it: who reads a hard copy and why, how long it stays, who destroys it."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from groups.models import School
from moderation.dossier.querysets import DestructionQuerySet, DossierPieceQuerySet, DossierReadingQuerySet
from portal.core.models import DossierEntry


class DossierPiece(DossierEntry):
    """An entry of the dossier as somebody of a school finds it: the same row, with the question who reads it."""

    append_only = False  # the table is kept by DossierEntry's own triggers

    objects: ClassVar[DossierPieceQuerySet] = DossierPieceQuerySet.as_manager()

    class Meta:
        proxy = True


class DossierReading(models.Model):
    """Somebody opened a hard copy, for a reason written down before. Append-only.

    Its holder reads the copy for a short while; afterwards the reason is asked again.
    """

    append_only = True

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    entry = models.ForeignKey(DossierEntry, on_delete=models.PROTECT, related_name="readings")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(max_length=1000)
    read_at = models.DateTimeField()

    objects: ClassVar[DossierReadingQuerySet] = DossierReadingQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["entry", "read_at"], name="moderation_reading_of_entry")]

    def __str__(self) -> str:
        return str(self.uid)


class DossierTerms(models.Model):
    """How long a school keeps hard copies, in years, and on what ground it chose that (AVG 5, 1, e)."""

    school = models.OneToOneField(School, on_delete=models.PROTECT, related_name="dossier_terms")
    after_case = models.PositiveSmallIntegerField(default=2)
    after_year = models.PositiveSmallIntegerField(default=1)
    ground = models.TextField(max_length=2000, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name_plural = "dossier terms"
        constraints = [
            models.CheckConstraint(
                condition=Q(after_case__range=(1, 20), after_year__range=(1, 20)), name="moderation_dossierterms_years"
            )
        ]

    def __str__(self) -> str:
        return f"{self.school_id}: {self.after_case}, {self.after_year}"


class Destruction(models.Model):
    """One proposes to destroy a hard copy whose term is over, a second person confirms; `certificate` is the proof."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="destructions")
    entry = models.OneToOneField(DossierEntry, on_delete=models.PROTECT, related_name="destruction")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    certificate = models.OneToOneField(DossierEntry, null=True, on_delete=models.PROTECT, related_name="+")

    objects: ClassVar[DestructionQuerySet] = DestructionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None, certificate=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False, certificate__isnull=False),
                name="moderation_destruction_confirmed_at_by",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("proposed_by")),
                name="moderation_destruction_by_two",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uid)
