"""`sudo python3 run.py upgrade`: this release in the place of the one that serves, while people read and write.

A backup, the tables, the new pages beside the old, nginx to the new, the old ended when nobody is there any more; or
back to the release of before, which runs on the new tables (docs/adr/0064).
"""

import argparse
import contextlib
import fcntl
import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
import run
from deploy import install
from deploy.command import settings as read_env

SPARE_PORT = install.PORT + 1
SPARE = "kring-web-spare"
"""The new pages, as long as both releases are there; a unit made from that of `kring-web`."""
OTHERS = ("kring-worker", "kring-fast", "kring-beat", "kring-watch")
PATIENCE = 60.0
DRAINED_IN = 60.0
"""What nginx still sends to the release of before after that, the next one answers (`backup`)."""
STAYS_UP = 3.0
LOOKED_AGAIN = 20.0
AGE = "version"


# Looking


def until(done: Callable[[], bool], patience: float) -> bool:
    ends = time.monotonic() + patience
    while not done():
        if time.monotonic() > ends:
            return False
        time.sleep(0.2)
    return True


def answers(port: int) -> bool:
    """Whether the pages are made there, for who comes by the front."""
    names = read_env(install.ETC / "kring.env")["KRING_HOSTS"].split(",")
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    told = {"Host": names[0], "X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1"}
    with contextlib.closing(line), contextlib.suppress(OSError, http.client.HTTPException):
        for page in ("/gezond/", "/inloggen/"):
            line.request("GET", page, headers=told)
            answer = line.getresponse()
            answer.read()
            if answer.status != http.client.OK:
                return False
        return True
    return False


def finds(release: Path) -> dict[str, bool]:
    """The lines of the doctor of this release, and which are good."""
    words = (release / ".venv" / "bin" / "python", release / "deploy" / "command.py", "doctor", "--json")
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, check=False)
    try:
        return {line["name"]: line["ok"] for line in json.loads(done.stdout)["lines"]}
    except ValueError:
        raise run.RunError(f"The doctor of {release.name} cannot be asked. Why: kring doctor") from None


def is_active(*names: str) -> bool:
    return run.succeeds("systemctl", "is-active", "--quiet", *names)


# Doing, and its way back


def files_in_place() -> dict[Path, bytes]:
    """The units, and what nginx reads: all that is written over."""
    folders = (install.UNITS.glob("kring*"), install.DROP_IN.glob("*"), (install.ETC / "names").glob("*"))
    places = [*(place for found in folders for place in found), install.ETC / "nginx.conf"]
    return {place: place.read_bytes() for place in places if place.is_file()}


def put_back(kept: dict[Path, bytes]) -> None:
    for place, content in kept.items():
        place.write_bytes(content)
    run.run("systemctl", "daemon-reload")


def spare_unit(release: Path) -> str:
    """`kring-web` of this release, beside the one that runs."""
    text = (release / "deploy" / "systemd" / "kring-web.service").read_text().replace(str(install.CODE), str(release))
    text = text.replace(f"--port {install.PORT} ", f"--port {SPARE_PORT} ")
    return text.replace("=kring-web\n", f"={SPARE}\n").replace("/run/kring-web/", f"/run/{SPARE}/")


def start_spare(release: Path) -> None:
    (install.UNITS / f"{SPARE}.service").write_text(spare_unit(release))
    run.run("systemctl", "daemon-reload")
    if not (run.succeeds("systemctl", "restart", SPARE) and until(lambda: answers(SPARE_PORT), PATIENCE)):
        raise run.RunError(f"The pages of this release do not come up. Why: journalctl -u {SPARE}")


def end_spare() -> None:
    run.succeeds("systemctl", "stop", SPARE)
    (install.UNITS / f"{SPARE}.service").unlink(missing_ok=True)
    run.run("systemctl", "daemon-reload")


def takes(configuration: Path) -> bool:
    """Whether nginx would, as who it is here and with what it may: it tries its ports, too."""
    as_front = (*install.BECOME, f"--reuid={install.FRONT}", f"--regid={install.FRONT}")
    may = ("--inh-caps=+net_bind_service", "--ambient-caps=+net_bind_service")
    return run.succeeds(*as_front, *may, "--", "/usr/sbin/nginx", "-t", "-q", "-c", configuration, "-e", "stderr")


def read_again() -> None:
    """nginx by what it has to read now; ends when nobody is at its former workers, or nearly."""
    main = int(Path("/run/kring-front/nginx.pid").read_text())
    before = children(main)
    if not takes(install.ETC / "nginx.conf"):
        raise run.RunError(f"nginx does not take {install.ETC}/nginx.conf.")
    run.run("systemctl", "reload", "kring-front")
    if not until(lambda: not before & children(main), DRAINED_IN):
        run.say("  Somebody is still sending or reading; the next pages take that over.")


def children(process: int) -> set[int]:
    return set(map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split()))


def lead_to(release: Path, *ports: int) -> None:
    with tempfile.TemporaryDirectory() as nothing:
        install.nodes(release, Path(nothing), *ports)
    read_again()


def restart_others() -> None:
    """Each ends what it is at; what it had not begun is a row."""
    run.run("systemctl", "restart", *OTHERS)
    time.sleep(STAYS_UP)
    if not is_active(*OTHERS):
        raise run.RunError("Not every part of this release stays up. Why: systemctl status 'kring-*'")


def restart_web() -> None:
    if not (run.succeeds("systemctl", "restart", "kring-web") and until(lambda: answers(install.PORT), PATIENCE)):
        raise run.RunError("The pages do not come up in their own place. Why: journalctl -u kring-web")


def require_no_worse(release: Path, before: dict[str, bool]) -> None:
    """Raises `RunError` for what was good and is not; what the doctor of before did not know is for later.

    That the tables are newer than the code is so when somebody goes back, and is borne.
    """

    def worse() -> list[str]:
        now = finds(release)
        return sorted(name for name, was_good in before.items() if was_good and not now.get(name, True) and name != AGE)

    if not until(lambda: not worse(), LOOKED_AGAIN):
        raise run.RunError(f"The doctor of this release finds wrong what was not before: {', '.join(worse())}.")


def go_back(undo: Sequence[Callable[[], None]]) -> None:
    """Raises `RunError` at the first that fails, and leaves the rest: who serves then serves on."""
    run.say("  Back to the release of before …")
    try:
        for deed in reversed(undo):
            deed()
    except run.RunError as wrong:
        raise run.RunError(f"{wrong}\nThe way back stopped there: {SPARE} serves the pages of the new one.") from None


def take_over(release: Path, former: Path, before: dict[str, bool]) -> None:
    """Everything served by this release; where that fails, by the one of before again, and `RunError`."""
    kept = files_in_place()

    def back(deed: Callable[[], None]) -> None:
        undo.extend((deed, lambda: put_back(kept)))

    undo = [end_spare]
    try:
        with run.phase("the new pages beside the old"):
            start_spare(release)
            require_no_worse(release, before)
        with run.phase("nginx leads to the new"):
            back(read_again)
            install.configuration(release)
            lead_to(release, SPARE_PORT, install.PORT)
        with run.phase("the other parts"):
            back(restart_others)
            install.units(release)
            run.run("systemctl", "daemon-reload")
            restart_others()
        with run.phase("the new pages in the place of the old"):
            back(restart_web)
            restart_web()
            lead_to(release, install.PORT, SPARE_PORT)
            install.point_at(release)
    except run.RunError as wrong:
        go_back(undo)
        raise run.RunError(f"{wrong}\n{former.name} serves on, on the new tables; nothing was lost.") from None
    except BaseException:
        go_back(undo)
        raise
    end_spare()
    lead_to(release, install.PORT)


# The whole of it


@contextlib.contextmanager
def alone() -> Iterator[None]:
    with (install.ETC / ".upgrade.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise run.RunError("Another upgrade is under way.") from None
        yield


def backup() -> None:
    try:
        run.run(install.COMMAND, "backup", "night")
    except run.RunError:
        raise run.RunError(
            "The backup did not end well, so nothing was changed. With --without-backup it goes on: if something "
            "breaks then, all that was written since the last good backup can be lost."
        ) from None


def tables(release: Path) -> None:
    try:
        install.migrate(release)
    except run.RunError:
        raise run.RunError(
            "The tables are not all as this release needs them; above stands why, and which are. The release of "
            "before serves on and runs on either. Mend it and upgrade again."
        ) from None


def derive() -> None:
    """What people may see follows from rows: the release of before wrote its own, until it ended."""
    try:
        run.run(install.COMMAND, "check_access", "--new-release")
    except run.RunError:
        raise run.RunError(
            "This release serves, and who may see what is still by the rules of the one before. "
            "Look above for why, then: kring check_access --new-release"
        ) from None


def prune(*kept: Path) -> None:
    for folder in install.RELEASES.iterdir():
        if folder.is_dir() and folder not in kept:  # a file is of somebody else
            shutil.rmtree(folder)


def upgrade(*, with_backup: bool) -> int:
    before = install.CODE.resolve()
    with run.phase("packages of Debian"):
        install.packages(install.Asked("", "own", ""))
    with run.phase(f"the program, in {install.RELEASES}"):
        release = install.program()
    if release == before:
        run.say(f"\n{release.name} is what serves already. What is not right is mended by: run.py install")
        return 0
    known = finds(before)
    if not known.get("doors", True):
        raise run.RunError("Kring is closed, so nobody would see whether its new pages open. First run: kring restored")
    if with_backup:
        with run.phase("a backup"):
            backup()
    with run.phase("the database"):
        tables(release)
    with run.phase("static files and the pages for when Kring is away"):
        install.static_files(release)
    take_over(release, before, known)
    prune(release, before)
    with run.phase("who may see what, by the rules of this release"):
        derive()
    run.say(f"\n{release.name} serves. {before.name} is kept beside it, in {install.RELEASES}.")
    return 0


def require() -> None:
    """Raises `RunError` where there is nothing to upgrade."""
    if os.geteuid() != 0:
        raise run.RunError("This changes units and users' files: sudo python3 run.py upgrade")
    if not install.CODE.is_symlink():
        raise run.RunError("Kring is not installed here with systemd. With Docker: docs/operations.md, A new release.")
    if read_env(install.ETC / "kring.env").get("KRING_NODES"):
        raise run.RunError("Pages are made at KRING_NODES, which this does not know: docs/scaling.md says how.")
    if not is_active("kring-web", "kring-front"):
        raise run.RunError("Kring does not run: systemctl start kring.target, or mend it with run.py install")


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="run.py upgrade", description="This release, without closing.")
    parser.add_argument(
        "--without-backup", action="store_true", help="what is written since the last one can be lost if it goes wrong"
    )
    given = parser.parse_args(words)
    require()
    os.umask(0o022)
    with alone():
        return upgrade(with_backup=not given.without_backup)


if __name__ == "__main__":
    sys.exit(run.in_words(lambda: main(sys.argv[1:])))
