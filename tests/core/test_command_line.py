"""`manage.py` where the database or the disk does not let a command do its work: a sentence and a status, no more."""

import contextlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from portal.core import command_line
from portal.core.command_line import NOT_NOW
from portal.core.management.commands import make_roles
from portal.core.models import User
from tests.cast import Cast
from tests.mail.server import free_port
from tests.unwritable import nothing_is_written


def manage(folder: Path, *words: str, **more: str) -> tuple[int, list[str]]:
    """The status of a command, and the lines in which it complained."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KRING_")}
    told = {"KRING_MODE": "test", "KRING_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "portal.settings"}
    command = [sys.executable, "manage.py", *words]
    done = subprocess.run(
        command, cwd=settings.BASE_DIR, env=kept | told | more, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr.splitlines()


@pytest.mark.parametrize("words", ["check_access", "check_media", "verify_dossier", "doctor --note backup"])
def test_without_tables_it_says_what_to_run(tmp_path: Path, words: str) -> None:
    status, [line] = manage(tmp_path, *words.split())
    assert status == NOT_NOW
    assert line == (
        "Not done: the database did not do this. Its tables are not there, or of another release than this Kring. "
        "Run: manage.py migrate"
    )


@pytest.mark.nightly
def test_a_database_in_use_is_not_one_that_lacks_something(tmp_path: Path) -> None:
    """Shown: "SQLite does not support JSONFields", eleven times."""
    url = f"sqlite:///{tmp_path / 'kring.sqlite3'}?timeout=1"
    with contextlib.closing(sqlite3.connect(tmp_path / "kring.sqlite3", isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("BEGIN IMMEDIATE")
        status, lines = manage(tmp_path, "migrate", KRING_DATABASE_URL=url)
    said = ["Not done: the database did not do this. It let this wait for too long. Try again when it is quieter."]
    assert (status, lines) == (NOT_NOW, said)


@pytest.mark.parametrize("words", ["check_access", "migrate"])
def test_without_a_database_it_says_so(tmp_path: Path, words: str) -> None:
    away = f"postgres://kring_app:secret@127.0.0.1:{free_port()}/kring"
    status, [line] = manage(tmp_path, words, KRING_DATABASE_URL=away)
    assert status == NOT_NOW
    assert line.startswith("Not done: the database did not do this. It does not answer, or does not let Kring in.")
    assert "secret" not in line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KRING_DATABASE_URL", "postgres://kring_app:se/cret@127.0.0.1:5432/kring"),
        ("KRING_DATABASE_URL", "mysql://kring_app:secret@127.0.0.1/kring"),
        ("KRING_REDIS_URL", "127.0.0.1:6379/secret"),
        ("KRING_REDIS_URL", "redis://:se/cret@127.0.0.1:6379/0"),
        ("KRING_REDIS_URL", "redis://127.0.0.1:6379/secret"),
        ("KRING_WORKERS", "secret"),
        ("KRING_FAMILIES_AT_ONCE", "secret"),
        ("KRING_FAMILIES_AT_ONCE", "0"),
        ("KRING_EMBEDDED", "ja"),
        ("KRING_SMTP_IN_THE_OPEN", "ja"),
        ("KRING_ALARM_SMTP_URL", "smtps://kring:secret@mail.example:465"),
        ("KRING_UNDO_SECONDS", "-5"),
        ("KRING_UNDO_SECONDS", "3601"),
        ("KRING_ADMIN_DATABASE_URL", "postgres://kring:se/cret@127.0.0.1:5432/kring"),
        ("KRING_ADMIN_DATABASE_URL", "secret"),
        ("KRING_BACKUP_DATABASE_URL", "postgres://kring_app:se/cret@127.0.0.1/kring"),
        ("KRING_ALARM_SMTP_URL", "secret"),
        ("KRING_MODE", "rehearsal"),
    ],
)
def test_a_setting_with_a_mistake_is_named_and_its_value_is_not(tmp_path: Path, name: str, value: str) -> None:
    """A traceback has the first half of a password in it, and is kept in the log of a machine."""
    status, [line] = manage(tmp_path, "check_access", **{name: value})
    assert (status, "se/" in line, "secret" in line) == (NOT_NOW, False, False)
    assert line.startswith("Not done: the settings are not right. ")
    assert name in line


@pytest.mark.parametrize(
    "value", ["", "smtp+tls://kring:se/cret@mail.example:587", "smtps://kring:secret@mail.example:465"]
)
def test_a_mail_server_that_cannot_be_read_is_named_too(tmp_path: Path, value: str) -> None:
    whole = {name: "x" for name in ("KRING_SECRET_KEY", "KRING_CHAIN_KEY", "KRING_HOSTS", "KRING_BASE_URL")}
    told = {"KRING_MODE": "production", "KRING_DATABASE_URL": f"sqlite:///{tmp_path}/x", "KRING_SMTP_URL": value}
    status, [line] = manage(tmp_path, "check_access", **whole, **told)
    assert (status, "KRING_SMTP_URL" in line, "se/" in line, "secret" in line) == (NOT_NOW, True, False, False)


def test_a_command_that_was_refused_or_found_something_ends_as_it_did(tmp_path: Path) -> None:
    assert manage(tmp_path, "invite") == (2, manage(tmp_path, "invite")[1])
    status, [line] = manage(tmp_path, "mailtest", "nobody")
    assert (status, line) == (1, "CommandError: This is not an e-mail address.")


# --- what the engine says itself


def carried_out(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> int:
    monkeypatch.setattr(command_line, "execute_from_command_line", lambda _words: act())
    return command_line.main(["manage.py", "check_access"])


@pytest.mark.engines
def test_what_cannot_be_written_is_said(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def write() -> None:
        with transaction.atomic():
            User(email="kanarie@post.example").save()

    with nothing_is_written():
        assert carried_out(monkeypatch, write) == NOT_NOW
    [line] = capsys.readouterr().err.splitlines()
    assert line.endswith("Nothing can be written in it: its disk is full, or it is a copy of another one.")


@pytest.mark.engines
def test_what_was_found_of_rights_is_said_where_it_cannot_be_written_down(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A copy of the database is where somebody looks without standing in anybody's way."""

    def look() -> None:
        with transaction.atomic():
            call_command("check_access")

    with nothing_is_written():
        assert carried_out(monkeypatch, look) == NOT_NOW
    told = capsys.readouterr()
    assert told.out.splitlines()[-1] == "No drift."
    assert "Nothing can be written in it" in told.err


@pytest.mark.engines
def test_tables_of_another_release_are_told_apart(
    db: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def ask() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT kanarie FROM core_user")

    assert carried_out(monkeypatch, ask) == NOT_NOW
    [line] = capsys.readouterr().err.splitlines()
    assert line.endswith("Run: manage.py migrate")


@pytest.mark.engines
def test_a_mistake_of_ours_is_shown_without_the_row_that_it_met(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def twice() -> None:
        with transaction.atomic():
            User.objects.create_user(cast.mother.email)

    with pytest.raises(IntegrityError):
        twice()
    assert carried_out(monkeypatch, twice) == NOT_NOW
    told = capsys.readouterr().err
    assert "IntegrityError" in told
    assert __file__ in told
    assert cast.mother.email not in told


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has room for any name")
def test_a_name_that_is_too_long_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def name() -> None:
        with transaction.atomic():
            User(email="kanarie@post.example", name="x" * 400).save()

    assert carried_out(monkeypatch, name) == NOT_NOW
    [line] = capsys.readouterr().err.splitlines()
    assert line.endswith("is longer than there is room for. Nothing was written.")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "words",
    [
        ["invite", "ict@post.example", "--role", "ict", "--school", "99XX", "--name"],
        ["invite", "ict@post.example", "--role", "ict", "--school", "99XX", "--create-school"],
        ["import_roster", "school.xml", "--school", "99XX", "--create-school"],
        ["holiday", "99XX", "2026-12-19", "2027-01-03"],
    ],
)
def test_what_is_typed_has_room_in_either_database(words: list[str]) -> None:
    """Shown: SQLite kept it, and the school could never go over to PostgreSQL."""
    with pytest.raises(CommandError, match="is longer than"):
        call_command(*words, "x" * 300)


def test_what_is_no_day_is_said_in_words() -> None:
    with pytest.raises(CommandError, match=r"first_day: is no day, as 2026-12-19 is one$"):
        call_command("holiday", "99XX", "19-12-2026", "2027-01-03", "Kerstvakantie")


def test_who_stops_a_command_reads_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    assert carried_out(monkeypatch, stop) == 130
    assert capsys.readouterr().err == "Stopped.\n"


def test_nobody_reads_on_and_that_is_no_mistake(tmp_path: Path) -> None:
    """As with `| head -1`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KRING_")}
    told = {"KRING_MODE": "test", "KRING_DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "portal.settings"}
    reads, writes = os.pipe()
    os.close(reads)
    command = [sys.executable, "manage.py", "showmigrations", "--plan"]
    done = subprocess.run(
        command, cwd=settings.BASE_DIR, env=kept | told, stdout=writes, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writes)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_full_disk_names_the_file(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def write() -> None:
        Path("/nowhere/heads.json").write_text("[]")

    assert carried_out(monkeypatch, write) == NOT_NOW
    assert capsys.readouterr().err == "Not done: /nowhere/heads.json cannot be used. No such file or directory.\n"


def test_another_mistake_stays_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise ConnectionRefusedError(111, "Connection refused")

    with pytest.raises(ConnectionRefusedError):
        carried_out(monkeypatch, refuse)


# --- roles of the database

ROLES = {
    "KRING_ADMIN_DATABASE_URL": "postgres://postgres:geheim@127.0.0.1:5432/kring",
    "KRING_OWNER_DATABASE_URL": "postgres://kring_owner:x@127.0.0.1:5432/kring",
    "KRING_DATABASE_URL": "postgres://kring_app:x@127.0.0.1:5432/kring",
}


@pytest.fixture
def signed_in(settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """With what `make_roles` signs in at PostgreSQL, which is not there."""
    asked: list[dict[str, object]] = []

    def connect(**words: object) -> None:
        asked.append(words)
        raise psycopg2.OperationalError

    monkeypatch.setattr(make_roles.psycopg2, "connect", connect)
    settings.SQLITE = False
    for name, value in ROLES.items():
        setattr(settings, name, value)
    return asked


def test_the_superuser_signs_in_by_all_that_its_address_says(settings: Any, signed_in: list[dict[str, object]]) -> None:
    """Shown: both passwords went over a line without TLS, which was asked for."""
    settings.KRING_ADMIN_DATABASE_URL += "?sslmode=verify-full&sslrootcert=/ca.pem"
    with pytest.raises(psycopg2.OperationalError):
        call_command("make_roles")
    assert (signed_in[0]["sslmode"], signed_in[0]["sslrootcert"]) == ("verify-full", "/ca.pem")


@pytest.mark.parametrize(
    ("address", "lacks"),
    [("postgres://127.0.0.1:5432/kring", "user"), ("postgres://kring:geheim@127.0.0.1", "database")],
)
def test_an_address_of_which_a_part_is_missing_is_named(
    settings: Any, signed_in: list[dict[str, object]], address: str, lacks: str
) -> None:
    settings.KRING_ADMIN_DATABASE_URL = address
    with pytest.raises(CommandError, match=f"KRING_ADMIN_DATABASE_URL names no {lacks}") as refused:
        call_command("make_roles")
    assert "geheim" not in str(refused.value)
    assert signed_in == []
