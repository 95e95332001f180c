"""Drafts handed in: what somebody wants placed, or is in doubt about, and what became of it step by step."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from groups.models import Group, School
from messaging.handins.querysets import HandinQuerySet
from messaging.writings.domain.text import WORD_LIMIT
from messaging.writings.models import Post
from portal.core.taking import TakenAway


class HandinKind(models.TextChoices):
    """Why it was handed in: on behalf of a council (POL-07), for the whole school (POL-08), or in doubt (POL-71)."""

    COUNCIL = "council", _("on behalf of a council")
    SCHOOL = "school", _("for the whole school")
    ADVICE = "advice", _("the management reads it first")


class HandinState(models.TextChoices):
    """Who has to act: who judges (waiting), the writer (returned, agreed), or nobody any more."""

    WAITING = "waiting", _("waits for an answer")
    RETURNED = "returned", _("came back with a word")
    AGREED = "agreed", _("agreed")
    PLACED = "placed", _("placed")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Handin(models.Model):
    """A draft and its way to a decision. The words and photos are those of `post`, which is `submitted` meanwhile."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="handins")
    post = models.OneToOneField(Post, on_delete=models.PROTECT, related_name="handin")
    kind = models.CharField(max_length=8, choices=HandinKind.choices)
    council = models.ForeignKey(Group, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=HandinState.choices, default=HandinState.WAITING)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    takes_away = TakenAway(states={"state": ("withdrawn",)})
    objects: ClassVar[HandinQuerySet] = HandinQuerySet.as_manager()
    same_school = ("post", "council")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="council", council__isnull=False) | ~Q(kind="council") & Q(council__isnull=True),
                name="messaging_handin_of_council",
            ),
        ]
        indexes = [models.Index(fields=["school", "state", "changed_at"], name="messaging_handin_queue")]

    def __str__(self) -> str:
        return str(self.uid)


class HandinStepKind(models.TextChoices):
    HANDED_IN = "handed_in", _("handed in")
    CHANGED = "changed", _("changed")
    RETURNED = "returned", _("given back")
    AGREED = "agreed", _("agreed")
    PLACED = "placed", _("placed")
    WITHDRAWN = "withdrawn", _("withdrawn")


class HandinStep(models.Model):
    """What somebody did with a draft, in which words, about which version of it. Append-only."""

    append_only = True

    handin = models.ForeignKey(Handin, on_delete=models.PROTECT, related_name="steps")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=HandinStepKind.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    by_function = models.CharField(max_length=200, blank=True)
    word = models.TextField(max_length=WORD_LIMIT, blank=True)
    post_version = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["handin", "number"], name="messaging_handinstep_once"),
            models.CheckConstraint(
                condition=~Q(kind="returned") | ~Q(word=""), name="messaging_handinstep_returned_words"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.handin_id}"
