"""A school that leaves, and the proof that it is gone: what stays when nothing else does."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from groups.models import Foundation
from moderation.leaving.querysets import DepartureQuerySet
from portal.core.taking import TakenAway


class Departure(models.Model):
    """One proposes that a school leaves on a day, a second person confirms; from `erased_at` its rows are gone.

    It points to no row of the school, and to no account: those go. `words` are told to everybody and go with them.
    `work` is how many rows went and which files have to, until the certificate is made. `seal` is keyed, as the
    dossier's are. A proposal that was taken back is deleted.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    foundation = models.ForeignKey(Foundation, on_delete=models.PROTECT, related_name="departures")
    school_uid = models.UUIDField(unique=True)
    name = models.CharField(max_length=200)
    brin = models.CharField(max_length=4)
    dependance = models.CharField(max_length=2)
    leaves_on = models.DateField()
    words = models.TextField(max_length=2000, blank=True)
    proposed_by_uid = models.UUIDField()
    proposed_at = models.DateTimeField()
    confirmed_by_uid = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)
    work = models.JSONField(default=dict)
    certified_at = models.DateTimeField(null=True)
    certificate = models.JSONField(default=dict)
    seal = models.CharField(max_length=64, blank=True)

    takes_away = TakenAway(
        ends=("erased_at",),
        keeps=(
            *("uid", "foundation", "school_uid", "leaves_on", "proposed_by_uid", "proposed_at"),
            *("confirmed_by_uid", "confirmed_at"),
        ),
    )
    objects: ClassVar[DepartureQuerySet] = DepartureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by_uid=None, confirmed_at=None, erased_at=None)
                | Q(confirmed_by_uid__isnull=False, confirmed_at__isnull=False)
                & ~Q(confirmed_by_uid=F("proposed_by_uid")),
                name="moderation_departure_by_two",
            ),
            models.CheckConstraint(
                condition=Q(certified_at=None, seal="")
                | Q(erased_at__isnull=False, certified_at__isnull=False) & ~Q(seal=""),
                name="moderation_departure_certified",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.brin}{self.dependance}"
