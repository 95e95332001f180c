"""What school tells somebody about what it did to that person, in words for that person; and the answers."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from groups.records.models.memberships import HATS
from groups.records.models.schools import School
from groups.told.domain.kinds import ToldKind, kind_of
from groups.told.querysets import AnswerQuerySet, TellingQuerySet

LONGEST_WORDS = 10_000
LONGEST_ANSWER = 2_000


class Telling(models.Model):
    """One thing that school did and that touches `to`, in this `hat`: its `kind`, why in `words` for them, until when.

    Apart from the internal reason and the evidence; it names no reporter and no other parent. `about_kind`, `about_uid`
    and `about_at` are the own text or photo it is about, and when that was placed. `case_uid` is the case it follows
    from, to which the answer comes. With `withheld_because` it was decided not to tell this yet: only who handles the
    case reads that, and why.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="tellings")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="tellings")
    hat = models.CharField(max_length=10, choices=HATS)
    kind = models.CharField(max_length=20)
    words = models.TextField(max_length=LONGEST_WORDS, blank=True)
    withheld_because = models.TextField(max_length=LONGEST_ANSWER, blank=True)
    about_kind = models.CharField(max_length=10, blank=True)
    about_uid = models.UUIDField(null=True)
    about_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    case_uid = models.UUIDField(null=True, db_index=True)
    told_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    author_name = models.CharField(max_length=200)
    author_function = models.CharField(max_length=200, blank=True)
    told_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    objects: ClassVar[TellingQuerySet] = TellingQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["to", "-told_at"], name="groups_telling_of_person")]

    def __str__(self) -> str:
        return str(self.uid)

    @property
    def words_of(self) -> ToldKind:
        """What this kind is called, for its reader."""
        return kind_of(self.kind)

    @property
    def heading(self) -> str:
        return self.words_of.heading.to(self.hat)

    @property
    def did(self) -> str:
        return self.words_of.did.to(self.hat)

    @property
    def still(self) -> str:
        return self.words_of.still.to(self.hat) if self.words_of.still else ""


class TellingAnswer(models.Model):
    """What the person wrote back. `seen_at`: when somebody at school put it away."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    telling = models.ForeignKey(Telling, on_delete=models.PROTECT, related_name="answers")
    text = models.TextField(max_length=LONGEST_ANSWER)
    written_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    seen_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects: ClassVar[AnswerQuerySet] = AnswerQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["telling", "written_at"], name="groups_tellinganswer_of"),
            models.Index(
                fields=["telling"], condition=models.Q(seen_at__isnull=True), name="groups_tellinganswer_unseen"
            ),
        ]

    def __str__(self) -> str:
        return str(self.uid)
