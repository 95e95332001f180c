"""When something reaches somebody on the staff: in the own working hours (POL-27)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import QuerySet

from groups.records.domain.holidays import days_off
from groups.records.domain.working_hours import DaysOff, next_reading_moment
from groups.records.models.people import StaffMember
from groups.records.models.schools import Holiday, School
from groups.records.querysets.people import StaffQuerySet
from portal.core.compiled import compiled
from portal.core.models import User


def due_at_work(reader: User, school: School, moment: datetime) -> datetime:
    """`moment` itself when `reader` is at work at this school, else when the next working day begins.

    Who serves it no more, or never did, has no hours there: then it is `moment`.
    """
    records = _records(user=reader, school=school, now=moment)
    off = days_off_of(school) if records else []
    return min((next_reading_moment(record.hours, moment, off) for record in records), default=moment)


def due_at_work_of(readers: Iterable[int], school: School, moment: datetime) -> dict[datetime, list[int]]:
    """The same for many: which of these users at which moment. Asked once, however many they are."""
    asked = list(readers)
    records = list(StaffMember.objects.serving(now=moment).filter(user__in=asked, school=school))
    off = days_off_of(school) if records else []
    moments: dict[int, list[datetime]] = defaultdict(list)
    for record in records:
        moments[record.user_id or 0].append(next_reading_moment(record.hours, moment, off))
    found: dict[datetime, list[int]] = defaultdict(list)
    for reader in asked:
        found[min(moments[reader], default=moment)].append(reader)
    return dict(found)


@compiled
def _records(user: User, school: School, now: datetime) -> StaffQuerySet[StaffMember]:
    return StaffMember.objects.serving(now=now).filter(user=user, school=school)


def days_off_of(school: School) -> DaysOff:
    """When nobody of `school` is at work: its own days off, and the holidays of its region where it has no own."""
    return days_off(school.region, own_days_off(school))


def own_days_off(school: School) -> DaysOff:
    """What the school says itself, without the holidays of its region."""
    return _own(school=school)


@compiled
def _own(school: School) -> QuerySet[Holiday, tuple[date, date]]:
    return Holiday.objects.filter(school=school).values_list("first_day", "last_day")
