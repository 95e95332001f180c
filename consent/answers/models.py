"""Answers: of caregivers, of pupils of 16 and over, of adults about themselves, and a child's own "liever niet"."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from consent.answers.querysets import DecisionQuerySet, PaperFormQuerySet, ReluctanceQuerySet
from consent.asking.domain.purposes import Says
from consent.asking.models import Purpose
from groups.models import Caregiver, Child, Claim, School
from portal.core.taking import TakenAway


class AnswerWay(models.TextChoices):
    """How an answer came in."""

    PORTAL = "portal", _("in Kring")
    PAPER = "paper", _("on paper")


class PaperForm(models.Model):
    """A signed form that the office recorded, with its scan under `key` in the media store.

    About a child, signed by a caregiver or by the pupil; or about the adult who signed.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    child = models.ForeignKey(Child, null=True, on_delete=models.PROTECT, related_name="paper_forms")
    caregiver = models.ForeignKey(Caregiver, null=True, on_delete=models.PROTECT, related_name="paper_forms")
    adult = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="image_paper_forms"
    )
    signed_on = models.DateField()
    key = models.CharField(max_length=32, unique=True)
    sha256 = models.CharField(max_length=64)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects: ClassVar[PaperFormQuerySet] = PaperFormQuerySet.as_manager()
    same_school = ("child", "caregiver")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(child__isnull=False, adult=None) | Q(child=None, adult__isnull=False, caregiver=None),
                name="consent_paperform_about_one",
            )
        ]

    def __str__(self) -> str:
        return str(self.uid)


class Decision(models.Model):
    """One answer to one purpose. Append-only; the row with the highest number is the answer that stands.

    About a child or an adult. `caregiver` decided for the child; without one the child, or the adult, decided for
    himself. `text_version` is what was read, `recorded_by` who pressed the button. A caregiver's yes in Kring carries
    the `claim` by which that account came in: it counts from when that one is settled until it ends (docs/adr/0027).
    """

    append_only = True

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    purpose = models.ForeignKey(Purpose, on_delete=models.PROTECT, related_name="decisions")
    child = models.ForeignKey(Child, null=True, on_delete=models.PROTECT, related_name="decisions")
    adult = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="image_decisions"
    )
    caregiver = models.ForeignKey(Caregiver, null=True, on_delete=models.PROTECT, related_name="decisions")
    says = models.CharField(max_length=3, choices=[(says.value, says.value) for says in Says])
    text_version = models.PositiveIntegerField()
    way = models.CharField(max_length=10, choices=AnswerWay.choices, default=AnswerWay.PORTAL)
    paper = models.ForeignKey(PaperForm, null=True, on_delete=models.PROTECT, related_name="decisions")
    claim = models.ForeignKey(Claim, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    is_settled: bool
    """Whether nobody asks it again; `with_settled` puts it there."""

    takes_away = TakenAway(
        made={"says": "no"},
        about=("child", "adult"),
        keeps=("says",),
        says={"way": lambda said: AnswerWay.PORTAL, "paper": lambda said: None},
    )
    objects: ClassVar[DecisionQuerySet] = DecisionQuerySet.as_manager()
    same_school = ("purpose", "child", "caregiver", "paper")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(child__isnull=False, adult=None) | Q(child=None, adult__isnull=False, caregiver=None),
                name="consent_decision_about_one",
            ),
            models.CheckConstraint(
                condition=Q(way="paper", paper__isnull=False) | Q(way="portal", paper=None),
                name="consent_decision_paper_with_form",
            ),
            models.CheckConstraint(
                condition=Q(claim=None) | Q(says="yes", caregiver__isnull=False), name="consent_decision_only_yes_waits"
            ),
        ]
        indexes = [
            models.Index(fields=["child", "purpose", "caregiver", "-id"], name="consent_decision_of_child"),
            models.Index(fields=["adult", "purpose", "-id"], name="consent_decision_of_adult"),
            models.Index(fields=["purpose", "says"], name="consent_decision_of_purpose"),
            models.Index(fields=["purpose", "child"], condition=Q(says="no"), name="consent_decision_no"),
        ]

    def __str__(self) -> str:
        return f"{self.says} to {self.purpose_id}"


class Reluctance(models.Model):
    """The child itself rather not (POL-45): heard by a teacher, with a note; respected like a no until it is ended."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="reluctances")
    note = models.CharField(max_length=500, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    takes_away = TakenAway(made={}, same=("child", "ended_at"))
    objects: ClassVar[ReluctanceQuerySet] = ReluctanceQuerySet.as_manager()
    same_school = ("child",)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["child"], condition=Q(ended_at__isnull=True), name="consent_reluctance_one_open"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="consent_reluctance_ended_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"of {self.child_id}"
