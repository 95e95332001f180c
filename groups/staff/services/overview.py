"""Who of a school can see what, on one page; once a year its directie signs that it is right (F6)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from groups.records.models.people import StaffMember
from groups.records.models.schools import Group, School
from groups.records.models.truth import StaffAssignment
from groups.records.policies import can_direct
from groups.records.querysets.periods import PeriodQuerySet
from groups.records.querysets.schools import GroupQuerySet
from groups.records.services.locks import hold_schools
from groups.roles import Role
from groups.staff.services.councils import Council, councils_of
from portal.core import access, audit
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.searching import Abc
from portal.core.words import Words

EACH = timedelta(days=365)


class Entrusted(NamedTuple):
    """Something that an app above lets the directie name people for, in words, and who is named."""

    title: Words
    opens: Words
    holders: list[StaffMember]


_named: list[Callable[[School, datetime], Entrusted]] = []


def register(named: Callable[[School, datetime], Entrusted]) -> None:
    """Called once, when the rows are known."""
    _named.append(named)


class Overview(NamedTuple):
    """`tasks` for the whole school by role, `groups` with who has one there; also what begins later."""

    tasks: dict[str, list[StaffMember]]
    groups: list[tuple[Group, list[StaffMember]]]
    councils: list[Council]
    entrusted: list[Entrusted]


def overview_of(school: School, *, now: datetime) -> Overview:
    """Everybody of the staff who has a task, by what it opens."""
    tasks: dict[str, list[StaffMember]] = {}
    groups: dict[int, list[StaffMember]] = {}
    for row in _tasks_at(school=school, now=now):
        holders = groups.setdefault(row.group_id, []) if row.group_id else tasks.setdefault(row.role, [])
        if row.staff not in holders:
            holders.append(row.staff)
    entrusted = [one for one in (named(school, now) for named in _named) if one.holders]
    of_groups = [(group, groups[group.pk]) for group in _in_order(groups=list(groups), now=now)]
    return Overview(tasks, of_groups, councils_of(school, now=now), entrusted)


@compiled
def _tasks_at(school: School, now: datetime) -> PeriodQuerySet[StaffAssignment]:
    serving = StaffMember.objects.serving(now=now).filter(school=school)
    rows = StaffAssignment.objects.unended(now=now).filter(school=school, staff__in=serving)
    return rows.select_related("staff").order_by(Abc("staff__first_name"), Abc("staff__last_name"), "staff")


@compiled
def _in_order(groups: list[int], now: datetime) -> GroupQuerySet[Group]:
    year = {"school_year__starts_at__lte": now, "school_year__ends_at__gt": now}
    return Group.objects.filter(pk__in=groups, **year).in_reading_order()


def sign_overview(*, school: School, by: Actor) -> None:
    """The directie says that it is right; the trail keeps who did. Raises `PermissionDenied`."""
    with transaction.atomic():
        hold_schools(school.pk)
        access.demand(can_direct(by, school))
        School.objects.filter(pk=school.pk).update(looked_over_at=by.now)
        audit.note("school.looked_over", school, by=by)


ROLES = (Role.DIRECTIE, Role.EDITOR, Role.ICT, Role.CASE_OFFICER)
"""Tasks for the whole school, in the order of the page."""
