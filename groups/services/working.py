"""When something reaches somebody on the staff: in the own working hours (POL-27)."""

from datetime import datetime

from groups.domain.working_hours import next_reading_moment
from groups.models import School, StaffMember
from groups.querysets import StaffQuerySet
from groups.services.schools import days_off_of
from portal.core.compiled import compiled
from portal.core.models import User


def due_at_work(reader: User, school: School, moment: datetime) -> datetime:
    """`moment` itself when `reader` is at work at this school, else when the next working day begins.

    Who serves it no more, or never did, has no hours there: then it is `moment`.
    """
    records = _records(user=reader, school=school, now=moment)
    off = days_off_of(school) if records else []
    return min((next_reading_moment(record.hours, moment, off) for record in records), default=moment)


@compiled
def _records(user: User, school: School, now: datetime) -> StaffQuerySet[StaffMember]:
    return StaffMember.objects.serving(now=now).filter(user=user, school=school)
