"""Somebody asks what school keeps about him (AVG 15): the request, what it gathers, and the copy that is given."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from groups.models import Child, School
from moderation.access_requests.querysets import AccessRequestQuerySet
from moderation.cases.models.cases import Side
from portal.core.access import Grant
from portal.core.taking import TakenAway

LONGEST = 2_000


class Asker(models.TextChoices):
    """Whoever asks, it is about one person; the parents ask for a child under sixteen (UAVG 5)."""

    SELF = "self", _("the person concerned")
    PARENT = "parent", _("a parent, for a child younger than sixteen")
    SPEAKER = "speaker", _("somebody who may speak for that person")


class Means(models.TextChoices):
    """How it was asked; any way will do."""

    LETTER = "letter", _("by letter")
    MAIL = "mail", _("by e-mail")
    TALK = "talk", _("in a talk")
    PHONE = "phone", _("by phone")
    KRING = "kring", _("in Kring")


class Handing(models.TextChoices):
    """How the copy was given."""

    PERSON = "person", _("in person, after looking at proof of who it is")
    POST = "post", _("by registered post")
    MAIL = "mail", _("by safe e-mail")


class RequestState(models.TextChoices):
    DRAWING = "drawing", _("is being drawn up")
    REVIEW = "review", _("waits for a second person")
    APPROVED = "approved", _("can be given")
    ANSWERED = "answered", _("given")
    CLOSED = "closed", _("closed without a copy")


class Ground(models.TextChoices):
    """Why somebody does not get a passage (AVG 15, 4; UAVG 41)."""

    OTHERS = "others", _("about somebody else")
    INQUIRY = "inquiry", _("school is still looking into it")
    ADVICE = "advice", _("advice of a lawyer to school")
    OTHER = "other", _("another reason")


class AccessRequest(models.Model):
    """One request about one person at a school, and where its answer stands.

    `child`: the pupil that person is. `prepared_by` drew up the copy and alone says what stays in it; `blackened` are
    the words made black, `other_words` the reason where it is another one, `word` what the second person gave it back
    with. `stood` is what the pieces were when they were gathered. `draft` is the copy as it is read over: what is
    approved is those very bytes.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="access_requests")
    about = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="access_requests_about")
    side = models.CharField(max_length=6, choices=Side.choices)
    child = models.ForeignKey(Child, null=True, on_delete=models.PROTECT, related_name="access_requests")
    against_directie = models.BooleanField(default=False)
    asker = models.CharField(max_length=8, choices=Asker.choices)
    means = models.CharField(max_length=8, choices=Means.choices)
    received_on = models.DateField()
    due_on = models.DateField()
    extended_because = models.TextField(max_length=LONGEST, blank=True)
    state = models.CharField(max_length=8, choices=RequestState.choices, default=RequestState.DRAWING)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    stood = models.CharField(max_length=64, blank=True)
    blackened = models.JSONField(default=list)
    other_words = models.CharField(max_length=200, blank=True)
    word = models.TextField(max_length=LONGEST, blank=True)
    draft = models.BinaryField(null=True)
    handed_on = models.DateField(null=True)
    handing = models.CharField(max_length=8, choices=Handing.choices, blank=True)
    closed_because = models.TextField(max_length=LONGEST, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    takes_away = TakenAway(
        states={"state": ("closed",)},
        keeps=("ended_by", "ended_at"),
        says={"closed_because": lambda said: str(_("Was so before the restore."))},
    )
    objects: ClassVar[AccessRequestQuerySet] = AccessRequestQuerySet.as_manager()
    same_school = ("child",)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="answered", handed_on__isnull=False, ended_at__isnull=False)
                | Q(state="closed", handed_on=None, ended_at__isnull=False) & ~Q(closed_because="")
                | Q(state__in=["drawing", "review", "approved"], handed_on=None, ended_at=None),
                name="moderation_accessrequest_ended",
            ),
            models.CheckConstraint(
                condition=~Q(state="review") | Q(prepared_by__isnull=False, draft__isnull=False),
                name="moderation_accessrequest_read_over",
            ),
        ]
        permissions = [
            (
                "lead_accessrequest",
                "Answers the request: the management, or the case officer where it is a party.",
            ),
            ("stand_in_accessrequest", "Answers the request as long as nobody of the school management can."),
            ("review_accessrequest", "Reads over the copy that somebody else drew up."),
        ]

    def __str__(self) -> str:
        return str(self.uid)

    @property
    def is_open(self) -> bool:
        return self.state not in (RequestState.ANSWERED, RequestState.CLOSED)


class AccessRequestGrant(Grant):
    """A right on a request for access: answers it, stands in, or reads the copy over while it waits for that."""

    content_object = models.ForeignKey(AccessRequest, on_delete=models.CASCADE, related_name="grants")

    class Meta(Grant.Meta):
        indexes = [
            models.Index(
                fields=["user", "permission", "valid_until", "content_object"], name="moderation_requestgrant_read"
            )
        ]


class AccessPassage(models.Model):
    """A line of what was gathered, with the title of its piece; it stays, or is kept back on a `ground`.

    Gone once the request is answered.
    """

    request = models.ForeignKey(AccessRequest, on_delete=models.CASCADE, related_name="passages")
    position = models.PositiveIntegerField()
    piece = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    text = models.TextField()
    ground = models.CharField(max_length=8, choices=Ground.choices, blank=True)

    takes_away = TakenAway(gone=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["request", "position"], name="moderation_accesspassage_once")]

    def __str__(self) -> str:
        return f"{self.position} of {self.request_id}"


class AccessCopy(models.Model):
    """The copy as a second person approved it: self-contained HTML as bytes. Append-only."""

    append_only = True

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request = models.ForeignKey(AccessRequest, on_delete=models.PROTECT, related_name="copies")
    content = models.BinaryField()
    digest = models.CharField(max_length=64)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sealed_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "access copies"
        constraints = [
            models.CheckConstraint(condition=~Q(approved_by=F("prepared_by")), name="moderation_accesscopy_by_two")
        ]

    def __str__(self) -> str:
        return str(self.uid)
