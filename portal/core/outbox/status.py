"""How mail goes, for the office in words and for the drills as a ledger."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Min, Q

from portal.core.models import OutboxItem, OutboxState

OVERDUE = timedelta(minutes=15)
LOOKS_BACK = timedelta(days=14)
UNDER_WAY = (OutboxState.PENDING, OutboxState.CLAIMED, OutboxState.SENDING)


@dataclass(frozen=True)
class Status:
    """`down_since`: when mail stopped going out, for the whole installation; the counts are of the asked schools."""

    down_since: datetime | None
    waiting: int
    failed: int
    uncertain: int

    @property
    def all_is_well(self) -> bool:
        return not (self.down_since or self.failed or self.uncertain)


def status(schools: Iterable[UUID], *, now: datetime) -> Status:
    """Whether mail goes out, what waits, and what went wrong these two weeks; one query, past all that went well."""
    ours = Q(school_uid__in=list(schools))
    recent = ours & Q(settled_at__gt=now - LOOKS_BACK)
    pending = Q(state=OutboxState.PENDING)
    row = OutboxItem.objects.filter(state__in=(*UNDER_WAY, OutboxState.FAILED, OutboxState.UNCERTAIN)).aggregate(
        failing=Min("failing_since", filter=pending),
        overdue=Min("due_at", filter=pending & Q(due_at__lt=now - OVERDUE)),
        waiting=Count("pk", filter=ours & Q(state__in=UNDER_WAY, due_at__lte=now)),
        failed=Count("pk", filter=recent & Q(state=OutboxState.FAILED)),
        uncertain=Count("pk", filter=recent & Q(state=OutboxState.UNCERTAIN)),
    )
    since = [moment for moment in (row["failing"], row["overdue"]) if moment]
    return Status(min(since, default=None), row["waiting"], row["failed"], row["uncertain"])


@dataclass(frozen=True)
class Ledger:
    """What was meant to go out, by where it is now (security.md 9)."""

    intents: int
    accepted: int
    pending: int
    withheld: int
    failed: int
    uncertain: int

    @property
    def lost(self) -> int:
        """Intents that are in none of the states."""
        return self.intents - (self.accepted + self.pending + self.withheld + self.failed + self.uncertain)

    def __str__(self) -> str:
        return " · ".join(f"{name} {number}" for name, number in (*vars(self).items(), ("lost", self.lost)))


def ledger(**chosen: object) -> Ledger:
    """The balance of the chosen rows."""
    rows = OutboxItem.objects.filter(**chosen)
    return Ledger(
        **rows.aggregate(
            intents=Count("pk"),
            accepted=Count("pk", filter=Q(state=OutboxState.ACCEPTED)),
            pending=Count("pk", filter=Q(state__in=UNDER_WAY)),
            withheld=Count("pk", filter=Q(state=OutboxState.WITHHELD)),
            failed=Count("pk", filter=Q(state=OutboxState.FAILED)),
            uncertain=Count("pk", filter=Q(state=OutboxState.UNCERTAIN)),
        )
    )
