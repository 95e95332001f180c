"""Telling who has to act on a draft: one row in the outbox for each, with nothing of the draft in it."""

from datetime import datetime

from groups.records.services.working import due_at_work
from groups.roles import Hat
from messaging.handins.models import Handin
from messaging.handins.querysets import judges_of
from portal.core import outbox
from portal.core.models import User


def tell_judges(*, handin: Handin, now: datetime) -> None:
    """A mail to everybody who judges it, in the own working hours (POL-27)."""
    post = handin.post
    for judge in judges_of(kind=handin.kind, group=post.group, writer=post.author, now=now):
        _tell(handin, judge, Hat.STAFF, now)


def tell_writer(*, handin: Handin, now: datetime) -> None:
    """A mail to its writer: it came back, it may be placed, or it was placed."""
    _tell(handin, handin.post.author, handin.post.hat, now)


def _tell(handin: Handin, reader: User, hat: str, now: datetime) -> None:
    outbox.enqueue(
        "handin",
        recipient=reader,
        subject_kind="handin",
        subject_uid=handin.uid,
        dedupe_key=f"handin:{handin.uid}:{handin.version}:{hat}:{reader.uid}",
        now=now,
        due_at=due_at_work(reader, handin.school, now) if hat == Hat.STAFF else now,
        school_uid=handin.school.uid,
    )
