"""Whose weeks somebody sees: how often groups placed something."""

from collections.abc import Sequence
from typing import Self

from django.db import models
from django.db.models import F, Q

from groups.models import Group, School
from messaging.newsletter.domain import IsoWeek
from portal.core.actor import Actor


class FrequencyWeekQuerySet(models.QuerySet):
    def directed_by(self, actor: Actor) -> Self:
        """Of every group of the schools `actor` directs, also of years that are over."""
        return self.filter(school__in=School.objects.directed_by(actor))

    def visible_to(self, actor: Actor) -> Self:
        """What `directed_by` gives, and for a teacher the own groups as long as they are the own.

        Example: juf Anna reads how often groep 4 placed something, not groep 5; the directie reads all of them; a
        parent reads none.
        """
        managed = Group.objects.managed_by(actor)
        return self.filter(Q(school__in=School.objects.directed_by(actor)) | Q(group__in=managed))

    def of_weeks(self, weeks: Sequence[IsoWeek]) -> Self:
        """Of weeks in a row, in their order."""
        return self._numbered().filter(number__range=(_number(weeks[0]), _number(weeks[-1])))

    def before(self, week: IsoWeek) -> Self:
        """Of any earlier week."""
        return self._numbered().filter(number__lt=_number(week))

    def _numbered(self) -> Self:
        """Week 53 of a year comes before week 1 of the next."""
        return self.alias(number=F("year") * 100 + F("week")).order_by("year", "week")


def _number(week: IsoWeek) -> int:
    return week.year * 100 + week.number
