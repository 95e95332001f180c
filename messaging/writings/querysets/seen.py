"""What somebody has had on the screen."""

from typing import Self

from django.db import models
from django.db.models import F, Q

from portal.core.models import User


class SeenQuerySet(models.QuerySet):
    def of(self, user: User) -> Self:
        """What `user` has had on the screen."""
        return self.filter(user=user.pk)

    def standing(self) -> Self:
        """What was on the screen as it is now: not what every family has to read, and came to ask something else since.

        Example: who read on Monday that everybody wears boots on Thursday, and not since then that it is Friday, has
        not read it.
        """
        is_kept = Q(writing__is_essential=False) | Q(writing__asked_anew_at=None)
        return self.filter(is_kept | Q(seen_at__gte=F("writing__asked_anew_at")))
