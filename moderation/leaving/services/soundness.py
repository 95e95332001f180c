"""What the doctor says: a school whose day came is still there."""

from datetime import datetime

from django.utils.translation import gettext as _

from moderation.leaving.models import Departure
from portal.core.doctor import Check, Finding, LookCost, Observation, Observed
from portal.core.domain.moments import at_school

NAME = "leaving"


def _look(now: datetime) -> Observation:
    return Observation(numbers={"due": Departure.objects.due(today=at_school(now).date()).count()})


def _judge(sign: Observed | None, now: datetime) -> Finding | None:
    if not (sign and sign.numbers.get("due")):
        return None
    return Finding(NAME, _("A school that left is still here: its day has come."), _("Run: manage.py school_left"))


CHECK = Check(NAME, _judge, _look, LookCost.SLOW)
