"""Telling the others in a conversation that something was said or done: rows in the outbox, one mail each."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from groups.models import NewsKind, School
from groups.people.services.contact_choices import phones_showing
from groups.records.services.working import due_at_work
from groups.roles import Hat
from messaging.talks.domain.bundles import Bundle, closes, read_bundle
from messaging.talks.models import StepKind, Thread, ThreadGrant, ThreadStep
from messaging.talks.querysets import ThreadGrantQuerySet
from messaging.writings.models import Message
from messaging.writings.querysets.messages import VIEW_THREAD
from portal.core import outbox
from portal.core.compiled import compiled
from portal.core.models import OutboxItem, PushDevice, User
from portal.core.phones import vapid

STEP = "thread_step"
ON_PHONE, STEP_ON_PHONE = "message_phone", "thread_step_phone"
SHOWN_FOR = timedelta(days=1)


def tell_readers(*, message: Message, now: datetime) -> None:
    """Put a mail in the outbox for everybody else in the conversation who came in (POL-54: one recipient each).

    What is said within ten minutes of the first is one mail, of one school. Staff get it in their own working hours
    (POL-27): what parents say in a weekend is one mail on Monday morning, what they say in a holiday one on the first
    day after it.
    """
    readers = _readers(message.thread, without=message.author, now=now)
    waiting = _open_bundles(message.school, [reader for _, reader in readers], now)
    for hat, reader in readers:
        due = waiting.get((reader.uid, hat.value)) or closes(now)
        due = due_at_work(reader, message.school, due) if hat == Hat.STAFF else due
        bundle = Bundle(reader.uid, hat, due, message.school.uid)
        outbox.enqueue(
            "message",
            recipient=reader,
            subject_kind="message",
            subject_uid=message.uid,
            dedupe_key=bundle.key,
            now=now,
            due_at=due,
            school_uid=message.thread.school.uid,
        )
        if vapid.is_offered():
            _show_on_phones(message, reader, bundle, now)


def _open_bundles(school: School, readers: Sequence[User], now: datetime) -> dict[tuple[UUID, str], datetime]:
    """By reader and hat until when a mail about this school waits that is not on its way.

    What waits longer than that, for a mail server that is away, says nothing of what comes now. Held until this is
    written: one that falls due meanwhile leaves with it.
    """
    waiting = _waiting(school=school.uid, readers=[reader.pk for reader in readers], now=now) if readers else []
    bundles = map(read_bundle, waiting)
    return {(bundle.user, bundle.hat): bundle.until for bundle in bundles if bundle.until > now}


@compiled
def _waiting(school: UUID, readers: list[int], now: datetime) -> QuerySet[OutboxItem, str]:
    waiting = OutboxItem.objects.filter(kind="message", school_uid=school, recipient__in=readers)
    waiting = waiting.filter(state="pending", due_at__gt=now, failing_since=None).order_by("-due_at", "pk")
    return waiting.select_for_update(no_key=True).values_list("dedupe_key", flat=True)


def _show_on_phones(message: Message, reader: User, bundle: Bundle, now: datetime) -> None:
    school = message.thread.school
    outbox.enqueue_phones(
        ON_PHONE,
        devices=_phones_of(reader, bundle.hat, school, now),
        subject_kind="message",
        subject_uid=message.uid,
        key=bundle.phone_key,
        now=now,
        due_at=bundle.until,
        expires_at=bundle.until + SHOWN_FOR,
        school_uid=school.uid,
    )


def _phones_of(reader: User, hat: str, school: School, now: datetime) -> QuerySet[PushDevice]:
    """Staff have no choice to make: who turned it on, is told of what there is in their conversations."""
    if hat != Hat.FAMILY:
        return PushDevice.objects.alive(now=now).filter(user=reader)
    return phones_showing(kind=NewsKind.TALKS, school=school, users=User.objects.filter(pk=reader.pk), now=now)


def _readers(thread: Thread, *, without: User | None, now: datetime) -> list[tuple[Hat, User]]:
    """Everybody else who reads the conversation at `now`, in which hat."""
    reading = {(row.hat, row.user_id): row.user for row in _reading(thread=thread, now=now)}
    return [(Hat(hat), reader) for (hat, _user), reader in reading.items() if reader != without]


@compiled
def _reading(thread: Thread, now: datetime) -> ThreadGrantQuerySet[ThreadGrant]:
    rows = ThreadGrant.objects.in_force(VIEW_THREAD, now=now).filter(content_object=thread)
    return rows.select_related("user").order_by("hat", "user")


def tell_of_step(*, step: ThreadStep, now: datetime) -> None:
    """A mail to everybody else in the conversation: the directie reads along, it was frozen, opened again or closed.

    Staff get it in their own working hours (POL-27), the directie that was asked in too.
    """
    for hat, reader in _readers(step.thread, without=step.by, now=now):
        _enqueue(step, f"{step.uid}", hat, reader, step.thread.school, begins=now, now=now)


def tell_of_steps(*, steps: Sequence[ThreadStep], school: School, now: datetime) -> None:
    """One mail to each person who reads one of these conversations, however many lines there are; in every hat.

    Whose chair it is gets the mail when it begins: that person does not read the conversation before.
    """
    step_of: dict[tuple[Hat, int], ThreadStep] = {}
    for hat in Hat:
        grants = ThreadGrant.objects.in_force(VIEW_THREAD, now=now).filter(hat=hat)
        rows = grants.filter(content_object__in={step.thread_id for step in steps}).order_by("content_object")
        reading = dict(rows.values_list("user", "content_object")[::-1])
        step_of |= {(hat, user): next(step for step in steps if step.thread_id == one) for user, one in reading.items()}
    for step in steps:
        if step.kind == StepKind.ARRIVED and step.chair and step.chair.staff and step.chair.staff.user_id:
            step_of.setdefault((Hat.STAFF, step.chair.staff.user_id), step)
    users = User.objects.in_bulk({user for _hat, user in step_of})
    for (hat, user), step in step_of.items():
        if user != step.by_id:
            _tell_of_act(step, hat, users[user], school, now)


def _tell_of_act(step: ThreadStep, hat: Hat, reader: User, school: School, now: datetime) -> None:
    own = step.chair is not None and step.chair.staff is not None and step.chair.staff.user_id == reader.pk
    begins = max(now, step.since or now) if own else now
    act = f"{step.kind}-{school.pk}-{now:%Y%m%d%H%M%S%f}"
    _enqueue(step, act, hat, reader, school, begins=begins, now=now)


def _enqueue(
    step: ThreadStep, act: str, hat: Hat, reader: User, school: School, *, begins: datetime, now: datetime
) -> None:
    """By mail, and on the phones of who wants conversations there; the same act is told once, in each hat."""
    key = f"{STEP}:{act}:{hat}:{reader.uid}"
    due = due_at_work(reader, school, begins) if hat == Hat.STAFF else begins
    outbox.enqueue(
        STEP,
        recipient=reader,
        subject_kind="thread_step",
        subject_uid=step.uid,
        dedupe_key=key,
        now=now,
        due_at=due,
        school_uid=school.uid,
    )
    if vapid.is_offered():
        outbox.enqueue_phones(
            STEP_ON_PHONE,
            devices=_phones_of(reader, hat, school, now),
            subject_kind="thread_step",
            subject_uid=step.uid,
            key=f"phone:{key}",
            now=now,
            due_at=due,
            expires_at=due + SHOWN_FOR,
            school_uid=school.uid,
        )
