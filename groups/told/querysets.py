"""Who reads what school told somebody."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef

from groups.roles import DIRECT, OVERSEE, VIEW, Hat
from portal.core.actor import Actor


class TellingQuerySet(models.QuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """What school told `actor`, in this hat; nobody else reads it here, and never what was kept back (POL-15)."""
        return self.filter(to=actor.user.pk, hat=actor.hat, withheld_because="").meant()

    def meant(self) -> Self:
        """But for what was told to the account of somebody who came in as a parent and was another person.

        Example: Ria came in as Noor's mother, and school took her account off. What the mother was told meanwhile is
        not Ria's; what a parent was told whose child left stays with that parent.
        """
        people = self.model.to.field.related_model
        wrong = people.claims.rel.related_model.objects.filter(
            user=OuterRef("to"),
            caregiver__school=OuterRef("school"),
            claimed_at__lte=OuterRef("told_at"),
            ended_at__gte=OuterRef("told_at"),
        )
        own = people.caregivers.rel.related_model.objects.filter(user=OuterRef("to"), school=OuterRef("school"))
        return self.exclude(models.Q(Exists(wrong), ~Exists(own), hat=Hat.FAMILY))

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
        directs the school too and is Noor's mother. With nobody of these left it is the foundation's case officer who
        reads it.
        """
        school = self.model.telling.field.related_model.school.field.related_model
        serves = school.groups.rel.related_model.objects.visible_to(actor.wearing(Hat.STAFF)).values("school")
        own = models.Q(telling__told_by=actor.user.pk, telling__school__in=serves)
        own |= models.Q(telling__school__in=school.objects.directed_by(actor)) & ~self._to_own_family(actor)
        own |= models.Q(telling__school__in=school.objects.keys_of(actor, OVERSEE)) & self._left(actor.now)
        return self.filter(own, telling__case_uid__isnull=True).exclude(telling__to=actor.user.pk)

    def _to_own_family(self, actor: Actor) -> models.Q:
        """To somebody who is, or was, an adult of a child of `actor`, and to such a child."""
        people = self.model.telling.field.related_model.to.field.related_model
        guardianships = people.caregivers.rel.related_model.guardianships.rel.related_model.objects
        return models.Q(telling__to__in=guardianships.own_family(actor))

    def _left(self, now: datetime) -> models.Q:
        """That nobody at school reads it: who told it left, and of the directie there is only the own family."""
        school = self.model.telling.field.related_model.school.field.related_model
        group, guardianship = school.groups.rel.related_model, school._meta.apps.get_model("groups", "Guardianship")
        telling = {name: OuterRef(f"telling__{name}") for name in ("to", "told_by", "school")}
        serving = group.grants.rel.related_model.objects.in_force(VIEW, now=now)
        teller = serving.filter(user=telling["told_by"], hat=Hat.STAFF, content_object__school=telling["school"])
        directing = school.grants.rel.related_model.objects.in_force(DIRECT, now=now)
        bonds = guardianship.objects.unended(now=now).of_people(OuterRef("user"))
        to = OuterRef(OuterRef("telling__to"))
        family = bonds.filter(models.Q(child__guardianships__caregiver__user=to) | models.Q(child__user=to))
        others = directing.filter(content_object=telling["school"]).exclude(user=telling["to"]).filter(~Exists(family))
        return ~Exists(teller) & ~Exists(others)
