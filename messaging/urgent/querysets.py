"""Who sends what cannot wait, who follows where it came, and above whose feed it stands."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q, Value

from groups.models import Restriction, School, StaffAssignment, StaffMember
from groups.records.querysets.schools import SchoolQuerySet
from groups.roles import DIRECT, OPERATORS, Hat
from messaging.urgent.domain import STANDS_FOR
from portal.core.actor import Actor


def deputizing(now: datetime) -> models.QuerySet:
    """Who has a task at a school beside those that open no group: who only keeps the machine, or handles for the
    foundation, writes to no family.
    """
    tasks = StaffAssignment.objects.unended(now=now).exclude(role__in=OPERATORS)
    return StaffMember.objects.filter(Exists(tasks.filter(staff=OuterRef("pk"))))


class DeputyQuerySet(models.QuerySet):
    def open(self) -> Self:
        """Those whose place nobody ended."""
        return self.filter(ended_at__isnull=True)

    def holding(self, *, now: datetime) -> Self:
        """Those who hold a place now: it falls with the last task at the school that opens a group."""
        return self.open().filter(staff__in=deputizing(now).values("pk"))

    def held_by(self, actor: Actor) -> Self:
        """The places of `user`: named, still on the staff of that school, and not limited there (POL-65).

        Nor who came in by a letter or a typed address of whom no colleague said yet that it is them (ADR 0026).

        Example: juf Anna is named; on the day her last task at the school ends she sends nothing urgent any more.
        """
        if actor.hat == Hat.FAMILY or not actor.user.is_authenticated:
            return self.none()
        user = actor.user.pk
        barred = Restriction.objects.filter(user=user, valid_from__lte=actor.now, valid_until__gt=actor.now)
        mine = deputizing(actor.now).filter(user=user, user__is_active=True)
        mine = mine.exclude(settles_at__gt=actor.now)
        return self.open().filter(~Exists(barred.filter(school=OuterRef("school"))), staff__in=mine.values("pk"))

    def directed_by(self, actor: Actor) -> Self:
        """Of the schools `actor` directs: who names them, and ends it."""
        return self.open().filter(school__in=School.objects.keys_of(actor, DIRECT))


def alarmed_by(actor: Actor) -> SchoolQuerySet:
    """The schools where `actor` sends what cannot wait: the directie, and whom it named."""
    schools: SchoolQuerySet = School.objects.all()
    if actor.hat == Hat.FAMILY or not actor.user.is_authenticated:
        return schools.none()
    deputies: DeputyQuerySet = School.urgent_deputies.rel.related_model.objects.all()
    named = deputies.held_by(actor).values("school")
    return schools.filter(Q(pk__in=schools.keys_of(actor, DIRECT)) | Q(pk__in=named))


class UrgentQuerySet(models.QuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Where each came, with every adult by name: for the directie, and whom it named (POL-30).

        Example: meester Tom reads the message as everybody does; whom it reached stands on no page of his.
        """
        return self.filter(post__school__in=alarmed_by(actor).values("pk"))

    def standing_for(self, actor: Actor) -> Self:
        """What a parent may read and has not had on the screen, for a week."""
        family = actor.wearing(Hat.FAMILY)
        post = self.model.post.field.related_model
        seen = post.seen_by.rel.related_model.objects.of(actor.user).filter(writing=OuterRef("post"))
        since = Value(actor.now) - Value(STANDS_FOR)
        posts = post.objects.visible_to(family).filter(state="published", published_at__gt=since)
        return self.filter(~Exists(seen), post__in=posts)


class FollowUpQuerySet(models.QuerySet):
    def open(self) -> Self:
        """Those of which some families may not know yet."""
        return self.filter(ended_at__isnull=True)

    def waiting(self) -> Self:
        """Those of which families have to be phoned, whoever does."""
        return self.open().filter(waits_since__isnull=False)

    def waiting_for(self, actor: Actor) -> Self:
        """Those of which families have to be phoned, at the schools where `actor` sends what cannot wait (POL-30).

        Nobody phones about what is hidden: it waits again when it is shown.
        """
        standing = self.waiting().filter(post__state="published")
        return standing.filter(post__school__in=alarmed_by(actor).values("pk"))
