"""After a restore: what waited in the database that was put back may have been sent, and waits for a person."""

from datetime import datetime

from portal.core.models import OutboxItem, OutboxState
from portal.core.outbox.kinds import ENDING, kinds_of

UNSETTLED = (OutboxState.PENDING, OutboxState.CLAIMED, OutboxState.SENDING)
RESTORED = "from before a restore"


def hold(*, now: datetime) -> int:
    """Hold every row that is not settled, but what has an end: for that it is too late. Returns how many are held."""
    rows = OutboxItem.objects.filter(state__in=UNSETTLED)
    rows.filter(kind__in=[kind for lane in ENDING for kind in kinds_of(lane)]).update(
        state=OutboxState.WITHHELD, settled_at=now, last_error=RESTORED, claim=None, failing_since=None
    )
    return rows.update(state=OutboxState.HELD, claim=None, last_error=RESTORED, failing_since=None)


def release_held(*, send: bool, now: datetime, **chosen: object) -> int:
    """Send the held rows, or drop them, after somebody looked. Whether each may still be read is asked at delivery."""
    rows = OutboxItem.objects.filter(state=OutboxState.HELD, **chosen)
    if send:
        return rows.update(state=OutboxState.PENDING, due_at=now, last_error="")
    return rows.update(state=OutboxState.WITHHELD, settled_at=now)
