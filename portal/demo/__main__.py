"""`python3 run.py demo`: migrates, seeds an invented school, serves it, opens the browser.

Only the standard library and the installer: what asks Django is a program of its own.
"""

import argparse
import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Mapping, Sequence
from pathlib import Path

import run

DEMO_FOLDER = run.ROOT / "var" / "demo"
DEMO_STAMP = DEMO_FOLDER / "kring-stamp"
START_LIMIT = 60  # seconds before a server that says nothing counts as stuck
STOP_LIMIT = 10  # seconds a server gets to finish what it is doing


def require_free_port(port: int) -> None:
    """Say who is in the way before anything is seeded."""
    with socket.socket() as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OverflowError:
            raise run.RunError(f"{port} is no port: choose one from 1024 to 65535.") from None
        except OSError as error:
            raise run.RunError(
                f"Port {port} cannot be used ({error.strerror}): perhaps a demo is still running there.\n"
                f"Stop it, or choose another port:  python3 run.py demo --port {port + 1}"
            ) from error


def require_nobody_serves(env: Mapping[str, str]) -> None:
    """Before anything is thrown away or made anew under who reads it: `portal.embedded` lets one in at a time."""
    folder = Path(env.get("KRING_DATA_DIR", DEMO_FOLDER))
    with contextlib.suppress(FileNotFoundError), (folder / "serving.lock").open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise run.RunError(f"Another demo serves what is in {folder}: stop it first.") from None


def demo_environ(port: int) -> dict[str, str]:
    """Demo mode, everything in one process, on this port."""
    return dict(os.environ) | {"KRING_MODE": "demo", "KRING_EMBEDDED": "1", "KRING_PORT": str(port)}


def granian_command(port: int) -> list[str]:
    """One worker, because the queue and the schedule live inside it; eight threads, so that pages do not wait."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--log-level", "error"),
        *("--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--blocking-threads", "8"),
        "portal.wsgi:application",
    ]


def demo_fingerprint() -> str:
    """What the demo's database depends on: the libraries' migrations by the lock, our own by their text."""
    ours = sorted([*run.ROOT.glob("*/migrations/*.py"), *run.ROOT.glob("*/*/migrations/*.py")])
    return run.fingerprint(run.LOCKS["runtime"], *ours)


def is_own(env: Mapping[str, str]) -> bool:
    """Whether nobody named another database or folder."""
    return "KRING_DATABASE_URL" not in env and "KRING_DATA_DIR" not in env


def is_seeded(env: Mapping[str, str]) -> bool:
    """Whether an earlier run filled the demo's own database for these migrations; of others there is no telling."""
    if not is_own(env) or not (DEMO_FOLDER / "kring.sqlite3").exists():
        return False
    return DEMO_STAMP.exists() and DEMO_STAMP.read_text() == demo_fingerprint()


def seed(env: Mapping[str, str], *, reset: bool) -> None:
    """Bring the demo's database up to date and fill it, unless that has been done."""
    if reset:
        if not is_own(env):
            raise run.RunError(
                f"--reset throws away what is in {DEMO_FOLDER}. Where KRING_DATA_DIR or KRING_DATABASE_URL is set,\n"
                "the demo lies elsewhere: empty that yourself."
            )
        shutil.rmtree(DEMO_FOLDER, ignore_errors=True)
    if is_seeded(env):
        return
    manage = (sys.executable, "manage.py")
    with run.phase("make the tables"):
        run.run(*manage, "make_tables", env=env)
    with run.phase("seed"):
        run.run(*manage, "seed_demo", env=env)
    if is_own(env):
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
    """Return when the health page answers; `run.RunError` when the server has died or says nothing."""
    deadline = time.monotonic() + START_LIMIT
    while not answers(f"http://127.0.0.1:{port}/gezond/"):
        if server.poll() is not None:
            raise run.RunError(f"The server stopped at once with status {server.returncode}; the lines above say why.")
        if time.monotonic() > deadline:
            raise run.RunError(f"The server did not answer within {START_LIMIT} seconds.")
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
    server = subprocess.Popen(granian_command(port), cwd=run.ROOT, env=env, start_new_session=True)
    try:
        wait_until_served(server, port)
        run.say(f"\nKring is here:  {address}\nCtrl-C stops it.\n")
        if browser:
            webbrowser.open(address)
        return server.wait()
    finally:
        end(server)


def read_command_line(words: Sequence[str]) -> argparse.Namespace:
    """The options of the demo."""
    parser = argparse.ArgumentParser(prog="run.py demo", description="Try Kring with an invented school.")
    parser.add_argument("--port", type=int, default=8000, help="where to serve (8000)")
    parser.add_argument("--no-browser", dest="browser", action="store_false", help="print the address, open nothing")
    parser.add_argument("--reset", action="store_true", help="throw the demo's data away first")
    return parser.parse_args(words)


def main() -> int:
    """Until Ctrl-C, which is how a demo ends well."""
    options = read_command_line(sys.argv[1:])
    require_free_port(options.port)
    env = demo_environ(options.port)
    require_nobody_serves(env)
    seed(env, reset=options.reset)
    return serve(env, options.port, browser=options.browser)


if __name__ == "__main__":
    sys.exit(run.in_words(main, stopped=0))
