"""What Celery calls: the nightly reconciliation of rights."""

import logging

from django.utils import timezone

from groups.services.memberships import check_access as check
from portal.core import jobs

log = logging.getLogger("kring.access")


@jobs.task("groups.check_access")
def check_access() -> None:
    """Compares every right with the truth; drift is repaired and reported loudly, because there should be none."""
    for table, drift in check(repair=True, now=timezone.now()).items():
        if drift:
            log.error("access drift in %s: %s missing, %s extra", table, drift.missing, drift.extra)
