"""Who comes into conversations with a task, and whose chair ends with one: the chairs, the lines and the mails.

Follows the tasks of a school in the transaction that changes them; groups need not know that conversations exist.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from groups.models import Enrolment, Guardianship, School, StaffAssignment, StaffMember
from groups.records.services.bylines import Byline, byline_at
from groups.records.services.locks import hold_schools
from groups.roles import Hat, Role
from messaging.talks.domain.seats import Coming, Ending, SeatTask, Sitting, comings, endings
from messaging.talks.models import Came, Participation, Seat, StepKind, Thread, ThreadGrant, ThreadStep
from messaging.talks.querysets import runs
from messaging.talks.services.message_news import tell_of_steps
from messaging.writings.models import Message, Seen
from portal.core import access, audit
from portal.core.actor import Actor

SETTLED = timedelta(days=1)
"""So long is looked back at chairs that began: a beat that was away for a night is made up for."""


def follow_tasks(*, school: School, by: Actor, write: bool = True) -> access.Drift:
    """Make the chairs of teachers, and of the directie where it was asked in, follow their tasks.

    New ones come with a line and a mail, ended ones with their end. A chair that ends before it began is taken back
    with a line of its own. Idempotent; `by` gave or took the task (None: the school's own administration). Returns how
    many chairs were missing, and how many ended otherwise.
    """
    seats = _seats(school, by.now)
    tasks = _tasks(school, by.now) if seats else []
    ending = list(endings(tasks, seats, now=by.now))
    ended = {one.seat.pk: one.until for one in ending}
    seats = [seat._replace(until=ended.get(seat.pk, seat.until)) for seat in seats]
    coming = list(comings(tasks, seats, **_circumstances(school, by.now), now=by.now)) if seats else []
    if write and (ending or coming):
        _write(school, ending, coming, by)
    return access.Drift(len(coming), len(ending))


def _tasks(school: School, now: datetime) -> list[SeatTask]:
    """Of the groups of this year, and of years to come, in which somebody talks; and of the directie."""
    talked = Participation.objects.filter(thread__school=school).values("group")
    teaching = Q(role=Role.TEACHER, group__school_year__ends_at__gt=now, group__in=talked)
    rows = StaffAssignment.objects.filter(teaching | Q(role=Role.DIRECTIE, group=None), school=school)
    given = Coalesce("given_at", "valid_from")
    columns = ("staff", "group", "valid_from", "valid_until", given)
    return [SeatTask(*row) for row in rows.order_by("valid_from", "pk").values_list(*columns)]


def _seats(school: School, now: datetime) -> list[Sitting]:
    lasting = Q(group__school_year__ends_at__gt=now) | Q(came=Came.DIRECTIE)
    rows = Participation.objects.filter(lasting, thread__school=school)
    columns = ("pk", "thread", "staff", "group", "valid_from", "valid_until", "came")
    return [Sitting(*row) for row in rows.exclude(staff=None).order_by("pk").values_list(*columns)]


def _circumstances(school: School, now: datetime) -> dict[str, Any]:
    return {"open_threads": _meeting(school, now), "running": _running(school, now), "family": _family(school, now)}


def _family(school: School, now: datetime) -> set[tuple[int, int]]:
    """Conversations and staff whose own child they are about (POL-15)."""
    staff = StaffMember.objects.filter(school=school, user__isnull=False)
    proved = staff.filter(user__emailaddress__verified=True).values_list("pk", "user__emailaddress__email")
    records: dict[object, set[int]] = defaultdict(set)
    for pk, known_by in [*staff.values_list("pk", "user"), *proved]:
        records[known_by].add(pk)
    rows = Guardianship.objects.active(now=now).filter(child__threads__school=school)
    rows = rows.of_people(staff.values("user"))
    adults = rows.values_list("child__threads", "caregiver__user", "caregiver__email")
    return {(thread, pk) for thread, user, address in adults for pk in records[user or address]}


def _meeting(school: School, now: datetime) -> set[tuple[int, int | None]]:
    """Conversations that are not closed, each with a group of it that the child is in, or will be, and with the
    directie where it was asked in."""
    there = Enrolment.objects.unended(now=now).filter(child=OuterRef("thread__child"), group=OuterRef("group"))
    rows = Participation.objects.filter(Exists(there), thread__school=school).exclude(thread__state="closed")
    asking = Thread.objects.filter(school=school, directie_since__lte=now).exclude(state="closed")
    return {*rows.values_list("thread", "group"), *((thread, None) for thread in asking.values_list("pk", flat=True))}


def _running(school: School, now: datetime) -> set[int]:
    """Staff who direct or operate the school, under any of their records."""
    staff = StaffMember.objects.filter(runs("pk", "user", school=school.pk, now=now), school=school)
    return set(staff.values_list("pk", flat=True))


def _write(school: School, ending: Sequence[Ending], coming: Sequence[Coming], by: Actor) -> None:
    for until in {one.until for one in ending}:
        same = [one.seat.pk for one in ending if one.until == until]
        Participation.objects.filter(pk__in=same).update(valid_until=until)
    taken_back = Participation.objects.filter(pk__in=[one.seat.pk for one in ending if one.is_taken_back])
    note_chairs(StepKind.WITHDRAWN, list(taken_back.select_related("staff")), school=school, by=by)
    known = _known_before(coming, by.now)
    staff = StaffMember.objects.in_bulk({one.staff for one in coming})
    chairs = Participation.objects.bulk_create(
        Participation(
            thread_id=one.thread,
            staff=staff[one.staff],
            group_id=one.group,
            valid_from=one.start,
            came=Came.TASK if one.group else Came.DIRECTIE,
            reads_from=known.get((one.thread, one.staff), one.start) if one.start <= by.now else one.start,
        )
        for one in coming
    )
    _let_read({*staff, *(one.seat.staff for one in ending)}, school)
    note_chairs(StepKind.ARRIVED, chairs, school=school, by=by)


def _known_before(coming: Sequence[Coming], now: datetime) -> dict[tuple[int, int], datetime]:
    """From where on these read: what nobody of school read goes along, and who comes back to a conversation in which
    nothing was said meanwhile reads again what he read then."""
    unread = unread_since({one.thread for one in coming}, now=now)
    known = {(one.thread, one.staff): unread[one.thread] for one in coming if one.thread in unread}
    former = Participation.objects.filter(
        thread__in={one.thread for one in coming},
        staff__in={one.staff for one in coming},
        valid_until__lte=now,
        valid_until__gt=F("valid_from"),
        thread__last_message_at__lt=F("valid_until"),
    )
    for thread, staff, reads_from in former.values_list("thread", "staff", "reads_from"):
        known[thread, staff] = min(reads_from, known.get((thread, staff), reads_from))
    return known


def let_read(chairs: Iterable[Participation], school: School) -> None:
    """Whose chairs these are sits in them, and reads from now on what they say."""
    _let_read({chair.staff_id for chair in chairs if chair.staff_id}, school)


def _let_read(staff: Collection[int], school: School) -> None:
    users = StaffMember.objects.came_in(staff)
    access.reproject(school=school, users=users, staff=staff, only=(Seat, ThreadGrant))


def note_chairs(kind: StepKind, chairs: Sequence[Participation], *, school: School, by: Actor, word: str = "") -> None:
    """A line in each conversation, one mail a person, and one entry in the trail for each whose chairs they are."""
    signed = byline_at(user=by.user, school=school.pk) if by.user else Byline("", "")
    steps = ThreadStep.objects.bulk_create(
        ThreadStep(
            thread_id=chair.thread_id,
            kind=kind,
            by=by.user,
            by_name=signed.name,
            by_function=signed.function,
            word=word,
            at=by.now,
            **about(chair),
        )
        for chair in chairs
    )
    counted = Counter(chair.staff.uid for chair in chairs if chair.staff)
    subjects = [(uid, {"conversations": count}) for uid, count in counted.items()]
    audit.record_each(f"thread.{kind}", subjects, by=by, subject_kind="staff", school_uid=school.uid)
    tell_of_steps(steps=steps, school=school, now=by.now)


def about(chair: Participation) -> dict[str, object]:
    """What a line says of a chair, in the words of this moment."""
    staff = chair.staff
    names = {"about_name": staff.display_name, "about_function": staff.function} if staff else {}
    return {"chair": chair, "since": chair.valid_from, "reads_from": chair.reads_from, **names}


def unread_since(threads: Collection[int], *, now: datetime) -> Mapping[int, datetime]:
    """Per conversation since when what its parents said was on the screen of nobody of school; none where all was."""
    if not threads:
        return {}
    messages = Message.objects.filter(thread__in=threads, published_at__lte=now)
    own = messages.filter(hat=Hat.STAFF).order_by().values("thread").annotate(last=Max("published_at"))
    seen = Seen.objects.filter(writing__in=messages, hat=Hat.STAFF).order_by()
    read = seen.values("writing__thread").annotate(last=Max("writing__published_at"))
    known = dict(own.values_list("thread", "last"))
    for thread, last in read.values_list("writing__thread", "last"):
        known[thread] = max(last, known.get(thread, last))
    waiting: Any = messages.filter(hat=Hat.FAMILY, state="published").order_by("published_at", "pk")
    since: dict[int, datetime] = {}
    for thread, at in waiting.values_list("thread", "published_at"):
        if thread not in known or at > known[thread]:
            since.setdefault(thread, at)
    return since


def begin_chairs(*, now: datetime) -> int:
    """What nobody of school had read when a task began goes along with it: asked once it has begun; idempotent."""
    begun = Participation.objects.active(now=now).filter(valid_from__gt=now - SETTLED)
    rows = begun.filter(steps__kind=StepKind.ARRIVED, steps__at__lt=F("valid_from"), reads_from=F("valid_from"))
    schools = School.objects.filter(pk__in=rows.values("thread__school")).order_by("pk")
    return sum(_begin_chairs_at(school, rows, now) for school in schools)


def _begin_chairs_at(school: School, rows: QuerySet, now: datetime) -> int:
    with transaction.atomic():
        hold_schools(school.pk)
        chairs = list(rows.filter(thread__school=school))
        unread = unread_since([chair.thread_id for chair in chairs], now=now)
        moved = [chair for chair in chairs if unread.get(chair.thread_id, now) < chair.valid_from]
        for chair in moved:
            chair.reads_from = unread[chair.thread_id]
        Participation.objects.bulk_update(moved, ["reads_from"])
        let_read(moved, school)
    return len(moved)
