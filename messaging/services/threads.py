"""Conversations: starting one, writing in it, changing and taking back. The only writer of threads and messages."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction

from groups.models import Caregiver, Child, Group, StaffMember
from groups.roles import Hat
from groups.services.bylines import byline
from groups.services.contacts import Teacher, caregivers_in_authority, teachers_of
from messaging.domain.rich_text import to_html
from messaging.domain.text import tidy_text, tidy_title
from messaging.models import Message, MessageSeen, MessageVersion, Participation, ReplyState, Thread, ThreadGrant
from messaging.policies import can_edit_message, can_retract_message, can_write_in
from messaging.services.chairs import expected_thread_grants
from messaging.services.message_news import tell_readers
from portal.core import access, audit, submissions
from portal.core.models import User

MOST_AT_ONCE = 100


class ThreadClosedError(PermissionDenied):
    """The reader sees the conversation but may not, or no longer, write in it."""


class TooLateToEditMessageError(PermissionDenied):
    """The fifteen minutes are over, or it is no longer there to edit."""


class MessageEditedMeanwhileError(Exception):
    """The message was changed in another tab since this form was opened; carries what stands there now."""

    def __init__(self, current: Message) -> None:
        super().__init__(current.version)
        self.current = current


def start_thread(
    *,
    child: Child,
    caregivers: Sequence[Caregiver],
    staff: Sequence[StaffMember],
    title: str,
    text: str,
    by: User,
    hat: str,
    now: datetime,
    submission_key: UUID | None = None,
) -> Thread:
    """Start a conversation about `child` between these people, and nobody else (POL-09, 15, 54).

    A parent with authority starts as oneself, with teachers of the child's groups. A teacher of the child starts with
    caregivers who have authority. The writer is one of the participants. Everybody in it is told by mail. Raises
    `PermissionDenied`, a `TextRefusedError`, or `AlreadySubmittedError` when the same form came in before.
    """
    with transaction.atomic():
        teachers = {teacher.staff.pk: teacher for teacher in teachers_of(child, now=now)}
        access.demand(_may_start(child, caregivers, staff, teachers, by=by, hat=hat, now=now))
        thread = Thread(
            school_id=child.school_id,
            child=child,
            title=tidy_title(title),
            started_by=by,
            hat=Hat(hat).value,
            created_at=now,
            last_message_at=now,
        )
        first_words = tidy_text(text)
        if submission_key:
            submissions.claim(user=by, key=submission_key, subject_kind="thread", subject_uid=thread.uid, now=now)
        thread.save()
        _seat(thread, caregivers, [teachers[member.pk] for member in staff], now)
        _say(thread, first_words, by=by, hat=hat, now=now)
        _record("thread.started", thread, by=by, now=now, caregivers=len(caregivers), staff=len(staff))
    return thread


def _may_start(
    child: Child,
    caregivers: Sequence[Caregiver],
    staff: Sequence[StaffMember],
    teachers: Collection[int],
    *,
    by: User,
    hat: str,
    now: datetime,
) -> bool:
    """Both sides have somebody, everybody belongs there, and `by` is among the own side."""
    in_authority = {caregiver.pk for caregiver in caregivers_in_authority(child, now=now)}
    chosen, serving = {one.pk for one in caregivers}, {one.pk for one in staff}
    if not (chosen and serving and chosen <= in_authority and serving <= set(teachers)):
        return False
    if hat == Hat.FAMILY:
        mine = Child.objects.parented_by(by, now=now)
        alone = all(caregiver.user_id == by.pk for caregiver in caregivers)
        return alone and mine.filter(pk=child.pk).exists()
    takes_part = any(member.user_id == by.pk for member in staff)
    return takes_part and Child.objects.taught_by(by, now=now).filter(pk=child.pk).exists()


def _seat(thread: Thread, caregivers: Iterable[Caregiver], teachers: Iterable[Teacher], now: datetime) -> None:
    """The chairs, and the grants of everybody who has one by now."""
    Participation.objects.bulk_create(
        [Participation(thread=thread, caregiver=caregiver, valid_from=now) for caregiver in caregivers]
        + [Participation(thread=thread, staff=one.staff, group=one.group, valid_from=now) for one in teachers]
    )
    users = {caregiver.user_id for caregiver in caregivers} | {one.staff.user_id for one in teachers}
    known = sorted(user for user in users if user is not None)
    within = ThreadGrant.objects.filter(user__in=known)
    access.write_grants(ThreadGrant, expected_thread_grants(now, users=known), within=within)


def write_message(
    *, thread: Thread, text: str, by: User, hat: str, now: datetime, submission_key: UUID | None = None
) -> Message:
    """Say something in a conversation under the own name and function (POL-15); who writes has read what is there.

    Raises `ThreadClosedError`, a `TextRefusedError`, or `AlreadySubmittedError`.
    """
    with transaction.atomic():
        current = Thread.objects.select_for_update(of=("self",)).select_related("school").get(pk=thread.pk)
        if not can_write_in(by, current, now=now, hat=hat):
            raise ThreadClosedError
        message = _say(current, tidy_text(text), by=by, hat=hat, now=now, submission_key=submission_key)
        current.last_message_at = now
        current.save(update_fields=["last_message_at"])
        _mark(Message.objects.visible_to(by, now=now, hat=hat).filter(thread=current), by, hat, now)
    return message


def _say(
    thread: Thread, text: str, *, by: User, hat: str, now: datetime, submission_key: UUID | None = None
) -> Message:
    signed = byline(user=by, group=_group_between(thread, by, hat, now), hat=hat)
    message = Message(
        school_id=thread.school_id,
        thread=thread,
        author=by,
        hat=Hat(hat).value,
        author_name=signed.name,
        author_function=signed.function,
        text=text,
        html=to_html(text),
        language=by.language,
        published_at=now,
    )
    if submission_key:
        submissions.claim(user=by, key=submission_key, subject_kind="message", subject_uid=message.uid, now=now)
    message.save()
    _keep_version(message, by=by, now=now)
    audit.record(
        "message.written",
        by=by,
        subject_kind="message",
        subject_uid=message.uid,
        school_uid=thread.school.uid,
        now=now,
    )
    tell_readers(message=message, now=now)
    return message


def _group_between(thread: Thread, by: User, hat: str, now: datetime) -> Group:
    """The group in which the school and the family meet here; for staff the one the writer teaches."""
    chairs = Participation.objects.filter(thread=thread)
    if hat == Hat.STAFF:
        chairs = chairs.of_teachers(now=now, user=by)
    return Group.objects.filter(pk__in=chairs.exclude(group=None).values("group")).order_by("pk")[0]


def edit_message(*, message: Message, version: int, text: str, by: User, hat: str, now: datetime) -> Message:
    """Change an own message within fifteen minutes; readers see "edited" and every version is kept.

    Raises `TooLateToEditMessageError`, `MessageEditedMeanwhileError`, a `TextRefusedError`.
    """
    with transaction.atomic():
        current = Message.objects.select_for_update().get(pk=message.pk)
        if not can_edit_message(by, current, now=now, hat=hat):
            raise TooLateToEditMessageError
        if current.version != version:
            raise MessageEditedMeanwhileError(current)
        tidied = tidy_text(text)
        if tidied == current.text:
            return current
        current.text, current.html = tidied, to_html(tidied)
        current.version, current.edited_at = current.version + 1, now
        current.save(update_fields=["text", "html", "version", "edited_at"])
        _keep_version(current, by=by, now=now)
        _note("message.edited", current, by=by, now=now)
    return current


def retract_message(*, message: Message, by: User, hat: str, now: datetime) -> Message:
    """Take an own message back at any time: nobody reads it any more; the row and its versions stay."""
    with transaction.atomic():
        current = Message.objects.select_for_update().get(pk=message.pk)
        access.demand(can_retract_message(by, current, now=now, hat=hat))
        current.state, current.retracted_at = ReplyState.RETRACTED, now
        current.save(update_fields=["state", "retracted_at"])
        _note("message.retracted", current, by=by, now=now)
    return current


def mark_messages_read(*, user: User, hat: str, uids: Collection[UUID], now: datetime) -> int:
    """Remember that `user` had these messages on the screen, the first time only; returns how many were new.

    What the user may not read, or what does not exist, is passed over in silence.
    """
    wanted = list(uids)[:MOST_AT_ONCE]
    return _mark(Message.objects.visible_to(user, now=now, hat=hat).filter(uid__in=wanted), user, hat, now)


def _mark(messages: Iterable[Message], user: User, hat: str, now: datetime) -> int:
    unread = messages.unread_by(user).values_list("pk", flat=True)  # type: ignore[attr-defined]
    rows = [MessageSeen(user=user, message_id=pk, hat=Hat(hat).value, seen_at=now) for pk in unread]
    MessageSeen.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _keep_version(message: Message, *, by: User, now: datetime) -> None:
    MessageVersion.objects.create(
        message=message, number=message.version, text=message.text, written_by=by, written_at=now
    )


def _note(verb: str, message: Message, *, by: User, now: datetime) -> None:
    audit.record(verb, by=by, subject_kind="message", subject_uid=message.uid, school_uid=message.school.uid, now=now)


def _record(verb: str, thread: Thread, *, by: User, now: datetime, **facts: int) -> None:
    audit.record(
        verb, by=by, subject_kind="thread", subject_uid=thread.uid, school_uid=thread.school.uid, now=now, **facts
    )
