"""A week of a school, from a Friday to the next one, in production mode and in a quarter of an hour.

The clock of every part jumps from one moment of the day to the next; with `--long` every hour is lived
through, in an hour. In it: rosters, messages, two newsletters, a deploy, a mail server that is away, a disk that fills,
a backup each night, one of which is put back. Then the ledger is made up and the doctor is read.
"""

import faulthandler
import json
import os
import shutil
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings as configured
from django.db import connection
from django.utils import timezone

from groups.models import School, Way
from groups.people.services.contact_choices import choose_way
from groups.roles import Hat
from groups.schools.services import change_school
from messaging.models import DigestEdition, EditionKind, Post, WritingState
from messaging.removing.services.removal import retract_written
from portal.core import outbox
from portal.core.actor import Actor, clock
from portal.core.models import User
from tests.drills.crowd import CODE_PAGE, FEED, Stranger
from tests.drills.crowd import Post as Letters
from tests.drills.databases import Server, own_database
from tests.drills.ledger import reconcile
from tests.drills.machine import Answer, Installation, Program, Visitor, needs_front, needs_postgres, needs_redis, until
from tests.drills.school import classes_of, found_schools, parents_of, teacher_of
from tests.drills.test_backup import migrated
from tests.drills.test_clock import FAKETIME
from tests.drills.test_nodes import TEXT
from tests.drills.test_own_database import leave_nothing
from tests.groups.rosterfiles import Edex, Parent, Pupil, Teacher, csv_of
from tests.mail.server import Sink, free_port
from tests.share import LONG

__all__ = ["migrated"]
pytestmark = [
    needs_redis,
    needs_front,
    needs_postgres,
    pytest.mark.nightly,
    pytest.mark.skipif(FAKETIME is None, reason="needs libfaketime"),
    pytest.mark.skipif(os.geteuid() != 0, reason="needs who may mount a small disk"),
    pytest.mark.django_db(transaction=True),
]
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
HOURS = range(24) if LONG else (2, 8, 12, 16, 20)
PACE = 20.0 if LONG else 9.0
"""The hours of a day that are lived through, and for how many seconds each at least: hearts beat once in ten."""
SETTLING = 2.0
"""Seconds in which every process sees that the clock has moved; the same one is asked again after one."""
LONGEST = 3 * 3600
PASSED_BY = 6.0
"""Seconds until the front asks a node again that did not answer: the other one may not be stopped before."""
DISK = 1500
AT_SCHOOL = (8, 12)
CLOSES = 15
WRITERS, READERS = 3, 12
ROSTER = [Pupil("L1"), Pupil("L2"), Pupil("L3")]
CARERS = [Parent("L1", "Karima", "karima@thuis.example"), Parent("L2", "Said"), Parent("L3", "Riet")]


def next_friday() -> datetime:
    today = timezone.now().astimezone(AMSTERDAM).replace(hour=7, minute=0, second=0, microsecond=0)
    return (today + timedelta(days=(4 - today.weekday()) % 7 or 7)).astimezone(UTC)


FOLLOWS = """
import os, sys, threading, time
from datetime import UTC, datetime
from pathlib import Path
import time_machine
begun, counted = time.time(), time.monotonic()  # what goes on by itself, whatever the clock shows
def follow():
    clock, seen, here = Path(os.environ["DRILL_CLOCK"]), "", None
    while True:
        if (told := clock.read_text()) != seen:
            moment = datetime.fromtimestamp(begun + time.monotonic() - counted + float(told), UTC)
            here, seen = here or time_machine.travel(moment).start(), told
            here.move_to(moment)
            if signs := sys.modules.get("portal.core.doctor.signs"):
                signs._said.clear()  # a part says twice a minute that it lives; these minutes were passed over
        if threading.current_thread() is threading.main_thread():
            return
        time.sleep(0.2)
def begin():
    threading.Thread(target=follow, daemon=True).start()
follow()
begin()
os.register_at_fork(after_in_child=begin)
"""
"""Read by each Python as it starts. PostgreSQL follows the clock by libfaketime, under which no Python can sleep."""


class Clock:
    """The time of this process, of every program that is started while it goes, and of a PostgreSQL."""

    def __init__(self, start: datetime) -> None:
        self._folder = Path(mkdtemp(prefix="kring-clock-"))
        self._folder.chmod(0o755)
        self._file = self._folder / "ahead"
        (self._folder / "sitecustomize.py").write_text(FOLLOWS)
        self._here: time_machine.travel | None = None
        self.jump(start)

    def jump(self, moment: datetime) -> None:
        self.come_back()
        new = self._folder / "new"
        new.write_text(f"{(moment - datetime.now(UTC)).total_seconds():+.0f}\n")
        new.replace(self._file)
        self._here = time_machine.travel(moment)
        self._here.start()

    def come_back(self) -> None:
        """This process alone, to the time that it really is."""
        if self._here:
            self._here.stop()
        self._here = None

    @property
    def of_python(self) -> dict[str, str]:
        return {"PYTHONPATH": str(self._folder), "DRILL_CLOCK": str(self._file)}

    @property
    def of_postgres(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(FAKETIME),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }

    def stop(self) -> None:
        self.come_back()
        shutil.rmtree(self._folder)


class Bell(BaseHTTPRequestHandler):
    """Where the alarm is told; the moment and what was said."""

    heard: list[tuple[datetime, str]]

    def do_POST(self) -> None:
        said = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.heard.append((timezone.now(), said))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing on the tests' screen."""


@contextmanager
def bell() -> Iterator[tuple[int, list[tuple[datetime, str]]]]:
    heard: list[tuple[datetime, str]] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OneBell", (Bell,), {"heard": heard}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port, heard
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def this_process_on(server: Server) -> Iterator[None]:
    """The models of this process are read there, as its superuser."""
    own = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(HOST="127.0.0.1", PORT=str(server.port), NAME="kring", USER="postgres")
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.clear()
        connection.settings_dict.update(own)


Front = tuple[Sequence[int], tuple[int, ssl.SSLContext]]
"""The ports of the nodes, where it answers itself, and what its certificate is checked with."""


@dataclass
class Seen:
    """What came of the week so far."""

    pages: Counter[int] = field(default_factory=Counter)
    while_put_back: int = 0
    placed: list[str] = field(default_factory=list)
    given_back: list[str] = field(default_factory=list)
    came_in: int = 0
    imports: list[int] = field(default_factory=list)


class Week:
    """One Kring, its people, and what happens to it at which moment."""

    def __init__(self, kring: Installation, server: Server, sink: Sink, school: School, front: Front) -> None:
        self.kring, self.server, self.sink, self.school = kring, server, sink, school
        self.ports, (self.front, self.tls) = front
        self.more: dict[str, str] = {}
        self.seen, self.numbers = Seen(), count()
        self.classes = classes_of(school)[:WRITERS]
        self.parts: dict[str, Program] = {}
        self.nights: list[int] = []

    def begin(self) -> None:
        """As whoever installed it leaves it: everything was looked at once, and a backup is made."""
        starts: dict[str, Callable[[], Program]] = {
            **{f"web {port}": lambda port=port: self._web(port) for port in self.ports},  # type: ignore[misc]
            "worker": lambda: self.kring.worker(**self.more),
            "fast": lambda: self.kring.fast(**self.more),
            "beat": lambda: self.kring.clock(**self.more),
        }
        self.starts = starts
        for name, start in starts.items():
            self.parts[name] = start()
        self.people_come_back()
        for words in (["check_access"], ["check_media"], ["verify_dossier"], ["doctor", "--note", "restore-test"]):
            self.manage(*words)
        self.nights.append(self.program("deploy/backup.py", "night"))

    def _web(self, port: int) -> Program:
        return self.kring.web(port=port, workers=1, **self.more)

    def people_come_back(self) -> None:
        """With a new session, as after a restore."""
        self.writers = [Visitor(self.front, teacher_of(group), self.tls) for group in self.classes]
        self.readers = [Visitor(self.front, user, self.tls) for user in parents_of(self.school)[:READERS]]

    def families(self) -> list[User]:
        """Of the classes in which something is written."""
        seats = {"memberships__group__in": self.classes, "memberships__hat": Hat.FAMILY}
        return list(User.objects.filter(**seats).distinct())

    # What people do

    def read(self) -> None:
        for reader in self.readers:
            self.seen.pages[reader.get(FEED).status] += 1

    def write(self, at: int) -> tuple[Answer, dict[str, str]]:
        """A message in one class, with a word that stands nowhere else."""
        title = f"kanarie-{next(self.numbers)}"
        group = self.classes[at % WRITERS]
        form = {"groep": str(group.uid), "topic": "update", "replies": "on", "title": title, "text": TEXT}
        form |= {"key": str(uuid4())}
        answer = self.writers[at % WRITERS].post("/school/schrijven/", form)
        (self.seen.placed if answer.status == 302 else self.seen.given_back).append(title)
        return answer, form

    def come_in(self) -> None:
        stranger, address = Stranger(self.front, self.tls), parents_of(self.school)[-1].email
        if stranger.ask_code(address).location == CODE_PAGE:
            self.seen.came_in += bool(stranger.come_in(Letters(self.sink).code_for(address)).location)

    # What IT does

    def manage(self, *words: str | Path, **more: str) -> int:
        return self.program("manage.py", *words, **more)

    def program(self, *words: str | Path, **more: str) -> int:
        told = self.kring.folder / "by-hand.txt"
        with told.open("a") as log:
            command = [sys.executable, *map(str, words)]
            environment = self.kring.environment(**self.more | more)
            done = subprocess.run(
                command, cwd=configured.BASE_DIR, env=environment, stdout=log, stderr=log, check=False
            )
        return done.returncode

    def import_roster(self, pupils: Sequence[Pupil]) -> None:
        files = self.kring.folder / "export.xml", self.kring.folder / "verzorgers.csv"
        files[0].write_bytes(bytes(Edex(pupils, [Teacher("K1", ("G4",))], brin="12AB")))
        files[1].write_bytes(csv_of(CARERS))
        self.seen.imports.append(
            self.manage("import_roster", *files, "--school", "12AB", "--create-school", "De Voorbeeldschool", "--apply")
        )

    def look(self) -> None:
        """As the part watch does, which tells what it saw twice."""
        self.program("deploy/backup.py", "journal")
        for _ in range(2):
            self.manage("doctor", "--alarm", "--state", self.kring.folder / "alarm.json")

    def deploy(self) -> None:
        """Each part is asked to stop, a node at a time, while people read on."""
        over = threading.Event()

        def reads() -> None:
            while not over.is_set():
                self.read()

        reading = threading.Thread(target=reads)
        reading.start()
        try:
            for name, start in self.starts.items():
                self.parts[name].ask_to_stop()
                self.parts[name].wait()
                self.parts[name] = start()
                time.sleep(PASSED_BY)
        finally:
            over.set()
            reading.join()

    def restore(self, key: Path, far: Path) -> None:
        """The backup of last night, by the page; what was taken away since stays away, what was given is lost."""
        new = self.kring.folder / "from"
        self.program("deploy/backup.py", "journal")
        for part in self.parts.values():
            part.ask_to_stop()
        for part in self.parts.values():
            part.wait()
        self.seen.while_put_back = self.readers[0].get(FEED).status
        words = ("--key", key, "--journal", far, "--into", new, "--media", self.kring.folder / "media")
        assert self.program("deploy/restore.py", self.more["KRING_BACKUP_DIR"], *words) == 0
        connection.close()
        self.server.put_back(new / "kring.dump")
        owner = f"postgres://kring_owner:geheim@127.0.0.1:{self.server.port}/kring"
        taken = ("--from", new / "journal.jsonl", "--heads", new / "heads.json")
        assert self.manage("restored", *taken, KRING_OWNER_DATABASE_URL=owner) == 0
        assert self.manage("check_media") == 0
        assert self.manage("released", "--mail", "send") == 0
        for name, start in self.starts.items():
            self.parts[name] = start()
        self.people_come_back()

    def leave_no_room(self) -> None:
        leave_nothing(self.server.data.parent / "filler")

    def make_room(self) -> None:
        (self.server.data.parent / "filler").unlink()

    def diagnosis(self) -> list[str]:
        """The lines of the doctor that are red."""
        command = [sys.executable, "manage.py", "doctor", "--json"]
        environment = self.kring.environment(**self.more)
        told = subprocess.run(
            command, cwd=configured.BASE_DIR, env=environment, capture_output=True, text=True, check=False
        )
        return [line["name"] for line in json.loads(told.stdout)["lines"] if not line["ok"]]


class Story:
    """What happens at which moment, from Friday (day 0) to the next one (day 7)."""

    def __init__(self, week: Week, key: Path, far: Path) -> None:
        self.week, self.key, self.far = week, key, far
        self.refused: dict[str, str] = {}
        self.lost = self.taken_back = ""
        self.at: dict[tuple[int, int], Callable[[], None]] = {
            (3, 8): lambda: week.import_roster(ROSTER),
            (3, 12): week.deploy,
            (4, 8): lambda: self.mail_server("c451"),
            (4, 20): lambda: self.mail_server(""),
            (5, 8): lambda: week.import_roster([*ROSTER, Pupil("L4")]),
            (5, 12): self.disk_fills,
            (5, 16): self.disk_has_room,
            (6, 8): self.a_backup_is_put_back,
        }

    def live(self, day: int, hour: int) -> None:
        if hour == 2:
            self.week.nights.append(self.week.program("deploy/backup.py", "night"))
        if deed := self.at.get((day, hour)):
            deed()
        if day in (0, 3, 4, 5, 6, 7) and hour in AT_SCHOOL and not self.refused:
            for number in range(WRITERS):
                self.week.write(number)
        self.week.read()
        if hour == 20:
            self.week.come_in()

    def mail_server(self, answer: str) -> None:
        self.week.sink.always = answer

    def disk_fills(self) -> None:
        self.week.leave_no_room()
        for _ in range(50):
            answer, form = self.week.write(1)
            if answer.status != 302:
                assert (answer.status, form["text"] in answer.text) == (503, True)
                self.refused = form
                return
        raise AssertionError("it was never full")

    def disk_has_room(self) -> None:
        self.week.make_room()
        writer, form = self.week.writers[1], self.refused
        until(lambda: writer.post("/school/schrijven/", form).status == 302, "writing again", patience=60)
        self.refused = {}

    def a_backup_is_put_back(self) -> None:
        """After it something was taken back and something was given, of which nobody was told by mail."""
        group = self.week.classes[1]
        post = Post.objects.filter(group=group, title__startswith="kanarie-").order_by("pk").last()
        assert post
        retract_written(written=post, by=Actor(teacher_of(group), Hat.STAFF, timezone.now()))
        self.week.write(1)
        self.taken_back, self.lost = post.title, self.week.seen.placed.pop()
        self.week.restore(self.key, self.far)


def moments(friday: datetime) -> Iterator[tuple[int, int, datetime]]:
    begin = friday.astimezone(AMSTERDAM)
    for day in range(8):
        for hour in HOURS:
            moment = (begin + timedelta(days=day)).replace(hour=hour, minute=5)
            if moment > begin and (day, hour) <= (7, 20):
                yield day, hour, moment.astimezone(UTC)


@pytest.fixture
def clock_of_all() -> Iterator[Clock]:
    made = Clock(next_friday())
    try:
        yield made
    finally:
        made.stop()


def test_a_week(
    migrated: None,
    kring: Installation,
    sink: Sink,
    clock_of_all: Clock,
    monkeypatch: pytest.MonkeyPatch,
    book: Callable[[str, object], None],
) -> None:
    faulthandler.dump_traceback_later(LONGEST, exit=True)  # pytest lets no test take as long as this
    friday, key, far = timezone.now(), kring.folder / "key.txt", kring.folder / "far.age"
    [school] = found_schools(1, friday)
    change_school(school=school, by=clock(friday), digest_weekday=5, digest_hour=CLOSES)
    [first, *_] = classes_of(school)
    for parent in User.objects.filter(memberships__group=first, memberships__hat="family"):
        choose_way(user=parent, school=school, way=Way.MESSAGE, now=friday)
    public = subprocess.run(["age-keygen", "-o", key], capture_output=True, text=True, check=True).stderr.split()[-1]
    ports = [free_port(), free_port()]
    front = ports, kring.front(*ports)  # its certificate is looked at by this process too
    for name, value in clock_of_all.of_python.items():
        monkeypatch.setenv(name, value)
    with (
        own_database(DISK, clock_of_all.of_postgres) as (server, address),
        bell() as (port, heard),
        this_process_on(server),
    ):
        server.keep_small()
        week = Week(kring, server, sink, school, front)
        week.more = {
            "KRING_DATABASE_URL": address,
            "KRING_DATABASE_DIR": str(server.data.parent),
            "KRING_JOURNAL": str(kring.folder / "journal" / "journal.jsonl"),
            "KRING_BACKUP_DIR": str(kring.folder / "backups"),
            "KRING_BACKUP_DATABASE_URL": f"postgres://postgres@127.0.0.1:{server.port}/kring",
            "KRING_BACKUP_TO": public,
            "KRING_JOURNAL_COPY": f"cp {{file}} {far}",
            "KRING_ALARM_URL": f"http://127.0.0.1:{port}/",
            "KRING_SMTP_IN_THE_OPEN": "yes",
            "KRING_TLS_ADDRESS": f"127.0.0.1:{week.front}",
            "SSL_CERT_FILE": str(kring.folder / "front" / "fullchain.pem"),
            "TMPDIR": gettempdir(),  # the server on which a backup is tried runs as somebody else
        }
        story = Story(week, key, far)
        week.begin()
        for day, hour, moment in moments(friday):
            clock_of_all.jump(moment)
            time.sleep(SETTLING)
            begun = time.monotonic()
            story.live(day, hour)
            time.sleep(max(0.0, PACE - (time.monotonic() - begun)))
            week.look()
        until(lambda: not outbox.ledger().pending, "all mail is out")
        red = week.diagnosis()
        newsletters = DigestEdition.objects.filter(school=school, kind=EditionKind.WEEKLY).count()
        states = dict(Post.objects.filter(title__startswith="kanarie-").values_list("title", "state"))
        found = reconcile(sink, wanted=week.families(), now=timezone.now())
    seen = week.seen
    refused = set(seen.given_back)
    book(
        "week",
        f"pages {seen.pages.total()}, not there {seen.pages.total() - seen.pages[200]} · messages placed "
        f"{len(seen.placed) + len(refused)}, of these after a full disk {len(refused)} · newsletters {newsletters} · "
        f"came in {seen.came_in} · rosters {len(seen.imports)} · backups {len(week.nights)}, put back 1",
    )
    for moment, said in heard:
        book("week, alarm", f"{moment.astimezone(AMSTERDAM):%a %H:%M} {' '.join(said.split())[:400]}")
    book("week, doctor", ", ".join(sorted(red)) or "nothing red")
    book("week, mail", found)
    assert set(seen.pages) == {200}
    assert (seen.while_put_back, newsletters, red) == (502, 2, [])
    assert set(states) == {*seen.placed, *refused}
    assert story.lost not in states
    assert {title for title, state in states.items() if state != WritingState.PUBLISHED} == {story.taken_back}
    assert (set(seen.imports) <= {0, 1}, set(week.nights)) == (True, {0})
