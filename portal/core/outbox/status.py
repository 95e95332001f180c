"""How mail goes, for the office in words and for the drills as a ledger."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, DateTimeField, Exists, ExpressionWrapper, F, Min, OuterRef, Q, QuerySet

from portal.core.compiled import compiled
from portal.core.counting import in_one_row
from portal.core.models import OutboxItem, OutboxState
from portal.core.outbox.claims import LATE, UNMADE
from portal.core.outbox.kinds import Lane, kinds_of
from portal.core.querysets import OutboxQuerySet

OVERDUE, FAST_IS_OVERDUE = timedelta(minutes=15), timedelta(minutes=2)
LOOKS_BACK = timedelta(days=14)
NO_SCHOOL = UUID(int=0)
WENT_WRONG = (OutboxState.FAILED, OutboxState.UNCERTAIN)
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
    overdue, fast_overdue = _deadlines(now)
    begins = {"recent": now - LOOKS_BACK, "overdue": overdue, "fast_overdue": fast_overdue}
    for failing, due, waiting, failed, uncertain in _counted(schools=list(schools) or [NO_SCHOOL], now=now, **begins):
        return Status(_since(failing, due), waiting, failed, uncertain)
    return Status(None, 0, 0, 0)


@compiled
def _counted(
    schools: list[UUID], now: datetime, recent: datetime, overdue: datetime, fast_overdue: datetime
) -> QuerySet[OutboxItem, tuple[datetime | None, datetime | None, int, int, int]]:
    ours = Q(school_uid__in=schools)
    lately = ours & Q(settled_at__gt=recent)
    return in_one_row(
        OutboxItem.objects.filter(device=None, state__in=(*UNDER_WAY, OutboxState.FAILED, OutboxState.UNCERTAIN)),
        **_troubles(overdue, fast_overdue),
        waiting=Count("pk", filter=ours & Q(state__in=UNDER_WAY, due_at__lte=now)),
        failed=Count("pk", filter=lately & Q(state=OutboxState.FAILED)),
        uncertain=Count("pk", filter=lately & Q(state=OutboxState.UNCERTAIN)),
    )


def refused(*, now: datetime) -> QuerySet[OutboxItem]:
    """Mails of these two weeks that were refused, to accounts, or addresses without one, that none reached since.

    What could not be made, or stood here until it was of no use, says nothing about an address.
    """
    since = OutboxItem.objects.filter(device=None, state=OutboxState.ACCEPTED, settled_at__gt=OuterRef("settled_at"))
    # Apart: by account an index finds them, and for an "or" of both the database reads all mail there is.
    account, address = since.filter(recipient=OuterRef("recipient")), since.filter(address=OuterRef("address"))
    has_account = Q(recipient__isnull=False)
    last = has_account & ~Exists(account) | ~has_account & ~Exists(address.filter(recipient=None))
    return failed(now=now).filter(last).exclude(last_error=LATE).exclude(last_error__startswith=UNMADE)


def failed(*, now: datetime) -> QuerySet[OutboxItem]:
    """Mails of these two weeks that did not go, whatever the reason, and whether or not another one did since."""
    told_until = ExpressionWrapper(F("settled_at") + LOOKS_BACK, output_field=DateTimeField())
    rows = OutboxItem.objects.filter(device=None, state=OutboxState.FAILED)
    return rows.alias(told_until=told_until).filter(told_until__gt=now)


def rows_about(*kinds: str, subjects: Iterable[UUID], since: datetime | None = None) -> OutboxQuerySet:
    """Rows of these kinds about any of these, in whatever state; `since`, where that is known, no older ones.

    The index that finds them begins with the state, so each is named: else all mail of years is read (ADR 0010).
    """
    rows = OutboxItem.objects.filter(state__in=OutboxState.values, kind__in=kinds, subject_uid__in=list(subjects))
    return rows.filter(due_at__gte=since) if since else rows


def last_states(kind: str, subjects: Iterable[UUID]) -> dict[UUID, str]:
    """How far the last mail of this kind about each of these is; who had none is not among them. One query."""
    rows = rows_about(kind, subjects=subjects).order_by("pk")
    return {uid: state for uid, state in rows.values_list("subject_uid", "state") if uid}


def down_since(lane: Lane, *, now: datetime) -> datetime | None:
    """When mail of this lane stopped going out; None while it goes. One query, for pages that strangers ask for."""
    rows = OutboxItem.objects.filter(state__in=(*UNDER_WAY, OutboxState.UNCERTAIN), kind__in=kinds_of(lane))
    return _since(*rows.aggregate(**_troubles(*_deadlines(now))).values())


SETTLED_WELL = (OutboxState.ACCEPTED, OutboxState.WITHHELD)


def stock(lane: Lane, *, now: datetime) -> tuple[dict[str, int], datetime | None]:
    """How many rows of this lane are in each state, past all that went well, and since when the oldest is due."""
    rows = OutboxItem.objects.filter(kind__in=kinds_of(lane), state__in=(*UNDER_WAY, *WENT_WRONG))
    counts = dict(rows.values_list("state").annotate(Count("pk")))
    return counts, rows.filter(state__in=UNDER_WAY, due_at__lte=now).aggregate(Min("due_at"))["due_at__min"]


def _deadlines(now: datetime) -> tuple[datetime, datetime]:
    return now - OVERDUE, now - FAST_IS_OVERDUE


def _troubles(overdue: datetime, fast_overdue: datetime) -> dict[str, Min]:
    """Mail does not go out: the server failed a row and accepted none since, or no worker comes for what is due."""
    pending = Q(state=OutboxState.PENDING)
    late = Q(due_at__lt=overdue) | Q(kind__in=kinds_of(Lane.FAST), due_at__lt=fast_overdue)
    return {
        "failing": Min("failing_since", filter=pending | Q(settled_at__gt=overdue)),
        "overdue": Min("due_at", filter=pending & late),
    }


def _since(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment), default=None)


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
            pending=Count("pk", filter=Q(state__in=(*UNDER_WAY, OutboxState.HELD))),
            withheld=Count("pk", filter=Q(state=OutboxState.WITHHELD)),
            failed=Count("pk", filter=Q(state=OutboxState.FAILED)),
            uncertain=Count("pk", filter=Q(state=OutboxState.UNCERTAIN)),
        )
    )
