"""How often groups place something (POL-26): what a school asks, and what each week was."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from groups.models import Group, GroupKind, School
from messaging.newsletter.domain import IsoWeek
from moderation.frequency.domain.frequency import Norm, WeekVerdict
from moderation.frequency.querysets import FrequencyWeekQuerySet

MOST_ASKED = 20
NORM_OF = {
    GroupKind.BASE: "class",
    GroupKind.COMPOSITE: "class",
    GroupKind.SCHOOL: "school",
    GroupKind.COUNCIL: "council",
    GroupKind.STAFF: "staff",
}
"""Which of the norms of a school is that of a group; a pupils' group has none."""
NORMS = tuple(dict.fromkeys(NORM_OF.values()))


class WeekVerdictWords(models.TextChoices):
    """The verdicts of the domain, in words."""

    NOT_ASKED = WeekVerdict.NOT_ASKED.value, _("not asked")
    SILENT = WeekVerdict.SILENT.value, _("nothing placed")
    BELOW = WeekVerdict.BELOW.value, _("less than asked")
    WITHIN = WeekVerdict.WITHIN.value, _("as asked")
    ABOVE = WeekVerdict.ABOVE.value, _("more than asked")


class FrequencyNorms(models.Model):
    """How many messages a week a school asks of each kind of group. A school without this row has the defaults.

    `least` 0 and no `most`: nothing is asked. Of a class that is one or two (POL-26), of the others nothing.
    """

    school = models.OneToOneField(School, on_delete=models.PROTECT, related_name="frequency_norms")
    class_least = models.PositiveSmallIntegerField(default=1)
    class_most = models.PositiveSmallIntegerField(null=True, default=2)
    school_least = models.PositiveSmallIntegerField(default=0)
    school_most = models.PositiveSmallIntegerField(null=True)
    council_least = models.PositiveSmallIntegerField(default=0)
    council_most = models.PositiveSmallIntegerField(null=True)
    staff_least = models.PositiveSmallIntegerField(default=0)
    staff_most = models.PositiveSmallIntegerField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(**{f"{kind}_least__lte": MOST_ASKED})
                & (
                    Q(**{f"{kind}_most__isnull": True})
                    | Q(**{f"{kind}_most__gte": F(f"{kind}_least"), f"{kind}_most__range": (1, MOST_ASKED)})
                ),
                name=f"moderation_norms_of_{kind}",
            )
            for kind in ("class", "school", "council", "staff")
        ]

    def __str__(self) -> str:
        return f"norms of {self.school_id}"

    def norm_for(self, kind: str) -> Norm:
        """What is asked of a group of this kind."""
        key = NORM_OF.get(GroupKind(kind))
        return Norm(getattr(self, f"{key}_least"), getattr(self, f"{key}_most")) if key else Norm()


class FrequencyWeek(models.Model):
    """One group in one ISO week: what it placed, what was asked of it then, and the verdict. Checked again, it is the
    same row.
    """

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="frequency_weeks")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="frequency_weeks")
    year = models.PositiveSmallIntegerField()
    week = models.PositiveSmallIntegerField()
    posts = models.PositiveIntegerField()
    school_days = models.PositiveSmallIntegerField()
    norm_min = models.PositiveSmallIntegerField()
    norm_max = models.PositiveSmallIntegerField(null=True)
    verdict = models.CharField(max_length=10, choices=WeekVerdictWords.choices)
    checked_at = models.DateTimeField()

    objects: ClassVar[FrequencyWeekQuerySet] = FrequencyWeekQuerySet.as_manager()
    same_school = ("group",)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "year", "week"], name="moderation_frequencyweek_once"),
            models.CheckConstraint(
                condition=Q(week__range=(1, 53), school_days__lte=5), name="moderation_frequencyweek_is_a_week"
            ),
        ]
        indexes = [models.Index(fields=["school", "year", "week"], name="moderation_frequency_of_school")]

    def __str__(self) -> str:
        return f"{self.group_id} {self.iso_week}"

    @property
    def iso_week(self) -> IsoWeek:
        return IsoWeek(self.year, self.week)

    @property
    def norm(self) -> Norm:
        return Norm(self.norm_min, self.norm_max)

    @property
    def is_free(self) -> bool:
        """A week without a school day."""
        return self.school_days == 0
