"""What somebody is still writing, kept so that it is there on another device and after signing in again."""

from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models

from groups.models import HATS
from messaging.keeping.querysets import KeptTextQuerySet
from portal.core.taking import TakenAway

NOTHING = UUID(int=0)
"""A form of which everybody has one."""


class KeptText(models.Model):
    """An unsent form of one person in one hat; nobody else reads it, in no copy and no case, and it goes by itself.

    `form` is which one (`is_form` of the services), `about` the message, conversation or child it belongs to, `fields`
    what stands in it: to each name its values. `tab` is the tab it was typed in (keep.js): two that write the same form
    each have their own, `NOTHING` where no tab typed it.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    hat = models.CharField(max_length=10, choices=HATS)
    form = models.CharField(max_length=20)
    about = models.UUIDField(default=NOTHING)
    tab = models.UUIDField(default=NOTHING, db_default=NOTHING)
    fields = models.JSONField()
    kept_at = models.DateTimeField(db_index=True)

    takes_away = TakenAway(gone=True)
    objects: ClassVar[KeptTextQuerySet] = KeptTextQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "hat", "form", "about", "tab"], name="messaging_kepttext_one_a_tab")
        ]

    def __str__(self) -> str:
        return f"{self.form} of {self.user_id}"
