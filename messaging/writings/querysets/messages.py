"""Which messages of conversations somebody reads, and what may be done with them."""

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery

from groups.models import School
from groups.roles import DIRECT, Hat
from messaging.writings.domain.cursor import Cursor
from messaging.writings.querysets.kinds import KindQuerySet
from messaging.writings.querysets.posts import REMOVED, is_so, overseen, still_editable
from portal.core.actor import Actor
from portal.core.models import User

VIEW_THREAD = "messaging.view_thread"


class MessageQuerySet(KindQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Messages in the conversations that `actor` is in, from where on this person reads; none taken back.

        Example: Bo took over from Anna on 2 December. What Karima wrote before that day Bo reads from the moment that
        Karima or Anna hands it over.
        """
        return self._said_to(actor).filter(state="published")

    def met_by(self, actor: Actor) -> Self:
        """What stands in the conversations of `actor`: what he reads, and the places of what was removed (POL-62)."""
        return self._said_to(actor).filter(Q(state="published") | REMOVED)

    def missed_by(self, actor: Actor) -> Self:
        """In the conversations in which the directie was asked, by that directie."""
        steered = self.model.thread.field.related_model.objects.steered_by(actor.wearing(Hat.STAFF))
        return self._said_to(actor).filter(retracted_at__isnull=False, thread__in=steered)

    def _said_to(self, actor: Actor) -> Self:
        """Every list, photo, mark, mail and copy asks this."""
        return self.filter(Exists(self._reaching(actor)))

    def _reaching(self, actor: Actor) -> models.QuerySet:
        """Rights that reach back to this message."""
        rights = self.model.thread.field.related_model.grants.rel.related_model.objects.held_by(actor, VIEW_THREAD)
        reaching: models.QuerySet = rights.filter(reads_from__lte=OuterRef("published_at"))
        return reaching.filter(content_object=OuterRef("thread"))

    def removable_by(self, actor: Actor) -> Self:
        """Messages that `actor` may remove as the directie: those reported, and those where it was asked in (POL-61).

        Not the own: a reported one of the directie is the case officer's. Example: Said reports a message of juf Anna.
        Petra removes it, and reads nothing else of that conversation.
        """
        return self.filter(self._removing(actor))

    def editable_by(self, actor: Actor) -> Self:
        """Own messages, for fifteen minutes (see `still_editable`), while the user may write in the conversation."""
        return self.filter(self._editing(actor))

    def retractable_by(self, actor: Actor) -> Self:
        """Own messages at any time, while the user is in the conversation; nothing changes while it is frozen."""
        return self.filter(self._retracting(actor))

    def with_powers_for(self, actor: Actor) -> Self:
        """Annotates may_edit, may_retract and may_remove, so that a page asks once."""
        return self.annotate(
            may_remove=is_so(self._removing(actor) if actor.hat == Hat.STAFF else Q(pk__in=[])),
            may_edit=is_so(self._editing(actor)),
            may_retract=is_so(self._retracting(actor)),
        )

    def _removing(self, actor: Actor) -> Q:
        if not actor.user.is_authenticated:
            return Q(pk__in=[])
        directed = School.objects.keys_of(actor, DIRECT)
        steered = self.model.thread.field.related_model.objects.steered_by(actor.wearing(Hat.STAFF))
        handled = Q(reported_at__isnull=False, school__in=directed) | Q(thread__in=steered)
        return (handled & ~Q(author=actor.user.pk) | overseen(actor)) & Q(state="published")

    def _editing(self, actor: Actor) -> Q:
        writable = self.model.thread.field.related_model.objects.writable_by(actor)
        return self._own(actor) & still_editable(actor) & Q(Exists(writable.filter(pk=OuterRef("thread"))))

    def _retracting(self, actor: Actor) -> Q:
        return self._own(actor) & ~Q(thread__state="frozen")

    def _own(self, actor: Actor) -> Q:
        """What the user said and still reads."""
        own = Q(author=actor.user.pk, hat=actor.hat, state="published")
        return own & Q(Exists(self._reaching(actor)))

    def unread_by(self, user: User | OuterRef) -> Self:
        """Published messages of others that `user` (a User or an OuterRef) has not had on the screen."""
        seen = self.model.seen_by.rel.related_model.objects.filter(user=user, writing=OuterRef("pk"))
        return self.filter(~Exists(seen), state="published").exclude(author=user)

    def before(self, cursor: Cursor) -> Self:
        """Older than the message a page began with."""
        last = Subquery(self.model.objects.filter(uid=cursor.uid).values("pk")[:1])
        older = Q(published_at__lt=cursor.published_at) | Q(published_at=cursor.published_at, pk__lt=last)
        return self.filter(older)
