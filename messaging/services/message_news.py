"""Telling the others in a conversation that something was said or done: rows in the outbox, one mail each."""

from collections.abc import Iterable
from datetime import datetime

from groups.domain.working_hours import next_reading_moment
from groups.models import School, StaffMember
from groups.roles import Hat
from groups.services.schools import days_off_of
from messaging.domain.bundles import Bundle
from messaging.models import Message, Thread, ThreadGrant, ThreadStep
from messaging.querysets.threads import VIEW_THREAD
from portal.core import outbox
from portal.core.domain.moments import slot_end
from portal.core.models import User


def tell_readers(*, message: Message, now: datetime) -> None:
    """Put a mail in the outbox for everybody else in the conversation who came in (POL-54: one recipient each).

    What is said within ten minutes is one mail. Staff get it in their own working hours (POL-27): what parents say in
    a weekend is one mail on Monday morning, what they say in a holiday one on the first day after it.
    """
    end = slot_end(now)
    for hat, reader in _readers(message.thread, without=message.author, now=now):
        due = _working(reader, message.school, end) if hat == Hat.STAFF else end
        outbox.enqueue(
            "message",
            recipient=reader,
            subject_kind="message",
            subject_uid=message.uid,
            dedupe_key=Bundle(reader.uid, hat, due).key,
            now=now,
            due_at=due,
            school_uid=message.thread.school.uid,
        )


def _readers(thread: Thread, *, without: User, now: datetime) -> Iterable[tuple[Hat, User]]:
    """Everybody else who reads the conversation at `now`, in which hat."""
    for hat in Hat:
        grants = ThreadGrant.objects.effective(VIEW_THREAD, now=now, hat=hat).filter(content_object=thread)
        for reader in User.objects.filter(pk__in=grants.exclude(user=without).values("user")).order_by("pk"):
            yield hat, reader


def tell_of_step(*, step: ThreadStep, now: datetime) -> None:
    """A mail to everybody else in the conversation: the directie reads along, it was frozen, opened again or closed.

    Staff get it in their own working hours (POL-27), the directie that was asked in too.
    """
    thread = step.thread
    for hat, reader in _readers(thread, without=step.by, now=now):
        outbox.enqueue(
            "thread_step",
            recipient=reader,
            subject_kind="thread_step",
            subject_uid=step.uid,
            dedupe_key=f"thread_step:{step.uid}:{hat}:{reader.uid}",
            now=now,
            due_at=_working(reader, thread.school, now) if hat == Hat.STAFF else now,
            school_uid=thread.school.uid,
        )


def _working(reader: User, school: School, moment: datetime) -> datetime:
    records = StaffMember.objects.serving(now=moment).filter(user=reader, school=school)
    off = days_off_of(school)
    return min((next_reading_moment(record.hours, moment, off) for record in records), default=moment)
