"""What the queryset of every kind of text answers, for who handles texts of whichever kind."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from portal.core.actor import Actor


class KindQuerySet(models.QuerySet):
    """Each kind has its own rule for each of these."""

    def visible_to(self, actor: Actor) -> Self:
        """What `actor` reads, in one hat or in any."""
        raise NotImplementedError

    def met_by(self, actor: Actor) -> Self:
        """The same, and the places from which the school removed one (POL-62)."""
        raise NotImplementedError

    def taken_back_by(self, actor: Actor) -> Self:
        """What `actor` wrote in this hat and took back: nobody reads it, and its writer hears that it was done."""
        return self.filter(author=actor.user.pk, hat=actor.hat, retracted_at__isnull=False)

    def missed_by(self, actor: Actor) -> Self:
        """What its writer took back where `actor` moderates: who was about to hide or remove it hears that it is gone.

        Reported or not: nobody sees that difference.
        """
        raise NotImplementedError

    def removable_by(self, actor: Actor) -> Self:
        """What `actor` may remove, with a hard copy (POL-61, 62)."""
        raise NotImplementedError

    def with_powers_for(self, actor: Actor) -> Self:
        """Annotates the powers that its kind names (`Writing.powers`), so that a page asks once."""
        raise NotImplementedError

    def photos_stay(self, now: datetime, prefix: str = "") -> Q:
        """Of which of these photos are still seen: in a conversation as long as it is."""
        return Q()

    def with_photos_told(self, *, now: datetime) -> Self:
        """Annotates photos_placed: how many photos stand here. Which of them are shown is asked of the photos."""
        standing = self.model.placements.rel.related_model.objects.filter(self.photos_stay(now, "writing__"))
        placements = standing.filter(writing=OuterRef("pk"), removed_at=None)
        counted = placements.order_by().values("writing").annotate(count=Count("pk")).values("count")
        return self.annotate(photos_placed=Coalesce(Subquery(counted), 0))
