"""Who of school comes, came later or was in a conversation, and to whom what was said before can be handed over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import OuterRef, Q, Subquery

from groups.models import Enrolment
from groups.roles import Hat
from messaging.talks.models import Came, Participation, Thread
from messaging.talks.querysets import ParticipationQuerySet
from messaging.talks.services.chairs import BY_NAME, in_order
from messaging.talks.services.joining import sits_in
from messaging.writings.models import Message
from portal.core.actor import Actor
from portal.core.compiled import compiled


@dataclass(frozen=True)
class Beside:
    """Somebody of school: `state` is coming, here or gone. `may_hand`: the reader can let him read what was before."""

    uid: UUID
    name: str
    function: str
    state: str
    since: datetime
    until: datetime | None
    reads_from: datetime
    is_own: bool
    may_hand: bool


class Seats(NamedTuple):
    """The chairs of a conversation that hold, as `seats_of` says them, and each that somebody of school ever had."""

    holding: list[Participation]
    of_school: list[Participation]


def every_seat(thread: Thread, *, now: datetime) -> Seats:
    """Both in one question."""
    rows = _every(thread=thread, now=now)
    return Seats(in_order(row for row in rows if row.holds), [row for row in rows if row.staff])


@compiled
def _every(thread: Thread, now: datetime) -> ParticipationQuerySet[Participation]:
    """With `holds`, and `said_before`: the last that stands from before it reads."""
    said = Message.objects.filter(thread=OuterRef("thread"), state="published", published_at__lt=OuterRef("reads_from"))
    last = said.order_by("-published_at").values("published_at")[:1]
    rows = Participation.objects.filter(thread=thread).with_holding(now=now).with_family(now=now)
    rows = rows.filter(Q(staff__isnull=False) | Q(holds=True)).annotate(said_before=Subquery(last))
    return rows.select_related("caregiver", "staff", "group__school_year").order_by(*BY_NAME)


def beside(thread: Thread, *, seats: Seats, actor: Actor) -> list[Beside]:
    """Who comes, who came later and reads from a moment on, and who read along once; in order of time."""
    here = {seat.pk for seat in seats.holding}
    seated = [row for row in seats.of_school if _is_told(row, row.pk in here, thread)]
    own_from = _own_from(seats.holding, actor)
    to_hand = {row.pk for row in seated if _is_to_hand(row, here, own_from, actor)}
    may_hand = bool(to_hand) and sits_in(thread, by=actor)
    left = _left_group(thread) if any(row.pk not in here for row in seated) else {}
    return [_told(row, here, actor, may_hand and row.pk in to_hand, left.get(row.group_id)) for row in seated]


def _is_told(row: Any, is_here: bool, thread: Thread) -> bool:
    """Not of who is here from the start, nor of the directie in the line that says that it was asked in."""
    if is_here:
        return row.came != Came.START and not (row.came == Came.DIRECTIE and row.valid_from == thread.directie_since)
    return row.valid_until is None or row.valid_until > row.valid_from


def _own_from(holding: Sequence[Participation], actor: Actor) -> datetime | None:
    """From where on the reader reads, by chairs that hold."""
    holders = ((row, row.staff if actor.hat == Hat.STAFF else row.caregiver) for row in holding)
    return min((row.reads_from for row, one in holders if one and one.user_id == actor.user.pk), default=None)


def _is_to_hand(row: Any, here: set[int], own_from: datetime | None, actor: Actor) -> bool:
    """Nothing was said between where the reader reads from and where he does: then there is nothing to give."""
    lasts = row.pk in here or row.valid_from > actor.now
    other = row.staff is not None and row.staff.user_id != actor.user.pk
    return lasts and other and None not in (own_from, row.said_before) and row.said_before >= own_from


def _left_group(thread: Thread) -> dict[int | None, datetime]:
    """When the child left each of its groups."""
    rows: Any = Enrolment.objects.filter(child=thread.child_id, valid_until__isnull=False).order_by("valid_until")
    return dict(rows.values_list("group", "valid_until"))


def _told(
    row: Any,
    here: set[int],
    actor: Actor,
    may_hand: bool,
    left: datetime | None,
) -> Beside:
    state = "here" if row.pk in here else "coming" if row.valid_from > actor.now else "gone"
    ends = [row.valid_until, left, row.group.school_year.ends_at if row.group else None]
    over = [end for end in ends if end and row.valid_from < end <= actor.now]
    return Beside(
        uid=row.staff.uid,
        name=row.staff.display_name,
        function=row.staff.function,
        state=state,
        since=row.valid_from,
        until=min(over, default=None) if state == "gone" else None,
        reads_from=row.reads_from,
        is_own=actor.hat == Hat.STAFF and row.staff.user_id == actor.user.pk,
        may_hand=may_hand,
    )
