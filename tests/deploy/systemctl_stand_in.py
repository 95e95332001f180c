#!/usr/bin/env python3
"""Put in the place of `systemctl` where no systemd can run (a chroot): starts and stops the units that are installed.

As far as they say what to start, as whom, with which settings and folders. Nothing of their hardening.
"""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

UNITS, STATE = Path("/etc/systemd/system"), Path("/run/stand-in")
ORDER = ("redis", "migrate", "web", "worker", "fast", "beat", "watch", "front")


def read(name: str) -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    for line in (UNITS / f"{name}.service").read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            said.setdefault(key, []).append(value)
    return said


def environment(unit: dict[str, list[str]]) -> dict[str, str]:
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8"}
    for line in unit.get("Environment", []):
        env |= dict(word.split("=", 1) for word in shlex.split(line))
    for file in unit.get("EnvironmentFile", []):
        env |= dict(re.findall(r"^([A-Z_]+)=(.*)$", Path(file).read_text(), re.MULTILINE))
    return env


def become(unit: dict[str, list[str]]) -> list[str]:
    [user] = unit["User"]
    words = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--no-new-privs"]
    if "AmbientCapabilities" in unit:
        words += ["--inh-caps=+net_bind_service", "--ambient-caps=+net_bind_service"]
    return [*words, "--"]


def start(name: str) -> None:
    unit = read(name)
    [user], env = unit["User"], environment(unit)
    for key, place in (("RuntimeDirectory", "/run"), ("CacheDirectory", "/var/cache")):
        for one in unit.get(key, []):
            (Path(place) / one).mkdir(exist_ok=True)
            shutil.chown(Path(place) / one, user, user)
    log = (STATE / f"{name}.log").open("a")
    where = {"cwd": unit.get("WorkingDirectory", ["/"])[0], "env": env, "stdout": log, "stderr": log}
    filled = [re.sub(r"\$\{(\w+)\}", lambda found: env[found[1]], line) for line in unit["ExecStart"]]
    for line in unit.get("ExecStartPre", []):
        subprocess.run([*become(unit), *shlex.split(line)], check=True, **where)
    [command] = filled
    if unit["Type"] == ["oneshot"]:
        subprocess.run([*become(unit), *shlex.split(command)], check=True, **where)
        return
    made = subprocess.Popen([*become(unit), *shlex.split(command)], start_new_session=True, **where)
    (STATE / f"{name}.pid").write_text(str(made.pid))
    time.sleep(1)
    if made.poll() is not None:
        sys.exit(f"{name} ended with {made.returncode}: see {STATE}/{name}.log")


def stop(name: str) -> None:
    """As systemd does: SIGTERM to all of it, or to the first process alone, and SIGKILL when that was not enough."""
    pid = STATE / f"{name}.pid"
    if not pid.exists():
        return
    first, unit = int(pid.read_text()), read(name)
    with suppress(ProcessLookupError):
        (os.kill if unit.get("KillMode") == ["mixed"] else os.killpg)(first, signal.SIGTERM)
        ends = time.monotonic() + float(unit.get("TimeoutStopSec", ["90"])[0])
        while is_running(first) and time.monotonic() < ends:
            time.sleep(0.1)
        os.killpg(first, signal.SIGKILL)
    pid.unlink()


def is_running(pid: int) -> bool:
    """One that ended and whose end nobody asked for has no command line any more."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False


def is_active(name: str) -> bool:
    pid = STATE / f"{name}.pid"
    return pid.exists() and is_running(int(pid.read_text()))


def main(words: list[str]) -> None:
    STATE.mkdir(exist_ok=True, parents=True)
    plain = [word for word in words if not word.startswith("-")]
    verb, names = plain[0], plain[1:]
    services = (
        [f"kring-{name}" for name in ORDER]
        if names == ["kring.target"]
        else [n.removesuffix(".service") for n in names]
    )
    if verb in {"restart", "stop"} or "--now" in words:
        there = [pid.stem for pid in STATE.glob("*.pid")]  # also what runs for a while beside the others
        for name in there if names == ["kring.target"] else reversed(services):
            stop(name)
    if verb in {"restart", "start"}:
        for name in services:
            start(name)
    if verb == "is-active" and not all(map(is_active, services)):
        sys.exit(3)
    if verb == "reload":
        os.kill(int((STATE / f"{services[0]}.pid").read_text()), signal.SIGHUP)


if __name__ == "__main__":
    main(sys.argv[1:])
