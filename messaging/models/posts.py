"""What is written in a group: posts, replies, their versions, and who has had a post on the screen."""

import uuid
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from groups.models import HATS, Group, School
from groups.roles import Hat
from messaging.domain.text import TEXT_LIMIT, TITLE_LIMIT
from messaging.querysets import PostQuerySet, ReplyQuerySet, SeenQuerySet
from portal.core.models import DossierEntry


class PostKind(models.TextChoices):
    UPDATE = "update", _("What we did")
    LESSON = "lesson", _("What we learn")
    ACTIVITY = "activity", _("Activity")
    NOTICE = "notice", _("Notice")


class Replies(models.TextChoices):
    """Who reads a reply: everybody in the group, only the staff of the group, or nobody because replying is off."""

    ON = "on", _("Yes, everybody reads along")
    STAFF = "staff", _("Yes, only staff read the replies")
    OFF = "off", _("No")


class PostState(models.TextChoices):
    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("handed in")
    SCHEDULED = "scheduled", _("planned")
    PUBLISHED = "published", _("placed")
    HIDDEN = "hidden", _("hidden")
    RETRACTED = "retracted", _("taken back")
    REMOVED = "removed", _("removed")


class ReplyState(models.TextChoices):
    PUBLISHED = "published", _("placed")
    HIDDEN = "hidden", _("hidden")
    RETRACTED = "retracted", _("taken back")
    REMOVED = "removed", _("removed")


class Written(models.Model):
    """What a person wrote, in which hat, under which name and function (POL-15); `html` is made when written.

    Removed, its words are in the dossier and in its versions only: the row itself says nothing any more.
    `reported_at`: somebody reported it and the case is open; what its writer takes back then is kept in the dossier.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state: models.CharField
    hat = models.CharField(max_length=10, choices=HATS)
    author_name = models.CharField(max_length=200)
    author_function = models.CharField(max_length=200, blank=True)
    text = models.TextField(max_length=TEXT_LIMIT)
    html = models.TextField()
    language = models.CharField(max_length=5, default="nl")
    version = models.PositiveIntegerField(default=1)
    published_at = models.DateTimeField(null=True)
    edited_at = models.DateTimeField(null=True)
    hidden_at = models.DateTimeField(null=True)
    hidden_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    retracted_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    dossier_entry = models.ForeignKey(DossierEntry, null=True, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(hidden_at__isnull=True, hidden_by__isnull=True)
                | Q(hidden_at__isnull=False, hidden_by__isnull=False),
                name="%(app_label)s_%(class)s_hidden_at_by",
            ),
            models.CheckConstraint(
                condition=~Q(state="hidden") | Q(hidden_at__isnull=False), name="%(app_label)s_%(class)s_hidden_since"
            ),
            models.CheckConstraint(
                condition=~Q(state="removed") | Q(dossier_entry__isnull=False, removed_at__isnull=False),
                name="%(app_label)s_%(class)s_removal_needs_a_dossier",
            ),
            models.CheckConstraint(
                condition=~Q(state="removed") | Q(text="", html=""), name="%(app_label)s_%(class)s_removed_is_empty"
            ),
        ]

    @property
    def placed_at(self) -> datetime:
        """When it got its place on a page; a draft has none."""
        if self.published_at is None:
            raise ValueError("not placed yet")
        return self.published_at

    @property
    def byline(self) -> str:
        """As whom it was written, in one line (POL-07, 15): "juf Anna, leerkracht groep 4", "Femke (namens de MR)"."""
        written = self.author_name
        if self.author_function:
            pattern = "%s (%s)" if self.hat == Hat.FAMILY else "%s, %s"
            written = pattern % (self.author_name, self.author_function)
        return " ".join(written.split())

    @property
    def is_hidden(self) -> bool:
        return self.state == PostState.HIDDEN

    @property
    def is_removed(self) -> bool:
        return self.state == PostState.REMOVED


class Post(Written):
    """A message on one group's page. Writing to three groups makes three posts with one `written_together`."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="posts")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="posts")
    kind = models.CharField(max_length=12, choices=PostKind.choices)
    title = models.CharField(max_length=TITLE_LIMIT)
    replies = models.CharField(max_length=6, choices=Replies.choices, default=Replies.ON)
    state = models.CharField(max_length=12, choices=PostState.choices)
    written_together = models.UUIDField(null=True, db_index=True)

    objects: ClassVar[PostQuerySet] = PostQuerySet.as_manager()
    same_school = ("group",)

    class Meta(Written.Meta):
        constraints = [
            *Written.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False), name="messaging_post_published_since"
            ),
            models.CheckConstraint(
                condition=~Q(state="removed") | Q(title=""), name="messaging_post_removed_has_no_title"
            ),
            models.CheckConstraint(
                condition=~Q(state="submitted") | Q(published_at__isnull=True), name="messaging_post_handed_in_unplaced"
            ),
        ]
        indexes = [
            models.Index(fields=["group", "-published_at", "-id"], name="messaging_post_of_group"),
            models.Index(fields=["author", "-published_at"], name="messaging_post_of_author"),
        ]

    def __str__(self) -> str:
        return str(self.uid)


class PostVersion(models.Model):
    """The text of a post as it was: any mail that went out can be shown again. Append-only."""

    append_only = True

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=12)
    title = models.CharField(max_length=TITLE_LIMIT)
    text = models.TextField()
    replies = models.CharField(max_length=6)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "number"], name="messaging_postversion_once")]

    def __str__(self) -> str:
        return f"{self.post_id} v{self.number}"


class Reply(Written):
    """An answer under a post. `to_staff` is fixed when written: what was said to the teacher stays with the teacher."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="replies")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="reply_set")
    to_staff = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=ReplyState.choices, default=ReplyState.PUBLISHED)

    objects: ClassVar[ReplyQuerySet] = ReplyQuerySet.as_manager()
    same_school = ("post",)

    class Meta(Written.Meta):
        verbose_name_plural = "replies"
        indexes = [models.Index(fields=["post", "published_at"], name="messaging_reply_of_post")]

    def __str__(self) -> str:
        return str(self.uid)


class ReplyVersion(models.Model):
    """The text of a reply as it was. Append-only."""

    append_only = True

    reply = models.ForeignKey(Reply, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reply", "number"], name="messaging_replyversion_once")]

    def __str__(self) -> str:
        return f"{self.reply_id} v{self.number}"


class Seen(models.Model):
    """This user has had this post on the screen; the first time only."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="seen_by")
    seen_at = models.DateTimeField()

    objects: ClassVar[SeenQuerySet] = SeenQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "seen"
        constraints = [models.UniqueConstraint(fields=["user", "post"], name="messaging_seen_first_time_only")]

    def __str__(self) -> str:
        return f"{self.user_id} saw {self.post_id}"
