"""What somebody has had on the screen."""

from typing import Self

from django.db import models

from portal.core.models import User


class SeenQuerySet(models.QuerySet):
    def of(self, user: User) -> Self:
        """What `user` has had on the screen."""
        return self.filter(user=user.pk)
