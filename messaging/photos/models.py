"""Photos: as they came in, where they stand, who is on them as somebody said it, and which refusals were followed."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from consent.models import Decision, Reluctance
from groups.models import Child, School
from messaging.photos.querysets.images import (
    ClearedPhoneQuerySet,
    DepictionQuerySet,
    ImageQuerySet,
    PlacementQuerySet,
    UploadQuerySet,
)
from messaging.writings.domain.kinds import KindWords
from messaging.writings.models import Post, Writing
from portal.core.models import DossierEntry
from portal.core.taking import TakenAway

ALT_LIMIT = 250


class Marking(models.TextChoices):
    """How the placer said who is on a photo (POL-44).

    `DECLARED`: everybody recognisable may be shown, nobody in particular was marked. `COMPLETE`: everybody who is
    recognisable is marked, which may be nobody.
    """

    NONE = "", "-"
    DECLARED = "declared", "declared"
    COMPLETE = "complete", "complete"


class Image(models.Model):
    """A photo as Kring keeps it: every size upright and without notes, the original gone.

    There is no row without its files, and no row for a photo that was refused. `key` is where the files lie and is
    told to nobody; `width` and `height` are those of the largest size. `marking` is empty until it is placed.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="images")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=32, unique=True)
    sha256 = models.CharField(max_length=64)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    marking = models.CharField(max_length=10, choices=Marking.choices, default=Marking.NONE, blank=True)
    created_at = models.DateTimeField(db_index=True)

    takes_away = TakenAway(gone=True, replaced={"sha256": ""})  # faces are made unrecognisable
    objects: ClassVar[ImageQuerySet] = ImageQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(width__gt=0, height__gt=0), name="messaging_image_measured")]

    def __str__(self) -> str:
        return str(self.uid)


class Upload(models.Model):
    """A photo as it was sent: it waits to be looked at, and then says what became of it.

    `uid` is that of the image it becomes, `key` where its bytes lie while it waits, `tries` how often somebody began to
    look, `asked_at` when its page last asked for a turn. Settled without `refused` there is an image.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    hat = models.CharField(max_length=10)
    key = models.CharField(max_length=32, unique=True)
    tries = models.PositiveSmallIntegerField(default=0)
    refused = models.CharField(max_length=10, blank=True)
    sent_at = models.DateTimeField()
    asked_at = models.DateTimeField(db_index=True)
    settled_at = models.DateTimeField(null=True)

    objects: ClassVar[UploadQuerySet] = UploadQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["uploaded_by", "sent_at"], name="messaging_upload_an_hour")]

    def __str__(self) -> str:
        return str(self.uid)


class Placement(models.Model):
    """This photo stands in this post, or in this message of a conversation.

    Written together, posts share their photos but each has its own placements. A photo of a conversation stands in
    that one message only: it is never forwarded. `removed_at`: left out by its writer, who may put it back; with a
    `dossier_entry` the school removed it, for good. `reported_key`: its files as they were, when somebody had reported
    it and it was made unrecognisable since; for who handles the case, until that is closed.
    """

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="placements")
    writing = models.ForeignKey(Writing, on_delete=models.PROTECT, related_name="placements")
    position = models.PositiveSmallIntegerField()
    alt = models.CharField(max_length=ALT_LIMIT, blank=True)
    placed_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    dossier_entry = models.ForeignKey(DossierEntry, null=True, on_delete=models.PROTECT, related_name="+")
    reported_key = models.CharField(max_length=32, blank=True, db_default="", default="")
    reported_sha256 = models.CharField(max_length=64, blank=True, db_default="", default="")

    takes_away = TakenAway(ends=("removed_at",), keeps=("dossier_entry",), replaced={"alt": ""})
    words: ClassVar[KindWords] = KindWords(
        name=_("Photo"),
        counted=_("1 photo"),
        question=_("Remove this photo?"),
        sealed=_("A photo that was removed"),
        trail=_("a photo"),
    )
    objects: ClassVar[PlacementQuerySet] = PlacementQuerySet.as_manager()
    same_school = ("image", "writing")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(dossier_entry__isnull=True) | Q(removed_at__isnull=False, alt=""),
                name="messaging_placement_removed_is_gone",
            ),
            models.UniqueConstraint(fields=["writing", "image"], name="messaging_placement_once_in_a_writing"),
        ]
        indexes = [
            models.Index(fields=["writing", "position"], name="messaging_placement_in_order"),
            models.Index(fields=["school", "-placed_at", "-id"], name="messaging_placement_of_school"),
        ]

    def __str__(self) -> str:
        return f"{self.image_id} in {self.writing_id}"

    @property
    def as_reported(self) -> tuple[str, str]:
        """Key and hash of its files for who handles a case about it."""
        return (self.reported_key, self.reported_sha256) if self.reported_key else (self.image.key, self.image.sha256)


class ImageDeclaration(models.Model):
    """Who said, when, and in which words that everybody recognisable in these photos may be shown. Append-only."""

    append_only = True

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="image_declarations")
    post_version = models.PositiveIntegerField()
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    declared_at = models.DateTimeField()
    wording = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "post_version"], name="messaging_imagedeclaration_once_a_version")
        ]

    def __str__(self) -> str:
        return f"{self.post_id} v{self.post_version}"


class ClearedPhone(models.Model):
    """The placer said that the photos of this post are gone from the own phone (POL-33)."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="cleared_phones")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    cleared_at = models.DateTimeField()

    objects: ClassVar[ClearedPhoneQuerySet] = ClearedPhoneQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "user"], name="messaging_clearedphone_once")]

    def __str__(self) -> str:
        return f"{self.user_id} for {self.post_id}"


class Depiction(models.Model):
    """Somebody looked: this child, or adult, is recognisable on this photo, or is not on it (`is_on`).

    `is_reluctant`: the child would rather not be on this one photo, with a `note` of what it said (POL-45).
    """

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="depictions")
    child = models.ForeignKey(Child, null=True, on_delete=models.PROTECT, related_name="depictions")
    adult = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="depictions")
    is_on = models.BooleanField()
    is_reluctant = models.BooleanField(default=False)
    note = models.CharField(max_length=500, blank=True)
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField()

    takes_away = TakenAway(
        made={"is_on": True},
        flags={"is_on": True, "is_reluctant": True},
        same=("image", "child", "adult"),
        about=("child", "adult"),
        keeps=("said_by",),
    )
    objects: ClassVar[DepictionQuerySet] = DepictionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(child__isnull=False, adult=None) | Q(child=None, adult__isnull=False),
                name="messaging_depiction_of_one",
            ),
            models.UniqueConstraint(fields=["image", "child"], name="messaging_depiction_child_once"),
            models.UniqueConstraint(fields=["image", "adult"], name="messaging_depiction_adult_once"),
        ]

    def __str__(self) -> str:
        return f"{self.child_id or self.adult_id} on {self.image_id}: {self.is_on}"


class FollowedRefusal(models.Model):
    """This no, or "liever niet" of a child, was followed: so many photos were hidden by it, and told once."""

    decision = models.OneToOneField(Decision, null=True, on_delete=models.PROTECT, related_name="followed")
    reluctance = models.OneToOneField(Reluctance, null=True, on_delete=models.PROTECT, related_name="followed")
    hidden = models.PositiveIntegerField()
    followed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decision__isnull=False, reluctance=None) | Q(decision=None, reluctance__isnull=False),
                name="messaging_followedrefusal_of_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.decision_id or self.reluctance_id}: {self.hidden}"
