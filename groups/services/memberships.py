"""The one function that writes memberships and grants: from the truth, set-based, in the caller's transaction."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from groups.models import Membership, School
from groups.services.locks import hold_schools
from groups.services.truth import Reason, derive
from portal.core import access, audit

WRITE_BATCH = 2000
KEY = ("user_id", "group_id", "role", "hat", "guardianship_id", "enrolment_id", "assignment_id", "seat_id")
WINDOW = ("valid_from", "valid_until", "reads_until")


def sync_memberships(
    *, school: School | None = None, users: Iterable[int] | None = None, now: datetime
) -> dict[str, access.Drift]:
    """Make memberships and grants follow the truth for a school, for some users, or for everybody.

    Called by every service that changes truth, inside its transaction (POL-04: membership follows the child) and
    for the schools it holds: nothing outside them is written. The grants of every registered container are written
    here, also of those that an app above registered. Returns what had to change per table; on a database in order
    that is nothing.
    """
    with transaction.atomic():
        people = None if users is None else sorted(users)
        only: Any = {"school": school, "users": people}
        drift = {"memberships": _write_memberships(set(derive(**only)), **only)}
        for container in access.containers():
            within = _within(container.grants._default_manager.all(), "content_object__school", **only)
            expected = container.expected(now, **only)
            drift[container.grants._meta.label] = access.write_grants(container.grants, expected, within=within)
    return drift


def _within(rows: Any, of_school: str, *, school: School | None, users: list[int] | None) -> Any:
    rows = rows.filter(**{of_school: school}) if school else rows
    return rows if users is None else rows.filter(user__in=users)


def membership_drift() -> access.Drift:
    """Compare membership rows with the truth, without changing anything."""
    expected, present = set(derive()), _present(Membership.objects.all()).keys()
    return access.Drift(len(expected - present), len(present - expected))


def drift_at(school: School, *, now: datetime) -> access.Drift:
    """What differs from the truth at one school, memberships and grants together, without changing anything."""
    memberships = _present(_within(Membership.objects.all(), "group__school", school=school, users=None)).keys()
    expected = set(derive(school=school))
    found = [access.Drift(len(expected - memberships), len(memberships - expected))]
    for container in access.containers():
        rows = _within(container.grants._default_manager.all(), "content_object__school", school=school, users=None)
        found.append(access.find_drift(container, now=now, within=rows, school=school))
    return access.Drift(sum(one.missing for one in found), sum(one.extra for one in found))


def _write_memberships(expected: set[Reason], *, school: School | None, users: list[int] | None) -> access.Drift:
    present = _present(_within(Membership.objects.all(), "group__school", school=school, users=users))
    missing, extra = expected - present.keys(), present.keys() - expected
    Membership.objects.filter(pk__in=[present[reason] for reason in extra]).delete()
    Membership.objects.bulk_create(
        [Membership(**reason._asdict()) for reason in sorted(missing, key=str)], batch_size=WRITE_BATCH
    )
    return access.Drift(len(missing), len(extra))


def _present(rows: Any) -> dict[Reason, int]:
    return {Reason(*columns): pk for pk, *columns in rows.values_list("pk", *KEY, *WINDOW)}


def check_access(*, repair: bool = False, now: datetime) -> dict[str, access.Drift]:
    """Recompute everything from the truth and say per table what differs; with `repair`, put it right.

    A grant whose membership merely ran out of time is swept here too and does not count as drift: it opened nothing.
    """
    drift = {"memberships": membership_drift(), **_unfollowed(now)}
    for container in access.containers():
        drift[container.grants._meta.label] = access.find_drift(container, now=now)
    if repair and any(drift.values()):
        for school in School.objects.order_by("pk"):
            _repair(school, now)
    return drift


def _unfollowed(now: datetime) -> dict[str, access.Drift]:
    """What no container made of the tasks yet, of all schools together."""
    found: dict[str, access.Drift] = {}
    for school in School.objects.order_by("pk"):
        for table, drift in access.follow_tasks(school=school, by=None, now=now, write=False).items():
            before = found.get(table, access.Drift(0, 0))
            found[table] = access.Drift(before.missing + drift.missing, before.extra + drift.extra)
    return found


def _repair(school: School, now: datetime) -> None:
    """Put one school right; its trail says per table what had to change."""
    with transaction.atomic():
        hold_schools(school.pk)
        drift = access.follow_tasks(school=school, by=None, now=now) | sync_memberships(school=school, now=now)
        changed = {table: found._asdict() for table, found in drift.items() if found}
        if changed:
            audit.record(
                "access.repaired",
                by=None,
                subject_kind="school",
                subject_uid=school.uid,
                school_uid=school.uid,
                now=now,
                **changed,
            )
