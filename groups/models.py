"""The school as it is: who is in which group, who has authority over whom, and what follows from it.

Truth: Guardianship, Enrolment, StaffAssignment, CouncilSeat. Derived, never edited by hand: Membership and the grant
rows. Every moment is UTC and every period half-open: [valid_from, valid_until).
"""

import uuid
from datetime import time
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from groups.domain.names import full_name, sort_name
from groups.domain.working_hours import WorkingHours
from groups.querysets import (
    CaregiverQuerySet,
    ChildQuerySet,
    ContactChoiceQuerySet,
    GroupQuerySet,
    GuardianshipQuerySet,
    InvitationQuerySet,
    MembershipQuerySet,
    PeriodQuerySet,
    RosterUploadQuerySet,
    SchoolQuerySet,
    SchoolYearQuerySet,
    StaffQuerySet,
)
from groups.roles import PERMISSIONS, Hat, Role
from portal.core.access import Grant

HATS = [(hat.value, hat.value) for hat in Hat]
ROLE_CHOICES = [(role.value, role.value) for role in Role]


class Foundation(models.Model):
    """The board of several schools (POL-13)."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.name


class Weekday(models.IntegerChoices):
    """Days as ISO counts them."""

    MONDAY = 1, _("Monday")
    TUESDAY = 2, _("Tuesday")
    WEDNESDAY = 3, _("Wednesday")
    THURSDAY = 4, _("Thursday")
    FRIDAY = 5, _("Friday")
    SATURDAY = 6, _("Saturday")
    SUNDAY = 7, _("Sunday")


class School(models.Model):
    """One location with its own directie, groups and settings: BRIN + dependance.

    `digest_weekday` and `digest_hour` are the weekly newsletter's cut; with `digest_titles_only` it carries no texts.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    foundation = models.ForeignKey(Foundation, on_delete=models.PROTECT, related_name="schools")
    name = models.CharField(max_length=200)
    brin = models.CharField(max_length=4)
    dependance = models.CharField(max_length=2, default="00")
    phone = models.CharField(max_length=30, blank=True)
    street = models.CharField(max_length=200, blank=True)
    town = models.CharField(max_length=200, blank=True)
    opening_hours = models.CharField(max_length=200, blank=True)
    helpdesk_email = models.EmailField(blank=True)
    teachers_moderate = models.BooleanField(default=True)
    digest_weekday = models.PositiveSmallIntegerField(choices=Weekday.choices, default=Weekday.FRIDAY)
    digest_hour = models.PositiveSmallIntegerField(default=15)
    digest_titles_only = models.BooleanField(default=False)

    objects: ClassVar[SchoolQuerySet] = SchoolQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brin", "dependance"], name="groups_school_one_per_brin"),
            models.CheckConstraint(
                condition=Q(digest_weekday__range=(1, 7), digest_hour__range=(0, 23)),
                name="groups_school_digest_moment",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Holiday(models.Model):
    """School days off, first and last day included: a newsletter that falls in them moves to the next one."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="holidays")
    name = models.CharField(max_length=100)
    first_day = models.DateField()
    last_day = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(first_day__lte=F("last_day")), name="groups_holiday_in_order"),
            models.UniqueConstraint(fields=["school", "first_day"], name="groups_holiday_once"),
        ]

    def __str__(self) -> str:
        return self.name


class SchoolYear(models.Model):
    """1 August up to and including 31 July; afterwards an archive that can be read until `archive_until`."""

    name = models.CharField(max_length=9, unique=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    archive_until = models.DateTimeField()

    objects: ClassVar[SchoolYearQuerySet] = SchoolYearQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at"), ends_at__lte=F("archive_until")), name="groups_year_in_order"
            )
        ]

    def __str__(self) -> str:
        return self.name


class GroupKind(models.TextChoices):
    BASE = "class", _("class")
    COMPOSITE = "composite", _("composite class")
    SCHOOL = "school", _("whole school")
    COUNCIL = "council", _("council")
    STAFF = "staff", _("staff")
    PUPILS = "pupils", _("pupils")


class Group(models.Model):
    """A group of one school year; `roster_key` is the school administration's key, or begins with `@` for our own."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="groups")
    school_year = models.ForeignKey(SchoolYear, on_delete=models.PROTECT, related_name="groups")
    kind = models.CharField(max_length=10, choices=GroupKind.choices)
    roster_key = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    year_level = models.CharField(max_length=10, blank=True)
    label = models.CharField(max_length=3)
    colour = models.CharField(max_length=10)
    shape = models.CharField(max_length=10)

    objects: ClassVar[GroupQuerySet] = GroupQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "school_year", "roster_key"], name="groups_group_one_per_key")
        ]
        permissions = [
            (permission.split(".")[1], sentence)
            for permission, sentence in PERMISSIONS.items()
            if permission != "groups.view_group"
        ]

    def __str__(self) -> str:
        return self.name


class Person(models.Model):
    """The names every roster record has, and how they are read."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="%(class)s_set")
    first_name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=40, blank=True)
    last_name = models.CharField(max_length=120)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.uid)

    @property
    def full_name(self) -> str:
        return full_name(self.first_name, self.prefix, self.last_name)

    @property
    def sort_name(self) -> str:
        return sort_name(self.first_name, self.prefix, self.last_name)


class Child(Person):
    """A pupil. Left means: access ended, data kept until its retention date."""

    roster_key = models.CharField(max_length=60)
    birth_on = models.DateField(null=True)
    left_at = models.DateTimeField(null=True)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="child")

    objects: ClassVar[ChildQuerySet] = ChildQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "roster_key"], name="groups_child_one_per_key")]


class Caregiver(Person):
    """What the school's roster says of a parent; `user` once somebody proved to be this person.

    `letter_only` once the address in the roster let somebody else in: then a proved address is no proof here.
    """

    email = models.EmailField(max_length=254, blank=True)
    letter_only = models.BooleanField(default=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="caregivers")
    joined_at = models.DateTimeField(null=True)

    objects: ClassVar[CaregiverQuerySet] = CaregiverQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=True, joined_at__isnull=True) | Q(user__isnull=False, joined_at__isnull=False),
                name="groups_caregiver_joined_with_user",
            )
        ]
        indexes = [models.Index(fields=["email"], name="groups_caregiver_email")]


class StaffMember(Person):
    """What the roster, or an invitation, says of a member of staff. `display_name` is what parents read: juf Anna.

    What a person at school chose, no file overwrites.
    """

    roster_key = models.CharField(max_length=60, blank=True)
    display_name = models.CharField(max_length=120)
    function = models.CharField(max_length=120)
    display_name_chosen = models.BooleanField(default=False)
    function_chosen = models.BooleanField(default=False)
    email = models.EmailField(max_length=254, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="staff_records"
    )
    joined_at = models.DateTimeField(null=True)
    works_on = models.CharField(max_length=7, default="12345")
    works_from = models.TimeField(default=time(8))
    works_until = models.TimeField(default=time(17))

    objects: ClassVar[StaffQuerySet] = StaffQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "roster_key"], condition=~Q(roster_key=""), name="groups_staff_one_per_key"
            ),
            models.CheckConstraint(
                condition=Q(works_from__lt=F("works_until")) & ~Q(works_on=""), name="groups_staff_works_some_time"
            ),
        ]
        indexes = [models.Index(fields=["email"], name="groups_staff_email")]

    @property
    def hours(self) -> WorkingHours:
        """The own regular working days and hours (POL-27): weekday numbers of the week, Monday is 1."""
        return WorkingHours(frozenset(map(int, self.works_on)), self.works_from, self.works_until)


class Level(models.TextChoices):
    """Levels of authority over a child (POL-02, 03; domain card, Authority)."""

    WITH_AUTHORITY = "with_authority", _("with authority")
    UNVERIFIED = "unverified", _("still to check")
    WITHOUT_AUTHORITY = "without_authority", _("without authority")
    ADMITTED_READER = "admitted_reader", _("reads along")
    CONTACT_BAN = "contact_ban", _("contact ban")


ADMITTED = (Level.WITH_AUTHORITY, Level.ADMITTED_READER)


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

    def __str__(self) -> str:
        return str(self.uid)


class Enrolment(Period):
    """Child in Group. Every pupil is enrolled in the school-wide group too: that is how families belong to it."""

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="enrolments")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="enrolments")

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
    """StaffMember with a role in one Group, or (group null) in the whole School. A roster never makes a directie."""

    staff = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="assignments")
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="assignments")
    group = models.ForeignKey(Group, null=True, on_delete=models.PROTECT, related_name="assignments")
    role = models.CharField(max_length=20, choices=ROLE_CHOICES)
    from_roster = models.BooleanField(default=False)

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


class Membership(models.Model):
    """User in Group with a role and its reason. Derived from the truth by one service; nobody edits it.

    `valid_until` ends every power; `reads_until` is later only where somebody was in at the end of the school year
    and may still read the archive. Both are always set: a group lives one school year.
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


class GroupGrant(Grant):
    """Object permission on a Group, written from the roles by `groups.services.memberships`."""

    content_object = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="grants")


class ChildGrant(Grant):
    """Object permission on a Child: its admitted caregivers who came in."""

    content_object = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="grants")


class InvitationState(models.TextChoices):
    OPEN = "open", _("not used yet")
    USED = "used", _("used")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Invitation(models.Model):
    """A way in for one roster record: a code on a letter, or a mail to a first directie or IT administrator.

    Bound to the record, hashed at rest, single use, expiring. Printing a letter again withdraws the earlier code.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    guardianship = models.ForeignKey(Guardianship, null=True, on_delete=models.PROTECT, related_name="invitations")
    staff = models.ForeignKey(StaffMember, null=True, on_delete=models.PROTECT, related_name="invitations")
    code_hash = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=InvitationState.choices, default=InvitationState.OPEN)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    used_at = models.DateTimeField(null=True)

    objects: ClassVar[InvitationQuerySet] = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(guardianship__isnull=True, staff__isnull=False)
                | Q(guardianship__isnull=False, staff__isnull=True),
                name="groups_invitation_for_one_record",
            ),
            models.UniqueConstraint(
                fields=["code_hash"],
                condition=~Q(code_hash="") & Q(state="open"),
                name="groups_invitation_code_unique",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uid)


class UploadState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    PLANNING = "planning", _("being read")
    PLANNED = "planned", _("to be looked at")
    APPLYING = "applying", _("being taken over")
    APPLIED = "applied", _("taken over")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("withdrawn")
    FAILED = "failed", _("failed")


class RosterUpload(models.Model):
    """The files of one import by page, from handing in to the end. The bytes are outside the database and go soon.

    `fingerprint` is of the plan that is shown; the same plan is applied or none. `outcome` is what the page tells.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="roster_uploads")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    files = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=UploadState.choices, default=UploadState.WAITING)
    outcome = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64, blank=True)
    leavers_confirmed = models.BooleanField(default=False)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    settled_at = models.DateTimeField(null=True)

    objects: ClassVar[RosterUploadQuerySet] = RosterUploadQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["school", "uploaded_at"], name="groups_upload_of_school")]

    def __str__(self) -> str:
        return str(self.uid)


class Way(models.TextChoices):
    """How news reaches a parent (POL-50)."""

    WEEKLY = "weekly", _("One mail a week")
    MESSAGE = "message", _("A mail for each message")
    NONE = "none", _("No mail")


class ContactChoice(models.Model):
    """How somebody wants to hear from a school; who never chose gets the weekly newsletter."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="contact_choices")
    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="+")
    way = models.CharField(max_length=10, choices=Way.choices)
    chosen_at = models.DateTimeField()

    objects: ClassVar[ContactChoiceQuerySet] = ContactChoiceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "school"], name="groups_contactchoice_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.way}"
