"""The secret address at which a calendar program reads somebody's agenda."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from agenda.feeds.querysets import CalendarAddressQuerySet
from groups.models import HATS
from portal.core.taking import TakenAway


class CalendarAddress(models.Model):
    """One for each person and hat; of the address itself only a fingerprint is kept. Renewed it is another row.

    `names_children`: the first name of the own child stands before what is for its class.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    hat = models.CharField(max_length=10, choices=HATS)
    digest = models.CharField(max_length=64, unique=True)
    names_children = models.BooleanField(default=False)
    made_at = models.DateTimeField()

    takes_away = TakenAway(gone=True, flags={"names_children": False})
    objects: ClassVar[CalendarAddressQuerySet] = CalendarAddressQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "hat"], name="agenda_calendaraddress_one_each")]

    def __str__(self) -> str:
        return f"of {self.user_id}"
