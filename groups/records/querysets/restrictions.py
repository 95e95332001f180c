"""What keeps somebody from something at a school."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef

from groups.records.querysets.periods import PeriodQuerySet
from portal.core.actor import Actor
from portal.core.models import User


class RestrictionQuerySet(PeriodQuerySet):
    def against(self, user: User | OuterRef, *, now: datetime) -> Self:
        """What keeps `user` (a User or an OuterRef) from something at `now`, at whichever school (POL-65).

        Flat on purpose, as each has an end: it stands in the deepest questions there are, and SQLite reads no deeper.
        """
        return self.filter(valid_from__lte=now, valid_until__gt=now, user=user)

    def suspending(self, users: Iterable[int], *, school: int, now: datetime) -> Self:
        """What keeps any of these accounts out of one school."""
        return self.filter(valid_from__lte=now, valid_until__gt=now, user__in=users, school=school, kind="suspended")

    def silencing(self, user: User | OuterRef, *, now: datetime) -> Self:
        """Of these, what keeps a parent from writing about the own child too."""
        return self.against(user, now=now).filter(talk_until__gt=now)


def stopped(actor: Actor, model: type[models.Model], *, at: str, **kind: str) -> Exists:
    """Whether something keeps `actor` from it at the school in column `at`: for what is asked of tasks, not of rights.

    `model`: rows of a school.
    """
    school = model._meta.get_field("school").related_model
    restrictions: RestrictionQuerySet = school.restrictions.rel.related_model.objects  # type: ignore[union-attr]
    return Exists(restrictions.against(actor.user, now=actor.now).filter(school=OuterRef(at), **kind))
