#!/usr/bin/env python3
"""Kring's two commands, and the five that go with them.

    python3 run.py demo      installs, migrates, seeds a school, serves it, opens the browser
    python3 run.py test      installs, runs every test; further arguments go to pytest
    python3 run.py bench     installs, prints the measurements
    python3 run.py mutation  installs, changes the code of the rights and counts what the tests see
    python3 run.py init      writes .env and .env.owner with fresh secrets for a real installation
    python3 run.py install   installs it on a bare Debian with systemd, for who wants no Docker
    python3 run.py upgrade   puts this release there in the place of the one that serves, without closing

One file and only the standard library, because it runs before anything is installed. Whatever it makes stands in
`.venv` and `var`; both can be thrown away. A second start finds its stamp there and skips what has been done.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "kring-stamp.json"
MODULES = {"demo": "portal.demo", "test": "tests", "bench": "tests.bench", "mutation": "tests.mutation"}
"""The programs that do the work of a command, once everything is installed."""
OF_A_SERVER = {"init", "install", "upgrade"}
"""These begin before anything is installed: `deploy/NAME.py`."""
LOCKS = {"runtime": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}

OLDEST_PYTHON = (3, 11)


class RunError(Exception):
    """The run ends here; the text is a clear sentence for the person at the keyboard."""


# Saying what happens


def say(text: str) -> None:
    """Print at once, so that our lines keep their place between those of the programs we start."""
    print(text, flush=True)


@contextlib.contextmanager
def phase(name: str) -> Iterator[None]:
    """Announce one piece of work and what it took."""
    say(f"→ {name} …")
    began = time.monotonic()
    yield
    say(f"  {time.monotonic() - began:.1f} s")


def run(*command: str | Path, env: Mapping[str, str] | None = None, quiet: bool = False) -> None:
    """Run a program to its end; `RunError` when it fails (its complaints are on the screen by then, even if quiet)."""
    words = [str(word) for word in command]
    stdout = subprocess.DEVNULL if quiet else None
    if status := subprocess.run(words, cwd=ROOT, env=env, stdout=stdout, check=False).returncode:
        raise RunError(f"This command failed with status {status}:\n    {' '.join(words)}")


def succeeds(*command: str | Path) -> bool:
    """Whether a program runs and is content; silent."""
    words = [str(word) for word in command]
    try:
        return subprocess.run(words, cwd=ROOT, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


# The distribution's packages


def may_apt_install() -> bool:
    """Root on a Debian-like system: there we add what is missing ourselves."""
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(*packages: str) -> None:
    """Install packages without asking anything; the lists first, which a bare machine lacks."""
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    run("apt-get", "update", "-qq", env=env, quiet=True)
    run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages, env=env, quiet=True)


def venv_package() -> str:
    """Debian splits the venv module off per version of Python."""
    return "python{}.{}-venv".format(*sys.version_info)


def require_venv_module() -> None:
    """Python must be able to make an environment with pip; Debian ships that apart."""
    if importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv"):
        return
    package = venv_package()
    if not may_apt_install():
        raise RunError(
            f"Python's venv module is missing. Install it, then try again:\n    sudo apt-get install {package}"
        )
    with phase(f"install {package}"):
        apt_install(package)


# The environment


def venv_python() -> Path:
    """The interpreter inside `.venv`."""
    return VENV / "Scripts" / "python.exe" if os.name == "nt" else VENV / "bin" / "python"


def make_venv(uv: str | None) -> None:
    """Make `.venv`, or make it anew when a stopped run left half of one."""
    probe = "import sys; assert sys.version_info >= (3, 11)" + ("" if uv else "; import pip")
    if succeeds(venv_python(), "-c", probe):
        return
    if uv:
        run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, VENV)
        return
    require_venv_module()
    run(sys.executable, "-m", "venv", "--clear", VENV)


def install_lock(lock: Path, uv: str | None) -> None:
    """Install exactly what the lock names, each file checked against its hash."""
    if uv:
        run(uv, "pip", "install", "--quiet", "--python", venv_python(), "--require-hashes", "-r", lock)
        return
    quiet = ("--quiet", "--disable-pip-version-check", "--no-input", "--no-compile")
    run(venv_python(), "-m", "pip", "install", *quiet, "--require-hashes", "-r", lock)


def fingerprint(*files: Path) -> str:
    """A hash of the files' contents, and of the Python they are installed for."""
    digest = hashlib.sha256(repr((sys.version_info[:2], sys.platform)).encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def read_stamp() -> dict[str, str]:
    """What an earlier run has finished; empty when there is no telling."""
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def prepare(kind: str) -> None:
    """Leave a `.venv` with the lock of this kind installed and the message files compiled."""
    stamp, wanted = read_stamp(), fingerprint(LOCKS[kind])
    if stamp.get(kind) != wanted or not venv_python().exists():
        uv = shutil.which("uv")
        with phase(f"install {LOCKS[kind].name} with {'uv' if uv else 'pip'}"):
            make_venv(uv)
            install_lock(LOCKS[kind], uv)
        # Read again: an environment made anew has lost its stamp. The dev lock contains the runtime lock.
        kinds = ("runtime", "dev") if kind == "dev" else (kind,)
        STAMP.write_text(json.dumps(read_stamp() | {each: fingerprint(LOCKS[each]) for each in kinds}))
    compile_messages()


def stale_messages(locale: Path) -> list[Path]:
    """The message files whose compiled form is missing or older."""
    found = sorted(locale.glob("*/LC_MESSAGES/*.po"))
    return [po for po in found if not (mo := po.with_suffix(".mo")).exists() or mo.stat().st_mtime < po.stat().st_mtime]


def compile_messages() -> None:
    """Compile with Babel what has changed; GNU gettext need not be on the machine.

    Aside first: of one that was broken off, or met a full disk, the half would be newer than its source for good.
    """
    babel = (venv_python(), "-m", "babel.messages.frontend", "--quiet", "compile")
    for po in stale_messages(ROOT / "locale"):
        language, aside = po.parts[-3], po.with_suffix(".new.mo")
        run(*babel, "--locale", language, "--input-file", po, "--output-file", aside)
        aside.replace(po.with_suffix(".mo"))


# The command line


def program(name: str) -> tuple[list[str], dict[str, str]]:
    """What is installed for a command, with what it is started, and in which mode."""
    env = dict(os.environ)
    if name in OF_A_SERVER:
        return [sys.executable, str(ROOT / "deploy" / f"{name}.py")], env
    prepare("runtime" if name == "demo" else "dev")
    return [str(venv_python()), "-m", MODULES[name]], env | {"KRING_MODE": "demo" if name == "demo" else "test"}


def carry_out(name: str, rest: Sequence[str]) -> int:
    """Become the program of this command, so that signals and the exit status are its own; Windows starts it beside."""
    command, env = program(name)
    os.chdir(ROOT)
    if os.name == "posix":
        sys.stdout.flush()
        os.execve(command[0], [*command, *rest], env)
    return subprocess.run([*command, *rest], env=env, check=False).returncode


def interrupt(_signal: int, _frame: object) -> None:
    """Being told to stop by the system is the same as Ctrl-C."""
    raise KeyboardInterrupt


def in_words(deed: Callable[[], int], *, stopped: int = 130) -> int:
    """Its exit status; problems end in a sentence, never in a traceback, and `stopped` is the status of Ctrl-C."""
    for name in ("SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), interrupt)
    try:
        return deed()
    except RunError as stop:
        say(f"\n{stop}")
        return 1
    except KeyboardInterrupt:
        with contextlib.suppress(BrokenPipeError):  # who stopped us may have gone already
            say("\nStopped.")
        return stopped


def main() -> int:
    """Carry out one command; its options are read by its own program."""
    if sys.version_info < OLDEST_PYTHON:
        say("Kring needs Python 3.11 or newer; this is {}.{}.".format(*sys.version_info))
        return 1
    name, rest = (sys.argv[1], sys.argv[2:]) if len(sys.argv) > 1 else ("", [])
    if name not in {*MODULES, *OF_A_SERVER}:
        say(str(__doc__))
        return 0 if name in {"-h", "--help"} else 2
    return in_words(lambda: carry_out(name, rest))


if __name__ == "__main__":
    sys.exit(main())
