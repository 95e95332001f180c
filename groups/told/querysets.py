"""Who reads what school told somebody."""

from typing import Self

from django.db import models

from groups.roles import Hat
from portal.core.actor import Actor


class TellingQuerySet(models.QuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """What school told `actor`, in this hat; nobody else reads it here, and never what was kept back (POL-15)."""
        return self.filter(to=actor.user.pk, hat=actor.hat, withheld_because="")

    def unread(self) -> Self:
        """What its reader did not put away yet."""
        return self.filter(read_at__isnull=True)


class AnswerQuerySet(models.QuerySet):
    def unseen(self) -> Self:
        """Answers that nobody at school put away yet."""
        return self.filter(seen_at__isnull=True)

    def asked_by(self, actor: Actor) -> Self:
        """Answers to what `actor` told, while of that school's staff, or told at a school that `actor` directs.

        Never to oneself; nor, for who directs, to another adult of an own child, or to that child: somebody else of the
        directie decided, and reads it. What belongs to a case is for who handles that: the room of cases asks for
        those. Example: Dirk takes the authority of Noor's father back. What he writes Dirk reads, and not Lies, who
        directs the school too and is Noor's mother.
        """
        school = self.model.telling.field.related_model.school.field.related_model
        serves = school.groups.rel.related_model.objects.visible_to(actor.wearing(Hat.STAFF)).values("school")
        own = models.Q(telling__told_by=actor.user.pk, telling__school__in=serves)
        own |= models.Q(telling__school__in=school.objects.directed_by(actor)) & ~self._to_own_family(actor)
        return self.filter(own, telling__case_uid__isnull=True).exclude(telling__to=actor.user.pk)

    def _to_own_family(self, actor: Actor) -> models.Q:
        """To somebody who is, or was, an adult of a child of `actor`, and to such a child."""
        people = self.model.telling.field.related_model.to.field.related_model
        guardianships = people.caregivers.rel.related_model.guardianships.rel.related_model.objects
        return models.Q(telling__to__in=guardianships.own_family(actor))
