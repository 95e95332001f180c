"""What follows from the truth, never edited by hand: memberships, families, the rights on groups, children, schools."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from groups.records.models.people import Child
from groups.records.models.schools import Group, School
from groups.records.models.truth import ROLE_CHOICES, CouncilSeat, Enrolment, Guardianship, Period, StaffAssignment
from groups.records.querysets.memberships import MembershipQuerySet
from groups.records.querysets.periods import PeriodQuerySet
from groups.roles import Hat
from portal.core.access import Grant

HATS = [(hat.value, hat.value) for hat in Hat]


class Membership(models.Model):
    """User in Group with a role and its reason. Derived from the truth; nobody edits it.

    Who somebody *is*: a restriction takes away rights (`GroupGrant`), no membership. `valid_until` ends every power;
    `reads_until` is later only where somebody was in at the end of the school year and may still read the archive.
    Both are always set: a group lives one school year.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=ROLE_CHOICES)
    hat = models.CharField(max_length=10, choices=HATS)
    guardianship = models.ForeignKey(Guardianship, null=True, on_delete=models.CASCADE, related_name="memberships")
    enrolment = models.ForeignKey(Enrolment, null=True, on_delete=models.CASCADE, related_name="memberships")
    assignment = models.ForeignKey(StaffAssignment, null=True, on_delete=models.CASCADE, related_name="memberships")
    seat = models.ForeignKey(CouncilSeat, null=True, on_delete=models.CASCADE, related_name="memberships")
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    reads_until = models.DateTimeField()

    objects: ClassVar[MembershipQuerySet] = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "group", "role", "guardianship", "enrolment"],
                condition=Q(guardianship__isnull=False),
                name="groups_membership_by_guardianship",
            ),
            models.UniqueConstraint(
                fields=["user", "group", "role", "assignment"],
                condition=Q(assignment__isnull=False),
                name="groups_membership_by_assignment",
            ),
            models.UniqueConstraint(
                fields=["user", "group", "role", "seat", "valid_from"],
                condition=Q(seat__isnull=False),
                name="groups_membership_by_seat",
            ),
            models.CheckConstraint(
                condition=Q(guardianship__isnull=False, enrolment__isnull=False, assignment=None, seat=None)
                | Q(guardianship=None, enrolment=None, assignment__isnull=False, seat=None)
                | Q(guardianship=None, enrolment=None, assignment=None, seat__isnull=False),
                name="groups_membership_has_one_reason",
            ),
            models.CheckConstraint(
                condition=Q(valid_from__lt=F("valid_until"), valid_until__lte=F("reads_until")),
                name="groups_membership_period_in_order",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "group", "reads_until"], name="groups_membership_reads"),
            models.Index(fields=["group", "role", "valid_until"], name="groups_membership_of_group"),
        ]

    def __str__(self) -> str:
        return f"{self.role} in {self.group_id}"


class ChildFamily(Period):
    """Of which family a child is, and in what time: that of every child with the same caregivers with authority.

    Derived, so that a page counts families where they are. Example: Noor and Ilyas, both of Karima and Said, are one
    family; Fenna, of Said and Lotte, is another. A guardian (voogd) ties nobody, for an institution has authority over
    children who never met; a child without anybody else has no row and stands alone.
    """

    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="families")
    number = models.BigIntegerField()

    objects: ClassVar[PeriodQuerySet] = PeriodQuerySet.as_manager()

    class Meta(Period.Meta):
        constraints = [
            *Period.Meta.constraints,
            models.UniqueConstraint(fields=["child", "valid_from"], name="groups_child_family_once"),
        ]

    def __str__(self) -> str:
        return f"family of {self.child_id}"


class GroupGrant(Grant):
    """A right on a group, from the memberships of its holder and without the time in which it is restricted."""

    content_object = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="grants")


class ChildGrant(Grant):
    """A right on a child: of its admitted caregivers who came in."""

    content_object = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="grants")


class SchoolGrant(Grant):
    """A right on a school as a whole: of who directs it, looks after its machine, or oversees it."""

    content_object = models.ForeignKey(School, on_delete=models.CASCADE, related_name="grants")
