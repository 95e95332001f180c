"""Which photos somebody may see: never public, never a group's own.

A photo stands in posts, or in one message of a conversation, or is an own upload that stands nowhere yet.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Self

from django.db import models
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, Window
from django.db.models.expressions import Combinable
from django.db.models.functions import RowNumber

from consent.asking.domain.purposes import IMAGES
from consent.models import Clearance, ConsentRules
from groups.models import Child, GroupGrant, School, Shield
from groups.roles import MANAGE, VIEW, Hat
from messaging.photos.querysets.review import ReviewQuerySet
from messaging.writings.domain.shapes import Together
from portal.core.actor import Actor
from portal.core.looking import there_is
from portal.core.models import User

Schools = models.QuerySet | Sequence[School | int]
"""For an `__in`."""


class DepictionQuerySet(models.QuerySet):
    def barring(self, *, now: datetime) -> Self:
        """Marks of people who may not be shown inside the circle at `now`: with one of these a photo is not shown."""
        child = Q(child__isnull=False) & ~Clearance.objects.shows_child(IMAGES, now=now)
        shows_adult = Clearance.objects.shows_adult(IMAGES, school="image__school", now=now)
        return self.filter(Q(is_reluctant=True) | child | Q(adult__isnull=False) & ~shows_adult, is_on=True)

    def of_hidden(self, actor: Actor) -> Self:
        """Marks of shielded children of whom `actor` is neither team nor carer."""
        return self.filter(Child.objects.all().hides(actor, at="child"), is_on=True)


class PlacementQuerySet(ReviewQuerySet):
    def shown(self, *, schools: Schools, now: datetime) -> Self:
        """Photos in posts of these schools that consent lets stand there, whoever looks (POL-43, 44)."""
        return self.filter(school__in=schools).clear_of_marks(now=now).clear_of_doubt(schools=schools, now=now)

    def clear_of_marks(self, *, now: datetime) -> Self:
        """Photos on which nobody is marked who may not be shown inside the circle."""
        barred = self._depictions().filter(image=OuterRef("image")).barring(now=now)
        return self.filter(~there_is(barred))

    def clear_of_shielded(self, actor: Actor) -> Self:
        """Photos on which no shielded child is marked of whom `actor` is neither team nor carer, whoever judges."""
        hidden = self._depictions().of_hidden(actor).filter(image=OuterRef("image"))
        return self.filter(~there_is(hidden))

    def clear_of_others(self) -> Self:
        """Photos in conversations on which nobody is marked but the child it is about."""
        marked = self._depictions().filter(image=OuterRef("image"), is_on=True)
        others = marked.exclude(child=OuterRef("writing__thread__child"))
        return self.filter(~there_is(others), writing__thread__isnull=False)

    def clear_of_doubt(self, *, schools: Schools, now: datetime) -> Self:
        """Photos without marks wait after a no, until somebody looked whether that child is on them.

        About children who are, or were, in one of the groups since the photo was placed there: one written to two
        groups waits in both. A school can choose to have such photos listed only, but for a shielded child.
        """
        listing = ConsentRules.objects.filter(school=OuterRef("school"), hide_unseen=False)
        shields = Shield.objects.active(now=now).filter(child=OuterRef("child"))
        refusals = Clearance.objects.refusals(IMAGES, schools=schools, now=now)
        hiding = refusals.filter(~there_is(listing) | there_is(shields))
        return self.filter(~Q(image__marking="declared") | ~there_is(self.unsaid_here(hiding)))

    def visible_to(self, actor: Actor) -> Self:
        """Photos that stand where `actor` may read, in one hat or in any: in posts and in conversations."""
        return self.posted_to(actor) | self.said_to(actor)

    def posted_to(self, actor: Actor) -> Self:
        """Photos in posts that `actor` may read (POL-01), as far as those on them may be shown now (POL-44).

        Example: Noor's mother sees the photos of groep 4. When the post is hidden or taken back, or Noor moves to
        another group, she no longer finds them, page nor bytes. Nor those with Sem, from his father's no on. Those of
        last year nobody finds from 1 September on (`keeping_photos`).
        """
        if not actor.user.is_authenticated:
            return self.none()
        posts = self._posts().visible_to(actor).keeping_photos(now=actor.now)
        readable = Exists(posts.filter(pk=OuterRef("writing")))
        schools = GroupGrant.objects.schools_of(actor, VIEW)
        return self.shown(schools=schools, now=actor.now).filter(readable, removed_at__isnull=True)

    def said_to(self, actor: Actor) -> Self:
        """Photos in messages of the conversations that `actor` is in (POL-09, 54), with nobody on them but the child.

        Example: Karima sends juf Anna a photo of Noor's arm. Said, who is not in that conversation, does not find it;
        juf Bo does, once she takes Anna's place. When Karima takes her message back, nobody does.
        """
        if not actor.user.is_authenticated:
            return self.none()
        messages = self._messages().visible_to(actor)
        return self.clear_of_others().filter(removed_at__isnull=True, writing__in=messages)

    def that_went_out(self) -> Self:
        """All but those of a message that its writer called back before its moment: nobody else ever saw these."""
        return self.exclude(writing__retracted_at__lt=F("writing__published_at"))

    def removable_by(self, actor: Actor) -> Self:
        """Photos that stand in a text which `actor` may remove: see `removable_texts` (POL-61, 62)."""
        return self.moderated_by(actor).filter(removed_at__isnull=True)

    def moderated_by(self, actor: Actor) -> Self:
        """Photos in texts which `actor` may remove, those that stand there no more among them.

        Asked of each photo: written as an "in", one photo had the database read every text of the school first.
        """
        if not actor.user.is_authenticated:
            return self.none()
        texts = (self._posts().removable_by(actor), self._messages().removable_by(actor))
        post, message = (there_is(rows.filter(pk=OuterRef("writing"))) for rows in texts)
        return self.filter(post | message).clear_of_shielded(actor)

    def handed_to(self, actor: Actor) -> Self:
        """Photos in drafts that wait: for their writer and who judges them, as long as those on them may be shown.

        Example: Lotte hands in a message of the MR with a photo. Petra, who judges it, finds the photo; Karima does
        once it is placed. When somebody on it says no meanwhile, neither Lotte nor Petra sees it any more.
        """
        if not actor.user.is_authenticated:
            return self.none()
        drafts = self._posts().model.handin.related.related_model.objects
        mine = drafts.visible_to(actor)
        waiting = self.filter(removed_at__isnull=True, writing__state="submitted", writing__handin__in=mine)
        return waiting.clear_of_marks(now=actor.now)

    def in_order(self) -> Self:
        """Post by post as their writers ordered them."""
        return self.order_by("writing", "position", "pk")

    def of(self, post: models.Model) -> Self:
        """Everything that ever stood in this post."""
        return self.filter(writing=post)

    def counted(self, *, most: int | None = None) -> Self:
        """Annotates `number`, from 1, and `together`: how many photos of this selection stand in the same place.

        With `most` only the first few of each place.
        """
        numbered = self.annotate(
            number=Window(RowNumber(), partition_by="writing", order_by=["position", "pk"]),
            together=Window(Count("*"), partition_by="writing"),
        )
        return numbered.filter(number__lte=most) if most else numbered


class ImageQuerySet(models.QuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Photos where `actor` may read, also in drafts, own uploads that stand nowhere yet, and what he has to judge:
        whatever stands in groups whose people he sees.

        The kinds of place are asked apart: for one photo the database stops at the first that answers.
        """
        if not actor.user.is_authenticated:
            return self.none()
        here = self._placements()
        lying = Q(uploaded_by=actor.user.pk) & ~Exists(here.that_went_out())
        places = [here.posted_to(actor), here.said_to(actor), here.handed_to(actor)]
        if actor.hat != Hat.FAMILY:
            places.append(here.standing_in_groups_managed_by(actor))
        seen = reduce(or_, map(there_is, places), lying)
        return self.filter(seen, ~self._of_hidden_child(actor))

    def downloadable_by(self, actor: Actor) -> Self:
        """Photos that `actor` may see where they stand, at schools that let their readers keep a copy (POL-32)."""
        if not actor.user.is_authenticated:
            return self.none()
        here = self._placements()
        standing = Exists(here.posted_to(actor.wearing(Hat.ANY))) | Exists(here.said_to(actor.wearing(Hat.ANY)))
        return self.filter(standing, school__consent_rules__may_download=True)

    def _of_hidden_child(self, actor: Actor) -> Q:
        """A shielded child is marked on it, and is nobody to `actor`: not where it stands, nor as an own upload."""
        marks = self.model.depictions.rel.related_model.objects
        return Q(Exists(marks.of_hidden(actor).filter(image=OuterRef("pk"))))

    def placeable_by(self, user: User) -> Self:
        """The user's own uploads that stand nowhere yet, or only where a message was called back in time."""
        return self.filter(uploaded_by=user.pk).filter(~Exists(self._placements().that_went_out()))

    def blurrable_by(self, actor: Actor) -> Self:
        """Photos in which `actor` may have a spot destroyed, for everybody who sees them.

        The user's own uploads that stand nowhere yet; photos in own posts, and drafts, that the user may still edit;
        in the staff hat photos in the posts of groups whose people the user sees, hidden ones too. Nobody else's, and
        no photo of a conversation.
        """
        if not actor.user.is_authenticated:
            return self.none()
        posts = self._placements()._posts()
        own = self._standing_in(posts.editable_by(actor))
        drafts = posts.model.handin.related.related_model.objects.changeable_by(actor)
        own_drafts = self._standing_in(posts.filter(state="submitted", handin__in=drafts))
        rule: Q | Combinable = (
            Q(pk__in=self.model.objects.placeable_by(actor.user).values("pk")) | there_is(own) | there_is(own_drafts)
        )
        if actor.hat == Hat.STAFF:
            read = posts.visible_to(actor).placed()
            rule |= there_is(self._standing_in(read.filter(group__in=GroupGrant.objects.of(actor, MANAGE))))
        return self.filter(rule)

    def _standing_in(self, posts: models.QuerySet) -> PlacementQuerySet:
        here = there_is(posts.filter(pk=OuterRef("writing")))
        return self._placements().filter(here, removed_at__isnull=True)

    def placed_together_with(self, post: Together) -> Self:
        """Photos of the posts that were written together with this one; none that the school removed from this one."""
        if post.written_together is None:
            here = self._placements().filter(writing=post)
        else:
            here = self._placements().filter(writing__written_together=post.written_together)
        removed = self._placements().filter(writing=post, dossier_entry__isnull=False)
        return self.filter(Exists(here), ~Exists(removed))

    def left_lying(self, *, since: datetime) -> Self:
        """Uploads from before `since` that were never placed."""
        return self.filter(~Exists(self._placements()), created_at__lt=since)

    def _placements(self) -> PlacementQuerySet:
        rows: PlacementQuerySet = self.model.placements.rel.related_model.objects.filter(image=OuterRef("pk"))
        return rows


class UploadQuerySet(models.QuerySet):
    def sent_by(self, user: User) -> Self:
        """What `user` sent; nobody else ever sees it."""
        return self.filter(uploaded_by=user.pk)

    def waiting(self) -> Self:
        """Nobody looked at these to the end yet; in the order in which they came."""
        return self.filter(settled_at__isnull=True).order_by("sent_at", "pk")

    def since(self, moment: datetime) -> Self:
        """Sent after this moment, whatever became of it."""
        return self.filter(sent_at__gt=moment)

    def abandoned(self, *, since: datetime) -> Self:
        """No page asked about these after this moment."""
        return self.filter(asked_at__lte=since)

    def people_in_turn(self, *, asked_since: datetime, served_since: datetime) -> list[int]:
        """Whose photos wait while a page asks for them (primary keys): first who was not served lately, then in order.

        Example: a mother of the MR sends one photo while a teacher sends thirty. Hers is the second to be looked at.
        """
        served = dict(
            self.filter(settled_at__gt=served_since)
            .values_list("uploaded_by")
            .annotate(last=Max("settled_at"))
            .order_by()
        )
        there = self.filter(settled_at__isnull=True, asked_at__gt=asked_since)
        firsts = there.values_list("uploaded_by").annotate(first=Min("sent_at")).order_by()
        begun = served_since
        return [user for user, _ in sorted(firsts, key=lambda each: (served.get(each[0], begun), each[1], each[0]))]


class ClearedPhoneQuerySet(models.QuerySet):
    def told_by(self, user: User) -> Self:
        """What `user` said about the own phone."""
        return self.filter(user=user.pk)
