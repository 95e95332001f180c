"""Which answers count now."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q, Value

from consent.asking.domain.purposes import Says
from consent.asking.domain.standing import PHOTOS_STAND
from groups.models import Child, Claim, Enrolment, Guardianship, Membership, School
from groups.records.querysets.memberships import MembershipQuerySet
from groups.records.querysets.truth import GuardianshipQuerySet
from groups.roles import VIEW, Hat, roles_with
from portal.core.actor import Actor
from portal.core.looking import there_is

OLDEST = ("7", "8")
"""Year levels in which the parents read that their child would rather not."""


BY_ANOTHER = Q(says=Says.YES, way="portal", caregiver=None, child__isnull=False) & (
    Q(child__user=None) | ~Q(child__user=F("recorded_by"))
)
"""A yes that was not said by the account that the pupil has: it stands for nothing."""


class DecisionQuerySet(models.QuerySet):
    def made_by(self, actor: Actor) -> Self:
        """What `actor` answered: as a caregiver, as the pupil, or about oneself. The other parent's answers never.

        Who came in as a caregiver and is not known yet finds what this account answered: what was before, and what the
        office wrote over, may be of somebody else (docs/adr/0027).
        """
        if not actor.user.is_authenticated:
            return self.none()
        unknown = Claim.objects.unsettled(now=actor.now).filter(user=actor.user.pk, caregiver=OuterRef("caregiver"))
        before = Q(way="paper") | there_is(unknown.filter(claimed_at__gt=OuterRef("decided_at")))
        in_person = Q(caregiver=None) & (Q(child__user=actor.user.pk) | Q(adult=actor.user.pk))
        return self.alive().filter(Q(caregiver__user=actor.user.pk) & ~(there_is(unknown) & before) | in_person)

    def alive(self) -> Self:
        """But for a yes of somebody who turned out to be somebody else."""
        return self.filter(claim__ended_at=None)

    def own(self) -> Self:
        """What a child, or an adult, answered for himself.

        But for a yes in Kring of an account that was taken off the pupil: somebody else had come in with the letter.
        """
        return self.filter(caregiver=None).exclude(BY_ANOTHER)

    def of_holders(self, *, now: datetime) -> Self:
        """Answers of caregivers who have authority over the child at `now`; of nobody else they count."""
        return self.filter(Exists(_holders(now)))

    def standing(self, *, now: datetime) -> Self:
        """Of who has authority over the child at `now`; and a no, which goes for no other reason than a word.

        Annotates is_settled: see `settled`; who is another record now is asked again.
        """
        held = Q(Exists(_holders(now)))
        settled = ExpressionWrapper(held & self._is_settled(now), models.BooleanField())
        return self.filter(Q(says=Says.NO) | held).annotate(is_settled=settled)

    def latest_of_holders(self) -> Self:
        """Of each caregiver the last answer about this child and purpose: the row with the highest number."""
        later = self._later().alive().filter(child=OuterRef("child"), caregiver=OuterRef("caregiver"))
        return self.alive().filter(~there_is(later))

    def latest_own(self) -> Self:
        """The last own answer of each child or adult."""
        later = self._later().own()
        after_a_child = there_is(later.filter(child=OuterRef("child")))
        after_an_adult = there_is(later.filter(adult=OuterRef("adult")))
        return self.filter(Q(caregiver__isnull=False) | ~after_a_child & ~after_an_adult)

    def settled(self, *, now: datetime) -> Self:
        """Answers that nobody asks again: to the present words; and a yes since no round opened that lets it lapse."""
        return self.filter(self._is_settled(now))

    def with_settled(self, *, now: datetime) -> Self:
        """Annotates is_settled: see `settled`."""
        return self.annotate(is_settled=ExpressionWrapper(self._is_settled(now), models.BooleanField()))

    def _is_settled(self, now: datetime) -> Q:
        texts = self.model.purpose.field.related_model.texts.rel.related_model.objects
        newer = texts.filter(purpose=OuterRef("purpose"), number__gt=OuterRef("text_version"))
        rounds = self.model.purpose.field.related_model.asked_in.rel.related_model.objects
        lapsing = rounds.filter(
            round__lapses=True,
            purpose=OuterRef("purpose"),
            round__opens_at__lte=now,
            round__opens_at__gt=OuterRef("decided_at"),
        )
        return (Q(says=Says.NO) | ~there_is(lapsing)) & ~there_is(newer)

    def _later(self) -> Self:
        rows: Self = self.model.objects.filter(purpose=OuterRef("purpose"), pk__gt=OuterRef("pk"))
        return rows

    def in_order(self) -> Self:
        return self.order_by(F("pk").desc())


def choosing_own_image(*, now: datetime) -> MembershipQuerySet[Membership]:
    """Why somebody chooses about the own image at a school: belonging to it, also without access for a while.

    And who left its staff, while photos with that person may stand (POL-43, 46); of other adults nobody is marked on
    one. Example: in June juf Bo, who was there until March, says no to the photos of the winter.
    """
    here = Q(reads_until__gt=now) | Q(reads_until__gt=Value(now) - Value(PHOTOS_STAND), hat=Hat.STAFF)
    return Membership.objects.filter(here, valid_from__lte=now, role__in=roles_with(VIEW), user__is_active=True)


def _holders(now: datetime) -> GuardianshipQuerySet[Guardianship]:
    """Within an answer: that its caregiver has authority over its child at `now`."""
    pair = {"caregiver": OuterRef("caregiver"), "child": OuterRef("child")}
    return Guardianship.objects.deciding().active(now=now).filter(**pair)


class ReluctanceQuerySet(models.QuerySet):
    def open(self) -> Self:
        """What a child said and nobody took back."""
        return self.filter(ended_at__isnull=True)

    def told_to_family(self, *, now: datetime) -> Self:
        """What the parents read beside their own answers: from group 7 on the child has a say they know of."""
        oldest = Enrolment.objects.active(now=now).filter(group__year_level__in=OLDEST)
        return self.open().filter(Exists(oldest.filter(child=OuterRef("child"))))


class PaperFormQuerySet(models.QuerySet):
    def directed_by(self, actor: Actor) -> Self:
        """Forms at the schools `actor` directs, but for the own family's and the own; nobody else sees a scan."""
        here = self.filter(school__in=School.objects.directed_by(actor))
        return here.filter(
            Q(child__in=Child.objects.of_others(actor)) | Q(adult__isnull=False) & ~Q(adult=actor.user.pk)
        )
