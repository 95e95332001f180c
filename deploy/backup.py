"""Backs up one Kring, encrypted for who has the key; the key itself is not on this machine (docs/adr/0061).

    python deploy/backup.py night      database, photos, heads and journal: checked, encrypted, pruned, copied off
    python deploy/backup.py journal    the journal alone, encrypted and copied off: every five minutes
    python deploy/backup.py nights     both by themselves until SIGTERM, for a machine without systemd's timers

In the folder of the backups each night has one of its own, and all nights share the photos, one file each:

    2026-11-24T0130/kring.dump.age  journal.jsonl.age  heads.json  report.json  SHA256SUMS
    media/3f/3f….tar.age

`SHA256SUMS` names every file that this night needs: `sha256sum -c` in the folder of the backups reads it.
"""

import argparse
import contextlib
import fcntl
import hashlib
import io
import json
import os
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import parse_dsn

ROOT = Path(__file__).resolve().parent.parent
KEPT_FOR = timedelta(days=35)
"""As long as the journal: what a person had removed is in no backup after it."""
SURE = 7
"""Nights after a gap of more than that until one from before it goes: fewer may be of a clock that jumped."""
AHEAD = timedelta(hours=1)
"""A night that is dated later than this from now has its name of a clock that was wrong."""
NAME = "%Y-%m-%dT%H%M"
BEFORE = ".before.partial"
SUMS, DUMP, JOURNAL, HEADS, REPORT = "SHA256SUMS", "kring.dump.age", "journal.jsonl.age", "heads.json", "report.json"
EACH_JOURNAL = 300.0
COPIED_IN = {"{folder}": 10 * 3600.0, "{file}": 180.0}
"""Seconds that a command may copy a night, or the journal. One that hangs kept every next night from being made."""
KEY_LENGTH = 32
NO_ROOM = re.compile(rb"no space left on device|check free disk space", re.IGNORECASE)
"""As programs write it that are asked in English; the second is PostgreSQL, of a page that went in by half."""
NOT_DONE = re.compile(rb"^Not done: .*", re.MULTILINE)
"""`portal.core.command_line`, with status 3: no word of it is about a person."""
OWNERS = ("KRING_OWNER_DATABASE_URL", "KRING_ADMIN_DATABASE_URL")


class BackupError(Exception):
    """No good backup. `step` is a word for the doctor, the text a sentence for the log; neither is about a person."""

    def __init__(self, step: str, text: str, *, found: bool = False) -> None:
        super().__init__(text)
        self.step = step
        self.found = found
        """A program looked, and this is what it found; otherwise it did not get as far as that."""


@dataclass(frozen=True)
class Plan:
    """What is backed up, for whom, and where to; from the settings of Kring."""

    database: str
    data: Path
    journal: Path
    folder: Path
    recipients: Sequence[str]
    copy: str
    copy_journal: str
    environment: Mapping[str, str] = field(repr=False)

    @property
    def media(self) -> Path:
        return self.data / "media"


def plan_from(environment: Mapping[str, str]) -> Plan:
    """Raises `BackupError` where a setting is missing."""
    for name in ("KRING_DATABASE_URL", "KRING_DATA_DIR", "KRING_BACKUP_DIR", "KRING_BACKUP_TO"):
        if not environment.get(name):
            raise BackupError("settings", f"{name} is not set: nothing is backed up. See docs/operations.md, Backup.")
    data = Path(environment["KRING_DATA_DIR"])
    return Plan(
        database=environment.get("KRING_BACKUP_DATABASE_URL") or environment["KRING_DATABASE_URL"],
        data=data,
        journal=Path(environment.get("KRING_JOURNAL") or data / "journal" / "journal.jsonl"),
        folder=Path(environment["KRING_BACKUP_DIR"]),
        recipients=environment["KRING_BACKUP_TO"].replace(",", " ").split(),
        copy=environment.get("KRING_BACKUP_COPY", ""),
        copy_journal=environment.get("KRING_JOURNAL_COPY", ""),
        environment={name: value for name, value in environment.items() if name not in OWNERS},
    )


# Programs


def run(
    step: str,
    *command: str | Path,
    env: Mapping[str, str] | None = None,
    stdin: bytes | None = None,
    limit: float | None = None,
) -> str:
    """What a program said. `BackupError` names the program when it fails: what it printed may be about somebody.

    After `limit` seconds it is ended.

    But for two things: that there is no room, which is the step `disk` whichever program met it; and why a command of
    Kring did nothing, which it says in a sentence of its own.
    """
    words, told = [str(word) for word in command], {**(os.environ if env is None else env), "LC_MESSAGES": "C"}
    try:
        done = subprocess.run(words, env=told, input=stdin, capture_output=True, check=False, timeout=limit)
    except subprocess.TimeoutExpired:
        raise BackupError(step, f"{words[0]} did not end in {limit:.0f} seconds") from None
    except OSError as error:
        raise BackupError(step, f"{words[0]} cannot be run: {error.strerror}") from None
    if done.returncode:
        name = " ".join(word for word in (Path(words[0]).name, *words[1:3]) if not word.startswith("-"))
        if NO_ROOM.search(done.stderr):
            raise no_room(name)
        if said := NOT_DONE.search(done.stderr):
            raise BackupError(step, f"{name}: {said[0].decode()}")
        raise BackupError(step, f"{name} ended with status {done.returncode}", found=done.returncode == 1)
    return done.stdout.decode()


def no_room(name: str) -> BackupError:
    return BackupError("disk", f"{name} found no room: make some where backups are kept, and where they are tried")


def manage(plan: Plan, step: str, *words: str | Path, **more: str) -> str:
    """A command of Kring, by default on the database that people use."""
    return run(step, sys.executable, ROOT / "manage.py", *words, env={**plan.environment, **more})


def is_sqlite(url: str) -> bool:
    return url.startswith("sqlite")


def file_of(url: str) -> Path:
    return Path(unquote_plus(urlsplit(url).path[1:]))  # as Kring itself reads it


def whole(path: Path) -> str:
    """The hash of a file that is on disk for good."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    return found


# The database


def dump(plan: Plan, place: Path) -> dict[str, int]:
    """Write a dump of one moment; how many rows each table had then."""
    if is_sqlite(plan.database):
        return _dump_file(file_of(plan.database), place)
    where = address_of(plan.database)
    with contextlib.closing(psycopg2.connect(**where)) as line, line.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = 0")
        cursor.execute("SET statement_timeout = 0")
        line.commit()
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        [snapshot] = cursor.fetchone()
        told = {OF_LIBPQ.get(name, f"PG{name.upper()}"): value for name, value in where.items()}
        command = ("pg_dump", "-Fc", "-N", "kring_plans", "--no-password", "--snapshot", snapshot, "-f", place)
        run("database", *command, env=os.environ | told)
        return _rows(cursor)


OF_LIBPQ = {
    "dbname": "PGDATABASE",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "application_name": "PGAPPNAME",
}
"""What libpq calls a part of an address in the environment, where that is not PG and its name."""


def address_of(url: str) -> dict[str, str]:
    """How the database is reached, part by part: a command with a password in it is read by everybody here.

    Several hosts, and what stands behind the question mark, mean here what they mean to whoever serves; but for words
    in capitals, which are Django's. Raises `BackupError`, without a letter of the address.
    """
    parts = urlsplit(url)
    options = [(name, value) for name, value in parse_qsl(parts.query) if name.islower()]
    try:
        found = dict(parse_dsn(parts._replace(query=urlencode(options)).geturl()))
    except psycopg2.ProgrammingError:
        found = {}
    if found and all(not port or port.isdigit() for port in found.get("port", "").split(",")):
        return found
    raise BackupError("settings", "the address of the database cannot be understood")


def _dump_file(source: Path, place: Path) -> dict[str, int]:
    with contextlib.closing(sqlite3.connect(place)) as copy:
        with contextlib.closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as line:
            try:
                line.backup(copy)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                    raise no_room("the copy of the database") from None
                raise
        if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise BackupError("check", "the copy of the database is not whole")
        return {}


def _rows(cursor: "psycopg2.extensions.cursor") -> dict[str, int]:
    cursor.execute("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    counts = {}
    for (table,) in cursor.fetchall():
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier("public", table)))
        [counts[table]] = cursor.fetchone()
    return counts


@contextlib.contextmanager
def put_back_on_trial(plan: Plan, made: Path, rows: Mapping[str, int], scratch: Path) -> Iterator[dict[str, str]]:
    """Kring's settings for a throw-away database with this dump in it, which is empty of everything else.

    A server of its own, as it is on the empty machine where the dump will be needed: no role, no extension and no
    right of the real one helps. It listens on a socket in `scratch` alone, and nobody waits for its disk.
    """
    data = scratch / "data"
    data.mkdir()
    own = {"KRING_DATA_DIR": str(data), "KRING_JOURNAL": str(data / "none.jsonl"), "KRING_REDIS_URL": ""}
    if is_sqlite(plan.database):
        shutil.copy(made, scratch / "trial.sqlite3")
        yield own | {"KRING_DATABASE_URL": f"sqlite:///{scratch}/trial.sqlite3"}
        return
    where = {"PGHOST": str(scratch), "PGPORT": "5432"}
    with throw_away(scratch, _version_of(made)) as tools:
        restore = ("--no-owner", "--no-privileges", "--exit-on-error", "--jobs", "2", "-d", "kring")
        run("check", tools / "pg_restore", "-U", "kring", *restore, made, env={**os.environ, **where})
        with contextlib.closing(psycopg2.connect(host=str(scratch), user="kring", dbname="kring")) as line:
            if _rows(line.cursor()) != rows:
                raise BackupError("check", "the dump does not have the rows that the database had")
        yield own | where | {"KRING_DATABASE_URL": "postgres://kring@/kring"}


def _version_of(made: Path) -> str:
    """The major version of the server that was dumped: what restores it must not be older."""
    lines = run("check", "pg_restore", "--list", made).splitlines()
    told = next(line for line in lines if "Dumped from database version" in line)
    return told.partition("version:")[2].split()[0].partition(".")[0]


def tools_of(version: str) -> Path:
    """The programs of this version of PostgreSQL, as Debian and its images have them."""
    found = Path("/usr/lib/postgresql") / version / "bin"
    if not (found / "initdb").exists():
        raise BackupError("check", f"postgresql-{version} is not installed: the dump cannot be tried")
    return found


@contextlib.contextmanager
def throw_away(scratch: Path, version: str) -> Iterator[Path]:
    """A PostgreSQL that is gone afterwards; its programs."""
    tools, place = tools_of(version), scratch / "pg"
    somebody: list[str | Path] = []
    place.mkdir()
    if os.geteuid() == 0:  # PostgreSQL refuses to be root
        somebody = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]
        for folder in (scratch, place):
            shutil.chown(folder, "postgres", "postgres")
    options = (
        f"-k {scratch} -c listen_addresses='' -c fsync=off -c full_page_writes=off -c synchronous_commit=off "
        "-c autovacuum=off -c max_wal_size=4GB -c maintenance_work_mem=128MB -c log_min_messages=panic"
    )
    options_of_initdb = ("-U", "kring", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    control = [*somebody, tools / "pg_ctl", "-D", place, "-w"]
    run("check", *somebody, tools / "initdb", "-D", place, *options_of_initdb)
    try:
        run("check", *control, "-l", place / "log", "-o", options, "start")
        run("check", tools / "createdb", "-h", scratch, "-U", "kring", "kring")
        yield tools
    except BackupError:
        log = place / "log"
        if log.exists() and NO_ROOM.search(log.read_bytes()):  # it ends at that, and who asked it only sees it gone
            raise no_room("postgres") from None
        raise
    finally:
        with contextlib.suppress(BackupError):  # it may have ended by itself
            run("check", *control, "-m", "immediate", "stop")


# Encrypting


def encrypt(plan: Plan, place: Path, content: bytes | Path) -> str:
    """A file for who has the key, whole or not there; its hash."""
    aside = place.with_name(f"{place.name}.new")
    to = [word for one in plan.recipients for word in ("-r", one)]
    plain = [content] if isinstance(content, Path) else []
    run("encrypt", "age", *to, "-o", aside, *plain, stdin=content if isinstance(content, bytes) else None)
    found = whole(aside)
    aside.replace(place)
    return found


def photos(plan: Plan, known: Mapping[str, str], now: datetime) -> dict[str, str]:
    """Encrypt every photo that is not there yet; the hashes of all that are kept now, by their place."""
    sums = {}
    for folder in sorted(plan.media.glob("[0-9a-f][0-9a-f]/*")):
        if len(folder.name) != KEY_LENGTH:
            continue
        name = f"media/{folder.parent.name}/{folder.name}.tar.age"
        place = plan.folder / name
        if name in known and place.exists() and not (_is_read_again(folder.name, now) and whole(place) != known[name]):
            sums[name] = known[name]
        elif packed := _pack(folder):
            place.parent.mkdir(parents=True, exist_ok=True)
            sums[name] = encrypt(plan, place, packed)
    return sums


def _is_read_again(key: str, now: datetime) -> bool:
    """Each night a part of what was encrypted before is compared with its hash; all of it within 35 days."""
    return int(key[:2], 16) % KEPT_FOR.days == now.toordinal() % KEPT_FOR.days


def _pack(folder: Path) -> bytes:
    """All sizes of a photo; nothing when it is taken away at this moment. A JPEG is made anew when it is asked for."""
    packed, files = io.BytesIO(), sorted(folder.glob("*.webp"))
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for file in files:
            with contextlib.suppress(FileNotFoundError):
                tar.add(file, arcname=f"{folder.parent.name}/{folder.name}/{file.name}")
        return packed.getvalue() if tar.getmembers() else b""


# A night


@contextlib.contextmanager
def alone(plan: Plan) -> Iterator[Path]:
    """A folder for what is not encrypted yet, never within the backups, and gone afterwards; one night at a time."""
    with _locked(plan):
        _throw_away_left(plan)
        with tempfile.TemporaryDirectory(prefix=_prefix(plan)) as scratch:
            yield Path(scratch)


@contextlib.contextmanager
def _locked(plan: Plan) -> Iterator[None]:
    plan.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (plan.folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError("settings", "a backup is being made already") from None
        yield


def _prefix(plan: Plan) -> str:
    return f"kring-{hashlib.sha256(str(plan.folder).encode()).hexdigest()[:8]}-"


def _throw_away_left(plan: Plan) -> None:
    """What is not encrypted, of one that was killed; its database ends by itself when it misses its files."""
    for left in _left(plan):
        shutil.rmtree(left, ignore_errors=True)


def _left(plan: Plan) -> list[Path]:
    return list(Path(tempfile.gettempdir()).glob(f"{_prefix(plan)}*"))


def night(plan: Plan, *, now: datetime) -> Path:
    """Make a whole backup; its folder. Raises `BackupError`: there is none, or something in it has to be looked at."""
    begun = time.monotonic()
    with alone(plan) as scratch:
        _put_back_left(plan.folder)
        if is_right := _is_right(plan.folder, now):
            prune(plan.folder, now=now)
        made = scratch / "kring.dump"
        report: dict[str, object] = {}
        doubts: list[BackupError] = []
        rows = dump(plan, made)
        manage(plan, "journal", "journal")
        with put_back_on_trial(plan, made, rows, scratch) as trial:
            manage(plan, "check", "migrate", "--check", "--skip-checks", **trial)
            named = set(manage(plan, "check", "check_media", "--names", **trial).split())
            try:
                manage(plan, "dossier", "verify_dossier", "--heads", scratch / HEADS, **trial)
            except BackupError as broken:  # a dossier that is broken is kept as it is, and told
                if not (broken.found and (scratch / HEADS).exists()):
                    raise BackupError("check", str(broken)) from None
                doubts.append(broken)
        partial = _begin(plan, now)
        known = sums_of(newest.parent) if (newest := _newest(plan.folder, now)) else {}
        sums = photos(plan, known, now)
        gone = missing_photos(plan, named, sums)
        doubts += [BackupError("photos", f"{len(gone)} photos have no file")] if gone else []
        sums[f"{now:{NAME}}/{DUMP}"] = encrypt(plan, partial / DUMP, made)
        sums[f"{now:{NAME}}/{JOURNAL}"] = encrypt(plan, partial / JOURNAL, plan.journal)
        report |= {"at": now.isoformat(timespec="seconds"), "rows": sum(rows.values()), "photos": len(named)}
        report |= {"seconds": round(time.monotonic() - begun), "doubts": [one.step for one in doubts]}
        (partial / REPORT).write_text(json.dumps(report) + "\n")
        shutil.copy(scratch / HEADS, partial / HEADS)
        sums |= {f"{now:{NAME}}/{name}": whole(partial / name) for name in (HEADS, REPORT)}
        write_sums(partial, sums)
        finished = _put_in_place(partial, plan.folder / f"{now:{NAME}}")
    if is_right:
        prune(plan.folder, now=now)
    copy_off(plan.copy, "{folder}", plan.folder)
    if doubts:
        raise doubts[0]
    return finished


def _begin(plan: Plan, now: datetime) -> Path:
    for left in plan.folder.glob("*.partial"):
        shutil.rmtree(left)
    partial = plan.folder / f"{now:{NAME}}.partial"
    partial.mkdir(mode=0o700)
    return partial


def _put_in_place(partial: Path, place: Path) -> Path:
    """Under its name; in the place of one of the same minute."""
    if place.exists():
        place.rename(before := place.with_name(place.name + BEFORE))
        partial.rename(place)
        shutil.rmtree(before)
        return place
    return partial.rename(place)


def _put_back_left(folder: Path) -> None:
    """One that made place for another of its minute which was killed before it stood there."""
    for before in folder.glob(f"*{BEFORE}"):
        if not (place := before.with_name(before.name.removesuffix(BEFORE))).exists():
            before.rename(place)


def missing_photos(plan: Plan, named: set[str], sums: Mapping[str, str]) -> set[str]:
    """What the dump names and is not kept, but for what was taken away since."""
    gone = named - {Path(name).name.partition(".")[0] for name in sums}
    return gone & set(manage(plan, "photos", "check_media", "--names").split()) if gone else gone


def nights_in(folder: Path) -> list[tuple[datetime, Path]]:
    """Those that are whole, oldest first, by the moment that their name tells."""
    found = []
    for sums in folder.glob(f"*/{SUMS}"):
        with contextlib.suppress(ValueError):
            found.append((datetime.strptime(sums.parent.name, NAME).replace(tzinfo=UTC), sums))
    return sorted(found)


def _newest(folder: Path, now: datetime) -> Path | None:
    nights = [sums for made, sums in nights_in(folder) if made <= now + AHEAD]
    return nights[-1] if nights else None


def _is_right(folder: Path, now: datetime) -> bool:
    """Only then nights are over: by a clock that jumped half a year ahead all of them would be, the copies as well."""
    moments = [made for made, _sums in nights_in(folder) if made <= now + AHEAD]
    gaps = [place for place, (one, other) in enumerate(pairwise([*moments, now]), 1) if other - one > KEPT_FOR]
    return len(moments) - gaps[-1] >= SURE if gaps else bool(moments)


def _moment(made: datetime, sums: Path, now: datetime) -> datetime:
    """When a night was made; of one that is dated ahead the moment at which somebody first saw that it is."""
    if made <= now + AHEAD:
        return made
    if sums.stat().st_mtime > now.timestamp():
        os.utime(sums, (now.timestamp(), now.timestamp()))
    return datetime.fromtimestamp(sums.stat().st_mtime, UTC)


def sums_of(night_folder: Path) -> dict[str, str]:
    """The hash of each file that this night needs, by its place in the folder of the backups."""
    lines = (night_folder / SUMS).read_text().splitlines()
    return {name: found for found, _two, name in (line.partition("  ") for line in lines)}


def write_sums(night_folder: Path, sums: Mapping[str, str]) -> None:
    """The photos first and its own files last: a list that was cut off lacks one of those, which `restore.py` sees."""
    lines = [f"{found}  {name}\n" for name, found in sorted(sums.items(), reverse=True)]
    (night_folder / SUMS).write_text("".join(lines))
    whole(night_folder / SUMS)


def prune(folder: Path, *, now: datetime) -> None:
    """Take away nights that are over, and each photo that no night names any more.

    The last one stays, however old: it is all there is.
    """
    needed: set[str] = set()
    nights = sorted((_moment(made, sums, now), sums) for made, sums in nights_in(folder))
    for made, sums in nights:
        if now - made > KEPT_FOR and (made, sums) != nights[-1]:
            shutil.rmtree(sums.parent)
        else:
            needed |= set(sums_of(sums.parent))
    for place in folder.glob("media/*/*"):
        if str(place.relative_to(folder)) not in needed:
            place.unlink()


def copy_off(command: str, stands_for: str, place: Path) -> None:
    """Run the command of the settings, without a shell; nothing where there is none."""
    if command:
        try:
            words = shlex.split(command)
        except ValueError:
            raise BackupError("settings", "the command that copies cannot be understood: close its quotes") from None
        filled = (word.replace(stands_for, str(place)) for word in words)
        run("copy", *filled, limit=COPIED_IN[stands_for])


def ship_journal(plan: Plan) -> None:
    """What was taken away, out of the database, encrypted and off this machine; what a killed night left goes."""
    if _left(plan):
        with contextlib.suppress(BackupError), _locked(plan):  # of a night that is at it, it is no leavings
            _throw_away_left(plan)
    manage(plan, "journal", "journal")
    plan.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    encrypt(plan, plan.folder / JOURNAL, plan.journal)
    copy_off(plan.copy_journal, "{file}", plan.folder / JOURNAL)


# The command line


def tell(text: str) -> None:
    print(text, flush=True)


def carry_out(name: str, deed: Callable[[Plan], object]) -> int:
    """Do it, and tell the doctor how it ended."""
    try:
        plan = plan_from(os.environ)
    except BackupError as stop:
        tell(str(stop))
        return 1
    failed = step_that_failed(name, lambda: deed(plan))
    with contextlib.suppress(BackupError):  # no database to tell it: then the doctor has more to say
        manage(plan, "doctor", "doctor", "--note", name, *(["--failed", failed] if failed else []))
    return 1 if failed else 0


def step_that_failed(name: str, deed: Callable[[], object]) -> str:
    """Its word for the doctor, after a sentence for the log; empty when all went well."""
    try:
        deed()
    except BackupError as stop:
        tell(f"{name}: {stop}")
        return stop.step
    except OSError as error:
        tell(f"{name}: {error.filename or 'a file'} cannot be used: {error.strerror}")
        return "disk"
    except (psycopg2.Error, sqlite3.Error) as error:
        number = getattr(error, "pgcode", None) or getattr(error, "sqlite_errorname", None) or "no number"
        tell(f"{name}: the database does not answer, or stopped half-way ({type(error).__name__}, {number})")
        return "database"
    return ""


def nights(at: str, heart: Path) -> int:
    """The journal each five minutes and a backup each night, until SIGTERM; a night is a process of its own."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    due, made = following(at, datetime.now()), None  # noqa: DTZ005 - the clock on the wall of this machine
    while True:
        heart.touch()
        if os.environ.get("KRING_BACKUP_TO"):
            main(["journal"])
        now = datetime.now()  # noqa: DTZ005
        if now >= due:
            made = subprocess.Popen([sys.executable, __file__, "night"])
        due = following(at, now)
        if stop.wait(EACH_JOURNAL):
            break
        if made:
            made.poll()
    return made.wait() if made else 0


def following(at: str, now: datetime) -> datetime:
    """The next time that the clock says this."""
    hour, minute = map(int, at.split(":"))
    today = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return today if today > now else today + timedelta(days=1)


def _on_the_clock(said: str) -> str:
    """Raises `ValueError`, which argparse tells in a sentence."""
    return time.strftime("%H:%M", time.strptime(said, "%H:%M"))


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Backs up Kring; docs/operations.md, Backup and restore.")
    parser.add_argument("what", choices=("night", "journal", "nights"))
    parser.add_argument("--at", type=_on_the_clock, default="01:30", metavar="HH:MM", help="of nights: when")
    parser.add_argument("--heart", type=Path, default=Path(tempfile.gettempdir()) / "backup-heart")
    asked = parser.parse_args(words)
    if asked.what == "nights":
        return nights(asked.at, asked.heart)
    if asked.what == "journal":
        return carry_out("journal-copy", ship_journal)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda number, _frame: sys.exit(128 + number))  # so that nothing plain is left
    return carry_out("backup", lambda plan: night(plan, now=datetime.now(UTC)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
