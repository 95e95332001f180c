"""F9 · Closed for a release: a new release while people read, write and send photos; and one that does not come up."""

import itertools
import re
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from groups.models import Group
from tests.drills.crowd import Post as Mailbox
from tests.drills.crowd import Stranger, at_work
from tests.drills.databases import Server, own_database
from tests.drills.machine import Installation, OwnRedis, Visitor, needs_postgres, needs_redis, until
from tests.drills.releases import Machine, needs_root
from tests.drills.school import classes_of, found_schools, parents_of, teacher_of, this_friday
from tests.drills.test_nodes import message
from tests.mail.server import Sink, mail_server
from tests.media.corpus import jpeg
from tests.share import LONG

pytestmark = [
    needs_root, needs_redis, needs_postgres, pytest.mark.nightly,
    pytest.mark.xdist_group("drills"), pytest.mark.django_db(transaction=True),
]  # fmt: skip
ROWS = 10_000_000 if LONG else 1_000_000
"""Of the table that the new release changes."""
READS, WRITERS, SENDERS = 15.0, 3, 3
"""Pages a second, who places a message each second, and who by turns a photo: with who comes in, twenty a second."""
MOST_OFTEN = 1.0
SLOWLY = 20.0
BROKEN = {"portal/wsgi.py": (r"(?s)\A", 'raise RuntimeError("this release does not come up")\n')}
WITH_A_COLUMN = {
    "portal/core/models.py": (
        r"(    facts = models\.JSONField\(default=dict\)\n)",
        r'\1    told = models.CharField(max_length=20, db_default="new")\n',
    )
}
MIGRATIONS = {
    "portal/core/migrations/9998_told.py": """
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "LAST")]
    operations = [migrations.AddField("auditevent", "told", models.CharField(max_length=20, db_default="new"))]
""",
    "portal/core/migrations/9999_found.py": """
from django.db import migrations, models

from portal.core.migrating import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "9998_told")]
    operations = [AddIndexBeside("auditevent", models.Index(fields=["verb", "at"], name="core_audit_told"))]
""",
}
"""A column that the code of before does not fill, and an index on all rows."""
ROOT = Path(__file__).parents[2]
LAST = max(file.stem for file in (ROOT / "portal/core/migrations").glob("0*.py"))


@dataclass
class Crowd:
    """People at the front; what they were answered, each as what was asked and its status."""

    readers: list[Visitor]
    teachers: list[tuple[Visitor, Group]]
    strangers: list[str]
    mail: Sink
    front: Callable[[], Stranger]
    is_over: threading.Event = field(default_factory=threading.Event)
    answers: list[tuple[str, int | str]] = field(default_factory=list)
    placed: list[str] = field(default_factory=list)
    coming_in: int = 0
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def ask(self, what: str, deed: Callable[[], Any]) -> Any:
        """A line that breaks is an answer too."""
        try:
            answer = deed()
        except OSError as broken:
            self.answers.append((what, type(broken).__name__))
            return None
        self.answers.append((what, answer.status))
        return answer

    def each(self, seconds: float, deed: Callable[[int], object]) -> None:
        """At its own moments, however slow the answers are."""
        begun = time.monotonic()
        for turn in itertools.count():
            if self.is_over.wait(max(0.0, begun + turn * seconds - time.monotonic())):
                return
            deed(turn)

    def read(self, of: int, number: int) -> None:
        self.each(
            of / READS, lambda turn: self.ask("page", partial(self._reader(turn, number, of).get, "/thuis/berichten/"))
        )

    def _reader(self, turn: int, number: int, of: int) -> Visitor:
        return self.readers[(turn * of + number) % len(self.readers)]

    def write(self, writer: Visitor, group: Group) -> None:
        def once(_turn: int) -> None:
            title, form = message(group, next(self.numbers))
            answer = self.ask("message", lambda: writer.post("/school/schrijven/", form))
            if answer and answer.status == 302:
                self.placed.append(title)

        self.each(MOST_OFTEN, once)

    def send(self, sender: Visitor, group: Group, seconds: float) -> None:
        """A message with a photo, that takes so long on its way."""

        def once(_turn: int) -> None:
            title, form = message(group, next(self.numbers))
            body, kind = sender.multipart({**form, "declared": "on"}, [("photos", jpeg())])
            answer = self.ask("photo", lambda: sender.slowly("/school/schrijven/", body, kind, seconds))
            if answer and answer.status == 302:
                self.placed.append(title)

        self.each(max(seconds, SENDERS * MOST_OFTEN), once)

    def come_in(self) -> None:
        """Each asks a code and comes in with it: the lane of codes changes hands as well."""
        mailbox = Mailbox(self.mail)

        def once(turn: int) -> None:
            stranger, address = self.front(), self.strangers[turn % len(self.strangers)]
            answer = self.ask("code", lambda: stranger.ask_code(address))
            if answer and answer.status == 302:
                code = mailbox.code_for(address)
                answer = self.ask("door", lambda: stranger.come_in(code))
                self.coming_in += bool(answer and answer.status == 302)

        self.each(5.0, once)

    @contextmanager
    def at_the_front(self) -> Iterator[None]:
        hands = 8
        writers, senders, [slow] = self.teachers[:WRITERS], self.teachers[WRITERS:-1], self.teachers[-1:]
        works = [partial(self.read, hands, number) for number in range(hands)]
        works += [partial(self.write, *one) for one in writers]
        works += [partial(self.send, *one, 0.0) for one in senders]
        works += [partial(self.send, *slow, SLOWLY), self.come_in]
        with at_work(works):
            try:
                yield
            finally:
                self.is_over.set()


@dataclass
class Town:
    """A school on a machine with the first release, and a crowd at its front."""

    machine: Machine
    server: Server
    crowd: Crowd

    @property
    def failed(self) -> Counter[tuple[str, int | str]]:
        """What was not answered, or with a fault of the server."""
        return Counter(one for one in self.crowd.answers if isinstance(one[1], str) or one[1] >= 500)

    def require_nothing_lost(self) -> None:
        """Every message of which somebody was told that it is placed is there once; every code came, once."""
        found = self.server.ask("SELECT title, count(*) FROM messaging_writing WHERE title LIKE 'Uitje %' GROUP BY 1")
        assert set(self.crowd.placed) <= {title for title, _ in found}
        assert {number for _, number in found} == {1}
        assert max(self.crowd.mail.copies.values(), default=1) == 1
        waiting = "SELECT state FROM core_outboxitem WHERE state IN ('pending', 'claimed', 'sending')"
        until(lambda: not self.server.ask(f"{waiting} AND expires_at IS NOT NULL"), "every code went", patience=30)


@pytest.fixture
def town(transactional_db: None, tmp_path: Path) -> Iterator[Town]:
    with mail_server() as (sink, mail_port):
        redis = OwnRedis(tmp_path)
        kring = Installation(tmp_path, redis, mail_port)
        try:
            with _town(kring, sink) as made:
                yield made
        finally:
            kring.stop()


@contextmanager
def _town(kring: Installation, sink: Sink) -> Iterator[Town]:
    """Everybody is signed in before the database is copied, and is known to the copy."""
    [school] = found_schools(1, this_friday())
    parents, groups = parents_of(school), classes_of(school)[: WRITERS + SENDERS + 1]
    place = Machine(kring.folder / "machine")
    secure, tls = place.ports.secure, place.tls
    crowd = Crowd(
        [Visitor(secure, parent, tls) for parent in parents[:60]],
        [(Visitor(secure, teacher_of(group), tls), group) for group in groups],
        [parent.email for parent in parents[100:160]],
        sink,
        lambda: Stranger(secure, tls),
    )
    told = {name: value for name, value in kring.environment().items() if name.startswith("KRING_")}
    told |= {"KRING_DATA_DIR": f"{place.folder}/var/lib/kring", "KRING_BACKUP_DIR": f"{place.folder}/var/backups/kring"}
    told |= {"KRING_FAMILIES_AT_ONCE": "60", "KRING_WORKERS": "2", "KRING_TRUSTED_PROXIES": "1"}
    told |= {"KRING_SMTP_IN_THE_OPEN": "yes", "KRING_BACKUP_TO": key_of_nobody()}
    first = place.release_before()
    with own_database() as (server, _address), place.begun(first, server, told):
        crowd.ask("page", lambda: crowd.readers[0].get("/thuis/berichten/"))
        assert crowd.answers == [("page", 200)], place.logs()
        yield Town(place, server, crowd)


def key_of_nobody() -> str:
    """Whom the backups are for."""
    made = subprocess.run(["age-keygen"], capture_output=True, text=True, check=True).stdout
    return re.findall(r"public key: (age1\w+)", made)[0]


def fill(server: Server) -> None:
    server.ask(
        "INSERT INTO core_auditevent (at, verb, subject_kind, facts) "  # noqa: S608 - a number of ours
        f"SELECT now() - n * interval '1 second', 'planted', 'planted', '{{}}' FROM generate_series(1, {ROWS}) n"
    )


def test_a_release_while_people_read_write_and_send_photos(
    town: Town, record_property: Callable[[str, object], None]
) -> None:
    """Twenty requests a second through all of it: no fault, no line that breaks, nothing lost and nothing twice.

    Then back to the release of before by the same command: its code on the tables of the new one.
    """
    fill(town.server)
    before = town.machine.serving
    migrations = {name: text.replace("LAST", LAST) for name, text in MIGRATIONS.items()}
    second = town.machine.release_after(WITH_A_COLUMN, **migrations)
    begun = time.monotonic()
    with town.crowd.at_the_front():
        there = town.machine.upgrade(second)
        took, reached = time.monotonic() - begun, town.machine.serving
        back = town.machine.upgrade(town.machine.code.parent / "kring-releases" / before, "--without-backup")
        lasted = time.monotonic() - begun
    asked, came = Counter(what for what, _ in town.crowd.answers), Counter(town.crowd.answers)
    ledger = (
        f"F9: rows {ROWS} · there {took:.0f} s, back {lasted - took:.0f} s · asked {dict(asked)}, "
        f"{sum(asked.values()) / lasted:.0f} a second · failed {sum(town.failed.values())} · placed "
        f"{len(town.crowd.placed)} · photos that were to wait for their turn {came['photo', 422]} · came in "
        f"{town.crowd.coming_in}"
    )
    print(there.said, back.said, ledger, sep="\n")
    record_property("ledger", ledger)
    assert (there.status, back.status) == (0, 0)
    assert reached.startswith("99.0.0-")
    assert town.machine.serving == before
    assert dict(town.failed) == {}
    assert came["photo", 302] >= 2
    assert town.crowd.coming_in >= 2
    town.require_nothing_lost()
    assert town.server.ask("SELECT DISTINCT told FROM core_auditevent") == [("new",)]


def test_a_release_that_does_not_come_up_leaves_the_one_of_before(
    town: Town, record_property: Callable[[str, object], None]
) -> None:
    """Its tables are there already; who reads notices nothing."""
    before = town.machine.serving
    migrations = {name: text.replace("LAST", LAST) for name, text in MIGRATIONS.items()}
    second = town.machine.release_after({**WITH_A_COLUMN, **BROKEN}, **migrations)
    with town.crowd.at_the_front():
        done = town.machine.upgrade(second, "--without-backup")
        time.sleep(2)
    print(done.said)
    ledger = f"F9, back: asked {len(town.crowd.answers)} · failed {sum(town.failed.values())}"
    record_property("ledger", ledger)
    assert done.status == 1
    assert "do not come up" in done.said
    assert f"{before} serves on" in done.said
    assert "Traceback" not in done.said
    assert town.machine.serving == before
    assert dict(town.failed) == {}
    town.require_nothing_lost()
