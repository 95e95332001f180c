"""Is this container well? Asks the page of web, runs a command, or looks when a file was last touched.

After five bad answers on end it ends what runs here, since Docker restarts what ended and not what stands still
(`restart: unless-stopped`). Only under `init: true` of docker-compose.yml: anywhere else it only says so.

`parts FOLDER` asks the same of each part that systemd started, which restarts what ended too; how often a part did not
answer is kept in the folder.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

BAD, MOST = Path("/tmp/unwell"), 5  # noqa: S108 - of this container alone, and in memory
PATIENCE, MINUTE = 4, 60
INIT = "docker-init"
PARTS: dict[str, Sequence[str]] = {
    "web": (),
    "worker": (
        *(str(Path(sys.executable).with_name("celery")), "--app", "portal.celery", "inspect", "ping"),
        *("--destination", f"celery@{socket.gethostname()}", "--timeout", "10"),
    ),
    "fast": ("fresh", "/run/kring-fast/heart", "5"),
    "beat": ("fresh", "/run/kring-beat/schedule*", "10"),
    "watch": ("fresh", "/run/kring-watch/alarm.json", "15"),
}
"""Of systemd, and what each is asked: what docker-compose.yml asks of it."""


def ask(words: Sequence[str]) -> None:
    """Raises when it is not well. `fresh FILE MINUTES`, a command, or nothing: then the page of web is asked."""
    match words:
        case []:
            host = os.environ["KRING_HOSTS"].split(",")[0]
            request = urllib.request.Request("http://127.0.0.1:8000/gezond/", headers={"Host": host})
            urllib.request.urlopen(request, timeout=PATIENCE)
        case ["fresh", pattern, minutes]:
            place = Path(pattern)
            newest = max(one.stat().st_mtime for one in place.parent.glob(place.name))
            if time.time() - newest > int(minutes) * MINUTE:
                raise TimeoutError(f"{pattern} was last touched too long ago")
        case _:
            subprocess.run(words, check=True)  # noqa: S603 - of docker-compose.yml


def count(bad: Path) -> int:
    """How many in a row did not end well, with this one, which is taken off when it does."""
    before = int(bad.read_text()) if bad.exists() else 0
    bad.write_text(str(before + 1))
    return before + 1


def served_here(processes: Path = Path("/proc")) -> Iterator[int]:
    """What Docker's own init started: the part that this container is for."""
    if (processes / "1" / "comm").read_text().strip() != INIT:
        return
    for status in sorted(processes.glob("[0-9]*/stat")):
        with suppress(OSError):
            if status.read_text().rpartition(")")[2].split()[1] == "1":
                yield int(status.parent.name)


def of_systemd(part: str, groups: Path = Path("/sys/fs/cgroup/system.slice")) -> list[int]:
    """The processes of the part; none where it was stopped."""
    group = groups / f"kring-{part}.service" / "cgroup.procs"
    return [int(pid) for pid in group.read_text().split()] if group.exists() else []


def look(words: Sequence[str], bad: Path, served: Callable[[], Iterable[int]]) -> None:
    """Raises when it is not well; ends it when it was not for the sixth time."""
    if count(bad) > MOST:
        bad.unlink()
        for process in served():
            os.kill(process, signal.SIGKILL)
    ask(words)
    bad.unlink(missing_ok=True)


def look_at_parts(folder: Path) -> None:
    """One that does not answer keeps no other from being asked."""
    for part, words in PARTS.items():
        if of_systemd(part):
            try:
                look(words, folder / part, partial(of_systemd, part))
            except (OSError, ValueError, subprocess.SubprocessError) as error:
                print(f"kring-{part} does not answer: {type(error).__name__}")


def main(words: Sequence[str], bad: Path = BAD) -> None:
    match words:
        case ["parts", folder]:
            look_at_parts(Path(folder))
        case _:
            look(words, bad, served_here)


if __name__ == "__main__":
    main(sys.argv[1:])
