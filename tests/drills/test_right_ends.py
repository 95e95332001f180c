"""A right ends in its second, and a decision holds on the next request, at whichever process answers (DR39)."""

import itertools
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from groups.models import Guardianship
from groups.people.services.guardianships import end_guardianship
from groups.roles import Hat, Role
from groups.staff.services.staff import appoint
from messaging.models import Post
from portal.core import access
from portal.core.actor import Actor, clock
from portal.core.models import User
from tests.drills.machine import Installation, Visitor, needs_postgres, needs_redis
from tests.drills.school import classes_of, found_schools, parents_of, teacher_of, this_friday, write_news
from tests.mail.server import free_port

pytestmark = [needs_redis, needs_postgres, pytest.mark.django_db(transaction=True)]
ENDS_IN = timedelta(seconds=4)
FEED = "/thuis/berichten/"


@pytest.fixture
def ports(kring: Installation) -> tuple[int, int]:
    """Two processes with one database and one Redis, each at its own port, as behind one front."""
    first = kring.port
    kring.web(workers=1)
    kring.port = free_port()
    kring.web(workers=1)
    return first, kring.port


def page_of(parent: User) -> tuple[str, Guardianship]:
    """A message that this parent reads because of one child, and by what."""
    [held] = Guardianship.objects.filter(caregiver__user=parent)
    post = Post.objects.get(group__in=held.child.enrolments.values("group"), title__startswith="kanarie-")
    return f"/thuis/bericht/{post.uid}/", held


def test_at_two_processes(kring: Installation, ports: tuple[int, int], book: Callable[[str, object], None]) -> None:
    """Both have answered this person before, so that whatever they keep would show."""
    friday = this_friday()
    [school] = found_schools(1, friday)
    write_news([school], friday - timedelta(minutes=1))
    directie = teacher_of(classes_of(school)[0])
    appoint(staff=directie.staff_records.get(), role=Role.DIRECTIE, school=school, by=clock(friday))
    singles = [one for one in parents_of(school) if Guardianship.objects.filter(caregiver__user=one).count() == 1]
    by_clock, by_deed = singles[:2]
    page, held = page_of(by_clock)
    visitors = [Visitor(port, by_clock) for port in ports]
    assert {(one.get(page).status, one.get(FEED).status) for one in visitors} == {(200, 200)}

    ends = timezone.now() + ENDS_IN
    Guardianship.objects.filter(pk=held.pk).update(valid_until=ends)
    access.reproject(users=[by_clock.pk])
    connection.close()
    answers = []
    for visitor in itertools.cycle(visitors):
        asked = timezone.now()
        answers.append((asked, visitor.get(page).status, timezone.now()))
        if asked > ends + timedelta(seconds=1):
            break
        time.sleep(0.02)
    before = {status for _, status, answered in answers if answered < ends}
    after = {status for asked, status, _ in answers if asked >= ends}

    page, held = page_of(by_deed)
    visitors = [Visitor(port, by_deed) for port in ports]
    stood = {one.get(page).status for one in visitors}
    end_guardianship(guardianship=held, by=Actor(directie, Hat.STAFF, timezone.now()))
    connection.close()
    fell = {one.get(page).status for one in visitors for _ in range(5)}
    book("DR39", f"two processes: {len(answers)} requests around an end {before} {after}, around a deed {stood} {fell}")
    assert (before, after, stood, fell) == ({200}, {404}, {200}, {404})
