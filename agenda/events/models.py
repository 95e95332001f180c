"""What is in the agenda of a school, for which groups, and on which days it is not after all."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agenda.events.domain.days import MONTHS, ONCE, WEEKS, Days
from agenda.events.domain.words import StandingWords
from agenda.events.querysets import SHOWN_CANCELLED, EventQuerySet
from groups.models import Group, School
from portal.core.taking import TakenAway
from portal.core.words import Words

LONGEST_LINE = 100


class EventState(models.TextChoices):
    """Whether it goes on."""

    PLANNED = "planned", _("planned")
    CANCELLED = "cancelled", _("cancelled")


class Event(models.Model):
    """Something on the school's calendar: all day or at a clock, once, some days on end, or again and again.

    Days and clocks are the school's (`domain.days`). `ends_on` is the last day of the last time. It carries name and
    function of who made it (POL-15). Other programs know it by `uid`, and each change by `version`; `touched_at` is
    when it last changed in any way, `changed_at` when its readers had to know, `worded_at` when its words last passed
    for their names (POL-40); none where that was before it was kept.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="events")
    groups = models.ManyToManyField(Group, through="EventGroup", related_name="events")
    title = models.CharField(max_length=LONGEST_LINE)
    place = models.CharField(max_length=LONGEST_LINE, blank=True)
    first_day = models.DateField()
    last_day = models.DateField()
    begins_at = models.TimeField(null=True)
    ends_at = models.TimeField(null=True)
    repeats = models.CharField(max_length=6, choices=[(one, one) for one in (ONCE, WEEKS, MONTHS)], blank=True)
    every = models.PositiveSmallIntegerField(default=1)
    ends_on = models.DateField()
    state = models.CharField(max_length=9, choices=EventState.choices, default=EventState.PLANNED)
    version = models.PositiveIntegerField(default=1)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    author_name = models.CharField(max_length=200)
    author_function = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True)
    worded_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    takes_away = TakenAway(
        states={"state": (EventState.CANCELLED.value,)},
        keeps=("cancelled_at", "cancelled_by"),
        replaced={"title": "…", "place": ""},
    )
    instead: ClassVar[Words] = _("An activity in Kring")
    """What goes out where its words may not."""
    objects: ClassVar[EventQuerySet] = EventQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(first_day__lte=F("last_day"), last_day__lte=F("ends_on")), name="agenda_event_days_in_order"
            ),
            models.CheckConstraint(
                condition=Q(repeats=ONCE, ends_on=F("last_day"), every=1)
                | Q(repeats__in=(WEEKS, MONTHS), last_day=F("first_day"), every__gte=1),
                name="agenda_event_once_or_again",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(begins_at__isnull=False), name="agenda_event_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(state="planned", cancelled_at__isnull=True, cancelled_by__isnull=True)
                | Q(state="cancelled", cancelled_at__isnull=False, cancelled_by__isnull=False),
                name="agenda_event_cancelled_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["school", "ends_on", "first_day"], name="agenda_event_of_days")]

    def __str__(self) -> str:
        return str(self.uid)

    @property
    def days(self) -> Days:
        """When it is."""
        return Days(self.first_day, self.last_day, self.begins_at, self.ends_at, self.repeats, self.every, self.ends_on)

    @property
    def said(self) -> StandingWords:
        """Its words. Each edit has them pass anew; called off, in whole or once, they are those of before."""
        groups = frozenset(one.group_id for one in self.placings.all())
        return StandingWords((self.title, self.place), groups, self.worded_at or self.changed_at or self.made_at)

    @property
    def is_cancelled(self) -> bool:
        return self.state == EventState.CANCELLED

    def has_been(self, now: datetime) -> bool:
        """Whether it was over by `now`, the last time it comes back too."""
        return self.days.is_over(self.ends_on, now)

    @property
    def went_on(self) -> set[date]:
        """Of a series that was cancelled the times that were over by then."""
        return self.days.over_by(self.cancelled_at) if self.cancelled_at and self.days.is_series else set()

    def is_shown(self, now: datetime) -> bool:
        """Whether it goes on, or one still reads that it does not."""
        return self.cancelled_at is None or self.cancelled_at > now - SHOWN_CANCELLED


class EventGroup(models.Model):
    """For which group an event is. Made with the event; nobody is moved into another one afterwards."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="placings")
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="event_placings")

    same_school = ("event", "group")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "group"], name="agenda_eventgroup_once")]

    def __str__(self) -> str:
        return f"{self.event_id} in {self.group_id}"


class SkippedDay(models.Model):
    """One time of a series that does not go on."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="skipped")
    day = models.DateField()
    skipped_at = models.DateTimeField()
    skipped_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    takes_away = TakenAway(made={}, same=("event", "day"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "day"], name="agenda_skippedday_once")]

    def __str__(self) -> str:
        return f"not on {self.day}"


def skipped_on(rows: Iterable[SkippedDay]) -> dict[date, datetime]:
    """By day when it was said that it does not go on then."""
    return {row.day: row.skipped_at for row in rows}
