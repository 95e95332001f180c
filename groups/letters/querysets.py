"""Which invitations, and which claims that they led to."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef

from groups.records.querysets.restrictions import stopped
from portal.core.actor import Actor


class InvitationQuerySet(models.QuerySet):
    def by_mail(self) -> Self:
        """Without a code on paper: the mail to a first directie or IT administrator."""
        return self.filter(code_hash="")

    def open(self) -> Self:
        """Not used and not withdrawn; perhaps too old."""
        return self.filter(state="open")

    def usable(self, *, now: datetime) -> Self:
        """Open and not expired."""
        return self.open().filter(expires_at__gt=now)


class ClaimQuerySet(models.QuerySet):
    def open(self) -> Self:
        """Whose account still has the record."""
        return self.filter(ended_at__isnull=True)

    def made_at_school(self) -> Self:
        """By a way in that one person at school can make up: a letter, or a list with another address."""
        return self.exclude(how="address")

    def unsettled(self, *, now: datetime) -> Self:
        """People of whom nobody at school said yet that it is them; flat, as it stands in deep questions."""
        return self.filter(settles_at__gt=now)

    def told_to(self, actor: Actor) -> Self:
        """Who came in so as a caregiver of a child that `actor` teaches; never about the own family.

        While `actor` is suspended nobody (POL-65).
        """
        caregivers = self.model.caregiver.field.related_model
        guardianships = caregivers.guardianships.rel.related_model.objects.admitted().active(now=actor.now)
        children = guardianships.model.child.field.related_model.objects.taught_by(actor)
        known = guardianships.filter(caregiver=OuterRef("caregiver"), child__in=children)
        here = self.made_at_school().filter(~stopped(actor, caregivers, at="caregiver__school", kind="suspended"))
        return here.filter(Exists(known))

    def confirmable_by(self, actor: Actor) -> Self:
        """Claims of which `actor` may say "I know this person": a teacher of a child of this caregiver.

        Not who printed the letter, nor who directs the school or looks after its machine; nor while the own access is
        limited (POL-65). Example: Petra prints the letter of Noor's mother. Juf Anna, who teaches Noor, confirms; Petra
        cannot, also not in the year in which she teaches groep 4 herself.
        """
        schools = self.model.caregiver.field.related_model.school.field.related_model.objects
        rows = self.told_to(actor).open().unsettled(now=actor.now)
        rows = rows.filter(~stopped(actor, self.model.caregiver.field.related_model, at="caregiver__school"))
        return rows.exclude(letter__made_by=actor.user.pk).exclude(caregiver__school__in=schools.configured_by(actor))
