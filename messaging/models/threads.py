"""One-to-one conversations about one child: who is in them, what was said, who has had it on the screen."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from groups.models import HATS, Caregiver, Child, Group, Period, School, StaffMember
from messaging.domain.text import TITLE_LIMIT
from messaging.models.posts import ReplyState, Written
from messaging.querysets import (
    MessageQuerySet,
    MessageSeenQuerySet,
    ParticipationQuerySet,
    ThreadGrantQuerySet,
    ThreadQuerySet,
)
from portal.core.access import Grant


class ThreadState(models.TextChoices):
    OPEN = "open", _("open")
    FROZEN = "frozen", _("frozen")
    CLOSED = "closed", _("closed")


class Thread(models.Model):
    """A conversation between the school and the caregivers of one child (POL-09)."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="threads")
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="threads")
    title = models.CharField(max_length=TITLE_LIMIT)
    state = models.CharField(max_length=8, choices=ThreadState.choices, default=ThreadState.OPEN)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    hat = models.CharField(max_length=10, choices=HATS)
    created_at = models.DateTimeField()
    last_message_at = models.DateTimeField()

    objects: ClassVar[ThreadQuerySet] = ThreadQuerySet.as_manager()
    same_school = ("child",)

    class Meta:
        permissions = [("write_in_thread", "Writes in a conversation about one child.")]
        indexes = [models.Index(fields=["-last_message_at", "-id"], name="messaging_thread_newest")]

    def __str__(self) -> str:
        return str(self.uid)


class Participation(Period):
    """A chair in a conversation: a caregiver's, or that of a member of staff as a teacher of one group of the child.

    The chair is the agreement; whether its holder may read at a moment follows from the truth at that moment
    (docs/adr/0008).
    """

    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="participations")
    caregiver = models.ForeignKey(Caregiver, null=True, on_delete=models.PROTECT, related_name="participations")
    staff = models.ForeignKey(StaffMember, null=True, on_delete=models.PROTECT, related_name="participations")
    group = models.ForeignKey(Group, null=True, on_delete=models.PROTECT, related_name="participations")

    objects: ClassVar[ParticipationQuerySet] = ParticipationQuerySet.as_manager()

    class Meta(Period.Meta):
        constraints = [
            *Period.Meta.constraints,
            models.CheckConstraint(
                condition=Q(caregiver__isnull=False, staff__isnull=True, group__isnull=True)
                | Q(caregiver__isnull=True, staff__isnull=False, group__isnull=False),
                name="messaging_participation_of_one_person",
            ),
            models.UniqueConstraint(
                fields=["thread", "caregiver"],
                condition=Q(valid_until__isnull=True, caregiver__isnull=False),
                name="messaging_participation_once_by_caregiver",
            ),
            models.UniqueConstraint(
                fields=["thread", "staff", "group"],
                condition=Q(valid_until__isnull=True, staff__isnull=False),
                name="messaging_participation_once_by_staff",
            ),
        ]

    def __str__(self) -> str:
        return f"chair {self.pk} in {self.thread_id}"


class ThreadGrant(Grant):
    """Object permission on a Thread, written from the truth by `groups.services.memberships` and `start_thread`."""

    content_object = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="grants")

    objects: ClassVar[ThreadGrantQuerySet] = ThreadGrantQuerySet.as_manager()


class Message(Written):
    """What somebody said in a conversation."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="messages")
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="messages")
    state = models.CharField(max_length=12, choices=ReplyState.choices, default=ReplyState.PUBLISHED)

    objects: ClassVar[MessageQuerySet] = MessageQuerySet.as_manager()
    same_school = ("thread",)

    class Meta(Written.Meta):
        indexes = [models.Index(fields=["thread", "-published_at", "-id"], name="messaging_message_of_thread")]

    def __str__(self) -> str:
        return str(self.uid)


class MessageVersion(models.Model):
    """The text of a message as it was. Append-only."""

    append_only = True

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "number"], name="messaging_messageversion_once")]

    def __str__(self) -> str:
        return f"{self.message_id} v{self.number}"


class MessageSeen(models.Model):
    """This user has had this message on the screen, in this hat; the first time only."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="seen_by")
    hat = models.CharField(max_length=10, choices=HATS)
    seen_at = models.DateTimeField()

    objects: ClassVar[MessageSeenQuerySet] = MessageSeenQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "seen messages"
        constraints = [models.UniqueConstraint(fields=["user", "message"], name="messaging_messageseen_first_time")]

    def __str__(self) -> str:
        return f"{self.user_id} saw {self.message_id}"
