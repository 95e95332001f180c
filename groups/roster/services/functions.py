"""What staff are called who teach other groups in a new school year (POL-15)."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import F, Prefetch

from groups.records.domain.names import TEACHER_WORD, teacher_of
from groups.records.models.people import StaffMember
from groups.records.models.schools import SchoolYear
from groups.records.models.truth import StaffAssignment
from groups.roster.domain.staff import GIVEN_BY_HAND

AFTER_A_YEAR = timedelta(weeks=8)


def follow_functions(*, now: datetime) -> int:
    """Who taught groep 4 until the summer and teaches groep 5 now is "leerkracht groep 5"; how many. Repeatable.

    A file for next year leaves what people are called until its day; this does it then, in the weeks after the old
    year. Of what Kring called them itself: what the administration says waits for the next file, and what a person
    chose stays.
    """
    over = StaffAssignment.objects.filter(group__school_year__ends_at__range=(now - AFTER_A_YEAR, now))
    rows = StaffMember.objects.filter(function__startswith=TEACHER_WORD, function_chosen=False, assignments__in=over)
    rows = rows.filter(assignments__in=StaffAssignment.objects.active(now=now).filter(from_roster=True))
    rows = rows.exclude(assignments__in=StaffAssignment.objects.open().filter(role__in=GIVEN_BY_HAND)).distinct()
    tasks = StaffAssignment.objects.filter(from_roster=True, group__isnull=False).order_by("pk")
    given = Prefetch("assignments", tasks.select_related("group__school_year"), to_attr="taught")
    return sum(_follow(one, one.taught, now) for one in rows.prefetch_related(given))


def _follow(staff: StaffMember, taught: Sequence[StaffAssignment], now: datetime) -> bool:
    """Whether it was called after its groups of a year that is over, and is called otherwise by now."""
    over = {task.group.school_year for task in taught if task.group and task.group.school_year.ends_at <= now}
    were = {_called([task for task in taught if _lasted(task, year)]) for year in over}
    function = _called([task for task in taught if _is_now(task, now)])
    if staff.function not in were - {function}:
        return False
    StaffMember.objects.filter(pk=staff.pk).update(function=function, version=F("version") + 1)
    return True


def _called(tasks: Iterable[StaffAssignment]) -> str:
    return teacher_of(task.group.name for task in tasks if task.group)


def _lasted(task: StaffAssignment, year: SchoolYear) -> bool:
    """Until the end of this year."""
    in_year = task.group is not None and task.group.school_year == year
    return in_year and (task.valid_until is None or task.valid_until >= year.ends_at)


def _is_now(task: StaffAssignment, now: datetime) -> bool:
    return task.valid_from <= now and (task.valid_until is None or task.valid_until > now)
