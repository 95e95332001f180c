"""The nightly reconciliation: whether memberships and rights are what the truth says, school by school."""

from datetime import datetime

from django.db import transaction

from groups.records.models.schools import School
from groups.records.services.locks import hold_schools
from portal.core import access, audit
from portal.core.actor import clock


def check_access(*, repair: bool = False, now: datetime) -> dict[str, access.Drift]:
    """Recompute everything from the truth and say per table what differs; with `repair`, put it right.

    School by school, so that a foundation of many takes no more memory than its largest.
    """
    drifts: dict[str, access.Drift] = {}
    for school in School.objects.order_by("pk"):
        here = access.follow_tasks(school=school, by=clock(now), write=False) | access.drift(school=school)
        for table, drift in here.items():
            drifts[table] = drift.plus(drifts.get(table, access.Drift(0, 0)))
        if repair and any(here.values()):
            _repair(school, now)
    return drifts


def _repair(school: School, now: datetime) -> None:
    """Put one school right; its trail says per table what had to change."""
    with transaction.atomic():
        hold_schools(school.pk)
        drift = access.follow_tasks(school=school, by=clock(now)) | access.reproject(school=school)
        changed = {table: repaired._asdict() for table, repaired in drift.items() if repaired}
        if changed:
            audit.note("access.repaired", school, subject_kind="school", by=clock(now), **changed)
