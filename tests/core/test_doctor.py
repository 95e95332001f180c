"""The doctor: each line is made red by a real fault, says what to do, and is good again when the fault is over."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.management import call_command
from django.db import OperationalError, connection, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from groups.models import GroupGrant
from groups.tasks import check_access
from portal.core import doctor, doors, fast_lane, outbox
from portal.core.doctor import answering, of_the_floor, signs
from portal.core.doctor.examining import PATIENCE
from portal.core.models import JournalLine, OutboxItem, VitalSign
from portal.core.tasks import show_work
from tests.cast import PEOPLE, Cast
from tests.core.test_outbox import _only_probes, put  # noqa: F401 - a fixture
from tests.mail.server import free_port, mail_server, mute_server
from tests.media import s3
from tests.unwritable import nothing_is_written

pytestmark = pytest.mark.django_db
TOKEN = "t" * 40
PARTS = ("worker", "fast", "beat", "work")
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _looks_anew() -> Iterator[None]:
    answering.forget()
    signs._said.clear()
    yield
    answering.forget()


@pytest.fixture
def alive(cast: Cast, settings: Any) -> None:
    """A Kring of which all parts live."""
    settings.KRING_EMBEDDED = True
    for name in PARTS:
        doctor.note(name, doctor.Observation(), now=timezone.now())
    JournalLine.objects.update(copied_at=timezone.now())


def report(now: Any = None, kept_for: timedelta | None = timedelta()) -> doctor.Diagnosis:
    return doctor.examine(now=now or timezone.now(), kept_for=kept_for).report()


def red(now: Any = None) -> list[str]:
    return [finding.name for finding in report(now).red]


def line(name: str, now: Any = None) -> doctor.Finding:
    return next(finding for finding in report(now).findings if finding.name == name)


def test_when_all_is_well_nothing_is_to_be_done(alive: None) -> None:
    assert red() == []
    assert {one.name for one in report().findings} == {
        *("database", "writing", "roles", "version", "doors", *PARTS),
        *("codes", "mail", "mail-server", "disk", "journal"),
        *(["redis"] if configured.KRING_REDIS_URL else []),
    }


@pytest.mark.parametrize(("name", "most"), [("worker", 180), ("fast", 180), ("beat", 180), ("work", 360)])
def test_a_part_that_is_silent_is_red_in_its_second(alive: None, name: str, most: int) -> None:
    at = timezone.now()
    VitalSign.objects.filter(name__in=PARTS).update(at=at + timedelta(minutes=30))
    VitalSign.objects.filter(name=name).update(at=at)
    assert red(at + most * SECOND) == []
    assert red(at + (most + 1) * SECOND) == [name]
    VitalSign.objects.filter(name=name).delete()
    assert red(at) == [name]


def test_what_is_dated_ahead_hides_nothing_until_its_day(alive: None) -> None:
    """A machine whose clock stood a year ahead for one night had a good backup for a year."""
    VitalSign.objects.filter(name="worker").update(at=timezone.now() + timedelta(days=365, minutes=5))
    with translation.override("nl"):
        found = line("worker")
    assert found.is_red
    assert "pas over 365 dagen, volgens een klok die niet goed staat" in found.do


def test_a_heartbeat_is_one_statement_and_seldom(alive: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        for _ in range(100):
            doctor.alive("fast", now=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_who_works_says_so(cast: Cast) -> None:
    fast_lane._turn()
    show_work()
    assert set(VitalSign.objects.values_list("name", flat=True)) == {"fast", "work"}


@pytest.mark.parametrize(
    ("kind", "name", "most", "words"),
    [
        ("probe-letter", "mail", 15, "Mail is 20 minutes behind."),
        ("probe-code", "codes", 2, "Codes to sign in are 20 minutes behind."),
    ],
)
def test_mail_that_waits_too_long(alive: None, kind: str, name: str, most: int, words: str) -> None:
    now = timezone.now()
    put(kind=kind, now=now)
    OutboxItem.objects.update(expires_at=now + timedelta(days=1) if kind == "probe-code" else None, due_at=now)
    VitalSign.objects.update(at=now + timedelta(days=1))
    assert line(name, now + most * MINUTE).is_red is False
    assert line(name, now + most * MINUTE + SECOND).is_red
    assert line(name, now + 20 * MINUTE).words == words


def test_mail_that_a_server_refused_just_now_is_not_nothing_behind(alive: None) -> None:
    now = timezone.now()
    put(kind="probe-letter", now=now)
    OutboxItem.objects.update(failing_since=now, due_at=now + HOUR)
    assert line("mail", now + 20 * SECOND).words == "Mail is less than a minute behind."
    with translation.override("nl"):
        assert line("mail", now + 20 * SECOND).words == "Mail loopt minder dan een minuut achter."
    assert line("mail", now + MINUTE).words == "Mail is 1 minute behind."


def test_how_far_mail_is_behind_is_not_guessed(alive: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def cannot_look(*_asked: object, **_now: object) -> None:
        raise OperationalError

    monkeypatch.setattr(outbox, "down_since", cannot_look)
    assert line("mail").words == "It cannot be seen whether mail goes out."
    assert line("codes").do == "Look at the lines about the database. (OperationalError)"


@pytest.fixture
def smtp_settings(settings: Any) -> Any:
    settings.EMAIL_BACKEND = "portal.core.mail.SmtpBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    return settings


@pytest.fixture
def _brief(monkeypatch: Any) -> None:
    """What hangs is given up after a second; the four of the product would only be waited for."""
    monkeypatch.setattr(of_the_floor, "SECONDS", 1.0)


@pytest.mark.usefixtures("_brief")
def test_a_mail_server_that_is_away_hangs_or_refuses(alive: None, smtp_settings: Any) -> None:
    assert line("mail-server").do.endswith("(ConnectionRefusedError)")
    with mail_server() as (sink, port):
        smtp_settings.EMAIL_PORT = port
        assert not line("mail-server").is_red
        assert sink.accepted == []
        smtp_settings.EMAIL_USE_TLS = True
        assert line("mail-server").do.endswith("(no STARTTLS)")
        smtp_settings.EMAIL_USE_TLS = False
        smtp_settings.EMAIL_HOST_USER = smtp_settings.EMAIL_HOST_PASSWORD = "kring"
        assert line("mail-server").is_red
    smtp_settings.EMAIL_HOST_USER = smtp_settings.EMAIL_HOST_PASSWORD = ""
    with mute_server() as port:
        smtp_settings.EMAIL_PORT = port
        began = time.monotonic()
        assert red() == ["mail-server"]
        assert time.monotonic() - began < PATIENCE + 2


@pytest.mark.usefixtures("_brief")
def test_a_redis_that_is_away_or_hangs(alive: None, settings: Any) -> None:
    settings.KRING_REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    assert red() == ["redis"]
    with mute_server() as port:
        settings.KRING_REDIS_URL = f"redis://127.0.0.1:{port}/0"
        began = time.monotonic()
        assert red() == ["redis"]
        assert time.monotonic() - began < PATIENCE + 2


def test_a_disk_that_is_nearly_full_or_gone(alive: None, settings: Any) -> None:
    disk = Path(mkdtemp(prefix="kring-disk-"))
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], check=False).returncode:
        pytest.skip("this system lets nobody mount a disk of two megabytes")
    try:
        settings.KRING_DATABASE_DIR = str(disk)
        assert red() == ["database-disk"]
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    settings.KRING_DATABASE_DIR = str(disk / "gone")
    assert red() == ["database-disk"]
    settings.KRING_DATABASE_DIR = str(configured.BASE_DIR)
    assert red() == []


def test_a_bucket_has_a_line_in_place_of_the_disk_for_photos(alive: None, settings: Any) -> None:
    with s3.standing() as bucket:
        s3.use(settings, bucket)
        assert red() == []
        assert "disk" not in {one.name for one in report().findings}
        bucket.is_open = True
        assert (red(), "KRING_BUCKET_KEY" in line("bucket").do) == (["bucket"], False)
        bucket.refuses = {"GET": (403, "InvalidAccessKeyId")}
        assert (red(), "KRING_BUCKET_KEY" in line("bucket").do) == (["bucket"], True)


def test_nine_of_a_hundred_free_is_little(alive: None) -> None:
    judge = next(one for one in doctor.findings.checks(doctor.LookCost.FAR) if one.name == "disk").judge
    now = timezone.now()
    size = 100 << 30
    found = [judge(doctor.Observed(now, "", {"free": size * free // 100, "size": size}), now) for free in (9, 10)]
    assert [one.is_red for one in found if one] == [True, False]


@pytest.fixture
def database_is(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Where a new connection goes; the one that is open stays."""
    kept = connections["default"].settings_dict

    def elsewhere(port: int) -> None:
        if connection.vendor == "postgresql":
            monkeypatch.setitem(kept, "HOST", "127.0.0.1")
            monkeypatch.setitem(kept, "PORT", port)
        else:
            monkeypatch.setitem(kept, "NAME", "/nowhere/kring.sqlite3")

    return elsewhere


@pytest.mark.nightly
def test_without_its_database_it_says_that_and_what_can_be_seen_without(
    alive: None, database_is: Any, settings: Any
) -> None:
    settings.KRING_HEALTH_TOKEN = TOKEN
    database_is(free_port())
    found = report()
    assert (found.database_is_away, [one.name for one in found.red]) == (True, ["database"])
    assert ("Start the part postgres" in found.red[0].do) == (connection.vendor == "postgresql")
    assert {one.name for one in found.findings} >= {"database", "mail-server", "disk"}
    assert not {one.name for one in found.findings} & {*PARTS, "version", "mail"}
    answer = deep()
    assert answer.status_code == 503
    with mute_server() as port:
        database_is(port)
        answering.forget()
        began = time.monotonic()
        assert deep().status_code == 503
        assert time.monotonic() - began < 2 * PATIENCE + 2


@pytest.mark.skipif(connection.vendor != "postgresql", reason="a file is nobody's copy")
def test_a_database_that_only_lets_itself_be_read(alive: None) -> None:
    assert not line("writing").is_red
    with nothing_is_written():
        found = report()
    assert (found.database_is_away, found.red[0].name) == (False, "writing")


def test_what_a_machine_whose_clock_was_ahead_saw_is_looked_at_anew(alive: None) -> None:
    """It was kept until that time came: the doctor told for a day, or a year, how everything did then."""
    now = timezone.now()
    doctor.note("disk", doctor.Observation(numbers={"free": 1, "size": 100}), now=now + timedelta(days=1))
    assert [name for name in red(now) if name == "disk"] == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="a file has no clock")
@pytest.mark.parametrize(("off", "is_told"), [(timedelta(seconds=30), False), (timedelta(days=1), True)])
@pytest.mark.parametrize("way", [1, -1], ids=["ahead", "behind"])
def test_a_machine_with_another_clock_than_the_database(
    alive: None, settings: Any, monkeypatch: pytest.MonkeyPatch, off: timedelta, is_told: bool, way: int
) -> None:
    settings.PRODUCTION = True
    there = timezone.now()
    monkeypatch.setattr(of_the_floor.timezone, "now", lambda: there + way * off)
    found = [finding.words for finding in report(there).findings if finding.name == "time"]
    told = "The clock of this machine and that of the database are 24 hours apart. Codes and mail come late."
    assert found == ([told] if is_told else [])


def test_a_database_of_another_release(alive: None, settings: Any) -> None:
    settings.MIGRATION_MODULES = {}
    key = "serial PRIMARY KEY" if connection.vendor == "postgresql" else "integer PRIMARY KEY AUTOINCREMENT"
    with connection.cursor() as cursor:
        columns = f"id {key}, app varchar(255), name varchar(255), applied timestamp"
        cursor.execute(f"CREATE TABLE IF NOT EXISTS django_migrations ({columns})")
    recorder = MigrationRecorder(connection)
    for node, migration in MigrationLoader(connection).graph.nodes.items():
        for app, name in [node, *(migration.replaces if migration else [])]:
            recorder.record_applied(app, name)
    assert not line("version").is_red
    recorder.record_unapplied("core", "0002_vital_sign")
    assert line("version").words == "The database is of an older release than Kring."
    recorder.record_applied("core", "0002_vital_sign")
    recorder.record_applied("elsewhere", "0001_initial")
    assert not line("version").is_red
    recorder.record_applied("core", "9999_tomorrow")
    assert line("version").words == "The database is of a newer release than Kring."


def test_a_kring_that_is_closed_is_told_of(alive: None, settings: Any, tmp_path: Path) -> None:
    settings.KRING_DATA_DIR = tmp_path
    assert not line("doors").is_red
    doors.close(why="a test", now=timezone.now())
    assert red() == ["doors"]
    doors.open_again()
    assert red() == []


def test_a_right_too_few_is_told_until_a_night_finds_none(alive: None) -> None:
    grant = GroupGrant.objects.first()
    assert grant is not None
    grant.delete()
    check_access()
    assert line("rights").words == "1 right was not as it should be."
    check_access()
    assert red() == []


def test_what_happens_at_night_must_have_happened(alive: None, settings: Any) -> None:
    settings.PRODUCTION, settings.KRING_OWNER_DATABASE_URL = True, "of migrate"
    late = ["rights", "dossier", "media", "backup", "restore-test"]
    assert set(red()) == {*late, "alarm"}
    for name in late:
        call_command("doctor", note=name)
    assert red() == ["alarm"]
    now = timezone.now()
    VitalSign.objects.filter(name__in=late).update(at=now)
    of_a_week = ["rights", "dossier", "media", "backup"]
    for hours, found in [(26, []), (27, ["rights", "backup"]), (8 * 24 + 1, of_a_week), (101 * 24, late)]:
        moment = now + timedelta(hours=hours)
        VitalSign.objects.filter(name__in=PARTS).update(at=moment)
        assert set(red(moment)) - {"alarm"} == set(found), hours


def test_a_backup_that_failed_is_red_at_once_and_says_where(alive: None, settings: Any) -> None:
    settings.PRODUCTION, settings.KRING_OWNER_DATABASE_URL = True, "of migrate"
    call_command("doctor", note="backup")
    assert not line("backup").is_red
    call_command("doctor", note="backup", failed="copy")
    assert line("backup").words == "The last backup did not end well."
    assert line("backup").do.endswith("(copy)")


def test_a_journal_that_does_not_leave_the_machine_is_red_after_an_hour(alive: None, settings: Any) -> None:
    settings.PRODUCTION, settings.KRING_OWNER_DATABASE_URL = True, "of migrate"
    assert "journal-copy" not in {finding.name for finding in report().findings}
    call_command("doctor", note="journal-copy")
    at = VitalSign.objects.get(name="journal-copy").at
    assert [line("journal-copy", at + HOUR + late).is_red for late in (timedelta(), SECOND)] == [False, True]
    call_command("doctor", note="journal-copy", failed="copy")
    assert line("journal-copy").is_red


# --- the page for a monitor


def deep(**headers: str) -> Any:
    return Client().get(reverse("deep_health"), headers=headers or {"Authorization": f"Bearer {TOKEN}"})


def test_who_has_no_token_finds_no_page(alive: None, settings: Any) -> None:
    assert deep().status_code == 404
    assert Client().get(reverse("deep_health"), headers={"Authorization": "Bearer "}).status_code == 404
    settings.KRING_HEALTH_TOKEN = TOKEN
    for wrong in ("", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", TOKEN, "Bearer ä"):
        assert deep(Authorization=wrong or "x").status_code == 404
    assert Client().get(f"{reverse('deep_health')}?token={TOKEN}").status_code == 404


def test_the_monitor_reads_the_lines_of_the_doctor(alive: None, settings: Any) -> None:
    settings.KRING_HEALTH_TOKEN = TOKEN
    answer = deep()
    assert (answer.status_code, answer.json()["ok"]) == (200, True)
    VitalSign.objects.filter(name="beat").delete()
    assert deep().status_code == 200, "of a moment ago"
    answering.forget()
    answer = deep()
    assert (answer.status_code, answer.json()["ok"]) == (503, False)
    assert [one["name"] for one in answer.json()["lines"] if not one["ok"]] == ["beat"]


def test_who_asks_often_makes_nobody_look(alive: None, settings: Any, smtp_settings: Any) -> None:
    settings.KRING_HEALTH_TOKEN = TOKEN
    with mail_server() as (sink, port):
        smtp_settings.EMAIL_PORT = port
        for _ in range(20):
            assert deep().status_code == 200
        assert sink.connections == 1
        answering.forget()
        assert deep().status_code == 200
        assert sink.connections == 1, "five minutes long"


def test_a_page_never_looks_far(alive: None, smtp_settings: Any, django_assert_num_queries: Any) -> None:
    with mute_server() as port:
        smtp_settings.EMAIL_PORT = port
        began = time.monotonic()
        with django_assert_num_queries(5):
            assert report(kept_for=None).red == []
        assert time.monotonic() - began < 2


def test_nothing_is_about_anybody(scene: Any, alive: None, settings: Any) -> None:
    """Also when everything is red: no canary, no name, no address, no uid."""
    settings.PRODUCTION, settings.KRING_OWNER_DATABASE_URL = True, "of migrate"
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = "portal.core.mail.SmtpBackend", "127.0.0.1", 1
    now = timezone.now() + timedelta(days=200)
    put("gewoon@post.example", kind="probe-letter", now=timezone.now())
    doctor.note("rights", doctor.Observation(numbers={"wrong": 3}), now=now)
    found = report(now)
    assert len(found.red) > 8
    said = json.dumps(answering.as_json(found)) + "".join(map(str, VitalSign.objects.values_list()))
    people = {str(getattr(Cast(), name).email) for name in PEOPLE if hasattr(Cast(), name)}
    assert not any(address in said for address in {*people, "gewoon@post.example"})
    assert re.findall(r"kanarie|[0-9a-f]{8}-[0-9a-f]{4}|@", said) == []


# --- the command


def run(tmp_path: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KRING_")}
    environment |= {"KRING_MODE": "test", "KRING_DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "portal.settings"}
    return subprocess.run(
        [sys.executable, "manage.py", "doctor", *words],
        cwd=configured.BASE_DIR,
        env=environment | more,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.nightly
def test_the_command_ends_as_bad_as_the_worst(tmp_path: Path) -> None:
    with mute_server() as port:
        began = time.monotonic()
        hanging = run(tmp_path, "--json", KRING_DATABASE_URL=f"postgres://postgres@127.0.0.1:{port}/kring")
        assert time.monotonic() - began < 60
    away = run(tmp_path, "--json", KRING_DATABASE_URL=f"postgres://postgres@127.0.0.1:{free_port()}/kring")
    empty = run(tmp_path)
    assert (hanging.returncode, away.returncode, empty.returncode) == (2, 2, 1)
    assert [one["name"] for one in json.loads(away.stdout)["lines"] if not one["ok"]] == ["database"]
    assert "De database antwoordt niet." in away.stdout
    assert "ROOD   De database hoort bij een oudere versie" in empty.stdout


def test_the_command_says_it_in_a_page(alive: None, capsys: Any) -> None:
    call_command("doctor")
    assert "Everything works." in capsys.readouterr().out
    VitalSign.objects.filter(name="fast").delete()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor")
    assert ended.value.code == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "1 thing asks for you."
    assert lines[3] == "RED    Codes to sign in are not sent: their worker stands still."
    assert lines[4].startswith("       → Restart the part fast")


@pytest.mark.parametrize(
    ("front", "asked"),
    [
        ("", ("kring.example", 8443)),
        ("front", ("front", 8443)),
        ("front:444", ("front", 444)),
        ("[::1]:444", ("::1", 444)),
        ("[::1]", ("::1", 8443)),
    ],
)
def test_the_certificate_is_asked_where_the_front_is(
    settings: Any, monkeypatch: pytest.MonkeyPatch, front: str, asked: tuple[str, int]
) -> None:
    seen: list[tuple[str, int]] = []

    def connect(address: tuple[str, int], **_more: object) -> None:
        seen.append(address)
        raise ConnectionRefusedError

    settings.KRING_BASE_URL, settings.KRING_TLS_ADDRESS = "https://kring.example:8443", front
    monkeypatch.setattr(of_the_floor.socket, "create_connection", connect)
    with pytest.raises(ConnectionRefusedError):
        of_the_floor._certificate(timezone.now())
    assert seen == [asked]
