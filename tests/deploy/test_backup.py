"""What deploy/backup.py keeps and for how long, and what deploy/restore.py takes for whole; with the real age."""

import contextlib
import io
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import environ
import pytest

from deploy import backup, restore
from deploy.backup import BackupError, Plan
from tests.deploy.test_database_log import BIN
from tests.deploy.test_nginx import free_port

NIGHT = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
pytestmark = pytest.mark.skipif(not shutil.which("age"), reason="needs age")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    place = tmp_path_factory.mktemp("key") / "key.txt"
    told = subprocess.run(["age-keygen", "-o", str(place)], capture_output=True, text=True, check=True).stderr
    return place, told.split()[-1]


@pytest.fixture
def plan(key: tuple[Path, str], tmp_path: Path) -> Plan:
    made = backup.plan_from(
        {
            "KRING_DATABASE_URL": "sqlite:///none",
            "KRING_DATA_DIR": str(tmp_path / "data"),
            "KRING_BACKUP_DIR": str(tmp_path / "backups"),
            "KRING_BACKUP_TO": key[1],
            "KRING_OWNER_DATABASE_URL": "of migrate",
        }
    )
    made.folder.mkdir()
    return made


def test_a_folder_may_be_called_anything(plan: Plan, tmp_path: Path) -> None:
    """The backup reads the file that Kring does, which has `%20` and `+` stand for a space; `%` and `?` are in none."""
    home = tmp_path / "school één 100%?"
    home.mkdir()
    with contextlib.closing(sqlite3.connect(home / "kring.sqlite3")) as line:
        line.execute("CREATE TABLE one (n)")
    backup._dump_file(home / "kring.sqlite3", tmp_path / "made")
    with contextlib.closing(sqlite3.connect(tmp_path / "made")) as line:
        assert line.execute("SELECT name FROM sqlite_master").fetchall() == [("one",)]
    for url in ("sqlite:////srv/a%20school/k", "sqlite:////srv/a+school/k", "sqlite:////srv/a school/k"):
        assert str(backup.file_of(url)) == environ.Env.db_url_config(url)["NAME"] == "/srv/a school/k"


def photo(plan: Plan, number: int) -> Path:
    folder = plan.media / f"{number:02x}" / f"{number:02x}{number:030x}"
    folder.mkdir(parents=True)
    for side in (400, 1600):
        (folder / f"{side}.webp").write_bytes(bytes([number]) * side)
    (folder / "400.jpeg").write_bytes(b"made anew when it is asked for")
    return folder


def a_night(plan: Plan, at: datetime, content: bytes = b"rows") -> Path:
    """As `backup.night` makes one, with a dump of a few bytes."""
    newest = backup.nights_in(plan.folder)
    known = backup.sums_of(newest[-1][1].parent) if newest else {}
    sums = backup.photos(plan, known, at)
    folder = plan.folder / f"{at:{backup.NAME}}"
    folder.mkdir()
    for name in (backup.DUMP, backup.JOURNAL):
        sums[f"{folder.name}/{name}"] = backup.encrypt(plan, folder / name, content)
    (folder / backup.HEADS).write_text("[]")
    sums[f"{folder.name}/{backup.HEADS}"] = backup.whole(folder / backup.HEADS)
    backup.write_sums(folder, sums)
    return folder


def told(plan: Plan, key: Path) -> list[str]:
    """What `restore.py` has to know, but for where it goes: the journal here is that of the night."""
    journal = restore.choose(plan.folder, "") / backup.JOURNAL
    return [str(plan.folder), "--key", str(key), "--journal", str(journal)]


def stored(plan: Plan) -> list[str]:
    return sorted(place.name.partition(".")[0] for place in plan.folder.glob("media/*/*"))


@pytest.mark.parametrize("missing", ["KRING_DATABASE_URL", "KRING_DATA_DIR", "KRING_BACKUP_DIR", "KRING_BACKUP_TO"])
def test_a_setting_that_is_missing_is_named(plan: Plan, missing: str) -> None:
    told = {
        "KRING_DATABASE_URL": "x",
        "KRING_DATA_DIR": "x",
        "KRING_BACKUP_DIR": "x",
        "KRING_BACKUP_TO": "x",
        missing: "",
    }
    with pytest.raises(BackupError, match=missing):
        backup.plan_from(told)


def test_it_knows_neither_owner_nor_key(plan: Plan, key: tuple[Path, str]) -> None:
    assert not set(backup.OWNERS) & set(plan.environment)
    assert key[0].read_text().splitlines()[-1] not in str(plan) + str(dict(plan.environment))


def test_every_photo_comes_back_with_the_key_and_without_it_nothing(
    plan: Plan, key: tuple[Path, str], tmp_path: Path
) -> None:
    folders = [photo(plan, number) for number in (1, 2)]
    made = a_night(plan, NIGHT)
    restore.unpack(plan.folder, made, key[0], tmp_path / "new", journal=made / backup.JOURNAL)
    for folder in folders:
        back = tmp_path / "new" / "media" / folder.parent.name / folder.name
        assert {file.name: file.read_bytes() for file in back.iterdir()} == {
            file.name: file.read_bytes() for file in folder.glob("*.webp")
        }
    assert (tmp_path / "new" / "kring.dump").read_bytes() == b"rows"
    assert (tmp_path / "new" / "kring.dump").stat().st_mode & 0o077 == 0
    other = tmp_path / "other.txt"
    subprocess.run(["age-keygen", "-o", str(other)], capture_output=True, check=True)
    with pytest.raises(restore.RestoreError, match="cannot be opened"):
        restore.unpack(plan.folder, made, other, tmp_path / "not", journal=made / backup.JOURNAL)


def test_a_photo_is_encrypted_once_and_goes_with_the_last_night_that_names_it(plan: Plan) -> None:
    stays, goes = photo(plan, 1), photo(plan, 2)
    a_night(plan, NIGHT)
    written = {place: place.stat().st_mtime_ns for place in plan.folder.glob("media/*/*")}
    shutil.rmtree(goes)
    for days in (1, 34, 35):
        a_night(plan, NIGHT + timedelta(days=days))
        backup.prune(plan.folder, now=NIGHT + timedelta(days=days))
        assert stored(plan) == [stays.name, goes.name]
    assert {place: place.stat().st_mtime_ns for place in plan.folder.glob("media/*/*")} == written
    a_night(plan, NIGHT + timedelta(days=36))
    backup.prune(plan.folder, now=NIGHT + timedelta(days=36))
    assert stored(plan) == [stays.name]
    assert len(backup.nights_in(plan.folder)) == 4


def test_a_file_that_changed_on_disk_is_found_within_the_time_that_it_is_kept(plan: Plan) -> None:
    photo(plan, 3)
    a_night(plan, NIGHT)
    [place] = plan.folder.glob("media/*/*")
    sound = backup.whole(place)
    place.write_bytes(b"rot")
    for days in range(1, 36):
        a_night(plan, NIGHT + timedelta(days=days))
    assert backup.whole(place) not in {sound, backup.hashlib.sha256(b"rot").hexdigest()}
    assert restore.damaged(plan.folder, backup.nights_in(plan.folder)[-1][1].parent) == []


def test_what_is_missing_or_changed_is_named_before_anything_is_unpacked(
    plan: Plan, key: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in (1, 2):
        photo(plan, number)
    a_night(plan, NIGHT)
    gone, changed = sorted(plan.folder.glob("media/*/*"))
    gone.unlink()
    changed.write_bytes(changed.read_bytes()[:-1])
    words = [*told(plan, key[0]), "--into", str(tmp_path / "new")]
    assert restore.main(words) == 1
    assert not (tmp_path / "new").exists()
    said = capsys.readouterr().out.splitlines()
    assert [line.partition(": ")[2] for line in said if line.startswith("DAMAGED")] == [
        str(one.relative_to(plan.folder)) for one in (gone, changed)
    ]
    with pytest.raises(restore.RestoreError, match="of another"):
        restore.choose(plan.folder, "another")


@pytest.mark.parametrize("kept", [0, 1, 2, 3, 4])
def test_a_night_of_which_the_list_was_cut_off_is_not_whole(
    plan: Plan, key: tuple[Path, str], tmp_path: Path, kept: int
) -> None:
    """As a copy that broke off leaves it; also where it ends at the end of a line."""
    for number in (1, 2):
        photo(plan, number)
    sums = a_night(plan, NIGHT) / backup.SUMS
    lines = sums.read_text().splitlines(keepends=True)
    assert len(lines) == 5
    sums.write_text("".join(lines[:kept]))
    assert restore.main([*told(plan, key[0]), "--into", str(tmp_path / "new")]) == 1
    assert not (tmp_path / "new").exists()


def test_with_damaged_too_all_that_is_whole_comes_back(plan: Plan, key: tuple[Path, str], tmp_path: Path) -> None:
    for number in (1, 2, 3):
        photo(plan, number)
    a_night(plan, NIGHT)
    gone, cut_off, _whole = sorted(plan.folder.glob("media/*/*"))
    gone.unlink()
    cut_off.write_bytes(cut_off.read_bytes()[:-1])
    words = [*told(plan, key[0]), "--into", str(tmp_path / "new"), "--damaged-too"]
    assert restore.main(words) == 0
    assert (tmp_path / "new" / "kring.dump").read_bytes() == b"rows"
    assert [place.parent.name for place in (tmp_path / "new" / "media").glob("*/*")] == ["03"]


def small_disk(place: Path, size: str) -> None:
    """Raises where nothing may be mounted."""
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], check=True)


@needs_root
@pytest.mark.parametrize("photo_too_large", [True, False])
def test_no_room_is_called_no_room(
    plan: Plan, key: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str], photo_too_large: bool
) -> None:
    """Where everything was lost, a key that is said to be the wrong one is looked for in vain."""
    if photo_too_large:
        (photo(plan, 1) / "3200.webp").write_bytes(bytes(400_000))
    a_night(plan, NIGHT, b"rows" if photo_too_large else bytes(400_000))
    small_disk(disk := tmp_path / "disk", "256k")
    try:
        assert restore.main([*told(plan, key[0]), "--into", str(disk / "new")]) == 1
        assert "no space left on device" in capsys.readouterr().out.lower()
        assert (disk / "new" / "kring.dump").exists() == photo_too_large
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize(
    ("key_file", "into", "says"),
    [
        ("none.txt", "new", "none.txt"),
        ("key.txt", "file", "file cannot be used"),
        ("key.txt", "file/new", "file/new cannot be used"),
    ],
)
def test_what_keeps_it_from_being_unpacked_is_said(
    plan: Plan, key: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str],
    key_file: str, into: str, says: str,
) -> None:  # fmt: skip
    a_night(plan, NIGHT)
    (tmp_path / "file").touch()
    words = [*told(plan, key[0].with_name(key_file)), "--into", str(tmp_path / into)]
    assert restore.main(words) == 1
    assert says in capsys.readouterr().out


def test_nothing_is_unpacked_until_somebody_names_the_journal(
    plan: Plan, key: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The one beside the backup is of that night: with it, what was taken away in the last day is back."""
    night = a_night(plan, NIGHT)
    (plan.folder / backup.JOURNAL).write_bytes((night / backup.JOURNAL).read_bytes())
    assert restore.main([str(plan.folder), "--key", str(key[0]), "--into", str(tmp_path / "new")]) == 1
    assert "Name the newest journal: --journal" in capsys.readouterr().out
    assert not (tmp_path / "new").exists()


def test_folders_that_are_not_there_are_made(plan: Plan, key: tuple[Path, str], tmp_path: Path) -> None:
    a_night(plan, NIGHT)
    deep, media = tmp_path / "a" / "b", tmp_path / "c" / "d"
    words = [*told(plan, key[0]), "--into", str(deep), "--media", str(media)]
    assert (restore.main(words), deep.is_dir(), media.is_dir()) == (0, True, True)


def test_the_hashes_are_those_that_sha256sum_reads(plan: Plan) -> None:
    photo(plan, 1)
    made = a_night(plan, NIGHT)
    done = subprocess.run(
        ["sha256sum", "-c", f"{made.name}/SHA256SUMS"], cwd=plan.folder, capture_output=True, check=False
    )
    assert done.returncode == 0


def test_a_photo_without_a_file_is_told_unless_it_was_taken_away_since(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "manage", lambda *_words: "b\nc\n")
    assert backup.missing_photos(plan, {"a", "b", "c"}, {"media/cc/c.tar.age": ""}) == {"b"}


def test_one_night_at_a_time_and_nothing_plain_is_left_of_one_that_was_killed(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup.tempfile, "tempdir", str(tmp_path))
    with backup.alone(plan) as scratch:
        (scratch / "kring.dump").write_text("rows")
        assert plan.folder not in scratch.parents
        with pytest.raises(BackupError, match="already"), backup.alone(plan):
            pass
        shutil.copytree(scratch, left := scratch.with_name(f"{scratch.name}-killed"))
    with backup.alone(plan):
        assert not left.exists()


HANGING = """
import time
from deploy import backup

def hang(plan, *, now):
    with backup.alone(plan) as scratch, backup.throw_away(scratch, {version!r}):
        (scratch / "kring.dump").write_text("rows")
        print(scratch, flush=True)
        time.sleep(60)

backup.night = hang
backup.main(["night"])
"""


@pytest.mark.skipif(not BIN, reason="needs PostgreSQL's own programs")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_nothing_plain_is_left_of_one_that_is_told_to_stop(plan: Plan, tmp_path: Path, number: int) -> None:
    """By `kill`, by a line to the machine that broke, by the keyboard: the dump and its database end with it."""
    assert BIN
    with tempfile.TemporaryDirectory() as place:  # its name is short: a socket of PostgreSQL lies in it
        Path(place).chmod(0o755)
        command = [sys.executable, "-c", HANGING.format(version=BIN.parent.name)]
        told = {**os.environ, **plan.environment, "TMPDIR": place}
        with subprocess.Popen(command, cwd=backup.ROOT, env=told, stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout
            scratch = Path(running.stdout.readline().strip())
            server = int((scratch / "pg" / "postmaster.pid").read_text().split()[0])
            running.send_signal(number)
            assert running.wait(30) == 128 + number
        assert list(Path(place).iterdir()) == []
        assert not is_at_work(server)


def is_at_work(process: int) -> bool:
    """And not merely waiting for somebody to hear that it ended."""
    with contextlib.suppress(FileNotFoundError):
        return bool(Path(f"/proc/{process}/cmdline").read_bytes())
    return False


def test_what_a_killed_night_left_is_gone_with_the_next_journal_and_not_what_one_is_at(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`kill -9` leaves the dump, and the next night may be a day away."""
    monkeypatch.setattr(backup, "manage", lambda *_words: "")
    monkeypatch.setattr(backup.tempfile, "tempdir", str(tmp_path))
    plan.journal.parent.mkdir(parents=True)
    plan.journal.write_text("")
    with backup.alone(plan) as scratch:
        shutil.copytree(scratch, left := scratch.with_name(f"{scratch.name}-killed"))
        backup.ship_journal(plan)
        assert (scratch.exists(), left.exists()) == (True, True)
    backup.ship_journal(plan)
    assert not left.exists()


def test_a_second_one_in_the_same_minute_takes_the_place_of_the_first(plan: Plan) -> None:
    place = a_night(plan, NIGHT, b"first")
    partial = backup._begin(plan, NIGHT)
    (partial / backup.DUMP).write_bytes(b"second")
    assert backup._put_in_place(partial, place) == place
    assert [one.name for one in plan.folder.iterdir() if one.is_dir()] == [place.name]
    assert (place / backup.DUMP).read_bytes() == b"second"


def test_one_that_is_killed_while_it_takes_the_place_of_the_first_gives_it_back(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next night does, whatever becomes of it; no photo of it was taken away before."""
    monkeypatch.setattr(backup.tempfile, "tempdir", str(tmp_path))
    photo(plan, 1)
    place = a_night(plan, NIGHT)
    (partial := backup._begin(plan, NIGHT)).rmdir()
    with pytest.raises(FileNotFoundError):
        backup._put_in_place(partial, place)
    assert backup.nights_in(plan.folder) == []
    away = replace(plan, database=f"postgres://kring@127.0.0.1:{free_port()}/kring")
    with pytest.raises(backup.psycopg2.OperationalError):
        backup.night(away, now=NIGHT + timedelta(days=1))
    assert [sums.parent for _made, sums in backup.nights_in(plan.folder)] == [place]
    needed = backup.sums_of(place)
    assert any(name.startswith("media/") for name in needed)
    assert all((plan.folder / name).exists() for name in needed)


def test_nights_that_fail_keep_nothing_longer_but_the_last_good_one(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a person had removed goes from the backups in time, also while none succeeds; and there is one left."""
    monkeypatch.setattr(backup.tempfile, "tempdir", str(tmp_path))
    for days in (0, 1, 2):
        a_night(plan, NIGHT + timedelta(days=days))
    away = replace(plan, database=f"postgres://kring@127.0.0.1:{free_port()}/kring")
    for days in range(35, 40):
        with pytest.raises(backup.psycopg2.OperationalError):
            backup.night(away, now=NIGHT + timedelta(days=days))
    assert [made for made, _ in backup.nights_in(plan.folder)] == [NIGHT + timedelta(days=2)]


def test_a_clock_that_jumps_ahead_takes_no_night_away(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shown: half a year ahead for one night left one of 35, before there was a new one."""
    monkeypatch.setattr(backup.tempfile, "tempdir", str(tmp_path))
    for days in (0, 1, 2):
        a_night(plan, NIGHT + timedelta(days=days))
    away = replace(plan, database=f"postgres://kring@127.0.0.1:{free_port()}/kring")
    with pytest.raises(backup.psycopg2.OperationalError):
        backup.night(away, now=NIGHT + timedelta(days=180))
    assert len(backup.nights_in(plan.folder)) == 3


def test_a_clock_that_is_ahead_for_a_weekend_takes_no_night_away(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shown: in the second night that the clock was half a year ahead 34 of 35 went."""
    monkeypatch.setattr(backup.tempfile, "tempdir", str(tmp_path))
    away = replace(plan, database=f"postgres://kring@127.0.0.1:{free_port()}/kring")
    a_night(plan, NIGHT)
    for days in range(180, 187):
        a_night(plan, NIGHT + timedelta(days=days))
        with pytest.raises(backup.psycopg2.OperationalError):
            backup.night(away, now=NIGHT + timedelta(days=days + 1))
        is_kept = NIGHT in [made for made, _sums in backup.nights_in(plan.folder)]
        assert is_kept == (days < 186)


def test_a_night_that_is_dated_ahead_is_never_the_newest_and_goes_in_time(
    plan: Plan, capsys: pytest.CaptureFixture[str]
) -> None:
    """Shown: for half a year it was what a restore took, and it was kept until 35 days after its date."""
    now = datetime.now(UTC)
    right, ahead = (a_night(plan, now + timedelta(days=days)) for days in (-1, 180))
    os.utime(ahead / backup.SUMS, (now.timestamp() + 180 * 86_400,) * 2)
    assert backup._newest(plan.folder, now) == right / backup.SUMS
    assert restore.choose(plan.folder, "") == right
    assert f"--night {ahead.name} takes it" in capsys.readouterr().out
    assert restore.choose(plan.folder, ahead.name) == ahead
    backup.prune(plan.folder, now=now)
    backup.prune(plan.folder, now=now + timedelta(days=34))
    assert ahead.exists()
    a_night(plan, now + timedelta(days=36))
    backup.prune(plan.folder, now=now + timedelta(days=36))
    assert not ahead.exists()


@pytest.mark.parametrize(
    ("clock", "made"),
    [
        (["2026-11-24 01:00", "2026-11-24 01:29", "2026-11-24 01:31", "2026-11-24 01:36"], 1),
        (["2026-10-26 01:00", "2026-11-24 09:00", "2026-11-24 09:05", "2026-11-25 01:31"], 2),
        (["2027-06-01 01:00", "2026-11-24 01:00", "2026-11-24 01:31"], 1),
    ],
    ids=["each night", "asleep for a month", "started ahead"],
)
def test_the_part_makes_one_each_night_whatever_the_clock_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: list[str], made: int
) -> None:
    """Shown: 29 at once after a sleep, and none for half a year after a start by a clock that was ahead."""
    moments, started = [datetime.fromisoformat(one) for one in [clock[0], *clock]], []

    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return moments.pop(0)

    class Night:
        def __init__(self, command: list[str]) -> None:
            started.append(command[-1])

        def poll(self) -> int:
            return 0

        wait = poll

    monkeypatch.setattr(backup, "datetime", Clock)
    monkeypatch.setattr(backup.subprocess, "Popen", Night)
    monkeypatch.setattr(backup.threading.Event, "wait", lambda _self, _seconds: not moments)
    monkeypatch.setattr(backup.signal, "signal", lambda *_: None)
    monkeypatch.delenv("KRING_BACKUP_TO", raising=False)
    assert backup.nights("01:30", tmp_path / "heart") == 0
    assert started == ["night"] * made


@pytest.mark.parametrize(("command", "works"), [("cp -r {folder} {folder}/../far", True), ("false", False), ("", True)])
def test_any_command_copies_it_off(plan: Plan, command: str, works: bool) -> None:
    (plan.folder / "kept").touch()
    if works:
        backup.copy_off(command, "{folder}", plan.folder)
        assert (plan.folder.parent / "far" / "kept").exists() == bool(command)
    else:
        with pytest.raises(BackupError, match="status 1"):
            backup.copy_off(command, "{folder}", plan.folder)


@pytest.mark.parametrize("what", ["{folder}", "{file}"])
def test_a_copy_that_hangs_is_ended_and_told(plan: Plan, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """Each night and each journal after it found it still at work, and was none."""
    monkeypatch.setitem(backup.COPIED_IN, what, 0.2)
    began = time.monotonic()
    assert backup.step_that_failed("night", lambda: backup.copy_off("sleep 20", what, plan.folder)) == "copy"
    assert time.monotonic() - began < 10


def test_the_journal_is_shipped_encrypted(
    plan: Plan, key: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "manage", lambda *_words: "")
    plan.journal.parent.mkdir(parents=True)
    plan.journal.write_text('{"n":1}\n')
    backup.ship_journal(replace(plan, copy_journal=f"cp {{file}} {tmp_path}/far.age"))
    assert restore.decrypt(key[0], tmp_path / "far.age") == b'{"n":1}\n'
    assert backup.nights_in(plan.folder) == []


@pytest.mark.parametrize(
    ("now", "due"), [("2026-11-24 01:29", "2026-11-24 01:30"), ("2026-11-24 01:30", "2026-11-25 01:30")]
)
def test_a_container_makes_one_each_night(now: str, due: str) -> None:
    assert backup.following("01:30", datetime.fromisoformat(now)) == datetime.fromisoformat(due)


@pytest.mark.parametrize(
    ("error", "step"),
    [
        (None, ""),
        (BackupError("copy", "said"), "copy"),
        (OSError(28, "full"), "disk"),
        (PermissionError(13, "Permission denied", "/backups/.lock"), "disk"),
        (backup.sqlite3.Error(), "database"),
    ],
)
def test_the_doctor_is_told_where_it_ended(
    error: Exception | None, step: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def deed() -> None:
        if error:
            raise error

    assert backup.step_that_failed("backup", deed) == step
    if step == "database":
        assert "the database does not answer" in capsys.readouterr().out
    if isinstance(error, OSError):
        assert f"{error.filename or 'a file'} cannot be used: {error.strerror}" in capsys.readouterr().out


@needs_root
def test_a_backup_that_finds_no_room_says_so_whichever_program_met_it(plan: Plan, tmp_path: Path) -> None:
    """The doctor's word sends people to the key, or to the dump, and both are right."""
    small_disk(disk := tmp_path / "disk", "256k")
    try:
        with pytest.raises(BackupError, match=r"age .*no room") as no_room:
            backup.encrypt(plan, disk / "kring.dump.age", bytes(400_000))
        with pytest.raises(BackupError, match=r"dd .*no room") as not_tried:
            backup.run(
                "check", "dd", "if=/dev/zero", f"of={disk}/tried", env={"PATH": os.environ["PATH"], "LANG": "nl_NL"}
            )
        with contextlib.closing(sqlite3.connect(tmp_path / "kring.sqlite3")) as line:
            line.execute("CREATE TABLE one AS SELECT randomblob(400000)")
            line.commit()
        (disk / "tried").unlink()
        with pytest.raises(BackupError, match=r"the copy of the database .*no room") as not_copied:
            backup._dump_file(tmp_path / "kring.sqlite3", disk / "made")
    finally:
        subprocess.run(["umount", disk], check=True)
    assert [one.value.step for one in (no_room, not_tried, not_copied)] == ["disk", "disk", "disk"]
    with pytest.raises(BackupError, match="no room"):
        backup.run("check", "sh", "-c", "echo 'HINT:  Check free disk space.' >&2; exit 1")
    with pytest.raises(BackupError) as no_key:
        backup.encrypt(replace(plan, recipients=["age1none"]), tmp_path / "kring.dump.age", b"rows")
    assert no_key.value.step == "encrypt"


@pytest.mark.parametrize(("log", "step"), [("PANIC:  could not write: No space left on device", "disk"), ("", "check")])
def test_a_trial_that_ended_for_want_of_room_is_no_dump_that_does_not_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: str, step: str
) -> None:
    """Who puts the dump back only sees that the server is gone."""
    monkeypatch.setattr(backup, "run", lambda *_words, **_more: "")
    monkeypatch.setattr(backup, "tools_of", Path)
    monkeypatch.setattr(backup.os, "geteuid", lambda: 1)
    place = tmp_path / "pg" / "log"

    def restore_into(_tools: Path) -> None:
        place.write_text(log)
        raise BackupError("check", "pg_restore ended with status 1")

    with pytest.raises(BackupError) as stop, backup.throw_away(tmp_path, "15") as tools:
        restore_into(tools)
    assert stop.value.step == step


@pytest.mark.parametrize(
    ("script", "says", "found"),
    [
        ("echo 'Not done: the database did not do this. It is full.' >&2; exit 3", "It is full.", False),
        ("echo 'somebody@home.example' >&2; exit 1", "status 1", True),
        ("kill -9 $$", "status -9", False),
    ],
)
def test_a_command_that_found_nothing_out_is_told_from_one_that_found_something(
    script: str, says: str, found: bool
) -> None:
    with pytest.raises(BackupError, match=says) as stop:
        backup.run("dossier", "sh", "-e", "-c", script)
    assert (stop.value.found, "somebody" in str(stop.value)) == (found, False)


@pytest.mark.parametrize(("found", "step", "kept"), [(True, "dossier", 1), (False, "check", 0)])
def test_a_dossier_that_nobody_could_look_at_is_not_called_broken(
    plan: Plan, monkeypatch: pytest.MonkeyPatch, found: bool, step: str, kept: int
) -> None:
    """The doctor's word is read by the case officer as well: a chain that does not hold is a heavy thing to say."""

    def manage(_plan: Plan, what: str, *words: str | Path, **_more: str) -> str:
        if what == "dossier":
            Path(words[-1]).write_text("[]")
            raise BackupError(what, "manage.py verify_dossier", found=found)
        return ""

    monkeypatch.setattr(backup, "manage", manage)
    monkeypatch.setattr(backup, "dump", lambda _plan, place: place.write_bytes(b"rows") and {})
    monkeypatch.setattr(backup, "put_back_on_trial", lambda *_words: contextlib.nullcontext({}))
    plan.journal.parent.mkdir(parents=True)
    plan.journal.touch()
    with pytest.raises(BackupError) as stop:
        backup.night(plan, now=NIGHT)
    assert (stop.value.step, len(backup.nights_in(plan.folder))) == (step, kept)


def test_a_password_stands_in_no_command() -> None:
    found: Callable[[str], dict[str, str]] = backup.address_of
    assert found("postgres://kring_app:a%40b@db:5433/kring") == {
        "host": "db", "port": "5433", "user": "kring_app", "password": "a@b", "dbname": "kring"
    }  # fmt: skip


def test_a_backup_finds_the_database_as_whoever_serves_does() -> None:
    """Several hosts, and what libpq is told behind the question mark; Django's own words are not for it."""
    found = backup.address_of(
        "postgres://kring_app:x@a:5432,b:5433/kring?target_session_attrs=read-write&CONN_MAX_AGE=60"
    )
    assert (found["host"], found["port"], found["target_session_attrs"]) == ("a,b", "5432,5433", "read-write")
    assert {backup.OF_LIBPQ.get(name, f"PG{name.upper()}") for name in found} == {
        "PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGTARGETSESSIONATTRS"
    }  # fmt: skip


def test_an_address_with_a_mistake_says_so_and_nothing_of_the_password(
    plan: Plan, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    away = replace(plan, database="postgres://kring_app:Ge/heim@127.0.0.1/kring")
    step = backup.step_that_failed("night", lambda: backup.night(away, now=NIGHT))
    assert (step, "Ge" in capsys.readouterr().out) == ("settings", False)


def test_a_command_with_an_open_quote_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    copying = "rsync -a '{folder} kring@elsewhere.example:kring/"
    assert backup.step_that_failed("night", lambda: backup.copy_off(copying, "{folder}", tmp_path)) == "settings"
    assert "close its quotes" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["kring.dump", "journal.jsonl", "heads.json", "media"])
def test_nothing_is_unpacked_through_a_link(plan: Plan, key: tuple[Path, str], tmp_path: Path, name: str) -> None:
    photo(plan, 1)
    made = a_night(plan, NIGHT)
    (into := tmp_path / "new").mkdir()
    (into / name).symlink_to(elsewhere := tmp_path / "elsewhere")
    with pytest.raises(restore.RestoreError, match="is a link"):
        restore.unpack(plan.folder, made, key[0], into, journal=made / backup.JOURNAL)
    assert not elsewhere.exists()


@pytest.mark.parametrize(
    ("name", "to"),
    [
        ("../outside.webp", ""),
        ("{away}/outside.webp", ""),
        ("aa/bb/400.webp", "/etc/passwd"),
        ("link/outside.webp", ""),
    ],
)
def test_an_archive_made_by_another_puts_nothing_elsewhere(
    plan: Plan, key: tuple[Path, str], tmp_path: Path, name: str, to: str
) -> None:
    """Whoever took the server has what it encrypts to; root unpacks."""
    photo(plan, 1)
    made = a_night(plan, NIGHT)
    [place] = plan.folder.glob("media/*/*")
    (away := tmp_path / "away").mkdir()
    member = tarfile.TarInfo(name.format(away=away))
    member.type, member.linkname, member.size = (tarfile.SYMTYPE, to, 0) if to else (tarfile.REGTYPE, "", 4)
    with tarfile.open(fileobj=(packed := io.BytesIO()), mode="w") as tar:
        tar.addfile(member, io.BytesIO(b"evil"))
    backup.encrypt(plan, place, packed.getvalue())
    (media := tmp_path / "new" / "media").mkdir(parents=True)
    (media / "link").symlink_to(away)
    with pytest.raises(restore.RestoreError, match="tampered"):
        restore.unpack(plan.folder, made, key[0], tmp_path / "new", journal=made / backup.JOURNAL)
    assert {*tmp_path.rglob("outside.webp"), *media.rglob("400.webp")} == set()


@pytest.mark.parametrize("at", ["25:99", "abc", ""])
def test_a_time_that_no_clock_says_is_refused_in_a_sentence(at: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        backup.main(["nights", "--at", at])
    assert (refused.value.code, "argument --at" in capsys.readouterr().err) == (2, True)
