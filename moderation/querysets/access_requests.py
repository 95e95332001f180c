"""Who draws up the answer to an access request, and who reads it over: never a party, and never one person alone."""

from typing import Any, Self

from django.db.models import Exists, OuterRef, Q

from groups.models import School
from moderation.querysets.cases import LedQuerySet
from portal.core.actor import Actor
from portal.core.kept import kept

OPEN = ("drawing", "review", "approved")


class AccessRequestQuerySet(LedQuerySet):
    @kept
    def visible_to(self, actor: Actor) -> Self:
        """Requests that `user` handles (`led_by`), or reads over as the second person.

        Example: Petra handles the request of Karima, and the foundation's case officer finds it once it waits for a
        second person; the request of Petra herself is the case officer's. Karima finds neither.
        """
        mine = Q(pk__in=self.led_by(actor).values("pk"))
        return self.filter(mine | Q(pk__in=self.reviewable_by(actor).values("pk")))

    @kept
    def reviewable_by(self, actor: Actor) -> Self:
        """Requests that wait for a second person, whom `user` can be: of the directie, or the case officer.

        Not who drew up the copy, nor a party: in the request, in any case about that person, or in an open case here.
        """
        if not actor.user.is_authenticated:
            return self.none()
        directed = School.objects.directed_by(actor)
        overseen = School.objects.overseen_by(actor)
        reads = Q(against_directie=False, school__in=directed) | Q(school__in=overseen)
        cases = School.cases.rel.related_model.objects.concerning(actor).filter(school=OuterRef("school"))
        own = cases.filter(Q(state="open") | Q(about=OuterRef("about")))
        rows = self.filter(reads, ~Exists(own), state="review").exclude(prepared_by=actor.user.pk)
        return rows.exclude(pk__in=self.concerning(actor))

    def drawn_up_by(self, user: Any) -> Self:
        """In the hands of `user`: only who drew up a copy says what stays in it."""
        return self.filter(prepared_by=user.pk, state="drawing")

    def open(self) -> Self:
        """Not answered yet."""
        return self.filter(state__in=OPEN)

    def soonest_first(self) -> Self:
        return self.order_by("due_on", "pk")
