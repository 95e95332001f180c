"""The same form fifty times at the same moment is one message and one notice (DR29)."""

import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from groups.models import Way
from groups.people.services.contact_choices import choose_way
from messaging.models import Post, WritingVersion
from portal.core import outbox
from portal.core.models import AuditEvent, User
from tests.drills.ledger import reconcile
from tests.drills.machine import Answer, Installation, needs_postgres, needs_redis
from tests.drills.school import classes_of, found_schools, teacher_of, this_friday
from tests.mail.server import Sink

pytestmark = [needs_redis, needs_postgres, pytest.mark.django_db(transaction=True)]
TIMES = 50


@pytest.mark.nightly
def test_fifty_times_at_once(
    kring: Installation, sink: Sink, book: Callable[..., None], mail_goes_to_sink: None
) -> None:
    """Everybody gets the page of the one message; each parent who wants a mail per message gets one."""
    friday = this_friday()
    [school] = found_schools(1, friday)
    group = classes_of(school)[0]
    parents = list(User.objects.filter(memberships__group=group, memberships__hat="family").distinct())
    for parent in parents:
        choose_way(user=parent, school=school, way=Way.MESSAGE, now=friday)
    kring.web(threads=8)
    visitor = kring.visitor(teacher_of(group))
    form = {"topic": "update", "title": "kanarie-eens", "text": "Bladeren", "replies": "on"}
    form |= {"groep": str(group.uid), "key": str(uuid4())}
    ready = threading.Barrier(TIMES)
    answers: list[Answer] = []

    def click() -> None:
        ready.wait()
        answers.append(visitor.post("/school/schrijven/", form))

    clicks = [threading.Thread(target=click) for _ in range(TIMES)]
    for each in clicks:
        each.start()
    for each in clicks:
        each.join()
    post = Post.objects.get(title="kanarie-eens")
    assert [(answer.status, answer.location) for answer in answers] == [(302, f"/school/bericht/{post.uid}/")] * TIMES
    assert WritingVersion.objects.filter(writing=post).count() == 1
    assert AuditEvent.objects.filter(subject_uid=post.uid, verb="post.published").count() == 1
    outbox.sweep(now=timezone.now() + timedelta(minutes=12))
    found = reconcile(sink, wanted=parents, kind="messages")
    book("DR29", found)
    assert (found.rows.intents, found.rows.accepted, len(sink.accepted)) == (len(parents),) * 3
