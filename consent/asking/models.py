"""Purposes with their texts, the yearly rounds, and how a school wants its consent to work."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from consent.asking.domain.purposes import WITHOUT_PLACE, Basis
from consent.asking.querysets import PurposeQuerySet, RoundQuerySet
from groups.models import School
from portal.core.taking import TakenAway


class ConsentRules(models.Model):
    """A school's choices. A school without this row has the defaults.

    `yes_lapses`: last year's yes ends when the new round closes, otherwise it stands and families are reminded.
    `hide_unseen`: after a no, photos on which nobody marked who is on them wait until somebody looked; otherwise they
    are only listed. `may_download` and `name_at_edge` are about the large view of a photo (POL-32).
    """

    school = models.OneToOneField(School, on_delete=models.PROTECT, related_name="consent_rules")
    yes_lapses = models.BooleanField(default=True)
    hide_unseen = models.BooleanField(default=True)
    may_download = models.BooleanField(default=False)
    name_at_edge = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    takes_away = TakenAway(flags={"yes_lapses": True, "hide_unseen": True, "may_download": False})

    def __str__(self) -> str:
        return f"consent of {self.school_id}"


class Reach(models.TextChoices):
    """Who gets to see what is shown for a purpose."""

    GROUPS = "groups", _("the child's groups")
    SCHOOL = "school", _("the whole school")
    EVERYBODY = "everybody", _("everybody, also outside school")


def is_wider(reach: str, other: str) -> bool:
    """Whether more people see it; the names stand in that order."""
    return Reach.values.index(reach) > Reach.values.index(other)


class Purpose(models.Model):
    """Something a school wants to show or share of people, with its ground and who gets to see it (POL-42).

    `requires_all`: every caregiver with authority has to say yes, otherwise one yes and no no are enough.
    A retired purpose is not asked any more, and nobody is shown for it.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="purposes")
    key = models.CharField(max_length=40)
    reach = models.CharField(max_length=10, choices=Reach.choices)
    basis = models.CharField(max_length=10, choices=[(basis.value, basis.value) for basis in Basis])
    requires_all = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField()
    retired_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    takes_away = TakenAway(
        ends=("retired_at",),
        states={"reach": (Reach.SCHOOL.value, Reach.GROUPS.value), "basis": (Basis.CONSENT.value,)},
        flags={"requires_all": True},
    )
    objects: ClassVar[PurposeQuerySet] = PurposeQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "key"], name="consent_purpose_once")]

    def __str__(self) -> str:
        return f"{self.key} of {self.school_id}"

    @property
    def is_without_place(self) -> bool:
        """Not asked, because Kring has no place for it; the school may have one of its own."""
        return self.retired_at is not None and self.key in WITHOUT_PLACE


class PurposeText(models.Model):
    """The words in which a purpose is explained. Append-only: a decision keeps the number it answered.

    `reach_before`: who saw it until these words, where that changed with them; blank where only words did.
    """

    append_only = True

    purpose = models.ForeignKey(Purpose, on_delete=models.PROTECT, related_name="texts")
    number = models.PositiveIntegerField()
    title_nl = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120)
    text_nl = models.TextField()
    text_en = models.TextField()
    reach_before = models.CharField(max_length=10, choices=Reach.choices, blank=True, default="", db_default="")
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["purpose", "number"], name="consent_text_once")]

    def __str__(self) -> str:
        return f"{self.purpose_id} v{self.number}"


class ConsentRound(models.Model):
    """The yearly asking: half-open [opens_at, closes_at). Closing locks nothing: every choice can always be changed.

    `lapses` is the school's choice at the opening. Nobody ends a round early by taking it away: it closes.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="consent_rounds")
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    lapses = models.BooleanField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[RoundQuerySet] = RoundQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(opens_at__lt=F("closes_at")), name="consent_round_in_order"),
            models.UniqueConstraint(fields=["school", "opens_at"], name="consent_round_once"),
        ]

    def __str__(self) -> str:
        return str(self.uid)

    @property
    def last_moment(self) -> datetime:
        """In the last day on which it asks: `closes_at` is the first moment after it."""
        return self.closes_at - timedelta(microseconds=1)


class RoundPurpose(models.Model):
    """What a round asks: this purpose, in this version of its words."""

    round = models.ForeignKey(ConsentRound, on_delete=models.PROTECT, related_name="asked")
    purpose = models.ForeignKey(Purpose, on_delete=models.PROTECT, related_name="asked_in")
    text_version = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "purpose"], name="consent_roundpurpose_once")]

    def __str__(self) -> str:
        return f"{self.purpose_id} v{self.text_version} in {self.round_id}"
