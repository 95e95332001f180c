"""The rules of a school, version by version, and who confirmed which (POL-67)."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from groups.models import School
from moderation.rules.domain.protocols import ProtocolWords
from moderation.rules.querysets.protocols import AcknowledgementQuerySet, ProtocolDraftQuerySet, ProtocolQuerySet
from portal.core.taking import TakenAway

LONGEST_SUMMARY = 2_000
LONGEST_TEXT = 20_000


class RulesText(models.Model):
    """The words in both languages; plain text with headings and lists, never HTML."""

    summary_nl = models.TextField(max_length=LONGEST_SUMMARY)
    text_nl = models.TextField(max_length=LONGEST_TEXT)
    summary_en = models.TextField(max_length=LONGEST_SUMMARY)
    text_en = models.TextField(max_length=LONGEST_TEXT)

    class Meta:
        abstract = True

    @property
    def words(self) -> ProtocolWords:
        return ProtocolWords(self.summary_nl, self.text_nl, self.summary_en, self.text_en)


class ProtocolDraft(RulesText):
    """What the directie is writing on: one for each school, seen by nobody else. Putting it in force ends it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.OneToOneField(School, on_delete=models.PROTECT, related_name="protocol_draft")
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    takes_away = TakenAway(gone=True)
    objects: ClassVar[ProtocolDraftQuerySet] = ProtocolDraftQuerySet.as_manager()

    def __str__(self) -> str:
        return f"draft of {self.school_id}"


class Protocol(RulesText):
    """A version of a school's rules, in force from `effective_at`. Append-only: other words are another version.

    In force is the highest `number` that has begun, so that a version decided later also takes the place of one that
    has still to begin. Parents may wait with confirming up to, but not at, `required_at`. Without a day on which the
    MR consented, `council_note` says why.
    """

    append_only = True

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="protocols")
    number = models.PositiveIntegerField()
    effective_at = models.DateTimeField()
    required_at = models.DateTimeField()
    council_consented_on = models.DateField(null=True)
    council_note = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    objects: ClassVar[ProtocolQuerySet] = ProtocolQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "number"], name="moderation_protocol_one_per_number"),
            models.CheckConstraint(
                condition=Q(decided_at__lte=F("effective_at"), effective_at__lt=F("required_at")),
                name="moderation_protocol_moments_in_order",
            ),
            models.CheckConstraint(
                condition=Q(council_consented_on__isnull=False) | ~Q(council_note=""),
                name="moderation_protocol_council_or_why_not",
            ),
        ]

    def __str__(self) -> str:
        return f"rules {self.number} of {self.school_id}"

    @property
    def last_moment(self) -> datetime:
        """In the last day on which parents may wait: `required_at` is the first moment after it."""
        return self.required_at - timedelta(microseconds=1)


class Acknowledgement(models.Model):
    """Somebody read this version and said so. Append-only; once for each person, whatever hat was worn."""

    append_only = True

    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="acknowledgements")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="acknowledgements")
    acknowledged_at = models.DateTimeField()

    objects: ClassVar[AcknowledgementQuerySet] = AcknowledgementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "protocol"], name="moderation_acknowledgement_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} read {self.protocol_id}"
