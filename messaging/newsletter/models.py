"""The mails that gather messages: which window each one covers, and what went into whose."""

import uuid
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from groups.models import School
from messaging.newsletter.querysets import EditionQuerySet, ForewordQuerySet
from messaging.writings.domain.mailing import GRACE, MAILED_AFTER
from messaging.writings.domain.text import WORD_LIMIT
from messaging.writings.models import Post
from portal.core.models import OutboxItem
from portal.core.taking import TakenAway

HIDDEN_IN_TIME = Q(hidden_first_at__lte=F("published_at") + MAILED_AFTER)
"""Messages that were hidden before any mail at once about them leaves, where none is late."""


class EditionKind(models.TextChoices):
    WEEKLY = "weekly", "weekly"
    MESSAGE = "message", "message"


class DigestEdition(models.Model):
    """A school's weekly newsletter, or the mails of ten minutes: messages placed in (window_from, cut_at].

    `name` is the ISO week, as 2026-W47, or of a bundle the numbers of the two it lies between.
    `left_at`: when the last of its mails was made to leave, however late; unknown until the first was.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="editions")
    kind = models.CharField(max_length=10, choices=EditionKind.choices)
    name = models.CharField(max_length=30)
    window_from = models.DateTimeField()
    cut_at = models.DateTimeField()
    made_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    objects: ClassVar[EditionQuerySet] = EditionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "kind", "name"], name="messaging_edition_once"),
            models.UniqueConstraint(fields=["school", "kind", "cut_at"], name="messaging_edition_one_cut"),
            models.CheckConstraint(condition=Q(window_from__lt=F("cut_at")), name="messaging_edition_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.school_id} {self.name}"

    @property
    def missed_at(self) -> list[datetime]:
        """It goes without what is hidden at one of these: as its mails are due, and as the last of them left.

        A weekly mail may be made hours late, and a bundle is opened before its cut.
        """
        return [max(self.made_at, self.cut_at + GRACE), *([self.left_at] if self.left_at else [])]

    @property
    def went_without(self) -> Q:
        """Of messages that were hidden: which were so before the mails of this kind left that would have had them.

        Before the last of them: who of its readers had it in one is asked of the register.
        """
        if self.kind == EditionKind.MESSAGE:
            return hidden_unmailed()
        weekly = DigestEdition.objects.filter(school=self.school_id, kind=EditionKind.WEEKLY)
        later = Q(window_from__lt=OuterRef("published_at")) & ~_left_before("shown_again_at")
        in_time = _left_before("hidden_first_at") & (Q(left_at=None) | Q(left_at__lt=OuterRef("hidden_first_at")))
        had = weekly.filter(in_time | later, cut_at__gte=OuterRef("published_at"))
        return Q(~Exists(had), hidden_first_at__isnull=False)


def hidden_unmailed() -> Q:
    """Of messages: those hidden before the last mail at once left that would have had them, however late that was."""
    bundles = DigestEdition.objects.filter(school=OuterRef("school"), kind=EditionKind.MESSAGE)
    holding = bundles.filter(_holds("published_at") | _holds("asked_anew_at"))
    late = holding.filter(left_at__gte=OuterRef("hidden_first_at"))
    return HIDDEN_IN_TIME | Q(Exists(late), hidden_first_at__isnull=False)


def _holds(moment: str) -> Q:
    """Of editions: whether this moment of a message falls in their window."""
    return Q(window_from__lt=OuterRef(moment), cut_at__gte=OuterRef(moment))


def _left_before(moment: str) -> Q:
    """Of editions: whether their mails were due before this moment of a message."""
    return Q(made_at__lt=OuterRef(moment), cut_at__lt=OuterRef(moment) - GRACE)


class Foreword(models.Model):
    """What the directie says above the weekly mail of one week, or that there is none in that week.

    `week` is named as an edition is. What was placed in a quiet week stands in the next mail. `version` counts what was
    saved: two of the directie can write it.
    """

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="forewords")
    week = models.CharField(max_length=30)
    text = models.TextField(max_length=WORD_LIMIT, blank=True)
    is_quiet = models.BooleanField(default=False)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    author_name = models.CharField(max_length=200)
    author_function = models.CharField(max_length=200, blank=True)
    written_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=0, db_default=1)

    takes_away = TakenAway(flags={"is_quiet": True}, replaced={"text": ""})
    objects: ClassVar[ForewordQuerySet] = ForewordQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "week"], name="messaging_foreword_one_a_week")]

    def __str__(self) -> str:
        return f"{self.school_id} {self.week}"


class DigestItem(models.Model):
    """The register: which version of which post stood in a mail, at which attempt to send it. No text is kept."""

    letter = models.ForeignKey(OutboxItem, on_delete=models.CASCADE, related_name="digest_items")
    attempt = models.PositiveSmallIntegerField()
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["letter", "attempt", "post"], name="messaging_digestitem_once")]

    def __str__(self) -> str:
        return f"{self.letter_id}: {self.post_id} v{self.version}"
