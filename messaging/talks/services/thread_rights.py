"""Makes the rows of `ThreadGrant`: who reads and writes in which conversation, when, and from where on.

One right for each seat whose holder has an account, less four things: what was said before the holder is known, and
while a parent had no say, the own child in the staff hat, and restrictions. Seats are made in
`messaging.talks.services.seats`, and written before these.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from django.db.models import QuerySet

from groups.models import Claim, Guardianship, School
from groups.records.domain.derivation import BEGINNING, Span, without
from groups.records.services.truth import forbidding, restricted, silencing
from groups.roles import Hat
from messaging.talks.domain.reading import Reading, farthest_back
from messaging.talks.models import Seat
from messaging.talks.querysets import WRITE_IN_THREAD
from messaging.writings.models import Message
from messaging.writings.querysets.messages import VIEW_THREAD
from portal.core import access
from portal.core.compiled import compiled

COLUMNS = (*access.GRANT, "reads_from")
SEAT = ("chair_id", "thread_id", "thread__school_id", "thread__child_id", "thread__created_at", "chair__reads_from")


class Seated(NamedTuple):
    """A seat whose holder came in: `person` is the key of the caregiver or of the member of staff."""

    user: int
    person: int
    chair: int
    thread: int
    school: int
    child: int
    began: datetime
    reads_from: datetime
    start: datetime
    end: datetime | None

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


def thread_rights(school: School | None, people: access.People | None) -> Iterator[tuple]:
    """Every right on a conversation, as `COLUMNS`."""
    users = access.users_of(people)
    held: dict[tuple[int, int, int, str], list[Reading]] = defaultdict(list)
    for seat, span in _of_caregivers(school, users):
        held[seat.user, seat.thread, seat.school, Hat.FAMILY].append(Reading(span, seat.reads_from))
    for seat, span in _of_staff(school, users):
        held[seat.user, seat.thread, seat.school, Hat.STAFF].append(Reading(span, seat.reads_from))
    cuts = restricted(school, users) if held else {}
    for (user, thread, place, hat), readings in held.items():
        stopped = silencing if hat == Hat.FAMILY else forbidding
        for permission in (VIEW_THREAD, WRITE_IN_THREAD):
            forbidden = stopped(cuts.get((user, place), []), reading=permission == VIEW_THREAD)
            left = (Reading(span, one.since) for one in readings for span in without([one.span], forbidden))
            for span, since in farthest_back(left):
                yield user, access.permission_id(permission), thread, hat, *span, since


def _of(kind: str, school: School | None, users: list[int] | None) -> QuerySet[Seat]:
    """Seats of people who came in; `kind` is caregiver or staff."""
    rows = Seat.objects.filter(**{f"chair__{kind}__user__isnull": False})
    rows = rows.filter(thread__school=school) if school else rows
    return rows if users is None else rows.filter(**{f"chair__{kind}__user__in": users})


def _columns(kind: str) -> tuple[str, ...]:
    return f"chair__{kind}__user_id", f"chair__{kind}_id", *SEAT, "valid_from", "valid_until"


@compiled
def _seats(kind: str, school: School | None, users: list[int] | None) -> QuerySet:
    joined = ("chair__staff__joined_at", "chair__staff__settles_at") if kind == "staff" else ()
    person = (f"chair__{kind}__user_id", f"chair__{kind}_id")
    return _of(kind, school, users).values_list(*joined, *person, *SEAT, "valid_from", "valid_until")


def _of_caregivers(school: School | None, users: list[int] | None) -> Iterator[tuple[Seated, Span]]:
    """What began before somebody came in by letter, once that is known."""
    seats = list(_since_return([Seated(*row) for row in _seats(kind="caregiver", school=school, users=users)]))
    waiting: dict[int, list[tuple[datetime, Span]]] = defaultdict(list)
    for caregiver, joined, until in _waiting(school=school, users=users) if seats else ():
        waiting[caregiver].append((joined, Span(BEGINNING, until)))
    for seat in seats:
        unknown = [until for joined, until in waiting.get(seat.person, []) if joined > seat.began]
        yield from ((seat, span) for span in without([seat.span], unknown))


def _since_return(seats: Iterable[Seated]) -> Iterator[Seated]:
    """Who sits there again after a while reads on from then, where something was said meanwhile: who wrote it read that
    nobody else read along (ADR 0025).
    """
    own: dict[int, list[Seated]] = defaultdict(list)
    for seat in sorted(seats, key=lambda seat: seat.start):
        own[seat.chair].append(seat)
    returned = sorted({held[0].thread for held in own.values() if len(held) > 1})
    said: dict[int | None, list[datetime]] = defaultdict(list)
    for thread, at in _said_in(threads=returned) if returned else ():
        said[thread].append(at)
    for held in own.values():
        reads_from, left = held[0].reads_from, None
        for seat in held:
            if left and any(left <= at < seat.start for at in said[seat.thread]):
                reads_from = seat.start
            left = seat.end
            yield seat._replace(reads_from=reads_from)


@compiled
def _said_in(threads: list[int]) -> QuerySet:
    """What became of it does not matter: a right that is given stays the same."""
    return Message.objects.filter(thread__in=threads).values_list("thread_id", "published_at")


def _of_staff(school: School | None, users: list[int] | None) -> Iterator[tuple[Seated, Span]]:
    """Never about the own child, nor what began before one is known."""
    known = _seats(kind="staff", school=school, users=users)
    family: dict[tuple[int, int], list[Span]] = defaultdict(list)
    for user, child, start, end in _family(school=school, users=users) if known else ():
        family[user, child].append(Span(start, end))
    for joined, settles, *row in known:
        seat = Seated(*row)
        cuts = list(family.get((seat.user, seat.child), []))
        if settles and joined > seat.began:
            cuts.append(Span(BEGINNING, settles))
        yield from ((seat, span) for span in without([seat.span], cuts))


@compiled
def _waiting(school: School | None, users: list[int] | None) -> QuerySet:
    """Per caregiver when somebody came in who had to be known first, and until when that was so."""
    seated = _of("caregiver", school, users).values("chair__caregiver")
    claims = Claim.objects.filter(caregiver__in=seated, settles_at__isnull=False)
    return claims.values_list("caregiver_id", "claimed_at", "settles_at")


@compiled
def _family(school: School | None, users: list[int] | None) -> QuerySet:
    """When a child is the own child of a member of staff (POL-15), at whatever level."""
    seated = _of("staff", school, users).values("chair__staff__user")
    rows = Guardianship.objects.filter(caregiver__user__in=seated)
    return rows.values_list("caregiver__user_id", "child_id", "valid_from", "valid_until")
