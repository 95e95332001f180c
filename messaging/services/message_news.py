"""Telling the others in a conversation that something was said: one row in the outbox per person and ten minutes."""

from datetime import datetime

from groups.domain.working_hours import next_reading_moment
from groups.models import StaffMember
from groups.roles import Hat
from messaging.domain.bundles import Bundle, slot_end
from messaging.models import Message, ThreadGrant
from messaging.querysets.threads import VIEW_THREAD
from portal.core import outbox
from portal.core.models import User


def tell_readers(*, message: Message, now: datetime) -> None:
    """Put a mail in the outbox for everybody else in the conversation who came in (POL-54: one recipient each).

    What is said within ten minutes is one mail. Staff get it in their own working hours (POL-27): what parents say in
    a weekend is one mail on Monday morning.
    """
    end = slot_end(now)
    for hat in Hat:
        grants = ThreadGrant.objects.effective(VIEW_THREAD, now=now, hat=hat).filter(content_object=message.thread)
        readers = User.objects.filter(pk__in=grants.exclude(user=message.author).values("user")).order_by("pk")
        for reader in readers:
            due = _working(reader, message, end) if hat == Hat.STAFF else end
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


def _working(reader: User, message: Message, moment: datetime) -> datetime:
    records = StaffMember.objects.serving(now=moment).filter(user=reader, school=message.school_id)
    return min((next_reading_moment(record.hours, moment) for record in records), default=moment)
