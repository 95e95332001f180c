"""What a school decided that somebody may not do for a while (POL-63, 65)."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from groups.records.models.schools import School
from groups.records.models.truth import Period
from groups.records.querysets.restrictions import RestrictionQuerySet
from portal.core.taking import TakenAway

LONGEST_WAY = 300


class RestrictionKind(models.TextChoices):
    """Limited: reads, and writes nothing. Suspended: finds nothing of the school.

    In both a parent chooses about consent, asks for access, and keeps the conversations about the own child.
    """

    LIMITED = "limited", _("reads only")
    SUSPENDED = "suspended", _("no access")


class Restriction(Period):
    """From when until when somebody's access to one school is limited or suspended, and for which case.

    It cuts its time out of that person's rights when these are projected, so no job has to end it. Ended early is
    ended now. Until `talk_until` a parent does not write in the conversations about the own child either, and still
    reads them; `other_way`: how that parent reaches school about the child until then.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="restrictions")
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="restrictions")
    kind = models.CharField(max_length=10, choices=RestrictionKind.choices)
    case_uid = models.UUIDField()
    talk_until = models.DateTimeField(null=True)
    other_way = models.CharField(max_length=LONGEST_WAY, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    takes_away = TakenAway(
        made={}, says={"other_way": lambda said: str(_("Call the school.")) if said["talk_until"] else ""}
    )
    objects: ClassVar[RestrictionQuerySet] = RestrictionQuerySet.as_manager()

    class Meta(Period.Meta):
        constraints = [
            *Period.Meta.constraints,
            models.CheckConstraint(condition=Q(valid_until__isnull=False), name="groups_restriction_until_a_day"),
            models.CheckConstraint(
                condition=Q(talk_until=None, other_way="") | Q(talk_until__lte=F("valid_until")) & ~Q(other_way=""),
                name="groups_restriction_names_another_way",
            ),
        ]
        indexes = [models.Index(fields=["user", "school", "valid_until"], name="groups_restriction_of_user")]

    def __str__(self) -> str:
        return f"{self.kind} at {self.school_id}"
