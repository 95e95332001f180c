"""Somebody of school asked into a conversation by name, and what was said before handed over to who came in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from groups.models import Child, Group, Guardianship, School, SchoolYear, StaffAssignment, StaffMember
from groups.records.domain.working_hours import school_days_later
from groups.records.policies import can_direct
from groups.records.querysets.people import StaffQuerySet
from groups.records.services.contacts import teachers_of
from groups.records.services.locks import hold_schools
from groups.records.services.working import days_off_of
from groups.roles import Hat
from messaging.talks.models import Came, Participation, StepKind, Thread, ThreadGrant, ThreadStep
from messaging.talks.querysets import SERVING, WRITE_IN_THREAD, ParticipationQuerySet, runs
from messaging.talks.services.message_news import tell_of_steps
from messaging.talks.services.newcomers import about, let_read, note_chairs
from messaging.talks.services.threads import byline_in
from messaging.writings.domain.text import tidy_word
from messaging.writings.querysets.messages import VIEW_THREAD
from portal.core import access, audit
from portal.core.actor import Actor
from portal.core.compiled import compiled

PATIENCE = 2
"""School days in which a parent or a teacher can hand over before the directie may open it."""


@dataclass(frozen=True)
class Askable:
    """Somebody of school who can be asked in: as a teacher of `group`, or for the whole school."""

    staff: StaffMember
    group: Group | None


@dataclass(frozen=True)
class WaitingSuccessor:
    """A successor to whom nobody handed over yet, in so many conversations of a group; which ones is not told."""

    school: School
    staff: StaffMember
    group: Group
    conversations: int
    since: datetime
    opens_at: datetime
    may_open: bool


def people_to_ask(thread: Thread, *, now: datetime) -> list[Askable]:
    """Teachers of the child who are not in it, also one who directs, and who works for the whole school (POL-09).

    Nobody who is family of the child. The directie as such is not asked here: that is "Bring in the management".
    """
    taken = set(_taken(thread=thread, now=now))
    teachers = [Askable(one.staff, one.group) for one in teachers_of(thread.child, now=now)]
    wide = _for_the_school(child=thread.child, school=thread.school, now=now)
    known = {one.staff.pk for one in teachers}
    functions = [Askable(one, None) for one in wide if one.pk not in known]
    return [one for one in [*teachers, *functions] if one.staff.pk not in taken]


@compiled
def _taken(thread: Thread, now: datetime) -> QuerySet[Participation, int | None]:
    chairs = Participation.objects.filter(thread=thread, staff__isnull=False)
    there = chairs.of_staff(now=now) | chairs.filter(valid_from__gt=now).unended(now=now)
    return there.values_list("staff", flat=True)


@compiled
def _for_the_school(child: Child, school: School, now: datetime) -> StaffQuerySet[StaffMember]:
    """Who works for all of it, and is no family of this child."""
    family = Guardianship.objects.active(now=now).filter(child=child).of_people(OuterRef("user"))
    tasks = StaffAssignment.objects.active(now=now).filter(staff=OuterRef("pk"), school=school)
    is_running = runs("pk", "user", school=school.pk, now=now)
    serving = Exists(tasks.filter(role__in=SERVING, group=None))
    wide = StaffMember.objects.filter(serving, ~Exists(family), ~is_running, school=school)
    return wide.order_by("display_name", "pk")


def ask_in(*, thread: Thread, staff: StaffMember, earlier: bool, by: Actor) -> Thread:
    """Give `staff` a chair by name, with a line that everybody reads and a mail; it cannot be undone.

    He reads from then on; with `earlier` also what `by` reads of what was said before. Asking who is in it already
    changes nothing. Raises `PermissionDenied`.
    """
    with transaction.atomic():
        hold_schools(thread.school_id)
        current = _locked(thread)
        access.demand(sits_in(current, by=by))
        if _chair_of(current, staff, by.now):
            return current
        askable = next((one for one in people_to_ask(current, now=by.now) if one.staff.pk == staff.pk), None)
        access.demand(askable is not None)
        chair = Participation.objects.create(
            thread=current,
            staff=staff,
            group=askable.group if askable else None,
            came=Came.ASKED,
            valid_from=by.now,
            valid_until=_end_of_year(by.now) if askable and askable.group is None else None,
            reads_from=_reads_from(current, by) if earlier else by.now,
        )
        let_read([chair], current.school)
        _note(StepKind.ASKED, chair, by=by)
    return current


def hand_over(*, thread: Thread, staff: StaffMember, by: Actor) -> Thread:
    """Let somebody of school who came in later read what `by` reads of what was said before: one tap, for good.

    Handing over what is read already changes nothing. Raises `PermissionDenied`.
    """
    with transaction.atomic():
        hold_schools(thread.school_id)
        current = _locked(thread)
        access.demand(sits_in(current, by=by))
        chair = _chair_of(current, staff, by.now)
        access.demand(chair is not None and staff.user_id != by.user.pk)
        from_then = _reads_from(current, by)
        if chair and chair.reads_from > from_then:
            chair.reads_from = from_then
            chair.save(update_fields=["reads_from"])
            let_read([chair], current.school)
            _note(StepKind.HANDED, chair, by=by)
    return current


def somebody_of(thread: Thread, *, uid: UUID) -> StaffMember | None:
    """Who of school has, had or will have a chair in this conversation."""
    return StaffMember.objects.filter(uid=uid, participations__thread=thread).first()


def seated_in(thread: Thread, *, uid: UUID, now: datetime) -> StaffMember | None:
    """Who of school has a chair in this conversation that lasts, begun or not."""
    whom = somebody_of(thread, uid=uid)
    return whom if whom and _chair_of(thread, whom, now) else None


def open_earlier(*, staff: StaffMember, group: Group, reason: str, by: Actor) -> int:
    """The directie opens what was said before, unread by herself, to a successor to whom nobody handed over (POL-64).

    From two school days after the chair was taken; with a reason that everybody in these conversations reads. Never to
    oneself, nor to anybody who runs the school. Returns in how many. Raises `PermissionDenied`, a `TextRefusedError`.
    """
    words = tidy_word(reason)
    with transaction.atomic():
        school = group.school
        hold_schools(school.pk)
        access.demand(can_direct(by, school) and staff.user_id != by.user.pk)
        waiting = _waiting(school, by.now).filter(staff=staff, group=group)
        threads = Thread.objects.select_for_update(of=("self",)).filter(pk__in=waiting.values("thread"))
        list(threads.order_by("pk"))
        chairs = [one for one in waiting if _is_due(one, school, by.now)]
        access.demand(bool(chairs))
        for chair in chairs:
            chair.reads_from = chair.thread.created_at
        Participation.objects.bulk_update(chairs, ["reads_from"])
        let_read(chairs, school)
        note_chairs(StepKind.OPENED, chairs, school=school, by=by, word=words)
    return len(chairs)


def find_colleague(uid: UUID, *, group: UUID, actor: Actor) -> StaffMember | None:
    """Who works at the school of this group, where `actor` directs it; None for any other."""
    directed = School.objects.directed_by(actor).filter(groups__uid=group)
    return StaffMember.objects.filter(uid=uid, school__in=directed).first()


def waiting_for_handover(school: School, *, now: datetime) -> list[WaitingSuccessor]:
    """Who came with a task and to whom nobody handed over, by group: how many conversations, and from when to open."""
    by_task: dict[tuple[int, int | None], list[Participation]] = {}
    for chair in _waiting(school, now):
        by_task.setdefault((chair.staff_id or 0, chair.group_id), []).append(chair)
    return [one for chairs in by_task.values() if (one := _told(chairs, school, now))]


def sits_in(thread: Thread, *, by: Actor) -> bool:
    """Who has a chair in an open conversation and whose access is not limited; the directie as such has none."""
    return bool(_sitting(thread=thread, actor=by))


@compiled
def _sitting(thread: Thread, actor: Actor) -> QuerySet:
    """The own chairs in it, while `actor` may write there."""
    writing = Thread.objects.permitting(actor, WRITE_IN_THREAD).filter(state="open")
    return _own(thread, actor).filter(thread__in=writing)


def _own(thread: Thread, by: Actor) -> ParticipationQuerySet[Participation]:
    seats = Participation.objects.filter(thread=thread)
    if by.hat == Hat.FAMILY:
        return seats.of_caregivers(now=by.now).filter(caregiver__user=by.user)
    return seats.of_staff(now=by.now).filter(staff__user=by.user)


def _reads_from(thread: Thread, by: Actor) -> datetime:
    """From where on the giver reads: nobody gives more than that."""
    rights = ThreadGrant.objects.held_by(by, VIEW_THREAD).filter(content_object=thread)
    return min(rights.values_list("reads_from", flat=True))


def _chair_of(thread: Thread, staff: StaffMember, now: datetime) -> Participation | None:
    """The chair of somebody of school, begun or not, that lasts."""
    rows = Participation.objects.unended(now=now).filter(thread=thread, staff=staff)
    return rows.select_related("staff", "thread__school").order_by("-valid_from").first()


def _waiting(school: School, now: datetime) -> ParticipationQuerySet[Participation]:
    """Chairs of successors in force who read less than there is."""
    rows = Participation.objects.filter(thread__school=school, came=Came.TASK).of_staff(now=now)
    said_before = rows.filter(thread__messages__published_at__lt=F("reads_from"), thread__messages__state="published")
    return said_before.distinct().select_related("staff", "group", "thread").order_by("group__name", "staff", "pk")


def _is_due(chair: Participation, school: School, now: datetime) -> bool:
    return school_days_later(chair.valid_from, PATIENCE, days_off_of(school)) <= now


def _told(chairs: Sequence[Participation], school: School, now: datetime) -> WaitingSuccessor | None:
    first = min(chairs, key=lambda chair: chair.valid_from)
    if first.staff is None or first.group is None:
        return None
    opens_at = school_days_later(first.valid_from, PATIENCE, days_off_of(school))
    return WaitingSuccessor(school, first.staff, first.group, len(chairs), first.valid_from, opens_at, opens_at <= now)


def _end_of_year(now: datetime) -> datetime | None:
    """Who was asked in for the whole school reads along for this school year."""
    ends: datetime | None = SchoolYear.objects.current(now=now).values_list("ends_at", flat=True).first()
    return ends


def _locked(thread: Thread) -> Thread:
    return Thread.objects.select_for_update(of=("self",)).select_related("school", "child").get(pk=thread.pk)


def _note(kind: StepKind, chair: Participation, *, by: Actor) -> None:
    """The line under the name of who did it, the trail, and one mail a person."""
    thread = chair.thread
    signed = byline_in(thread, by=by)
    who = {"by": by.user, "by_name": signed.name, "by_function": signed.function}
    step = ThreadStep.objects.create(thread=thread, kind=kind, **who, at=by.now, **about(chair))
    audit.note(f"thread.{kind}", thread, by=by, hat=Hat(by.hat).value)
    tell_of_steps(steps=[step], school=thread.school, now=by.now)
