"""Somebody doubts what stands there, or how somebody behaves: reports, and the case that several of them make."""

import uuid
from datetime import datetime
from functools import reduce
from operator import or_
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from groups.models import HATS, Child, Group, School
from messaging.models import Placement, Writing, WritingKind
from messaging.writings.domain.kinds import KindWords
from moderation.cases.querysets import CaseQuerySet, ReportQuerySet
from portal.core.access import Grant
from portal.core.taking import TakenAway

SUBJECTS = ("writing", "photo")
"""What a case can be about, beside a person: fields of `Case`, of which one at most is filled."""
SUBJECT_KINDS: dict[str, str | Promise] = {
    **dict(WritingKind.choices),
    "photo": _("A photo"),
    "person": _("How somebody behaves"),
}
"""The same, each text by its kind, in words."""
WORDS: dict[str, KindWords] = {**{kind: model.words for kind, model in Writing.kinds.items()}, "photo": Placement.words}
"""How each kind of what can be reported or removed says that it is called."""


def only(name: str) -> Q:
    """A case about this, and nothing else; with an empty name about a person."""
    return Q(**{f"{one}__isnull": one != name for one in SUBJECTS})


class Reason(models.TextChoices):
    """Why somebody reports, in the schools' own words (POL-21, 22, 23, 25, 32, 40, 60)."""

    ONE_CHILD = "one_child", _("about one child")
    ACHIEVEMENT = "achievement", _("an achievement that not every child can reach")
    HURTFUL = "hurtful", _("hurtful")
    DANGER = "danger", _("danger: somebody may come to harm")
    THREATENING = "threatening", _("threatening")
    DISCRIMINATING = "discriminating", _("discriminating")
    SEXUAL = "sexual", _("sexual")
    COMMERCIAL = "commercial", _("commercial")
    BELIEF = "belief", _("politics or religion")
    PRIVACY = "privacy", _("private information")
    PHOTO = "photo", _("a photo without consent")
    SPREAD = "spread", _("spread outside Kring")
    OTHER = "other", _("something else")


BREAKING_THROUGH = (Reason.DANGER, Reason.THREATENING, Reason.SEXUAL)
"""What reaches who handles it at any hour; everything else waits for the working hours (POL-27)."""


class Side(models.TextChoices):
    """Whose conduct a case is about; files of staff and of families have different readers (POL-65)."""

    FAMILY = "family", _("parent or pupil")
    STAFF = "staff", _("staff")


class CaseState(models.TextChoices):
    OPEN = "open", _("open")
    CLOSED = "closed", _("handled")


class Case(models.Model):
    """What the school looks into: one piece of content, or the conduct of one person.

    `about` is who wrote it or whose conduct it is; `group` where it stood, `child` whom it is about, if anybody.
    `against_directie`: `about` was on the directie when the case began, so the foundation's case officer handles it.
    Several reports of one thing are one open case. `is_untrue`: what was reported proved untrue; it counts nowhere.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="cases")
    writing = models.ForeignKey(Writing, null=True, on_delete=models.PROTECT, related_name="cases")
    photo = models.ForeignKey(Placement, null=True, on_delete=models.PROTECT, related_name="cases")
    about = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="cases_about")
    side = models.CharField(max_length=6, choices=Side.choices)
    against_directie = models.BooleanField(default=False)
    group = models.ForeignKey(Group, null=True, on_delete=models.PROTECT, related_name="cases")
    child = models.ForeignKey(Child, null=True, on_delete=models.PROTECT, related_name="cases")
    state = models.CharField(max_length=6, choices=CaseState.choices, default=CaseState.OPEN)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    is_untrue = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    has_photos: bool
    has_measures: bool
    has_letters: bool
    has_notes: bool
    """Of a case that is looked into: `with_what_is_there` puts them there."""
    told_at: datetime
    told_version: int | None
    """Of a case that somebody handles: `with_told` puts them there."""
    about_kind: str
    """Of one in a list: `with_about_kind` puts it there."""

    takes_away = TakenAway(states={"state": ("closed",)}, keeps=("closed_at", "closed_by"))
    objects: ClassVar[CaseQuerySet] = CaseQuerySet.as_manager()
    same_school = (*SUBJECTS, "group", "child")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=reduce(or_, map(only, ("", *SUBJECTS))),
                name="moderation_case_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None, closed_by=None)
                | Q(state="closed", closed_at__isnull=False, closed_by__isnull=False),
                name="moderation_case_closed_at_by",
            ),
            models.CheckConstraint(
                condition=Q(state="closed") | Q(is_untrue=False), name="moderation_case_untrue_at_its_end"
            ),
            *(
                models.UniqueConstraint(
                    fields=[subject],
                    condition=Q(state="open", **{f"{subject}__isnull": False}),
                    name=f"moderation_case_one_open_of_{subject}",
                )
                for subject in SUBJECTS
            ),
            models.UniqueConstraint(
                fields=["school", "about", "side"],
                condition=Q(only(""), state="open"),
                name="moderation_case_one_open_of_person",
            ),
        ]
        indexes = [models.Index(fields=["school", "state", "opened_at"], name="moderation_case_queue")]
        permissions = [
            ("lead_case", "Handles the case as the school management, or as the case officer where that is a party."),
            ("stand_in_case", "Handles the case as long as nobody of the school management can."),
        ]

    def __str__(self) -> str:
        return str(self.uid)

    @property
    def is_open(self) -> bool:
        return self.state == CaseState.OPEN

    @property
    def is_known_to_be_of_board(self) -> bool:
        """Whether who reported it reads that the board looks into it: about somebody of the directie at work.

        Of one about a parent nobody is told that this parent belongs to somebody of the directie.
        """
        return self.against_directie and self.side == Side.STAFF

    @property
    def kind(self) -> str:
        """What it is about: one of `SUBJECT_KINDS`. Asks for the text; whoever lists cases fetches it with them."""
        if self.writing:
            return str(self.writing.kind)
        return "photo" if self.photo_id else "person"

    def get_kind_display(self) -> str:
        return str(SUBJECT_KINDS[self.kind])

    @property
    def written(self) -> Writing | None:
        """The text it is about, or in which the photo stands; None for a person."""
        return self.writing or (self.photo.writing if self.photo else None)


class CaseGrant(Grant):
    """A right on a case: sees it, leads it, or stands in; never in the time in which its holder is a party."""

    content_object = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="grants")


class Report(models.Model):
    """Somebody doubts this, for a reason, in own words; to the teacher concerned, the directie, or both (POL-60).

    Nobody but who handles the case learns who reported. `version` is that of the text when it was reported: what its
    writer changes afterwards hides nothing. `seen_where`: where else it was seen, if it was spread (POL-32).
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reports")
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reports")
    hat = models.CharField(max_length=10, choices=HATS)
    reason = models.CharField(max_length=16, choices=Reason.choices)
    words = models.TextField(max_length=2000, blank=True)
    seen_where = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(null=True)
    to_teacher = models.BooleanField(default=False)
    to_directie = models.BooleanField(default=True)
    reported_at = models.DateTimeField()

    objects: ClassVar[ReportQuerySet] = ReportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "reporter"], name="moderation_report_once_a_person"),
            models.CheckConstraint(
                condition=Q(to_teacher=True) | Q(to_directie=True), name="moderation_report_to_somebody"
            ),
            models.CheckConstraint(
                condition=Q(reason="spread") & ~Q(seen_where="") | ~Q(reason="spread") & Q(seen_where=""),
                name="moderation_report_seen_where",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uid)
