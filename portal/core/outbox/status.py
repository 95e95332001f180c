"""How mail goes, for the office in words and for the drills as a ledger."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, DateTimeField, Exists, ExpressionWrapper, F, Min, OuterRef, Q, QuerySet

from portal.core.models import OutboxItem, OutboxState
from portal.core.outbox.kinds import Lane, kinds_of

OVERDUE, FAST_IS_OVERDUE = timedelta(minutes=15), timedelta(minutes=2)
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
    row = OutboxItem.objects.filter(state__in=(*UNDER_WAY, OutboxState.FAILED, OutboxState.UNCERTAIN)).aggregate(
        **_troubles(now),
        waiting=Count("pk", filter=ours & Q(state__in=UNDER_WAY, due_at__lte=now)),
        failed=Count("pk", filter=recent & Q(state=OutboxState.FAILED)),
        uncertain=Count("pk", filter=recent & Q(state=OutboxState.UNCERTAIN)),
    )
    return Status(_since(row), row["waiting"], row["failed"], row["uncertain"])


def refused(*, now: datetime) -> QuerySet[OutboxItem]:
    """Mails of these two weeks that were refused, to people whom none reached since."""
    reached = OutboxItem.objects.filter(recipient=OuterRef("recipient"), state=OutboxState.ACCEPTED)
    last = ~Exists(reached.filter(settled_at__gt=OuterRef("settled_at")))
    told_until = ExpressionWrapper(F("settled_at") + LOOKS_BACK, output_field=DateTimeField())
    rows = OutboxItem.objects.filter(last, state=OutboxState.FAILED, recipient__isnull=False)
    return rows.alias(told_until=told_until).filter(told_until__gt=now)


def last_states(kind: str, subjects: Iterable[UUID]) -> dict[UUID, str]:
    """How far the last mail of this kind about each of these is; who had none is not among them. One query."""
    rows = OutboxItem.objects.filter(kind=kind, subject_uid__in=list(subjects)).order_by("pk")
    return {uid: state for uid, state in rows.values_list("subject_uid", "state") if uid}


def down_since(lane: Lane, *, now: datetime) -> datetime | None:
    """When mail of this lane stopped going out; None while it goes. One query, for pages that strangers ask for."""
    rows = OutboxItem.objects.filter(state__in=(*UNDER_WAY, OutboxState.UNCERTAIN), kind__in=kinds_of(lane))
    return _since(rows.aggregate(**_troubles(now)))


def _troubles(now: datetime) -> dict[str, Min]:
    """Mail does not go out: the server failed a row and accepted none since, or no worker comes for what is due."""
    pending = Q(state=OutboxState.PENDING)
    overdue = Q(due_at__lt=now - OVERDUE) | Q(kind__in=kinds_of(Lane.FAST), due_at__lt=now - FAST_IS_OVERDUE)
    return {
        "failing": Min("failing_since", filter=pending | Q(settled_at__gt=now - OVERDUE)),
        "overdue": Min("due_at", filter=pending & overdue),
    }


def _since(row: dict[str, datetime | None]) -> datetime | None:
    return min((moment for moment in (row["failing"], row["overdue"]) if moment), default=None)


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
