"""Past one machine: a node that dies under load, and a main database that dies beside its replica."""

import itertools
import time
from collections.abc import Callable
from functools import partial
from uuid import uuid4

import pytest

from groups.models import Group
from messaging.models import Post
from tests.drills.crowd import at_work
from tests.drills.databases import pair
from tests.drills.machine import (
    BROKE_OFF,
    PATIENCE,
    Installation,
    Visitor,
    needs_front,
    needs_postgres,
    needs_redis,
    until,
)
from tests.drills.school import classes_of, found_schools, parents_of, teacher_of, this_friday
from tests.mail.server import free_port

pytestmark = [needs_redis, needs_postgres, pytest.mark.nightly, pytest.mark.django_db(transaction=True)]
READERS, SECONDS = 6, 8
FEW = 3
DECIDING = 1.0
TEXT = "Morgen gaan we naar het bos. Neem laarzen mee."


def message(group: Group, number: int) -> tuple[str, dict[str, str]]:
    """A title that stands nowhere else, and the form in which a browser sends it, however often."""
    title = f"Uitje {number}"
    form = {"groep": str(group.uid), "topic": "update", "replies": "on", "title": title, "text": TEXT}
    return title, form | {"key": str(uuid4())}


@needs_front
def test_node_killed_under_load(kring: Installation, book: Callable[[str, object], None]) -> None:
    """DR40: `kill -9` of one of two nodes while people read and a teacher writes, and the same node back again.

    Every page that was asked for is there, but for what was half-way on the line: it breaks off. What was being sent at
    that moment may say that it went wrong; sent again as the browser does, with its own key, it is placed once.
    """
    [school] = found_schools(1, this_friday())
    [group, *_] = classes_of(school)
    ports = [free_port(), free_port()]
    nodes = [kring.web(port=port, workers=1) for port in ports]
    front, tls = kring.front(*ports)
    readers = [Visitor(front, user, tls) for user in parents_of(school)[:READERS]]
    writer = Visitor(front, teacher_of(group), tls)
    ends = time.monotonic() + SECONDS
    pages: list[int] = []
    sent: dict[str, list[int]] = {}

    def read(visitor: Visitor) -> None:
        while time.monotonic() < ends:
            pages.append(visitor.status_of("/thuis/berichten/"))

    def write() -> None:
        for number in itertools.count():
            if time.monotonic() > ends:
                return
            title, form = message(group, number)
            answers = sent.setdefault(title, [])
            while not answers or answers[-1] != 302:
                answers.append(writer.post("/school/schrijven/", form).status)

    def hurt() -> None:
        time.sleep(SECONDS / 4)
        nodes[0].kill()
        time.sleep(SECONDS / 4)
        nodes.append(kring.web(port=ports[0], workers=1))

    with at_work([hurt, write, *(partial(read, visitor) for visitor in readers)]):
        pass
    placed = sorted(Post.objects.filter(title__startswith="Uitje ").values_list("title", flat=True))
    again = sum(len(answers) > 1 for answers in sent.values())
    book(
        "DR40",
        f"pages {len(pages)} · broken off {pages.count(BROKE_OFF)} · messages {len(sent)} · placed "
        f"{len(placed)} · sent again {again}",
    )
    assert set(pages) <= {200, BROKE_OFF}
    assert pages.count(BROKE_OFF) <= READERS
    assert placed == sorted(sent)
    assert again <= 1
    assert {status for answers in sent.values() for status in answers} <= {302, 502}


def test_main_database_dies_and_the_replica_takes_over(
    kring: Installation, book: Callable[[str, object], None]
) -> None:
    """DR41: all processes of the main database are killed while people read and a teacher writes.

    Who decides that the replica is the main one now (Patroni, or a person) is not part of it: that takes `DECIDING`.
    """
    [school] = found_schools(1, this_friday())
    [group, *_] = classes_of(school)
    reader, writer = kring.visitor(parents_of(school)[0]), kring.visitor(teacher_of(group))
    answers: list[tuple[float, int]] = []
    placed: dict[str, int] = {}

    with pair() as (main, replica, address):
        kring.web(KRING_DATABASE_URL=address)
        ends = time.monotonic() + PATIENCE

        def is_over() -> bool:
            return time.monotonic() > ends

        def read() -> None:
            while not is_over():
                answers.append((time.monotonic(), reader.get("/thuis/berichten/").status))

        def write() -> None:
            for number in itertools.count():
                title, form = message(group, number)
                while placed.get(title) != 302:
                    if is_over():
                        return
                    placed[title] = writer.post("/school/schrijven/", form).status

        with at_work([read, write]):
            until(lambda: sum(status == 302 for status in placed.values()) >= FEW, "the teacher writes")
            main.kill()
            died = time.monotonic()
            known = [title for title, status in placed.items() if status == 302]
            time.sleep(DECIDING)
            replica.promote()
            until(lambda: any(at > died + DECIDING and status == 200 for at, status in answers), "pages again", 30)
            back = next(at for at, status in answers if at > died + DECIDING and status == 200)
            time.sleep(1)
            ends = time.monotonic()
        titles = [title for [title] in replica.ask("SELECT title FROM messaging_writing WHERE title LIKE 'Uitje %'")]
    away = [status for at, status in answers if status != 200]
    book(
        "DR41",
        f"messages known as placed {len(known)} · of these gone {len(set(known) - set(titles))} · placed twice "
        f"{len(titles) - len(set(titles))} · pages away {len(away)} · back {back - died:.1f} s after the death, "
        f"{DECIDING} s of which somebody decided",
    )
    assert set(known) <= set(titles)
    assert len(titles) == len(set(titles))
    assert set(away) <= {503}
    assert sum(status == 302 for status in placed.values()) > len(known)
