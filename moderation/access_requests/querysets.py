"""Who draws up the answer to an access request, and who reads it over: never a party, and never one person alone."""

from typing import Self

from django.db.models import Q

from moderation.cases.querysets import LedQuerySet, held
from portal.core.actor import Actor
from portal.core.models import User

OPEN = ("drawing", "review", "approved")


class AccessRequestQuerySet(LedQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Requests that `actor` handles (`led_by`), or reads over as the second person.

        Example: Petra handles the request of Karima, and the foundation's case officer finds it once it waits for a
        second person; the request of Petra herself is the case officer's. Karima finds neither.
        """
        return self.filter(self._leading(actor) | self._reviewing(actor))

    def reviewable_by(self, actor: Actor) -> Self:
        """Requests that wait for a second person, whom `actor` can be: of the directie, or the case officer.

        Not who drew up the copy, nor a party: in the request, in any case about that person, or in an open case here.
        """
        return self.filter(self._reviewing(actor))

    def waiting_for(self, actor: Actor) -> Self:
        """Requests of which it is the turn of `actor`: to answer, or as the second person."""
        return self.filter(
            Q(self._leading(actor), state__in=("drawing", "approved")) | Q(self._reviewing(actor), state="review")
        )

    def _reviewing(self, actor: Actor) -> Q:
        return Q(pk__in=held(self.model, actor, "review"))

    def drawn_up_by(self, user: User) -> Self:
        """In the hands of `user`: only who drew up a copy says what stays in it."""
        return self.filter(prepared_by=user.pk, state="drawing")

    def open(self) -> Self:
        """Not answered yet."""
        return self.filter(state__in=OPEN)

    def soonest_first(self) -> Self:
        return self.order_by("due_on", "pk")
