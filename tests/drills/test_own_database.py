"""A database that is locked (DR11) and one whose disk is full (DR12), with the roles and limits of an installation."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.drills.crowd import DOOR, Stranger
from tests.drills.databases import Server, own_database
from tests.drills.machine import Installation, needs_postgres, needs_redis, until
from tests.drills.school import classes_of, found_schools, parents_of, teacher_of, this_friday
from tests.drills.test_nodes import TEXT, message

pytestmark = [needs_redis, needs_postgres, pytest.mark.nightly, pytest.mark.django_db(transaction=True)]
READERS, AT_MOST, LOCKED = 3, 6.0, 30.0
DISK = 200
FEED, COMPOSER = "/school/berichten/", "/school/schrijven/"


def test_what_is_locked_ends_in_words_and_the_rest_goes_on(
    kring: Installation, book: Callable[[str, object], None]
) -> None:
    """DR11: `LOCK TABLE` of all texts, as a migration that forgot its limit; somebody who comes in is not held up."""
    [school] = found_schools(1, this_friday())
    visitor = kring.visitor(teacher_of(classes_of(school)[0]))
    with own_database() as (server, address), ThreadPoolExecutor(20) as hands:
        kring.web(KRING_DATABASE_URL=address)
        stranger = Stranger(kring.port)
        assert {(visitor.get(FEED).status, stranger.get(DOOR).status) for _ in range(8)} == {(200, 200)}
        let_go = threading.Event()
        holds = hands.submit(_hold, server, let_go)
        until(lambda: server.ask("SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock'"), "the table is locked")
        waiting = [hands.submit(visitor.get, FEED) for _ in range(READERS)]
        beside = stranger.get(DOOR)
        locked = [done.result() for done in waiting]
        let_go.set()
        holds.result()
        until(lambda: visitor.get(FEED).status == 200, "pages again", patience=20)
    book(
        "DR11",
        f"pages that met the lock {len(locked)}, slowest {max(page.seconds for page in locked):.1f} s; the door "
        f"meanwhile {beside.seconds:.1f} s",
    )
    assert {page.status for page in locked} == {503}
    assert all("Het is nu even druk" in page.text for page in locked)
    assert max(page.seconds for page in locked) < AT_MOST
    assert beside.status == 200
    assert beside.seconds < min(page.seconds for page in locked)


def _hold(server: Server, let_go: threading.Event) -> None:
    link = server.link()
    link.autocommit = False
    with link, link.cursor() as cursor:
        cursor.execute("LOCK TABLE messaging_writing IN ACCESS EXCLUSIVE MODE")
        let_go.wait(LOCKED)
    link.close()


def test_full_disk_of_the_database(kring: Installation, book: Callable[[str, object], None]) -> None:
    """DR12: reading goes on, writing says that it cannot and gives the words back, and with room all is as it was."""
    [school] = found_schools(1, this_friday())
    [group, *_] = classes_of(school)
    reader, writer = kring.visitor(parents_of(school)[0]), kring.visitor(teacher_of(group))

    def writes(number: int) -> tuple[int, str]:
        answer = writer.post(COMPOSER, message(group, number)[1])
        return answer.status, answer.text

    with own_database(DISK) as (server, address):
        web = kring.web(KRING_DATABASE_URL=address)
        assert (reader.get("/thuis/berichten/").status, writes(0)[0]) == (200, 302)
        filler = server.data.parent / "filler"
        leave_nothing(filler)
        refused = _written_until_refused(writes)
        reading = {reader.get("/thuis/berichten/").status for _ in range(10)}
        up = bool(server.ask("SELECT 1"))
        filler.unlink()
        until(lambda: writes(1000)[0] == 302, "writing again", patience=60)
        titles = [title for [title] in server.ask("SELECT title FROM messaging_writing WHERE title LIKE 'Uitje %'")]
    book(
        "DR12", f"written before it was full {len(titles) - 1} · refused in words 1 · pages meanwhile {sorted(reading)}"
    )
    assert up
    assert refused[0] == 503
    assert TEXT in refused[1]
    assert reading == {200}
    assert len(titles) == len(set(titles))
    assert "Traceback" not in web.log.read_text()


def leave_nothing(filler: object) -> None:
    with open(str(filler), "wb", buffering=0) as file:
        try:
            while file.write(bytes(1 << 16)):
                pass
        except OSError:
            pass


def _written_until_refused(writes: Callable[[int], tuple[int, str]]) -> tuple[int, str]:
    """What was said when there was no room any more."""
    for number in range(1, 500):
        answer = writes(number)
        if answer[0] != 302:
            return answer
    raise AssertionError("it was never full")
