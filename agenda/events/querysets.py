"""Which events somebody finds, and which of them somebody may change."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from groups.models import GroupGrant
from groups.roles import PUBLISH, VIEW, Hat
from portal.core.actor import Actor
from portal.core.domain.moments import school_day
from portal.core.models import User

SHOWN_CANCELLED = timedelta(days=30)
"""So long one still reads that something does not go on, here and in the own calendar."""


def standing(now: datetime, prefix: str = "") -> Q:
    """Not cancelled, or not for long."""
    return Q(**{f"{prefix}cancelled_at__isnull": True}) | Q(**{f"{prefix}cancelled_at__gt": now - SHOWN_CANCELLED})


class EventQuerySet(models.QuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Events of the groups whose page `actor` may open, in one hat or in any (POL-01, 04, 05).

        Example: the school trip of groep 4 and groep 5 is read by Noor's mother, who has a child in groep 4, until
        the second in which that ends; the tea of the team by nobody's mother. What was cancelled stands thirty days.
        """
        if not actor.user.is_authenticated:
            return self.none()
        rows = self.model.placings.rel.related_model.objects.filter(group__in=GroupGrant.objects.of(actor, VIEW))
        return self.filter(standing(actor.now), pk__in=rows.values("event"))

    def editable_by(self, actor: Actor) -> Self:
        """Events to come that `actor`, as staff, may change or cancel: who writes to every one of its groups.

        Example: the trip of groep 4 and 5 is changed by who teaches both, and by the directie; by the teacher of
        groep 5 alone it is not.
        """
        staff = actor.wearing(Hat.STAFF)
        if not actor.user.is_authenticated or actor.hat == Hat.FAMILY:
            return self.none()
        groups = GroupGrant.objects.of(staff, PUBLISH)
        elsewhere = self.model.placings.rel.related_model.objects.filter(event=OuterRef("pk")).exclude(group__in=groups)
        today = school_day(actor.now)
        return self.visible_to(staff).filter(~Exists(elsewhere), cancelled_at__isnull=True, ends_on__gte=today)

    def with_powers_for(self, actor: Actor) -> Self:
        """Annotates may_edit."""
        mine = self.model._default_manager.editable_by(actor).filter(pk=OuterRef("pk"))
        return self.annotate(may_edit=Exists(mine))

    def visible_pairs(self, users: Iterable[User | int], *, now: datetime, hat: str) -> models.QuerySet:
        """(user, event) for all of `users` at once, in this hat: the same as asking `visible_to` for each of them."""
        rights = GroupGrant.objects.in_force(VIEW, now=now).filter(user__in=users, hat=hat)
        rows = self.filter(standing(now), placings__group__grants__in=rights)
        return (
            rows.annotate(reader=F("placings__group__grants__user")).order_by().values_list("reader", "pk").distinct()
        )

    def between(self, first: date, last: date) -> Self:
        """Those that may have a day in common with these."""
        return self.filter(first_day__lte=last, ends_on__gte=first)

    def over_before(self, day: date) -> Self:
        """Over before this day."""
        return self.filter(ends_on__lt=day)

    def in_order(self) -> Self:
        return self.order_by("first_day", F("begins_at").asc(nulls_first=True), "title", "pk")
