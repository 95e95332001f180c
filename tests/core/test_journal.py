"""The journal is outside the database within a minute, is whole after a power cut, and knows an older database."""

import errno
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from groups.models import Enrolment
from portal.core import doors, jobs, journal, outbox
from portal.core.models import JournalLine, OutboxItem, User
from portal.core.replaying import replay
from portal.core.tasks import copy_journal
from tests.cast import Cast
from tests.rows import account

pytestmark = [pytest.mark.django_db, pytest.mark.engines]


@pytest.fixture(autouse=True)
def _its_own(settings: Any, tmp_path: Path) -> None:
    settings.KRING_DATA_DIR = tmp_path
    settings.KRING_JOURNAL = str(tmp_path / "journal.jsonl")


def close_account() -> User:
    user = account("weg@elders.example")
    User.objects.filter(pk=user.pk).update(is_active=False)
    return user


def lines() -> list[journal.CopiedLine]:
    return [line for line in journal.read(journal.path()) if line]


def test_every_line_is_in_the_file_once_and_for_us_alone() -> None:
    now = timezone.now()
    user = close_account()
    assert journal.copy(now=now) > 0
    assert journal.copy(now=now) == 0
    [line] = [line for line in lines() if line.key == str(user.pk)]
    assert (line.place, line.act, bool(line.said["is_active"])) == ("core_user", "taken", False)
    assert journal.path().stat().st_mode & 0o777 == 0o600
    assert not JournalLine.objects.filter(copied_at=None).exists()


def test_what_waits_to_be_copied_is_a_lag() -> None:
    copy_journal()
    assert journal.lag(now=timezone.now()) == timedelta(0)
    close_account()
    late = timezone.now() + timedelta(seconds=90)
    assert timedelta(seconds=89) < journal.lag(now=late) < timedelta(seconds=120)
    copy_journal()
    assert journal.lag(now=late) == timedelta(0)


def test_a_line_that_a_power_cut_tore_costs_no_other() -> None:
    now = timezone.now()
    journal.copy(now=now)
    with journal.path().open("a") as file:
        file.write('{"n": 1, "at"')
    user = close_account()
    journal.copy(now=now)
    assert [line for line in lines() if line.key == str(user.pk)]
    assert list(journal.read(journal.path())).count(None) == 1
    done = replay(journal.read(journal.path()), now=now)
    assert done.outcomes["unreadable"] == 1


def test_lines_as_old_as_the_last_backup_leave_the_database() -> None:
    now = timezone.now()
    close_account()
    journal.copy(now=now)
    journal.copy(now=now + timedelta(days=34))
    assert JournalLine.objects.exists()
    journal.copy(now=now + timedelta(days=36))
    assert not JournalLine.objects.exists()


@pytest.mark.parametrize("production", [True, False])
def test_an_older_database_closes_its_doors_by_itself(settings: Any, production: bool) -> None:
    """Put back and forgotten: within a minute nobody reads a page. In the demo and in tests databases come and go."""
    settings.PRODUCTION = production
    copy_journal()
    newer = {"n": 10**12, "at": "", "place": "core_user", "key": "1", "act": "gone", "said": {}}
    with journal.path().open("a") as file:
        file.write(json.dumps(newer) + "\n")
    close_account()
    with pytest.raises(journal.OlderDatabaseError):
        journal.copy(now=timezone.now())
    assert not doors.are_closed()
    copy_journal()
    assert doors.are_closed() is production


def test_a_full_disk_closes_them_too(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a restore a disk is often full; what was taken away was read until there was room."""

    def without_room(place: Path, _words: str) -> int:
        place.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    settings.KRING_DATA_DIR = tmp_path
    with monkeypatch.context() as full:
        full.setattr(Path, "write_text", without_room)
        doors.close(why="a test", now=timezone.now())
    assert doors.are_closed()
    assert doors.closed() == doors.Closed("", "")
    doors.open_again()
    assert doors.closed() is None


def test_behind_closed_doors_nobody_reads_and_nothing_leaves(cast: Cast, client: Client) -> None:
    now = timezone.now()
    rows = OutboxItem.objects.filter(state="pending").count()
    assert rows
    doors.close(why="a test", now=now)
    page = client.get("/inloggen/")
    assert (page.status_code, page["Retry-After"], client.get("/gezond/").status_code) == (503, "300", 200)
    assert client.post("/inloggen/").status_code == 503
    assert outbox.sweep(now=now + timedelta(days=1)).rows == 0
    assert OutboxItem.objects.filter(state="pending").count() == rows
    close_account()
    copy_journal()
    assert JournalLine.objects.filter(copied_at=None).exists()
    closed = doors.closed()
    assert closed
    assert closed.why == "a test"
    doors.open_again()
    assert (client.get("/inloggen/").status_code, doors.closed()) == (200, None)


def test_a_task_rests_behind_closed_doors() -> None:
    worked = []

    @jobs.task("core.a_test")
    def work() -> None:
        worked.append(1)

    doors.close(why="a test", now=timezone.now())
    work()
    assert worked == []
    doors.open_again()
    work()
    assert worked == [1]


def test_an_end_is_brought_forward_and_never_put_off(cast: Cast) -> None:
    """What is given again after the line was written is not given by it; an earlier end stays."""
    row = Enrolment.objects.filter(valid_until=None).first()
    assert row
    now = timezone.now()

    def line(until: datetime | None, key: int = row.pk) -> journal.CopiedLine:
        said = {"valid_until": until and until.isoformat()}
        return journal.CopiedLine(1, "", "groups_enrolment", str(key), "taken", said)

    ended = line(now)
    assert replay([ended], now=now).outcomes == {"done": 1}
    row.refresh_from_db()
    assert row.valid_until == now
    assert replay([ended], now=now).outcomes == {"before": 1}
    assert replay([line(now + timedelta(days=9)), line(None)], now=now).outcomes == {"before": 2}
    row.refresh_from_db()
    assert row.valid_until == now
    assert replay([line(now, key=999_999_999)], now=now).outcomes == {"absent": 1}


def test_one_line_that_fails_keeps_no_other_from_being_done(cast: Cast) -> None:
    user = account("weg@elders.example")
    odd = journal.CopiedLine(1, "", "core_of_another_release", "1", "gone", {})
    close = journal.CopiedLine(2, "", "core_user", str(user.pk), "taken", {"is_active": False})
    done = replay([odd, close], now=timezone.now())
    user.refresh_from_db()
    assert (user.is_active, len(done.failed), done.outcomes["done"]) == (False, 1, 1)
