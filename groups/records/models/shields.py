"""A child that the school shields: a secret address or school (domain card, Two parents)."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from groups.records.models.people import Child
from groups.records.models.truth import Period
from groups.records.querysets.periods import PeriodQuerySet
from portal.core.taking import TakenAway


class Shield(Period):
    """From when until when a child is named to nobody but its own team and its own carers; who decided, and why.

    Lifted is ended: the row stays, with who lifted it and why.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="shields")
    reason = models.CharField(max_length=500)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    lifting_reason = models.CharField(max_length=500, blank=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    takes_away = TakenAway(
        made={}, same=("child", "valid_until"), says={"reason": lambda said: str(_("Was so before the restore."))}
    )
    objects: ClassVar[PeriodQuerySet] = PeriodQuerySet.as_manager()

    class Meta(Period.Meta):
        constraints = [
            *Period.Meta.constraints,
            models.UniqueConstraint(
                fields=["child"], condition=Q(valid_until__isnull=True), name="groups_shield_one_open"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True, lifted_by__isnull=True)
                | Q(valid_until__isnull=False, lifted_by__isnull=False) & ~Q(lifting_reason=""),
                name="groups_shield_lifted_with_a_reason",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="groups_shield_with_a_reason"),
        ]

    def __str__(self) -> str:
        return str(self.uid)
