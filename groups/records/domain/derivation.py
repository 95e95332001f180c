"""From a reason to a membership: pure functions over periods. No database, no clock."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from groups.capacities import OPERATORS, Hat, Role
from groups.records.domain.levels import DAILY_CARER, WITH_AUTHORITY

BEGINNING = datetime.min.replace(tzinfo=UTC)
FOREVER = datetime.max.replace(tzinfo=UTC)


class Span(NamedTuple):
    """Half-open [start, end); open while `end` is None."""

    start: datetime
    end: datetime | None


class Year(NamedTuple):
    """A group's school year, and until when its archive may be read."""

    starts_at: datetime
    ends_at: datetime
    archive_until: datetime


class Window(NamedTuple):
    """When a membership carries its powers, and until when its holder reads."""

    valid_from: datetime
    valid_until: datetime
    reads_until: datetime


def window(year: Year, *, within: Span, lasting: Span) -> Window | None:
    """The time in which both reasons hold in the group's year; None when they never meet.

    `within` is the place in the group (an enrolment, a task), `lasting` the reason that outlives a year (a
    guardianship, serving the school). Who is in at the end of the year reads on until the archive closes, as long
    as the lasting reason holds.
    """
    start = max(year.starts_at, within.start, lasting.start)
    until = min(year.ends_at, end_of(within), end_of(lasting))
    if start >= until:
        return None
    reads_until = min(year.archive_until, end_of(lasting)) if until == year.ends_at else until
    return Window(start, until, reads_until)


def both(one: Span, other: Span) -> Span:
    """The time in which both hold; empty (it ends before it starts) when they never meet."""
    end = min(end_of(one), end_of(other))
    return Span(max(one.start, other.start), None if end == FOREVER else end)


def stretches(spans: Iterable[Span]) -> list[Span]:
    """The time in which at least one holds, as spans that do not touch each other; empty ones hold never.

    Example: with authority until noon and a reader from noon on is one stretch; refused in between makes two.
    """
    cut: list[Span] = []
    lasting = (span for span in spans if span.start < end_of(span))
    for span in sorted(lasting, key=lambda span: span.start):
        if cut and span.start <= end_of(cut[-1]):
            end = max(end_of(cut[-1]), end_of(span))
            cut[-1] = Span(cut[-1].start, None if end == FOREVER else end)
        else:
            cut.append(span)
    return cut


def without(spans: Iterable[Span], cuts: Iterable[Span]) -> list[Span]:
    """What is left of `spans` outside `cuts`. Example: a week, without its Wednesday, is two spans."""
    left = list(spans)
    for cut in (cut for cut in cuts if cut.start < end_of(cut)):
        parts = [(both(span, Span(BEGINNING, cut.start)), both(span, Span(end_of(cut), None))) for span in left]
        left = [part for pair in parts for part in pair if part.start < end_of(part)]
    return left


def end_of(span: Span) -> datetime:
    """The moment it ends; of an open one, after everything."""
    return span.end or FOREVER


def roles_of_assignment(role: str, group_kind: str, *, in_this_group: bool, teachers_moderate: bool) -> Sequence[str]:
    """The roles one staff assignment gives in one group of the school (POL-05, 08, 61).

    Teaching a group makes its teacher, and its administrator unless the school says otherwise; the directie serves
    every group; an editor writes the school-wide group; everybody on the staff is a colleague in the school-wide
    group and a member of the team.
    """
    roles: list[str] = []
    if role == Role.DIRECTIE:
        return [Role.DIRECTIE]
    if role in OPERATORS:
        return []
    if in_this_group:
        roles.append(role)
        if role == Role.TEACHER and teachers_moderate:
            roles.append(Role.GROUP_ADMIN)
    if group_kind == "school":
        roles.append(Role.EDITOR if role == Role.EDITOR else Role.COLLEAGUE)
    if group_kind == "staff":
        roles.append(Role.MEMBER)
    return roles


def roles_of_seat(group_kind: str) -> Sequence[str]:
    """A council's member writes inside the council and may hand in messages for the whole school (POL-07)."""
    return {"council": [Role.MEMBER], "school": [Role.COUNCIL_MEMBER]}.get(group_kind, [])


def role_of_guardianship(level: str) -> str:
    """Authority makes a parent; caring daily a carer, who reads and replies too; the school lets a reader in."""
    return {WITH_AUTHORITY: Role.PARENT, DAILY_CARER: Role.CARER}.get(level, Role.READER)


def hat_of_seat(*, is_staff: bool) -> str:
    return Hat.STAFF if is_staff else Hat.FAMILY
