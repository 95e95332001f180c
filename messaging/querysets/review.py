"""Photos that somebody has to look at because of a no: about whom, and who may judge them.

Nothing of this is stored. It follows from the answers, the marks and the groups at the moment of asking, so that a
new yes takes a photo off the list without anybody doing anything.
"""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from consent.domain.purposes import IMAGES
from consent.models import Clearance
from groups.models import Child, Group
from groups.roles import Hat
from portal.core.actor import Actor


class ReviewQuerySet(models.QuerySet):
    def under_review_by(self, actor: Actor) -> Self:
        """Photos in posts that `user` has to judge after a no, as staff who see the people of the group (POL-44, 45).

        Hidden ones, and those that a school only lists. Example: after the no of Noor's father juf Anna finds the
        photos of groep 4 on which Noor may be, page and bytes; the parents, and the other teachers, do not.
        """
        everything = self.model._default_manager
        barred = everything.barred_for(actor)
        doubtful = everything.doubtful_for(actor)
        return self.filter(Q(pk__in=barred.values("pk")) | Q(pk__in=doubtful.values("pk")))

    def managed_by(self, actor: Actor) -> Self:
        """Photos that stand in posts of groups whose people `user` sees, as staff: shown, hidden and waiting ones."""
        found = self._read_by(actor, Group.objects.managed_by(actor)).filter(removed_at__isnull=True)
        return found.clear_of_shielded(actor)

    def doubtful_for(self, actor: Actor) -> Any:
        """What `user` has to look at: see `doubtful`; nothing about a shielded child that `user` does not know."""
        found = self.doubtful_in(Group.objects.managed_by(actor), actor)
        known = found.exclude(about__in=Child.objects.hidden_from(actor).values("pk"))
        return known.clear_of_shielded(actor)

    def barred_for(self, actor: Actor) -> Any:
        """What `user` has to change: see `barred`; no photo with a shielded child that `user` does not know."""
        groups = Group.objects.managed_by(actor)
        return self.barred_in(groups, actor).clear_of_shielded(actor)

    def doubtful_in(self, groups: Any, actor: Actor) -> Any:
        refused = Clearance.objects.refused_children(IMAGES, schools=groups.values("school"), now=actor.now)
        return self._read_by(actor, groups).doubtful(refused, now=actor.now)

    def barred_in(self, groups: Any, actor: Actor) -> Any:
        return self._read_by(actor, groups).barred(self._depictions().all(), now=actor.now)

    def doubtful(self, refused: Any, *, now: datetime) -> Any:
        """A row for each photo without marks and each child `about` whom nobody said yet whether it is on it.

        Of the children `refused`: those who are, or were, in one of the groups where the photo stands since it was
        placed there. One photo and child may make several rows: ask for distinct ones.
        """
        told = self._depictions().filter(image=OuterRef("image"), child=OuterRef("about"))
        group = "image__placements__post__group"
        placed = self.filter(
            **{f"{group}__enrolments__child__in": refused.values("pk")},
            removed_at__isnull=True,
            post__isnull=False,
            image__marking="declared",
        ).annotate(
            about=F(f"{group}__enrolments__child"),
            until=F(f"{group}__enrolments__valid_until"),
            since=F("image__placements__post__published_at"),
        )
        return placed.filter(Q(until__isnull=True) | Q(until__gt=F("since")), ~Exists(told))

    def barred(self, depictions: Any, *, now: datetime) -> Any:
        """One row for each photo in a post and each of these marks of somebody who may not be shown.

        Annotates who that is: the child it is `about`, or the `adult`; and whether it would rather not be on this one.
        """
        barring = depictions.barring(now=now)
        placed = self.filter(removed_at__isnull=True, post__isnull=False, image__depictions__in=barring)
        return placed.annotate(
            about=F("image__depictions__child"),
            adult=F("image__depictions__adult"),
            rather_not=F("image__depictions__is_reluctant"),
        )

    def _read_by(self, actor: Actor, groups: Any) -> Self:
        posts = self.model.post.field.related_model.objects.visible_to(actor.wearing(Hat.STAFF)).placed()
        return self.filter(post__in=posts, post__group__in=groups)

    def _depictions(self) -> Any:
        return self.model.image.field.related_model.depictions.rel.related_model.objects
