"""Which answers somebody finds, and which of them still count."""

from datetime import date, datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from groups.models import Child, Guardianship
from portal.core.actor import Actor


class AskAnswerQuerySet(models.QuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Answers about the own children that `actor` talks with school about; ticks only the own ones.

        A yes or no is the child's, so both parents find it; that the apron lies ready counts in one home. Staff read
        `about_children_in` of a message.
        """
        own = self.filter(child__in=Child.objects.cared_for_by(actor))
        return own.filter(~Q(answer="done") | Q(user=actor.user.pk))

    def counted(self, *, now: datetime) -> Self:
        """Given by who still talks with school about the child."""
        giving = Guardianship.objects.talking().active(now=now)
        giving = giving.filter(caregiver__user=OuterRef("user"), child=OuterRef("child"))
        return self.filter(Exists(giving))

    def in_order(self) -> Self:
        """The last one given last."""
        return self.order_by("answered_at", "pk")

    def of_before(self, day: date) -> Self:
        """To messages that asked something about a day before this one."""
        return self.filter(writing__ask_on__lt=day)


class VoterQuerySet(models.QuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """The own votes: that one voted. Whose the others are nobody reads."""
        return self.filter(user=actor.user.pk)

    def of_before(self, day: date) -> Self:
        """In messages that asked something about a day before this one."""
        return self.filter(writing__ask_on__lt=day)
