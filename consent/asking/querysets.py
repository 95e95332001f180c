"""What is asked, and when."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Self

from django.db import models
from django.db.models import OuterRef, Q

from consent.asking.domain.purposes import FOR_ADULTS, IMAGES, Basis, Says
from consent.asking.domain.standing import photos_since
from groups.models import Child, Guardianship, School
from groups.records.domain.ages import born_until
from groups.records.querysets.periods import at_school_at
from portal.core.actor import Actor
from portal.core.looking import there_is


def decided_by_caregivers(*, born_until: date, child: str = "") -> Q:
    """Children, at this path, who do not decide themselves: they were born after that day."""
    return Q(**{f"{child}birth_on__isnull": True}) | Q(**{f"{child}birth_on__gt": born_until})


def deciding_guardianships(*, now: datetime, of_age: date | None = None) -> models.QuerySet:
    """Guardianships of who decides about a child at school: with authority, until it turns 16 (born after `of_age`)."""
    young = decided_by_caregivers(born_until=of_age or born_until(now), child="child__")
    return Guardianship.objects.deciding().active(now=now).filter(young, at_school_at(now, "child__"))


class PurposeQuerySet(models.QuerySet):
    def asked(self) -> Self:
        """What the school asks about today, in its own order."""
        return self.filter(retired_at__isnull=True).order_by("position", "pk")

    def refusable(self, *, now: datetime) -> Self:
        """What a family can say no to: what is asked, and photos in Kring that nobody asks about any more.

        Those on which nobody is marked stand there still (POL-43).
        """
        standing = Q(key=IMAGES, retired_at__gt=photos_since(now))
        return self.filter(Q(retired_at__isnull=True) | standing).order_by("position", "pk")

    def takes(self, answers: Iterable[tuple[models.Model, Says]], *, now: datetime) -> bool:
        """Whether each of these purposes takes this answer: what is asked both, what is only `refusable` a no."""
        taken = {
            (one, says) for one in self.refusable(now=now) for says in Says if says == Says.NO or not one.retired_at
        }
        return set(answers) <= taken

    def for_adults(self) -> Self:
        """What is asked of staff and other adults about themselves (POL-46)."""
        return self.filter(key__in=FOR_ADULTS)

    def waiting_on(self, *, now: datetime, of_age: date | None = None) -> models.QuerySet:
        """Guardianships whose caregiver has still to answer one of these purposes about the child.

        Asked are caregivers with authority over a child under 16 (born after `of_age`). Still to answer: nothing was
        said yet, the words were changed since, or a round opened that lets the yes lapse. Nobody is asked where no
        consent is needed, and a no is not asked again for a new year. About a shielded child nothing is asked.

        Example: Karima said yes to the website last year and no to social media. When the yearly round opens she is
        asked about the website; with one tap she leaves it as it is, and nobody waits for her.
        """
        decisions = self.model.decisions.rel.related_model.objects
        answers = decisions.filter(
            purpose=OuterRef("pk"), child=OuterRef(OuterRef("child")), caregiver=OuterRef(OuterRef("caregiver"))
        )
        asked = self.filter(basis=Basis.CONSENT, retired_at__isnull=True, school=OuterRef("child__school"))
        unanswered = asked.filter(~there_is(answers.latest_of_holders().settled(now=now)))
        holders = deciding_guardianships(now=now, of_age=of_age).filter(there_is(unanswered))
        return holders.exclude(child__in=Child.objects.shielded(now=now).values("pk"))

    def own_yes_asked_again(self, *, now: datetime) -> models.QuerySet:
        """The yeses to these purposes of a pupil or an adult about the own image that are asked again."""
        decisions = self.model.decisions.rel.related_model.objects
        asked = self.filter(basis=Basis.CONSENT, retired_at__isnull=True)
        own = decisions.filter(purpose__in=asked.values("pk"), says=Says.YES).own().latest_own()
        asked_again: models.QuerySet = own.with_settled(now=now).filter(is_settled=False)
        return asked_again

    def directed_by(self, actor: Actor) -> Self:
        """Purposes of the schools `actor` directs."""
        return self.filter(school__in=School.objects.directed_by(actor))

    def leaves_waiting(self, *, child: str = "pk", now: datetime) -> Q:
        """Rows about whose child one of these purposes has no answer yet, or is asked again.

        One parent's answer is enough not to wait for the family. Where no consent is needed nobody waits. A shielded
        child counts as it did: many read these numbers, and nobody may tell from them that there is a shield.
        """
        decisions = self.model.decisions.rel.related_model.objects
        answers = decisions.filter(purpose=OuterRef("pk"), child=OuterRef(OuterRef(child))).settled(now=now)
        school = OuterRef("school" if child == "pk" else f"{child}__school")
        asked = self.filter(basis=Basis.CONSENT, retired_at__isnull=True, school=school)
        of_holders = answers.of_holders(now=now).latest_of_holders()
        return there_is(asked.filter(~there_is(answers.own().latest_own()), ~there_is(of_holders)))


class RoundQuerySet(models.QuerySet):
    def open(self, *, now: datetime) -> Self:
        """Rounds that ask at `now`."""
        return self.filter(opens_at__lte=now, closes_at__gt=now)

    def directed_by(self, actor: Actor) -> Self:
        """Rounds of the schools `actor` directs."""
        return self.filter(school__in=School.objects.directed_by(actor))
