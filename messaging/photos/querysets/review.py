"""Photos that somebody has to look at because of a no: about whom, and who may judge them.

Nothing of this is stored. It follows from the answers, the marks and the groups at the moment of asking, so that a
new yes takes a photo off the list without anybody doing anything.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connections, models
from django.db.models import BooleanField, F, Func, OuterRef, Q

from consent.asking.domain.purposes import IMAGES
from consent.models import Clearance
from groups.models import Child, Enrolment, GroupGrant
from groups.roles import MANAGE, Hat
from messaging.writings.querysets.messages import MessageQuerySet
from messaging.writings.querysets.posts import PostQuerySet
from portal.core import access
from portal.core.actor import Actor
from portal.core.looking import there_is


def _managed(actor: Actor) -> access.Keys:
    """The groups whose people `actor` sees."""
    return GroupGrant.objects.of(actor.wearing(Hat.STAFF), MANAGE)


Refused = models.QuerySet | Sequence[int]
"""Who said no: refusals, or the keys of these children when they were asked before. Of most pages that is nobody."""


def refusals_told_to(actor: Actor) -> models.QuerySet:
    """The refusals of which `actor` hears."""
    schools = GroupGrant.objects.schools_of(actor.wearing(Hat.STAFF), MANAGE)
    refusals = Clearance.objects.refusals(IMAGES, schools=schools, now=actor.now)
    return refusals.exclude(child__in=Child.objects.hidden_from(actor).values("pk"))


def _among(path: str, rows: models.QuerySet, vendor: str) -> Q | models.Func:
    """One of these, which are found once for the whole statement; left to itself PostgreSQL looks anew for each."""
    if vendor != "postgresql":
        return Q(**{f"{path}__in": rows})
    return Func(
        F(path), ArraySubquery(rows), template="%(expressions)s)", arg_joiner=" = ANY(", output_field=BooleanField()
    )


class ReviewQuerySet(models.QuerySet):
    def under_review_by(self, actor: Actor, *, refused: Refused | None = None) -> Self:
        """Photos in posts that `actor` has to judge after a no, as staff who see the people of the group (POL-44, 45).

        Hidden ones, and those that a school only lists. Example: after the no of Noor's father juf Anna finds the
        photos of groep 4 on which Noor may be, page and bytes; the parents, and the other teachers, do not. `refused`:
        of whose no `actor` hears, when that was asked before.
        """
        here = self.managed_by(actor)
        barring = self._depictions().barring(now=actor.now)
        doubts = self.doubts_about(refusals_told_to(actor) if refused is None else refused)
        return here.filter(Q(image__in=barring.values("image")) | Q(image__in=doubts.values("photo")))

    def doubts_about(self, refusals: Refused) -> models.QuerySet:
        """Each unmarked `photo` with each of these children whom nobody said yet whether it is on it, as enrolments.

        The children who are, or were, in one of the groups where the photo stands since it was placed there: one
        written to two groups waits in both.
        """
        placed = Enrolment.objects.filter(group__posts__placements__image__marking="declared").annotate(
            photo=F("group__posts__placements__image"), since=F("group__posts__published_at")
        )
        return self._unsaid(placed, refusals)

    def unsaid_here(self, refusals: Refused) -> models.QuerySet:
        """Placements of the photo of an outer row with such a child, whatever else was said about the photo.

        Step by step, each looked up in the one before: to weigh four tables against each other costs PostgreSQL more
        than to read them, and every photo asks this.
        """
        there = Enrolment.objects.filter(group=OuterRef("writing__group")).annotate(
            photo=OuterRef("image"), since=OuterRef("writing__published_at")
        )
        placed = self.model._default_manager.filter(image=OuterRef("image"))
        doubted: models.QuerySet = placed.filter(there_is(self._unsaid(there, refusals)))
        return doubted

    def _unsaid(self, placed: models.QuerySet, refusals: Refused) -> models.QuerySet:
        """Of these enrolments in a group where a `photo` stands `since` then, those in doubt."""
        refused: Q | models.Func = Q(child__in=refusals)
        if isinstance(refusals, models.QuerySet):
            refused = _among("child", refusals.values("child"), connections[self.db].vendor)
        depicted = self._depictions().filter(image=OuterRef("photo"), child=OuterRef("child"))
        present = Q(valid_until__isnull=True) | Q(valid_until__gt=F("since"))
        return placed.filter(refused, present, ~there_is(depicted))

    def standing_in_groups_managed_by(self, actor: Actor) -> Self:
        """Photos that stand in posts of groups whose people `actor` sees, as staff: shown, hidden and waiting ones."""
        return self._read_by(actor, _managed(actor)).filter(removed_at__isnull=True)

    def managed_by(self, actor: Actor) -> Self:
        """The same, but for photos with a shielded child that `actor` does not know."""
        known: Self = self.standing_in_groups_managed_by(actor).clear_of_shielded(actor)
        return known

    def doubtful_for(self, actor: Actor, *, about: Child | None = None, refused: Refused | None = None) -> Self:
        """What `actor` has to look at: photos on which somebody may be who said no, or this one child."""
        doubts = self.doubts_about(refusals_told_to(actor) if refused is None else refused)
        doubts = doubts if about is None else doubts.filter(child=about)
        doubted = _among("image", doubts.values("photo"), connections[self.db].vendor)
        doubtful: Self = self.managed_by(actor).filter(doubted)
        return doubtful

    def doubts_of(self, actor: Actor) -> models.QuerySet:
        """The same, a row for each photo and child: see `doubts_about`."""
        return self.doubts_about(refusals_told_to(actor)).filter(photo__in=self.managed_by(actor).values("image"))

    def barred_for(self, actor: Actor) -> models.QuerySet:
        """What `actor` has to change: see `barred`; no photo with a shielded child that `actor` does not know.

        Nor a mark of an own child that would rather not be on it: the child told a teacher, and not its parents.
        """
        told = Q(child__in=Child.objects.of_others(actor.wearing(Hat.ANY))) | Q(is_reluctant=False)
        marks = self._depictions().filter(told)
        here = self._read_by(actor, _managed(actor))
        known: models.QuerySet = here.barred(marks, now=actor.now).clear_of_shielded(actor)
        return known

    def barred(self, depictions: models.QuerySet, *, now: datetime) -> models.QuerySet:
        """One row for each photo in a post and each of these marks of somebody who may not be shown.

        Annotates who that is: the child it is `about`, or the `adult`; and whether it would rather not be on this one.
        """
        barring = depictions.barring(now=now)
        placed = self.filter(removed_at__isnull=True, writing__group__isnull=False, image__depictions__in=barring)
        return placed.annotate(
            about=F("image__depictions__child"),
            adult=F("image__depictions__adult"),
            rather_not=F("image__depictions__is_reluctant"),
        )

    def _read_by(self, actor: Actor, groups: access.Keys) -> Self:
        posts = self._posts().visible_to(actor.wearing(Hat.STAFF)).placed()
        return self.filter(writing__in=posts, writing__group__in=groups)

    def _posts(self) -> PostQuerySet:
        posts: PostQuerySet = self.model.writing.field.related_model.kinds["post"].objects.all()
        return posts

    def _messages(self) -> MessageQuerySet:
        messages: MessageQuerySet = self.model.writing.field.related_model.kinds["message"].objects.all()
        return messages

    def _depictions(self) -> models.QuerySet:
        depictions: models.QuerySet = self.model.image.field.related_model.depictions.rel.related_model.objects
        return depictions
