"""Which answers somebody finds, and which of them still count."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from groups.models import Child, ChildGrant, Enrolment, GroupGrant, Guardianship
from groups.roles import REPLY, VIEW_CHILD, Hat
from messaging.asks.domain import OWN
from portal.core.actor import Actor
from portal.core.domain.moments import at_school


class OfAMessageQuerySet(models.QuerySet):
    def of_before(self, day: date) -> Self:
        """To messages that asked something about a day before this one."""
        return self.filter(writing__ask_on__lt=day)


class AskAnswerQuerySet(OfAMessageQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Answers about the own children that `actor` talks with school about; ticks only the own ones.

        A yes or no is the child's, so both parents find it; that the apron lies ready counts in one home. Staff read
        what stands for each child (`services.answering.heard_from`).
        """
        own = self.filter(child__in=Child.objects.cared_for_by(actor))
        return own.filter(~Q(answer__in=OWN) | Q(user=actor.user.pk))

    def found_by(self, users: Iterable[int], *, now: datetime) -> Self:
        """With a `reader`: each answer once for each of these, at home, who finds it by `visible_to`; in order."""
        talking = Guardianship.objects.talking().active(now=now).filter(caregiver__user__in=users)
        seeing = ChildGrant.objects.in_force(VIEW_CHILD, now=now).filter(hat=Hat.FAMILY, user=OuterRef("reader"))
        rows = self.filter(child__guardianships__in=talking)
        rows = rows.annotate(reader=F("child__guardianships__caregiver__user"))
        rows = rows.filter(Exists(seeing.filter(content_object=OuterRef("child"))))
        return rows.filter(~Q(answer__in=OWN) | Q(user=F("reader"))).in_order().distinct()

    def counted(self, *, now: datetime) -> Self:
        """Given by who still talks with school about the child."""
        giving = Guardianship.objects.talking().active(now=now)
        giving = giving.filter(caregiver__user=OuterRef("user"), child=OuterRef("child"))
        return self.filter(Exists(giving))

    def of_children_in(self, groups: models.QuerySet, *, now: datetime) -> Self:
        """About children in one of these groups."""
        placed = Enrolment.objects.active(now=now).filter(group__in=groups)
        return self.filter(child__in=placed.values("child"))

    def in_order(self) -> Self:
        """The last one given last."""
        return self.order_by("answered_at", "pk")


class ByAdultQuerySet(OfAMessageQuerySet):
    """Answers of an adult, kept beside the first of the messages that were written together."""

    def of_group(self, group: int | models.QuerySet | None, *, now: datetime) -> Self:
        """Of who talks with school about a child in this group, or in one of these."""
        groups = group if isinstance(group, models.QuerySet) else [group]
        placed = Enrolment.objects.active(now=now).filter(group__in=groups)
        talking = Guardianship.objects.talking().active(now=now).filter(child__in=placed.values("child"))
        return self.filter(Exists(talking.filter(caregiver__user=OuterRef("user"))))


class VoterQuerySet(ByAdultQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """The own votes: that one voted. Whose the others are nobody reads."""
        return self.filter(user=actor.user.pk)


class HelperQuerySet(ByAdultQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """The own ones; and of a task that `actor` has a place in, who wants the others of it to see a number.

        Until the day itself is over. Staff of the group read all of them, by `services.helping.helpers_of`.
        """
        mine = self.model._default_manager.filter(user=actor.user.pk, place__isnull=False)
        beside = mine.filter(writing=OuterRef("writing"), task=OuterRef("task"))
        today = at_school(actor.now).date()
        shared = Q(Exists(beside), place__isnull=False, writing__ask_on__gte=today) & ~Q(phone="")
        return self.filter(Q(user=actor.user.pk) | shared)

    def still_speaking_in(self, groups: models.QuerySet, *, now: datetime) -> Self:
        """Of who may give others a number in these groups by now, whatever held when they did.

        Who may reply there to all, and cares for no shielded child: `services.helping.may_show_phone`, of many.
        """
        speaking = GroupGrant.objects.in_force(REPLY, now=now).filter(content_object__in=groups, hat=Hat.FAMILY)
        caring = Guardianship.objects.talking().active(now=now).filter(child__in=Child.objects.shielded(now=now))
        of_them = caring.filter(caregiver__user=OuterRef("user"))
        return self.filter(Exists(speaking.filter(user=OuterRef("user"))), ~Exists(of_them))

    def in_line(self) -> Self:
        """Who came first, first."""
        return self.order_by("task", "pk")
