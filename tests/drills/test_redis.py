"""Redis is only the bell: killed, hanging, full or emptied, posts are saved and mail follows (DR4-DR7)."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from groups.models import Group, School, Way
from groups.people.services.contact_choices import choose_way
from messaging.models import Post
from messaging.newsletter.services.editions import send_due_editions
from portal.core import outbox
from portal.core.models import OutboxItem, OutboxState, User
from tests.drills.ledger import reconcile
from tests.drills.machine import AS_DOCKER_DOES, Answer, Installation, Visitor, needs_postgres, needs_redis, until
from tests.drills.school import PARENTS, classes_of, found_schools, parents_of, teacher_of, this_friday, write_news
from tests.mail.server import Sink

pytestmark = [needs_redis, needs_postgres, pytest.mark.django_db(transaction=True)]
LONGEST_PAGE = 2.0
THREADS, WORKERS = 4, 2
"""Each worker asks a Redis that is away once in ten seconds, however many pages there are."""
MAIL_FOLLOWS = "De mail hierover volgt later."
MINUTE = timedelta(minutes=1)


@dataclass
class Classroom:
    """A class whose parents each want a mail per message, and its teacher at a real site."""

    kring: Installation
    school: School
    group: Group
    teacher: User
    visitor: Visitor
    placed: int = 0

    def readers(self) -> list[User]:
        return list(User.objects.filter(memberships__group=self.group, memberships__hat="family").distinct())

    def place(self) -> Answer:
        """A message through the form; where the answer leads is the page that comes next."""
        self.placed += 1
        fields = {"topic": "update", "title": f"kanarie-{self.placed}", "text": "Bladeren", "replies": "on"}
        form = {**fields, "groep": str(self.group.uid), "key": str(uuid4())}
        return self.visitor.post("/school/schrijven/", form)

    def next_page(self, answer: Answer) -> Answer:
        assert answer.status == 302, answer.text
        return self.visitor.get(answer.location)


@pytest.fixture
def classroom(kring: Installation) -> Iterator[Classroom]:
    friday = this_friday()
    [school] = found_schools(1, friday)
    group = classes_of(school)[0]
    teacher = teacher_of(group)
    for parent in User.objects.filter(memberships__group=group, memberships__hat="family"):
        choose_way(user=parent, school=school, way=Way.MESSAGE, now=friday)
    web = kring.web(threads=THREADS, workers=WORKERS)
    yield Classroom(kring, school, group, teacher, kring.visitor(teacher))
    assert web.is_running
    assert "Traceback" not in (kring.folder / "web.log").read_text()


def minutes_pass() -> None:
    """What was gathered for some minutes is due now."""
    OutboxItem.objects.filter(state=OutboxState.PENDING).update(due_at=timezone.now() - MINUTE)
    connection.close()


def all_are_out(kind: str) -> bool:
    """Of this kind only: a beat that rings everything also writes hints to teachers, due on their next morning."""
    connection.close()
    mails = outbox.ledger(kind=kind)
    return bool(mails.intents) and mails.pending == 0


def sent_after_return(classroom: Classroom, sink: Sink, book: Callable[..., None], drill: str) -> None:
    """A beat and a worker, which were there all the time, deliver what the rings forgot."""
    minutes_pass()
    until(lambda: all_are_out("messages"), "the mail follows")
    found = reconcile(sink, wanted=classroom.readers(), kind="messages")
    book(drill, found)
    assert Post.objects.filter(group=classroom.group, title__startswith="kanarie-").count() == classroom.placed
    assert found.rows.accepted == found.rows.intents > 0


def test_killed_while_posting(classroom: Classroom, sink: Sink, book: Callable[..., None]) -> None:
    """DR4: the message is there, its page says that the mail follows, and it does when Redis is back."""
    kring = classroom.kring
    kring.worker()
    kring.beat()
    heard = classroom.next_page(classroom.place())
    kring.redis.program.kill()
    placed, unheard = [], []
    for _ in range(4):
        placed.append(classroom.place())
        unheard.append(classroom.next_page(placed[-1]))
    pages = [classroom.visitor.get(path) for path in ("/school/berichten/", "/instellingen/apparaten/")]
    assert [MAIL_FOLLOWS in page.text for page in [heard, *unheard]] == [False, True, True, True, True]
    assert [page.status for page in [*unheard, *pages]] == [200] * 6
    assert max(page.seconds for page in [*placed, *unheard, *pages]) < LONGEST_PAGE
    kring.redis.start()
    sent_after_return(classroom, sink, book, "DR4")


def at_once(classroom: Classroom) -> list[Answer]:
    """Somebody reads while somebody places."""
    answers: list[Answer] = []
    asks = [lambda: classroom.visitor.get("/school/berichten/"), classroom.place]
    people = [threading.Thread(target=lambda ask=ask: answers.append(ask())) for ask in asks]
    for person in people:
        person.start()
    for person in people:
        person.join()
    return answers


@pytest.mark.parametrize(
    "seconds", [pytest.param(13, marks=pytest.mark.nightly), pytest.param(60, marks=pytest.mark.long)]
)
def test_hangs(classroom: Classroom, sink: Sink, book: Callable[..., None], seconds: int) -> None:
    """DR5: a Redis that says nothing costs a page a moment, and no thread waits for it."""
    kring = classroom.kring
    kring.worker()
    kring.beat()
    usual = max(answer.seconds for _ in range(4) for answer in at_once(classroom))
    web = next(program for program in kring.programs if program.log.name == "web.log")
    with ThreadPoolExecutor(4 * THREADS) as crowd:  # a worker begins a thread when it needs it
        list(crowd.map(lambda _: classroom.visitor.get("/school/berichten/"), range(16 * THREADS)))
    threads = web.threads()
    kring.redis.program.send(signal.SIGSTOP)
    ends = time.monotonic() + seconds
    answers: list[Answer] = []
    while time.monotonic() < ends:
        answers += at_once(classroom)
    assert {answer.status for answer in answers} == {200, 302}
    slowest = max(answer.seconds for answer in answers)
    print(f"DR5: {len(answers)} pages while Redis hung, slowest {slowest:.2f} s (before: {usual:.2f} s)")
    assert slowest - usual < LONGEST_PAGE
    assert web.threads() <= threads  # one for each page that waited would be dozens
    assert web.log.read_text().count("no broker") <= WORKERS * (1 + seconds // 10)
    kring.redis.program.send(signal.SIGCONT)
    sent_after_return(classroom, sink, book, "DR5")


@pytest.mark.nightly
def test_full(classroom: Classroom, sink: Sink, book: Callable[..., None]) -> None:
    """DR6: no room in Redis is as no Redis; who is signed in stays so, because sessions lie in the database.

    A worker gives up when it finds Redis full; Docker starts it again.
    """
    kring = classroom.kring
    kring.worker(*AS_DOCKER_DOES)
    kring.beat()
    until(lambda: kring.redis.waiting() == 1, "the worker listens")
    heard = classroom.next_page(classroom.place())
    kring.redis.client.config_set("maxmemory-policy", "noeviction")
    kring.redis.client.config_set("maxmemory", "1mb")
    kring.worker(*AS_DOCKER_DOES)
    unheard = [classroom.next_page(classroom.place()) for _ in range(3)]
    assert [MAIL_FOLLOWS in page.text for page in [heard, *unheard]] == [False, True, True, True]
    assert {page.status for page in unheard} == {200}
    assert "/school/schrijven/" in classroom.visitor.get("/school/berichten/").text
    until(lambda: "Unrecoverable error" in (kring.folder / "worker.log").read_text(), "a worker found Redis full")
    kring.redis.client.config_set("maxmemory", "0")
    until(lambda: kring.redis.waiting() == 2, "both workers listen again")
    sent_after_return(classroom, sink, book, "DR6")


@pytest.mark.nightly
def test_emptied_in_the_middle_of_a_newsletter(kring: Installation, sink: Sink, book: Callable[..., None]) -> None:
    """DR7: the queue is empty while workers send, and they die; a beat and a new worker find the rows."""
    friday = this_friday()
    founded = found_schools(1, friday)
    write_news(founded, friday - MINUTE)
    send_due_editions(now=friday + MINUTE)
    sink.slow = 0.01
    kring.ring("core.sweep_outbox", times=3)
    workers = [kring.worker(), kring.worker()]
    until(lambda: len(sink.accepted) > 5, "a worker sends")
    kring.redis.client.flushall()
    for worker in workers:
        worker.kill()
    kring.redis.client.flushall()
    assert outbox.ledger().pending
    in_doubt = OutboxItem.objects.filter(state=OutboxState.SENDING).count()
    held = OutboxItem.objects.filter(state__in=[OutboxState.CLAIMED, OutboxState.SENDING])
    held.update(claimed_at=timezone.now() - 6 * MINUTE)
    kring.worker()
    kring.beat()
    until(lambda: all_are_out("digest"), "the newsletter is out")
    found = reconcile(sink, wanted=parents_of(*founded), kind="digest")
    book("DR7", found)
    assert (found.rows.accepted, found.rows.uncertain) == (PARENTS - in_doubt, in_doubt)
