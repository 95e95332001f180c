"""Conversations: starting one, writing in it, changing what one wrote. Threads and words are written here only."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from groups.models import Caregiver, Child, Group, StaffMember
from groups.records.querysets.schools import GroupQuerySet
from groups.records.services.bylines import Byline, byline
from groups.records.services.contacts import Teacher, caregivers_talking, teachers_of
from groups.records.services.locks import hold_schools
from groups.roles import Hat
from messaging.photos.domain import Picture
from messaging.photos.services.placements import not_yet_in, place_in_message
from messaging.talks.models import Participation, Seat, Thread, ThreadGrant
from messaging.talks.policies import can_write_in
from messaging.talks.querysets import ThreadQuerySet
from messaging.talks.services.chairs import Participant, chairs_of
from messaging.talks.services.message_news import tell_readers
from messaging.writings.domain.rich_text import to_html
from messaging.writings.domain.text import tidy_text, tidy_title
from messaging.writings.models import Message, Seen
from messaging.writings.querysets.messages import MessageQuerySet
from messaging.writings.services.written import keep_versions, record
from portal.core import access, audit, submissions
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.submissions import AlreadySubmittedError

MOST_AT_ONCE = 100


class ThreadClosedError(PermissionDenied):
    """The reader sees the conversation but may not, or no longer, write in it."""


class MoreReadersError(Exception):
    """Somebody reads this conversation by now who was not shown to the writer: these `chairs`."""

    def __init__(self, chairs: Sequence[Participant]) -> None:
        super().__init__(len(chairs))
        self.chairs = chairs


def start_thread(
    *,
    child: Child,
    caregivers: Sequence[Caregiver],
    staff: Sequence[StaffMember],
    title: str,
    text: str,
    by: Actor,
    submission_key: UUID | None = None,
    pictures: Sequence[Picture] = (),
    declared: bool = False,
) -> Thread:
    """Start a conversation about `child` between these people, and nobody else (POL-09, 15, 54).

    A parent with authority, or who cares daily, starts as oneself, with teachers of the child's groups. A teacher of
    the child starts with such caregivers. The writer is one of the participants. Everybody in it is told by mail.
    `pictures` are own uploads; with `declared` only the child is recognisable on them, or nobody (POL-46). Raises
    `PermissionDenied`, a `TextRefusedError`, a `PicturesRefusedError`, or `AlreadySubmittedError` when the same form
    came in before.
    """
    with transaction.atomic():
        hold_schools(child.school_id)
        teachers = {teacher.staff.pk: teacher for teacher in teachers_of(child, now=by.now)}
        access.demand(_may_start(child, caregivers, staff, teachers, by=by))
        thread = Thread(
            school_id=child.school_id,
            child=child,
            title=tidy_title(title),
            started_by=by.user,
            hat=Hat(by.hat).value,
            created_at=by.now,
            last_message_at=by.now,
        )
        first_words = tidy_text(text)
        chosen = sorted(one.pk for one in caregivers), sorted(one.pk for one in staff)
        alike = _started_alike(thread, *chosen, first_words)
        if submission_key:
            if pictures and (begun := alike.filter(created_at__gt=by.now - submissions.AGAIN).first()):
                return _go_on_with_photos(begun, first_words, pictures, declared, submission_key, by=by)
            submissions.claim(
                user=by.user,
                key=submission_key,
                subject_kind="thread",
                subject_uid=thread.uid,
                now=by.now,
                said=(thread.child_id, *chosen, thread.title, first_words),
                same=alike,
                taken_back=_begun_and_taken_back(by),
            )
        thread.save()
        _seat(thread, caregivers, [teachers[member.pk] for member in staff], by.now)
        _say(thread, first_words, pictures, declared, by=by)
        audit.note("thread.started", thread, by=by, caregivers=len(caregivers), staff=len(staff))
    return thread


def _go_on_with_photos(
    begun: Thread, text: str, pictures: Sequence[Picture], declared: bool, key: UUID, *, by: Actor
) -> Thread:
    """What began just now came again with photos: those that do not stand in it come along after it."""
    first = Message.objects.filter(thread=begun).order_by("pk")[0]
    new = not_yet_in(first, pictures)
    if not new:
        raise AlreadySubmittedError("thread", begun.uid)
    with suppress(AlreadySubmittedError):
        write_message(thread=begun, text=text, by=by, submission_key=key, pictures=new, declared=declared)
    return begun


def _started_alike(thread: Thread, caregivers: list[int], staff: list[int], text: str) -> QuerySet[Thread]:
    """What the same person started about the same child, with the same people, in the same words that stand."""
    said = Message.objects.filter(text=text, author=thread.started_by, retracted_at__isnull=True)
    same_text = said.values("thread")
    alike = Thread.objects.filter(started_by=thread.started_by, hat=thread.hat, child=thread.child, title=thread.title)
    began = Q(participations__valid_from=F("created_at"))
    chosen = Q(participations__caregiver__in=caregivers) | Q(participations__staff__in=staff)
    counted = alike.annotate(
        chosen=Count("participations", filter=began & chosen), seated=Count("participations", filter=began)
    )
    number = len(caregivers) + len(staff)
    same_people = counted.filter(chosen=number, seated=number, pk__in=same_text)
    return same_people.annotate(published_at=F("created_at"))


def _begun_and_taken_back(by: Actor) -> QuerySet[Thread]:
    """What `by` started and where nothing of `by` stands any more: every word there was taken back."""
    mine = Message.objects.filter(author=by.user, thread=OuterRef("pk"))
    begun = Thread.objects.filter(started_by=by.user, hat=by.hat)
    return begun.filter(~Exists(mine.filter(retracted_at__isnull=True)))


def _may_start(
    child: Child, caregivers: Sequence[Caregiver], staff: Sequence[StaffMember], teachers: Collection[int], *, by: Actor
) -> bool:
    """Both sides have somebody, everybody belongs there, and `by` is among the own side."""
    talking = {caregiver.pk for caregiver in caregivers_talking(child, now=by.now)}
    chosen, serving = {one.pk for one in caregivers}, {one.pk for one in staff}
    if not (chosen and serving and chosen <= talking and serving <= set(teachers)):
        return False
    discussed = Child.objects.discussed_by(by).filter(pk=child.pk)
    if by.hat == Hat.FAMILY:
        return all(caregiver.user_id == by.user.pk for caregiver in caregivers) and discussed.exists()
    return any(member.user_id == by.user.pk for member in staff) and discussed.exists()


def _seat(thread: Thread, caregivers: Iterable[Caregiver], teachers: Iterable[Teacher], now: datetime) -> None:
    """The chairs, and the rights of everybody who has one by now."""
    Participation.objects.bulk_create(
        [Participation(thread=thread, caregiver=one, valid_from=now, reads_from=now) for one in caregivers]
        + [
            Participation(thread=thread, staff=one.staff, group=one.group, valid_from=now, reads_from=now)
            for one in teachers
        ]
    )
    users = {caregiver.user_id for caregiver in caregivers} | {one.staff.user_id for one in teachers}
    known = sorted(user for user in users if user is not None)
    access.reproject(school=thread.school, users=known, children=[thread.child_id], only=(Seat, ThreadGrant))


def write_message(
    *,
    thread: Thread,
    text: str,
    by: Actor,
    submission_key: UUID | None = None,
    pictures: Sequence[Picture] = (),
    declared: bool = False,
    shown: Collection[str] | None = None,
) -> Message:
    """Say something in a conversation under the own name and function (POL-15); who writes has read what is there.

    The same words again are the same message, but with photos that it does not have: then those come along in another.
    `pictures` are own uploads; who reads the message sees them, nobody else. With `declared` only the child the
    conversation is about is recognisable on them, or nobody (POL-46). `shown` are the marks of who read it by the page
    it was written on (`Participant.mark`), None where there was no page. Raises `ThreadClosedError`, a
    `TextRefusedError`, a `PicturesRefusedError`, `AlreadySubmittedError`, or `MoreReadersError`.
    """
    with transaction.atomic():
        [current] = _locked(thread=thread)
        if not can_write_in(by, current):
            raise ThreadClosedError
        words = tidy_text(text)
        message = _say(current, words, pictures, declared, by=by, submission_key=submission_key, shown=shown)
        current.last_message_at = by.now
        current.save(update_fields=["last_message_at"])
        _mark(_unread_in(thread=current, actor=by), by)
    return message


@compiled
def _locked(thread: Thread) -> ThreadQuerySet[Thread]:
    return Thread.objects.select_for_update(of=("self",)).select_related("school").filter(pk=thread.pk)


def _say(
    thread: Thread,
    text: str,
    pictures: Sequence[Picture],
    declared: bool,
    *,
    by: Actor,
    submission_key: UUID | None = None,
    shown: Collection[str] | None = None,
) -> Message:
    signed = byline_in(thread, by=by)
    message = Message(
        school=thread.school,
        thread=thread,
        author=by.user,
        hat=Hat(by.hat).value,
        author_name=signed.name,
        author_function=signed.function,
        text=text,
        html=to_html(text),
        language=by.user.language,
        published_at=by.now,
    )
    if submission_key:
        if said := _said_just_now(message):
            pictures = not_yet_in(said, pictures)
            if not pictures:
                raise AlreadySubmittedError("message", said.uid)
        submissions.claim(
            user=by.user,
            key=submission_key,
            subject_kind="message",
            subject_uid=message.uid,
            now=by.now,
            said=(text, *sorted(f"{picture.uid}" for picture in pictures)),
            taken_back=Message.objects.taken_back_by(by),
        )
    if shown is not None and (more := _more_than(shown, thread, by)):
        raise MoreReadersError(more)
    message.save()
    keep_versions([message], by=by)
    place_in_message(message=message, pictures=pictures, declared=declared, by=by)
    record("written", message, by=by, photos=len(pictures))
    tell_readers(message=message, now=by.now)
    return message


def _more_than(shown: Collection[str], thread: Thread, by: Actor) -> list[Participant]:
    """Who else reads what `by` writes now; the thread is held, so that nobody takes a chair meanwhile."""
    chairs = chairs_of([thread], now=by.now)[thread.pk]
    return [chair for chair in chairs if chair.mark not in shown and chair.user_id != by.user.pk]


def byline_in(thread: Thread, *, by: Actor) -> Byline:
    """Under which name and function somebody speaks in this conversation (POL-15)."""
    return byline(user=by.user, group=_group_between(thread, by), hat=by.hat)


def _said_just_now(message: Message) -> Message | None:
    """The same words of the same person with nothing said since: a second "Ja" to another question counts."""
    last = next(iter(_last_said(thread=message.thread, since=message.placed_at - submissions.AGAIN)), None)
    said = (message.author_id, message.hat, message.text)
    return last if last and (last.author_id, last.hat, last.text) == said else None


@compiled
def _last_said(thread: Thread, since: datetime) -> MessageQuerySet[Message]:
    said = Message.objects.filter(thread=thread, state="published", published_at__gt=since)
    return said.order_by("-published_at", "-pk")[:1]


def _group_between(thread: Thread, by: Actor) -> Group:
    """The group in which the school and the family meet here; for a teacher the one the writer teaches."""
    taught = _groups_of_chairs(thread=thread, actor=by) if by.hat == Hat.STAFF else []
    return (taught or _groups_of_chairs(thread=thread, actor=Actor(None, Hat.ANY, by.now)))[0]


@compiled
def _groups_of_chairs(thread: Thread, actor: Actor) -> GroupQuerySet[Group]:
    """The first of the groups in which chairs of a conversation were taken: those `actor` holds now, or any."""
    chairs = Participation.objects.filter(thread=thread)
    chairs = chairs.of_staff(now=actor.now).filter(staff__user=actor.user) if actor.user else chairs
    return Group.objects.filter(pk__in=chairs.exclude(group=None).values("group")).order_by("pk")[:1]


def mark_messages_read(*, by: Actor, uids: Collection[UUID]) -> int:
    """Remember that somebody had these messages on the screen, the first time only; returns how many were new.

    What one may not read, or what does not exist, is passed over in silence.
    """
    wanted = list(uids)[:MOST_AT_ONCE]
    read = Message.objects.visible_to(by).filter(uid__in=wanted)
    return _mark(read.unread_by(by.user).values_list("pk", flat=True), by)


@compiled
def _unread_in(thread: Thread, actor: Actor) -> QuerySet[Message, int]:
    read = Message.objects.visible_to(actor).filter(thread=thread)
    return read.unread_by(actor.user).values_list("pk", flat=True)


def _mark(unread: Iterable[int], actor: Actor) -> int:
    rows = [Seen(user=actor.user, writing_id=pk, hat=Hat(actor.hat).value, seen_at=actor.now) for pk in unread]
    Seen.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
