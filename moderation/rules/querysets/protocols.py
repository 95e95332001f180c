"""Which rules are in force where, whose rules they are, and who still has to confirm them."""

from datetime import datetime
from typing import Self, TypeVar

from django.db import models
from django.db.models import Exists, OuterRef, Q

from groups.models import Membership, School, StaffAssignment
from groups.records.querysets.memberships import MembershipQuerySet
from groups.records.querysets.periods import PeriodQuerySet
from groups.roles import VIEW, Hat
from portal.core.actor import Actor
from portal.core.models import User


def serving(*, now: datetime) -> PeriodQuerySet[StaffAssignment]:
    """Tasks at a school, of whoever came in: also those that open no group, such as looking after the machine."""
    return StaffAssignment.objects.active(now=now).filter(staff__user__is_active=True)


def reading(*, now: datetime) -> MembershipQuerySet[Membership]:
    """Family reasons to read along this year; who reads the archive of a finished year only is not asked.

    Also while the access is limited or suspended: by these rules it was.
    """
    return Membership.objects.held(VIEW, now=now).filter(hat=Hat.FAMILY, valid_until__gt=now)


def people_of(school: School, *, now: datetime) -> models.QuerySet:
    """Everybody the rules of `school` are for, each with `as_staff`: the set-wise end of `meant_for`.

    Example: juf Anna, the IT administrator and Noor's mother; not a parent who comes next month, not a former one.
    """
    as_staff = Exists(serving(now=now).filter(school=school, staff__user=OuterRef("pk")))
    as_family = Exists(reading(now=now).filter(group__school=school, user=OuterRef("pk")))
    return User.objects.annotate(as_staff=as_staff).filter(Q(as_staff=True) | as_family)


Rows = TypeVar("Rows", bound=models.QuerySet)


def of_own_schools(rows: Rows, actor: Actor) -> Rows:
    """Rows of the schools `actor` belongs to, with `as_staff`: the other end of `people_of`."""
    if not actor.user.is_authenticated:
        return rows.none()
    as_staff = Exists(serving(now=actor.now).filter(school=OuterRef("school"), staff__user=actor.user.pk))
    as_family = Exists(reading(now=actor.now).filter(group__school=OuterRef("school"), user=actor.user.pk))
    return rows.annotate(as_staff=as_staff).filter(Q(as_staff=True) | as_family)


class ProtocolDraftQuerySet(models.QuerySet):
    def directed_by(self, actor: Actor) -> Self:
        """Drafts of the schools `actor` directs; nobody else knows that there is one."""
        return self.filter(school__in=School.objects.directed_by(actor))


class ProtocolQuerySet(models.QuerySet):
    def directed_by(self, actor: Actor) -> Self:
        """Every version of the schools `actor` directs, those that have still to begin too."""
        return self.filter(school__in=School.objects.directed_by(actor))

    def visible_to(self, actor: Actor) -> Self:
        """Versions that began, of the schools `actor` belongs to now; what was in force before can be read again."""
        return of_own_schools(self, actor).filter(effective_at__lte=actor.now)

    def in_force(self, *, now: datetime) -> Self:
        """The one version of each school that holds at `now`: the highest number that has begun."""
        begun = self.model.objects.filter(effective_at__lte=now, school=OuterRef("school"))
        return self.filter(~Exists(begun.filter(number__gt=OuterRef("number"))), effective_at__lte=now)

    def meant_for(self, actor: Actor) -> Self:
        """The versions in force that are for `actor`, with `as_staff`: at most one for each school (POL-67).

        Example: juf Rob, teacher of De Linde with a child on De Berk, is asked by De Linde as staff and by De Berk
        as a parent.
        """
        return of_own_schools(self, actor).in_force(now=actor.now)

    def waiting_for(self, actor: Actor) -> Self:
        """Of these the ones `actor` did not confirm yet; the version before does not count."""
        done = self.model.acknowledgements.rel.related_model.objects.filter(protocol=OuterRef("pk"), user=actor.user.pk)
        return self.meant_for(actor).filter(~Exists(done))


class AcknowledgementQuerySet(models.QuerySet):
    def made_by(self, user: User) -> Self:
        """What `user` confirmed."""
        return self.filter(user=user.pk)
