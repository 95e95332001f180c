"""One-to-one conversations about one child: who is in them, and what happened to them."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from groups.models import HATS, Caregiver, Child, Group, Period, School, StaffMember
from messaging.talks.querysets import (
    ParticipationQuerySet,
    SeatQuerySet,
    ThreadGrantQuerySet,
    ThreadQuerySet,
    ThreadStepQuerySet,
)
from messaging.writings.domain.text import TITLE_LIMIT, WORD_LIMIT
from portal.core.access import Grant
from portal.core.taking import TakenAway


class ThreadState(models.TextChoices):
    OPEN = "open", _("open")
    FROZEN = "frozen", _("frozen")
    CLOSED = "closed", _("closed")


class Thread(models.Model):
    """A conversation between the school and the caregivers of one child (POL-09).

    From `directie_since` on the directie of the school reads and writes in it, because somebody in it asked (POL-64).
    Only the directie freezes or closes, so a conversation that is not open involves it.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="threads")
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="threads")
    title = models.CharField(max_length=TITLE_LIMIT)
    state = models.CharField(max_length=8, choices=ThreadState.choices, default=ThreadState.OPEN)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    hat = models.CharField(max_length=10, choices=HATS)
    created_at = models.DateTimeField()
    last_message_at = models.DateTimeField()
    directie_since = models.DateTimeField(null=True)
    directie_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    takes_away = TakenAway(states={"state": ("frozen", "closed")}, keeps=("directie_since", "directie_by"))
    objects: ClassVar[ThreadQuerySet] = ThreadQuerySet.as_manager()
    same_school = ("child",)

    class Meta:
        permissions = [("write_in_thread", "Writes in a conversation about one child.")]
        constraints = [
            models.CheckConstraint(
                condition=Q(directie_since__isnull=True, directie_by__isnull=True)
                | Q(directie_since__isnull=False, directie_by__isnull=False),
                name="messaging_thread_directie_since_by",
            ),
            models.CheckConstraint(
                condition=Q(state="open") | Q(directie_since__isnull=False), name="messaging_thread_held_by_directie"
            ),
        ]
        indexes = [models.Index(fields=["-last_message_at", "-id"], name="messaging_thread_newest")]

    def __str__(self) -> str:
        return str(self.uid)


class Came(models.TextChoices):
    """How somebody came to a chair: from the start, with a task (a successor, a substitute), asked by name, or because
    the directie was asked in."""

    START = "start", _("from the start")
    TASK = "task", _("with a task")
    ASKED = "asked", _("asked by name")
    DIRECTIE = "directie", _("because the management was asked in")


class Participation(Period):
    """A chair in a conversation: a caregiver's, that of a teacher of one group of the child, or that of a member of
    staff whose work is for the whole school (no `group`), whom somebody in it asked by name or as the directie.

    The chair is the agreement; whether its holder may read at a moment follows from the truth at that moment
    (docs/adr/0025). Its holder reads what was said from `reads_from` on, and nothing that was said before.
    """

    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="participations")
    caregiver = models.ForeignKey(Caregiver, null=True, on_delete=models.PROTECT, related_name="participations")
    staff = models.ForeignKey(StaffMember, null=True, on_delete=models.PROTECT, related_name="participations")
    group = models.ForeignKey(Group, null=True, on_delete=models.PROTECT, related_name="participations")
    came = models.CharField(max_length=8, choices=Came.choices, default=Came.START)
    reads_from = models.DateTimeField()
    is_family: bool
    """Of a chair of staff: whether its holder is family of the child; `with_family` puts it there."""
    holds: bool
    """Whether it holds now; `with_holding` puts it there."""

    takes_away = TakenAway(ends=("valid_until",))
    objects: ClassVar[ParticipationQuerySet] = ParticipationQuerySet.as_manager()

    class Meta(Period.Meta):
        constraints = [
            *Period.Meta.constraints,
            models.CheckConstraint(
                condition=Q(caregiver__isnull=False, staff__isnull=True, group__isnull=True)
                | Q(caregiver__isnull=True, staff__isnull=False, group__isnull=False)
                | Q(caregiver__isnull=True, staff__isnull=False, group__isnull=True, came__in=("asked", "directie")),
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
            models.UniqueConstraint(
                fields=["thread", "staff", "came"],
                condition=Q(valid_until__isnull=True, staff__isnull=False, group__isnull=True),
                name="messaging_participation_once_for_school",
            ),
        ]

    def __str__(self) -> str:
        return f"chair {self.pk} in {self.thread_id}"


class Seat(models.Model):
    """In which time a chair holds and on whose side, also of who never came in. Derived: nobody edits it.

    Example: Anna's chair has no end, and she teaches groep 4 until Friday; so her seat ends on Friday.
    """

    chair = models.ForeignKey(Participation, on_delete=models.CASCADE, related_name="seats")
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="seats")
    side = models.CharField(max_length=8)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)

    objects: ClassVar[SeatQuerySet] = SeatQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chair", "side", "valid_from"], name="messaging_seat_once"),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_from__lt=F("valid_until")),
                name="messaging_seat_in_order",
            ),
        ]
        indexes = [models.Index(fields=["thread", "side", "valid_until"], name="messaging_seat_of_thread")]

    def __str__(self) -> str:
        return f"chair {self.chair_id} holds from {self.valid_from}"


class ThreadGrant(Grant):
    """A right on a conversation, with how far back it reaches: what was said from `reads_from` on is read by it."""

    content_object = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="grants")
    reads_from = models.DateTimeField()

    objects: ClassVar[ThreadGrantQuerySet] = ThreadGrantQuerySet.as_manager()


class StepKind(models.TextChoices):
    """What happened to a conversation as a whole."""

    DIRECTIE = "directie", _("the management reads along")
    FROZEN = "frozen", _("frozen")
    REOPENED = "reopened", _("open again")
    CLOSED = "closed", _("closed")
    ARRIVED = "arrived", _("somebody of school comes in")
    WITHDRAWN = "withdrawn", _("somebody of school does not come in after all")
    ASKED = "asked", _("somebody of school was asked in")
    HANDED = "handed", _("what was said before was handed over")
    OPENED = "opened", _("the management opened what was said before")


class ThreadStep(models.Model):
    """A line in the conversation that everybody in it reads: what happened, by whom, in which words. Append-only.

    About a `chair` it says whose (`about_name`), from which moment (`since`), and from where on its holder reads
    (`reads_from`). `by` is empty where the school's own administration gave the task.
    """

    append_only = True

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=StepKind.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200, blank=True)
    by_function = models.CharField(max_length=200, blank=True)
    chair = models.ForeignKey(Participation, null=True, on_delete=models.PROTECT, related_name="steps")
    about_name = models.CharField(max_length=200, blank=True)
    about_function = models.CharField(max_length=200, blank=True)
    since = models.DateTimeField(null=True)
    reads_from = models.DateTimeField(null=True)
    word = models.TextField(max_length=WORD_LIMIT, blank=True)
    at = models.DateTimeField()

    objects: ClassVar[ThreadStepQuerySet] = ThreadStepQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["thread"], condition=Q(kind="directie"), name="messaging_threadstep_directie_once"
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=("closed", "opened")) | ~Q(word=""), name="messaging_threadstep_words"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=("directie", "frozen", "reopened", "closed"), chair__isnull=True, by__isnull=False)
                | Q(kind__in=("arrived", "withdrawn"), chair__isnull=False)
                | Q(kind__in=("asked", "handed", "opened"), chair__isnull=False, by__isnull=False),
                name="messaging_threadstep_about_chair",
            ),
        ]
        indexes = [models.Index(fields=["thread", "at"], name="messaging_threadstep_in_order")]

    def __str__(self) -> str:
        return f"{self.kind} in {self.thread_id}"
