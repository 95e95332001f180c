"""A file from outside, read in a process of its own with an end to what it may take: `domain.roster.reader`."""

import json
import logging
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, BinaryIO, Final

from groups.roster.domain import reader
from groups.roster.domain.files import CaregiverList, RosterFile
from groups.roster.domain.plain import from_plain
from groups.roster.domain.problems import Complaint, Problem, RosterRefusedError

log = logging.getLogger("kring.roster")
COMMAND: Final = (sys.executable, "-I", str(Path(reader.__file__)))
PATIENCE: Final = 90.0
ENDED_BY_OTHERS: Final = {-signal.SIGKILL, -signal.SIGTERM}


class NotReadNowError(Exception):
    """Nothing is wrong with the file: the reader could not start, was ended by others, or got no turn. Try again."""


def read_apart(name: str, path: Path) -> RosterFile | CaregiverList:
    """What is in the file. Raises `RosterRefusedError` with every complaint, and `NotReadNowError`."""
    answer = _told(name, path)
    if "problems" in answer:
        raise RosterRefusedError(from_plain(Problem, each) for each in answer["problems"])
    if "roster" in answer:
        return from_plain(RosterFile, answer["roster"])
    return from_plain(CaregiverList, answer["caregivers"])


def _told(name: str, path: Path) -> dict[str, Any]:
    try:
        stream = path.open("rb")
    except OSError:
        raise RosterRefusedError([Problem(Complaint.UNREADABLE, name)]) from None
    with stream:
        run = _run(name, stream)
    if run.returncode == 0:
        answer: dict[str, object] = json.loads(run.stdout)
        return answer
    log.error("the reader of a roster ended with %s", run.returncode)
    ended_by_itself = run.returncode < 0 and run.returncode not in ENDED_BY_OTHERS
    if ended_by_itself or run.returncode == reader.TOO_HEAVY:
        raise RosterRefusedError([Problem(Complaint.TOO_HEAVY, name)])
    raise NotReadNowError


def _run(name: str, stream: BinaryIO) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 - our own file; the name is an argument, no option
            [*COMMAND, name],
            stdin=stream,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        log.error("the reader of a roster did not finish: %s", type(error).__name__)
        raise NotReadNowError from None
