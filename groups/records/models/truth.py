"""The truth that every right follows from: authority, who is in which group, tasks, and seats in a council.

Every period is half-open: [valid_from, valid_until).
"""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from groups.records.domain import levels
from groups.records.models.people import Caregiver, Child, StaffMember
from groups.records.models.schools import Group, School
from groups.records.querysets.periods import PeriodQuerySet
from groups.records.querysets.truth import GuardianshipQuerySet
from groups.roles import Role
from portal.core.taking import TakenAway

ROLE_CHOICES = [(role.value, role.value) for role in Role]


class Level(models.TextChoices):
    """Levels of authority over a child (POL-02, 03; domain card, Authority)."""

    WITH_AUTHORITY = levels.WITH_AUTHORITY, _("with authority")
    UNVERIFIED = levels.UNVERIFIED, _("still to check")
    WITHOUT_AUTHORITY = levels.WITHOUT_AUTHORITY, _("without authority")
    DAILY_CARER = levels.DAILY_CARER, _("daily carer")
    ADMITTED_READER = levels.ADMITTED_READER, _("reads along")
    CONTACT_BAN = levels.CONTACT_BAN, _("contact ban")


class Period(models.Model):
    """Half-open [valid_from, valid_until); open while `valid_until` is null."""

    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="%(app_label)s_%(class)s_period_in_order",
            )
        ]


class Guardianship(Period):
    """Caregiver × Child: the level, from when until when, who decided. A decision ends this row and opens the next.

    `decided_by` null means that the school's own list said so; a person's decision is never overruled by a file.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    caregiver = models.ForeignKey(Caregiver, on_delete=models.PROTECT, related_name="guardianships")
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="guardianships")
    level = models.CharField(max_length=20, choices=Level.choices)
    relation = models.CharField(max_length=40, blank=True)
    evidence = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="decided_guardianships"
    )
    decided_at = models.DateTimeField()

    takes_away = TakenAway(
        ends=("valid_until",),
        made={"level": levels.LESS_THAN_AUTHORITY},
        keeps=("decided_by", "decided_at"),
    )
    objects: ClassVar[GuardianshipQuerySet] = GuardianshipQuerySet.as_manager()

    class Meta(Period.Meta):
        constraints = [
            *Period.Meta.constraints,
            models.UniqueConstraint(
                fields=["caregiver", "child"],
                condition=Q(valid_until__isnull=True),
                name="groups_guardianship_one_open",
            ),
        ]
        indexes = [
            models.Index(
                fields=["child"],
                condition=Q(level=Level.UNVERIFIED, valid_until__isnull=True),
                name="groups_guardianship_unverified",
            )
        ]

    def __str__(self) -> str:
        return str(self.uid)


class Enrolment(Period):
    """Child in Group. Every pupil is enrolled in the school-wide group too: that is how families belong to it."""

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="enrolments")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="enrolments")

    takes_away = TakenAway(ends=("valid_until",))
    objects: ClassVar[PeriodQuerySet] = PeriodQuerySet.as_manager()

    class Meta(Period.Meta):
        constraints = [
            *Period.Meta.constraints,
            models.UniqueConstraint(
                fields=["child", "group"], condition=Q(valid_until__isnull=True), name="groups_enrolment_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} in {self.group_id}"


class StaffAssignment(Period):
    """StaffMember with a role in one Group, or (group null) in the whole School. A roster never makes a directie.

    `given_at` is when somebody gave it, where that is not when it begins: a roster counts a task from its own day.
    """

    staff = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="assignments")
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="assignments")
    group = models.ForeignKey(Group, null=True, on_delete=models.PROTECT, related_name="assignments")
    role = models.CharField(max_length=20, choices=ROLE_CHOICES)
    from_roster = models.BooleanField(default=False)
    given_at = models.DateTimeField(null=True)

    takes_away = TakenAway(ends=("valid_until",))
    objects: ClassVar[PeriodQuerySet] = PeriodQuerySet.as_manager()
    same_school = ("staff",)

    class Meta(Period.Meta):
        constraints = [
            *Period.Meta.constraints,
            models.UniqueConstraint(
                fields=["staff", "group", "role"],
                condition=Q(valid_until__isnull=True, group__isnull=False),
                name="groups_assignment_one_open_in_group",
            ),
            models.UniqueConstraint(
                fields=["staff", "school", "role"],
                condition=Q(valid_until__isnull=True, group__isnull=True),
                name="groups_assignment_one_open_in_school",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.role}"


class CouncilSeat(Period):
    """A parent or a member of staff in a council's group (MR, OR)."""

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="seats")
    caregiver = models.ForeignKey(Caregiver, null=True, on_delete=models.PROTECT, related_name="seats")
    staff = models.ForeignKey(StaffMember, null=True, on_delete=models.PROTECT, related_name="seats")

    takes_away = TakenAway(ends=("valid_until",))
    objects: ClassVar[PeriodQuerySet] = PeriodQuerySet.as_manager()

    class Meta(Period.Meta):
        constraints = [
            *Period.Meta.constraints,
            models.CheckConstraint(
                condition=Q(caregiver__isnull=True, staff__isnull=False)
                | Q(caregiver__isnull=False, staff__isnull=True),
                name="groups_seat_of_one_person",
            ),
        ]

    def __str__(self) -> str:
        return f"seat {self.pk}"
