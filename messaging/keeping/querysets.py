"""Who finds what was kept of an unsent form."""

from datetime import datetime
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Case, Q, When

from portal.core.actor import Actor

LAST = {"kept_fields": "fields", "kept_at": "kept_at"}


class KeptTextQuerySet(models.QuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """What `actor` was writing in this hat; nobody else ever reads it."""
        return self.filter(user=actor.user.pk, hat=actor.hat)

    def last_of(self, actor: Actor, form: str, uid: UUID, tab: UUID) -> dict[str, models.Subquery]:
        """What `actor` was writing in this form about one thing, in this tab or last, beside a question for that thing.

        `kept_fields` and `kept_at`, for `unsent`.
        """
        last = self.visible_to(actor).filter(form=form, about=uid).best_for(tab)
        return {name: models.Subquery(last.values(column)[:1]) for name, column in LAST.items()}

    def best_for(self, tab: UUID) -> Self:
        """What was typed in this tab comes first, then what was gone on with last."""
        return self.order_by(Case(When(tab=tab, then=0), default=1), "-kept_at", "-pk")

    def newest_first(self) -> Self:
        """What was gone on with last comes first."""
        return self.order_by("-kept_at", "-pk")

    def held_by(self, tab: UUID, came_with: datetime | None) -> Self:
        """What the form of one page held: typed in its tab, or as it stood when the page came with it.

        What another tab typed since the page came is not in it.
        """
        return self.filter(Q(tab=tab) | Q(kept_at=came_with))

    def left_since(self, moment: datetime) -> Self:
        """Nobody went on with these after this moment."""
        return self.filter(kept_at__lte=moment)
