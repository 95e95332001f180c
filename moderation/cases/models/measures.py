"""What the school did about a case: measures, letters and kind words. Nothing here is ever changed or taken away."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from groups.models import School
from moderation.cases.models.cases import Case, Side
from moderation.cases.querysets import MeasureQuerySet, OfCaseQuerySet

LONGEST = 2_000
LONGEST_NUMBER = 60


class MeasureKind(models.TextChoices):
    """What the directie does, by seriousness; what the board decided elsewhere; what goes outside (POL-63, 65)."""

    NOTE = "note", _("Note")
    TALK = "talk", _("Talk held")
    WRITTEN = "written", _("Correspondence, kept in the file")
    WARNING = "warning", _("Warning")
    LIMITED = "limited", _("Reads only, until a day")
    SUSPENDED = "suspended", _("No access, until a day")
    SILENCED = "silenced", _("Writes in no conversation about the child, until a day")
    RESTORED = "restored", _("Access given back")
    REMOVAL = "removal", _("Content removed")
    REPRIMAND = "reprimand", _("Reprimand")
    OFF_DUTY = "off_duty", _("Suspended from work")
    DISMISSAL = "dismissal", _("Dismissal")
    PUPIL_OUT = "pupil_out", _("Pupil suspended")
    PUPIL_GONE = "pupil_gone", _("Pupil removed from school")
    INSPECTOR = "inspector", _("Report to the confidential inspector")
    CODE = "code", _("Reporting code for child abuse")
    POLICE = "police", _("Report to the police")


RESTRICTING = (MeasureKind.LIMITED, MeasureKind.SUSPENDED)
ENDING = (*RESTRICTING, MeasureKind.SILENCED)
"""What holds until a day. A silence comes with a limit or a suspension of its own reason, and never alone."""
SERIOUS = (MeasureKind.WARNING, *RESTRICTING)
"""What somebody is heard about first, and told in words."""
OF_BOARD = {
    Side.STAFF: (MeasureKind.REPRIMAND, MeasureKind.OFF_DUTY, MeasureKind.DISMISSAL),
    Side.FAMILY: (MeasureKind.PUPIL_OUT, MeasureKind.PUPIL_GONE),
}
"""What the board decides by the law on schools or the collective agreement. Kring keeps the number of its letter."""
BY_BOARD = tuple(kind for kinds in OF_BOARD.values() for kind in kinds)
EXTERNAL = (MeasureKind.INSPECTOR, MeasureKind.CODE, MeasureKind.POLICE)
INTERNAL = (MeasureKind.TALK, MeasureKind.WRITTEN, MeasureKind.WARNING, *RESTRICTING, *BY_BOARD)
"""What was done about the person; that the words were removed is no measure yet."""


class Measure(models.Model):
    """One thing the school did, and who decided it. Append-only.

    `why_outside`: why the school went outside without a measure of its own before; nobody asks that where it
    `had_to`. `why_unheard`: why the person was not heard first. `consulted`: a teacher did this together with the
    directie (POL-63). `letter_number`: of the letter of the board, where it decided; then there are no words.
    """

    append_only = True
    done_at = "decided_at"
    outside = EXTERNAL

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="measures")
    kind = models.CharField(max_length=10, choices=MeasureKind.choices)
    words = models.TextField(max_length=LONGEST, blank=True)
    why_outside = models.TextField(max_length=LONGEST, blank=True)
    why_unheard = models.TextField(max_length=LONGEST, blank=True)
    had_to = models.BooleanField(default=False)
    consulted = models.BooleanField(default=False)
    letter_number = models.CharField(max_length=LONGEST_NUMBER, blank=True)
    until = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    signed_decided_by: str
    """Who decided it, for a page; `involved_in` puts it there."""

    objects: ClassVar[MeasureQuerySet] = MeasureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["limited", "suspended", "silenced"], until__isnull=False)
                | ~Q(kind__in=["limited", "suspended", "silenced"]) & Q(until__isnull=True),
                name="moderation_measure_until_a_day",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=BY_BOARD, words="", why_unheard="") & ~Q(letter_number="")
                | ~Q(kind__in=BY_BOARD) & Q(letter_number=""),
                name="moderation_measure_of_board_by_number",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} in {self.case_id}"


class Letter(models.Model):
    """A letter to whom a case is about, as it was printed. Append-only."""

    append_only = True
    done_at = "written_at"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="letters")
    template = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    text = models.TextField(max_length=10_000)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    objects: ClassVar[OfCaseQuerySet] = OfCaseQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.uid)


class KindNote(models.Model):
    """A kind word of school to somebody about what that person wrote (POL-66). Append-only.

    From a colleague to a colleague, or from who handles the case; read by whom it is to under what school told, and by
    who handles the case.
    """

    append_only = True
    done_at = "written_at"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="notes")
    about_kind = models.CharField(max_length=10)
    about_uid = models.UUIDField()
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    hat = models.CharField(max_length=10)
    text = models.TextField(max_length=LONGEST)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    author_name = models.CharField(max_length=200)
    author_function = models.CharField(max_length=200, blank=True)
    written_at = models.DateTimeField()

    objects: ClassVar[OfCaseQuerySet] = OfCaseQuerySet.as_manager()

    same_school = ("case",)

    class Meta:
        indexes = [models.Index(fields=["to", "-written_at"], name="moderation_kindnote_of_person")]

    def __str__(self) -> str:
        return str(self.uid)
