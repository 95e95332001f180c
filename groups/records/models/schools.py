"""Foundations and schools, their years and days off, and the groups of each year."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from groups.records.querysets.schools import GroupQuerySet, SchoolQuerySet, SchoolYearQuerySet
from groups.roles import PERMISSIONS, SCHOOL_PERMISSIONS
from portal.core.taking import TakenAway


class Foundation(models.Model):
    """The board of several schools (POL-13). `mailbox`: where the dossiers' heads are kept, outside this machine."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=200)
    mailbox = models.EmailField(blank=True)

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


class Region(models.TextChoices):
    """Where the ministry counts a school for its holidays."""

    NORTH = "north", _("North")
    MIDDLE = "middle", _("Middle")
    SOUTH = "south", _("South")


class School(models.Model):
    """One location with its own directie, groups and settings: BRIN + dependance.

    `digest_weekday` and `digest_hour` are the weekly newsletter's cut; with `digest_titles_only` it carries no texts.
    `region` brings the published holidays; without one only the days off count that the school put in itself.
    Until `opened_at` no parent comes in: the school sets things up (docs/adr/0049). `looked_over_at`: when its directie
    last signed that who may see what is right.
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
    confidant = models.CharField(max_length=200, blank=True)
    board_contact = models.CharField(max_length=200, blank=True)
    complaints_committee = models.CharField(max_length=200, blank=True)
    privacy_officer = models.CharField(max_length=200, blank=True)
    council_contact = models.CharField(max_length=200, blank=True)
    teachers_moderate = models.BooleanField(default=True)
    digest_weekday = models.PositiveSmallIntegerField(choices=Weekday.choices, default=Weekday.FRIDAY)
    digest_hour = models.PositiveSmallIntegerField(default=15)
    digest_titles_only = models.BooleanField(default=False)
    region = models.CharField(max_length=6, choices=Region.choices, blank=True)
    opened_at = models.DateTimeField(null=True)
    looked_over_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    takes_away = TakenAway(flags={"digest_titles_only": True})
    objects: ClassVar[SchoolQuerySet] = SchoolQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brin", "dependance"], name="groups_school_one_per_brin"),
            models.CheckConstraint(
                condition=Q(digest_weekday__range=(1, 7), digest_hour__range=(0, 23)),
                name="groups_school_digest_moment",
            ),
        ]
        permissions = [(permission.split(".")[1], sentence) for permission, sentence in SCHOOL_PERMISSIONS.items()]

    def __str__(self) -> str:
        return self.name


class Holiday(models.Model):
    """School days off, first and last day included.

    A newsletter that falls in them moves to the next one, and nobody of the school reads before the first day after.
    """

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
