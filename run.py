#!/usr/bin/env python3
"""Kring's two commands, and the three that go with them.

    python3 run.py demo      installs, migrates, seeds a school, serves it, opens the browser
    python3 run.py test      installs, runs every test; further arguments go to pytest
    python3 run.py bench     installs, prints the measurements
    python3 run.py mutation  installs, changes the code of the rights and counts what the tests see
    python3 run.py init      writes .env and .env.owner with fresh secrets for a real installation

One file and only the standard library, because it runs before anything is installed. Whatever it makes stands in
`.venv` and `var`; both can be thrown away. A second start finds its stamp there and skips what has been done.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib.util
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "kring-stamp.json"
DEMO_FOLDER = ROOT / "var" / "demo"
DEMO_STAMP = DEMO_FOLDER / "kring-stamp"
ENV_FILE = ROOT / ".env"
OWNER_FILE = ROOT / ".env.owner"
LOCKS = {"runtime": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}

EVERY_RUN = "not bench and not long and not nightly"
"""Which tests are run when nobody chose by `-m`."""

OLDEST_PYTHON = (3, 11)
START_LIMIT = 60  # seconds before a server that says nothing counts as stuck
STOP_LIMIT = 10  # seconds a server gets to finish what it is doing

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM_PLACES = (
    "/usr/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
)
PLAYWRIGHT_FOLDERS = ("~/.cache/ms-playwright", "~/Library/Caches/ms-playwright", "~/AppData/Local/ms-playwright")
PLAYWRIGHT_BINARIES = ("chrome-linux*/chrome", "chrome-mac*/*.app/Contents/MacOS/*", "chrome-win*/chrome.exe")


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
    """Compile with Babel what has changed; GNU gettext need not be on the machine."""
    babel = (venv_python(), "-m", "babel.messages.frontend", "--quiet", "compile")
    for po in stale_messages(ROOT / "locale"):
        language = po.parts[-3]
        run(*babel, "--locale", language, "--input-file", po, "--output-file", po.with_suffix(".mo"))


# A browser for the tests


def installed_chromium() -> str | None:
    """A Chromium that is on this machine: the one named in KRING_CHROMIUM, the system's, or Playwright's."""
    if named := os.environ.get("KRING_CHROMIUM"):
        if not Path(named).exists():
            raise RunError(f"KRING_CHROMIUM names {named}, and there is no such file.")
        return named
    on_path = (shutil.which(name) for name in CHROMIUM_NAMES)
    at_place = (place for place in CHROMIUM_PLACES if Path(place).exists())
    return next((found for found in (*on_path, *at_place) if found), None) or playwright_chromium()


def playwright_chromium() -> str | None:
    """The newest Chromium that Playwright has downloaded before."""
    named = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    folders = [Path(place).expanduser() for place in ([named] if named else PLAYWRIGHT_FOLDERS)]
    found = (
        binary
        for folder in folders
        for version in sorted(folder.glob("chromium-*"), reverse=True)
        for pattern in PLAYWRIGHT_BINARIES
        for binary in version.glob(pattern)
    )
    return next((str(binary) for binary in found), None)


def find_chromium() -> str | None:
    """A Chromium, fetched when none is here: as root from the distribution, else by Playwright; None when all fails."""
    if found := installed_chromium():
        return found
    with phase("fetch a Chromium for the browser tests"), contextlib.suppress(RunError):
        if may_apt_install():
            apt_install("chromium")
        else:
            run(venv_python(), "-m", "playwright", "install", "chromium")
    return installed_chromium()


def warn_no_chromium() -> None:
    """Skipped browser tests must not pass for passed ones."""
    say(
        "\n"
        + "!" * 78
        + "\nNO CHROMIUM WAS FOUND: the journeys in the browser were skipped, not passed."
        + "\nInstall one (Debian: sudo apt-get install chromium) or name one in KRING_CHROMIUM.\n"
        + "!" * 78
    )


# test, bench and mutation


def pytest_arguments(given: Sequence[str], *, long: bool) -> list[str]:
    """One process per core, and only what is for every run, unless the caller arranged these himself."""
    arguments = list(given)
    if not any(word.startswith(("-n", "--numprocesses", "--pdb", "--trace", "no:xdist")) for word in arguments):
        arguments = ["-n", "auto", "--dist", "loadgroup", *arguments]
    if not any(word.startswith("-m") for word in arguments):
        arguments += ["-m", "not bench" if long else EVERY_RUN]
    return [*arguments, "--hypothesis-profile=long", "-o", "faulthandler_timeout=14400"] if long else arguments


def development_environ(chromium: str | None) -> dict[str, str]:
    """The caller's environment in test mode; the databases and brokers he named pass through."""
    env = dict(os.environ) | {"KRING_MODE": "test"}
    return env | {"KRING_CHROMIUM": chromium} if chromium else env


def command_test(options: argparse.Namespace, rest: list[str]) -> int:
    """Install and run the tests; the exit status is pytest's."""
    prepare("dev")
    chromium = find_chromium()
    command = [str(venv_python()), "-m", "pytest", *pytest_arguments(rest, long=options.long)]
    status = subprocess.run(command, cwd=ROOT, env=development_environ(chromium), check=False).returncode
    if chromium is None:
        warn_no_chromium()
    return status


def command_measure(options: argparse.Namespace, rest: list[str]) -> int:
    """Install and print the measurements, or how much the tests see."""
    prepare("dev")
    command = [str(venv_python()), "-m", options.module, *rest]
    return subprocess.run(command, cwd=ROOT, env=development_environ(None), check=False).returncode


# demo


def require_free_port(port: int) -> None:
    """Say who is in the way before anything is installed or seeded."""
    with socket.socket() as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise RunError(
                f"Port {port} cannot be used ({error.strerror}): perhaps a demo is still running there.\n"
                f"Stop it, or choose another port:  python3 run.py demo --port {port + 1}"
            ) from error


def demo_environ(port: int) -> dict[str, str]:
    """Demo mode, everything in one process, on this port."""
    return dict(os.environ) | {"KRING_MODE": "demo", "KRING_EMBEDDED": "1", "KRING_PORT": str(port)}


def granian_command(port: int) -> list[str]:
    """One worker, because the queue and the schedule live inside it; eight threads, so that pages do not wait."""
    return [
        *(str(venv_python()), "-m", "granian", "--interface", "wsgi", "--no-ws", "--log-level", "error"),
        *("--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--blocking-threads", "8"),
        "portal.wsgi:application",
    ]


def demo_fingerprint() -> str:
    """What the demo's database depends on: the libraries' migrations by the lock, our own by their text."""
    ours = sorted([*ROOT.glob("*/migrations/*.py"), *ROOT.glob("*/*/migrations/*.py")])
    return fingerprint(LOCKS["runtime"], *ours)


def is_seeded(env: Mapping[str, str]) -> bool:
    """Whether an earlier run filled the demo's own database for these migrations; of others there is no telling."""
    if "KRING_DATABASE_URL" in env or "KRING_DATA_DIR" in env or not (DEMO_FOLDER / "kring.sqlite3").exists():
        return False
    return DEMO_STAMP.exists() and DEMO_STAMP.read_text() == demo_fingerprint()


def seed(env: Mapping[str, str], *, reset: bool) -> None:
    """Bring the demo's database up to date and fill it, unless that has been done."""
    if reset:
        shutil.rmtree(DEMO_FOLDER, ignore_errors=True)
    if is_seeded(env):
        return
    manage = (venv_python(), "manage.py")
    with phase("migrate"):
        run(*manage, "migrate", "--no-input", "--verbosity", "0", env=env)
    with phase("seed"):
        run(*manage, "seed_demo", env=env)
    DEMO_FOLDER.mkdir(parents=True, exist_ok=True)
    DEMO_STAMP.write_text(demo_fingerprint())


def answers(url: str) -> bool:
    """Whether the server serves a page there; proxies of the environment are none of localhost's business."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def wait_until_served(server: subprocess.Popen[bytes], port: int) -> None:
    """Return when the health page answers; `RunError` when the server has died or says nothing."""
    deadline = time.monotonic() + START_LIMIT
    while not answers(f"http://127.0.0.1:{port}/gezond/"):
        if server.poll() is not None:
            raise RunError(f"The server stopped at once with status {server.returncode}; the lines above say why.")
        if time.monotonic() > deadline:
            raise RunError(f"The server did not answer within {START_LIMIT} seconds.")
        time.sleep(0.05)


def end(server: subprocess.Popen[bytes]) -> None:
    """Let the server finish; one that hangs, or a second Ctrl-C, ends it and its worker at once."""
    with contextlib.suppress(KeyboardInterrupt, subprocess.TimeoutExpired):
        if server.poll() is None:
            server.terminate()
        server.wait(STOP_LIMIT)
    if server.poll() is None:
        os.killpg(server.pid, signal.SIGKILL) if os.name == "posix" else server.kill()


def serve(env: Mapping[str, str], port: int, *, browser: bool) -> int:
    """Serve until Ctrl-C or until the server ends by itself."""
    address = f"http://localhost:{port}/demo/"
    # A session of its own: Ctrl-C reaches us alone, and we pass it on once.
    server = subprocess.Popen(granian_command(port), cwd=ROOT, env=env, start_new_session=True)
    try:
        wait_until_served(server, port)
        say(f"\nKring is here:  {address}\nCtrl-C stops it.\n")
        if browser:
            webbrowser.open(address)
        return server.wait()
    finally:
        end(server)


def command_demo(options: argparse.Namespace, _rest: list[str]) -> int:
    """Install, migrate, seed, serve."""
    require_free_port(options.port)
    prepare("runtime")
    env = demo_environ(options.port)
    seed(env, reset=options.reset)
    return serve(env, options.port, browser=options.browser)


# init

ENV_TEXT = """\
# Kring's settings on this server, read by docker compose. Keep this file secret and in the backup.
# Its meaning, line by line: docs/operations.md.

# Where people find it. A comma separates several names.
KRING_HOSTS={host}
KRING_BASE_URL=https://{host}

# How mail leaves, for example smtp+tls://name:password@mail.example:587 , and who it comes from.
KRING_SMTP_URL=
KRING_MAIL_FROM=Kring <kring@{host}>

# The number of proxies whose word on the visitor's address counts: the nginx of docker-compose.yml.
KRING_TRUSTED_PROXIES=1

# Made for this server; nobody needs to know them.
KRING_MODE=production
KRING_SECRET_KEY={secret}
# Seals the dossier. Keep it as long as the dossier: with another one nothing that was sealed can be verified.
KRING_CHAIN_KEY={chain}
KRING_DATABASE_URL=postgres://kring_app:{app}@postgres:5432/kring
KRING_REDIS_URL=redis://redis:6379/0
"""

OWNER_TEXT = """\
# The database's superuser and the owner of its tables. Only postgres and migrate read this file; who serves pages may
# not know it, so that nothing there can undo what must not be changed. Secret, and in the backup.
POSTGRES_PASSWORD={admin}
KRING_ADMIN_DATABASE_URL=postgres://kring:{admin}@postgres:5432/kring
KRING_OWNER_DATABASE_URL=postgres://kring_owner:{owner}@postgres:5432/kring
"""


def env_texts(host: str) -> tuple[str, str]:
    """A whole `.env` and `.env.owner` with secrets of their own: letters and digits, which every reader agrees on."""
    names = ("chain", "app", "admin", "owner")
    made = {"host": host, "secret": secrets.token_hex(40)} | {name: secrets.token_hex(24) for name in names}
    return ENV_TEXT.format(**made), OWNER_TEXT.format(**made)


def split_env(old: str) -> tuple[str, str]:
    """The `.env` of a release in which the app was the database's superuser, as two files; what is in it stays."""
    if not (found := re.search(r"^POSTGRES_PASSWORD=(\w+)\n", old, re.MULTILINE)):
        raise RunError(f"{ENV_FILE.name} is there already and holds secrets: it is left as it is.")
    app, chain = secrets.token_hex(24), secrets.token_hex(24)
    database = f"KRING_CHAIN_KEY={chain}\nKRING_DATABASE_URL=postgres://kring_app:{app}@postgres:5432/kring"
    text = re.sub(r"^KRING_DATABASE_URL=.*$", database, old.replace(found[0], ""), flags=re.MULTILINE)
    return text, OWNER_TEXT.format(admin=found[1], owner=secrets.token_hex(24))


def write_secret(path: Path, text: str) -> None:
    """A file for its owner only, whole or not at all; in the place of the one that was there."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)


def command_init(options: argparse.Namespace, _rest: list[str]) -> int:
    """Write both files once; a `.env` of before there were two is split, another one is left alone."""
    if OWNER_FILE.exists():
        raise RunError(f"{OWNER_FILE.name} is there already and holds secrets: it is left as it is.")
    text, owner = split_env(ENV_FILE.read_text()) if ENV_FILE.exists() else env_texts(options.host)
    write_secret(OWNER_FILE, owner)
    write_secret(ENV_FILE, text)
    say(f"Wrote {ENV_FILE.name} and {OWNER_FILE.name}. Fill in KRING_SMTP_URL, check KRING_HOSTS, then:")
    say("    docker compose up -d")
    return 0


# The command line


def command_line() -> argparse.ArgumentParser:
    """The five commands and their options."""
    text = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="run.py", description=__doc__, formatter_class=text)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    demo = commands.add_parser("demo", help="try Kring with an invented school")
    demo.add_argument("--port", type=int, default=8000, help="where to serve (8000)")
    demo.add_argument("--no-browser", dest="browser", action="store_false", help="print the address, open nothing")
    demo.add_argument("--reset", action="store_true", help="throw the demo's data away first")
    demo.set_defaults(command=command_demo, passes_on=False)
    test = commands.add_parser("test", help="run every test; further arguments go to pytest", allow_abbrev=False)
    test.add_argument("--long", action="store_true", help="with the sizes that take hours rather than minutes")
    test.set_defaults(command=command_test, passes_on=True)
    bench = commands.add_parser("bench", help="print the measurements", add_help=False, allow_abbrev=False)
    bench.set_defaults(command=command_measure, module="tests.bench", passes_on=True)
    text_of_mutation = "change the code of the rights, count what the tests see; --help says more"
    mutation = commands.add_parser("mutation", help=text_of_mutation, add_help=False, allow_abbrev=False)
    mutation.set_defaults(command=command_measure, module="tests.mutation", passes_on=True)
    init = commands.add_parser("init", help="write .env with fresh secrets; never overwrites one")
    init.add_argument("--host", default="kring.example.org", help="the name people will type in their browser")
    init.set_defaults(command=command_init, passes_on=False)
    return parser


def read_command_line(words: Sequence[str] | None = None) -> tuple[argparse.Namespace, list[str]]:
    """The options of the chosen command, and what is left over for pytest or what is measured."""
    parser = command_line()
    options, rest = parser.parse_known_args(words)
    if rest and not options.passes_on:
        parser.error(f"unknown: {' '.join(rest)}")
    return options, rest


def interrupt(_signal: int, _frame: object) -> None:
    """Being told to stop by the system is the same as Ctrl-C."""
    raise KeyboardInterrupt


def main() -> int:
    """Carry out one command; problems end in a sentence, never in a traceback."""
    if sys.version_info < OLDEST_PYTHON:
        say("Kring needs Python 3.11 or newer; this is {}.{}.".format(*sys.version_info))
        return 1
    options, rest = read_command_line()
    for name in ("SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), interrupt)
    try:
        return int(options.command(options, rest))
    except RunError as stop:
        say(f"\n{stop}")
        return 1
    except KeyboardInterrupt:
        with contextlib.suppress(BrokenPipeError):  # who stopped us may have gone already
            say("\nStopped.")
        return 0 if options.command is command_demo else 130


if __name__ == "__main__":
    sys.exit(main())
