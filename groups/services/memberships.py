"""The one function that writes memberships and grants: from the truth, set-based, in the caller's transaction."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from groups.models import ChildGrant, GroupGrant, Membership, School
from groups.services.truth import Reason, derive, expected_child_grants, expected_group_grants
from portal.core import access

WRITE_BATCH = 2000
KEY = ("user_id", "group_id", "role", "hat", "guardianship_id", "enrolment_id", "assignment_id", "seat_id")
WINDOW = ("valid_from", "valid_until", "reads_until")


def sync_memberships(
    *, school: School | None = None, users: Iterable[int] | None = None, now: datetime
) -> dict[str, access.Drift]:
    """Make memberships and grants follow the truth for a school, for some users, or for everybody.

    Called by every service that changes truth, inside its transaction (POL-04: membership follows the child).
    Returns what had to change per table; on a database in order that is nothing.
    """
    with transaction.atomic():
        people = None if users is None else sorted(users)
        expected = set(derive(school=school, users=people))
        drift = {"memberships": _write_memberships(expected, school=school, users=people)}
        touched = _touched_users(school=school, users=people)
        drift["group grants"] = access.write_grants(
            GroupGrant, expected_group_grants(now, users=touched), users=touched
        )
        drift["child grants"] = access.write_grants(
            ChildGrant, expected_child_grants(now, users=touched), users=touched
        )
    return drift


def _touched_users(*, school: School | None, users: list[int] | None) -> list[int] | None:
    """Grants are written per whole user: one person may be in two schools."""
    if users is not None or school is None:
        return users
    from_groups = Membership.objects.filter(group__school=school).values_list("user_id", flat=True)
    from_grants = GroupGrant.objects.filter(content_object__school=school).values_list("user_id", flat=True)
    from_children = ChildGrant.objects.filter(content_object__school=school).values_list("user_id", flat=True)
    caregivers = school.caregiver_set.filter(user__isnull=False).values_list("user_id", flat=True)
    return sorted({*from_groups, *from_grants, *from_children, *caregivers})


def membership_drift() -> access.Drift:
    """Compare membership rows with the truth, without changing anything."""
    expected, present = set(derive()), _present(Membership.objects.all()).keys()
    return access.Drift(len(expected - present), len(present - expected))


def _write_memberships(expected: set[Reason], *, school: School | None, users: list[int] | None) -> access.Drift:
    rows = Membership.objects.all()
    rows = rows.filter(group__school=school) if school else rows
    rows = rows.filter(user__in=users) if users is not None else rows
    present = _present(rows)
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
    drift = {"memberships": membership_drift()}
    for container in access.containers():
        drift[container.grants._meta.label] = access.find_drift(container, now=now)
    if repair and any(drift.values()):
        sync_memberships(now=now)
    return drift
