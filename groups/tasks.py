"""What Celery calls: the nightly reconciliation of rights, sweeping up, and the work behind the roster page."""

import logging

from django.utils import timezone

from groups.letters.services.people import remove_unproved_accounts as remove
from groups.records.services.drift import note_drift
from groups.records.services.memberships import check_access as check
from groups.roster.services.functions import follow_functions
from groups.roster.services.postal_addresses import forget_phones, forget_postal_addresses
from groups.roster.services.roster_uploads import ring_forgotten, sweep_uploads
from groups.roster.services.roster_work import work_on_upload
from groups.staff.services.staff import follow_ended_tasks
from portal.core import jobs

log = logging.getLogger("kring.access")


@jobs.task("groups.check_access")
def check_access() -> None:
    """Compares every right with the truth; drift is repaired and reported loudly, because there should be none."""
    now = timezone.now()
    drift_of = check(repair=True, now=now)
    for table, drift in drift_of.items():
        if drift:
            log.error("access drift in %s: %s missing, %s extra", table, drift.missing, drift.extra)
    note_drift(drifts=drift_of.values(), now=now)


@jobs.task("groups.remove_unproved_accounts")
def remove_unproved_accounts() -> None:
    """Accounts that asked for a code, never proved their address and own nothing go after a day."""
    removed = remove(now=timezone.now())
    if removed:
        log.info("removed %s accounts that never proved their address", removed)


@jobs.task("groups.work_on_roster")
def work_on_roster(upload: int) -> None:
    work_on_upload(upload=upload, now=timezone.now())


@jobs.task("groups.ring_forgotten_rosters")
def ring_forgotten_rosters() -> None:
    ring_forgotten(now=timezone.now())


@jobs.task("groups.sweep_rosters")
def sweep_rosters() -> None:
    now = timezone.now()
    sweep_uploads(now=now)
    forget_postal_addresses(now=now)
    forget_phones(now=now)
    follow_functions(now=now)
    follow_ended_tasks(now=now)
