"""Installations that a run makes once, for all its processes, by the commands of one: migrating and seeding are dear.

One that grew: the tables of an earlier release brought up to date. On top of a copy the trial version's school with
its month of life, of which the journeys each serve a copy, and in which tests/demo looks around.
"""

import fcntl
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
DATABASE = "kring.sqlite3"
SAID = "said.json"
"""In the folder: what its commands told while they worked."""
GROWING = ["migrate -v0 moderation 0001", "check --database default", "migrate -v0", "check --database default"]
ONE_BY_ONE = """
import gc, io, json, sys
from contextlib import redirect_stderr, redirect_stdout
from django.core.management import ManagementUtility
gc.set_threshold(100_000, 50, 100)
for words in json.load(sys.stdin):
    told, status = io.StringIO(), 0
    with redirect_stdout(told), redirect_stderr(told):
        try:
            ManagementUtility(["manage.py", *words]).execute()
        except SystemExit as end:
            status = end.code
    print(json.dumps([status, told.getvalue()]))
"""


class Ended(NamedTuple):
    """How a command ended, and what it told on both streams."""

    status: int
    told: str


def environment_of(folder: Path, mode: str = "demo") -> dict[str, str]:
    """Of a command on the installation whose data are in this folder."""
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith(("KRING_", "DJANGO_"))},
        "KRING_MODE": mode,
        "KRING_DATA_DIR": str(folder),
        "KRING_EMBEDDED": "0",
        "KRING_UNDO_SECONDS": "0",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }


def carried_out(commands: Iterable[str], environment: dict[str, str]) -> list[Ended]:
    """These commands of `manage.py`, one after another in one process: each start imports all of Django."""
    done = subprocess.run(
        [sys.executable, "-c", ONE_BY_ONE],
        cwd=ROOT,
        env=environment,
        input=json.dumps([shlex.split(command) for command in commands]),
        check=True,
        capture_output=True,
        text=True,
    )
    return [Ended(*json.loads(line)) for line in done.stdout.splitlines()]


def grow_once(folder: Path) -> None:
    _once(folder, lambda filling: _fill(filling, GROWING))


def seed_once(folder: Path, grown: Path) -> None:
    def fill(filling: Path) -> None:
        shutil.copy(grown / DATABASE, filling)
        _fill(filling, ["seed_demo"])

    _once(folder, fill)


def said_in(folder: Path) -> list[Ended]:
    """How the commands ended that filled this folder."""
    return [Ended(*one) for one in json.loads((folder / SAID).read_text())]


def _fill(folder: Path, commands: Iterable[str]) -> None:
    ends = carried_out(commands, environment_of(folder))
    assert not any(end.status for end in ends), ends
    (folder / SAID).write_text(json.dumps(ends))


def _once(folder: Path, fill: Callable[[Path], None]) -> None:
    """Who comes second waits until the first is done."""
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            filling = folder.with_suffix(".filling")
            filling.mkdir()
            fill(filling)
            filling.rename(folder)
