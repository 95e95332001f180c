"""Who the school's administration knows: children, their caregivers, and the staff."""

import uuid
from datetime import time
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from groups.records.domain.names import full_name, sort_name
from groups.records.domain.working_hours import WorkingHours
from groups.records.models.schools import School
from groups.records.querysets.people import CaregiverQuerySet, ChildQuerySet, StaffQuerySet
from portal.core.taking import TakenAway


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
    """A pupil. Left means: access ended, data kept until its retention date.

    `colour` is that of its ring wherever it is named: 1 to 4, another than its siblings'; 0 until it has a caregiver.
    `user` once a pupil of 16 or over came in with the letter.
    """

    roster_key = models.CharField(max_length=60)
    birth_on = models.DateField(null=True)
    left_at = models.DateTimeField(null=True)
    colour = models.PositiveSmallIntegerField(default=0)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="child")

    takes_away = TakenAway(ends=("left_at",), emptied=("user",))
    objects: ClassVar[ChildQuerySet] = ChildQuerySet.as_manager()

    class Meta:
        permissions = [("know_child", "Hears a shielded child named.")]
        constraints = [models.UniqueConstraint(fields=["school", "roster_key"], name="groups_child_one_per_key")]


class Caregiver(Person):
    """What the school's roster says of a parent; `user` once somebody proved to be this person.

    `letter_only` once the address in the roster let somebody else in: then a proved address is no proof here.
    `email_changed_at`: when a later list put this address on the record; `former_email` is the first one it had.
    `postal_address`, in two lines, serves letters alone; `phone` the list to phone when something is urgent. Both go
    with the last guardianship that lets in or waits; of a refusal is told on paper first.
    """

    email = models.EmailField(max_length=254, blank=True)
    postal_address = models.CharField(max_length=400, blank=True)
    phone = models.CharField(max_length=30, blank=True, default="", db_default="")
    former_email = models.EmailField(max_length=254, blank=True)
    email_changed_at = models.DateTimeField(null=True)
    letter_only = models.BooleanField(default=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="caregivers")
    joined_at = models.DateTimeField(null=True)

    takes_away = TakenAway(
        flags={"letter_only": True},
        emptied=("user", "joined_at"),
        replaced={"email": "", "postal_address": "", "phone": ""},
    )
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

    What a person at school chose, no file overwrites; `email_by` typed the address. `told_at`: when the school last
    mailed that this person can come in. Who came in by letter, or by an address that was typed or that a later list
    changed (`email_changed_at`), finds conversations that began before only from `settles_at` on (docs/adr/0026).
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
    email_changed_at = models.DateTimeField(null=True)
    email_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    told_at = models.DateTimeField(null=True)
    settles_at = models.DateTimeField(null=True)
    works_on = models.CharField(max_length=7, default="12345")
    works_from = models.TimeField(default=time(8))
    works_until = models.TimeField(default=time(17))
    version = models.PositiveIntegerField(default=1)

    takes_away = TakenAway(emptied=("user", "joined_at"), replaced={"email": ""})
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
