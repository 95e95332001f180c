"""What parents say to each other about a reply, whether a school wants that, and who wants no more of it."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from groups.models import School
from messaging.models import Writing
from moderation.kind_words.domain import tidy_phrases
from moderation.kind_words.querysets import ParentWordQuerySet
from portal.core.taking import TakenAway


class KindWordRules(models.Model):
    """Whether parents of a school say kind words, and in which sentences: one on a line. Without a row they do not."""

    school = models.OneToOneField(School, on_delete=models.PROTECT, related_name="kind_word_rules")
    is_on = models.BooleanField(default=False)
    phrases = models.TextField(max_length=2_000)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    takes_away = TakenAway(flags={"is_on": False})

    def __str__(self) -> str:
        return f"kind words at {self.school_id}"

    @property
    def choices(self) -> list[str]:
        """The words a parent chooses from."""
        return tidy_phrases(self.phrases)


class ParentWord(models.Model):
    """A kind word about a reply, to who wrote it, by name and in words of the school; after thirty days it is gone."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    reply = models.OneToOneField(Writing, on_delete=models.CASCADE, related_name="parent_word")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    author_name = models.CharField(max_length=200)
    text = models.CharField(max_length=200)
    said_at = models.DateTimeField()

    takes_away = TakenAway(gone=True)
    objects: ClassVar[ParentWordQuerySet] = ParentWordQuerySet.as_manager()
    same_school = ("reply",)

    class Meta:
        indexes = [models.Index(fields=["to", "-said_at"], name="moderation_parentword_to")]

    def __str__(self) -> str:
        return str(self.uid)


class NoKindWords(models.Model):
    """Somebody wants no kind words of other parents."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    closed_at = models.DateTimeField()

    takes_away = TakenAway(made={}, same=("user",))

    def __str__(self) -> str:
        return str(self.user_id)
