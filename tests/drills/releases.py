"""Two releases of Kring, and a machine in a folder on which `run.py install --systemd` has put the first of them.

The programs are those of `deploy/`, copied, with the folder in front of each place and free ports: no systemd, no user
of its own and no package manager, all else as it is. Units are started by tests/deploy/systemctl_stand_in.py.
"""

import os
import re
import secrets
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import create_server
from typing import NamedTuple

import pytest

from deploy import install
from deploy.command import settings as read_env
from tests.architecture.test_releases import is_released, tag
from tests.deploy.test_nginx import NGINX, ask, make_certificate
from tests.drills.databases import Server
from tests.drills.machine import PERSONAL, Installation, until
from tests.mail.server import free_port

ROOT = Path(__file__).parents[2]
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "var", ".env*", "tls", "__pycache__", ".*_cache", "*.mo", "tests", "docs", ".ci"
)
PARTS = ("kring-web", "kring-worker", "kring-fast", "kring-beat", "kring-watch", "kring-front")
PLACES = ("/opt/kring", "/etc/kring", "/var/lib/kring", "/var/backups/kring", "/var/cache/kring", "/run/kring-")
OF_THE_MACHINE = ("/etc/systemd/system", "/usr/local/bin/kring", "/run/stand-in")
LOWEST, HIGHEST = 20_000, 32_000
"""Below net.ipv4.ip_local_port_range, as the 8000 of an installation is."""
NUMBER = (r'(?m)^version = ".*"', 'version = "99.0.0"')
needs_root = pytest.mark.skipif(
    not (os.geteuid() == 0 and NGINX and all(map(shutil.which, ("age", "rsync", "setpriv", "openssl")))),
    reason="needs root, nginx, age, openssl, rsync and setpriv",
)


class Ports(NamedTuple):
    plain: int
    secure: int
    web: int


class Ran(NamedTuple):
    status: int
    said: str


class Machine:
    """Where everything of this machine lies; `upgrade` is what a person types in the folder of a new release."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = Ports(free_port(), free_port(), two_free_ports())
        self.code, self.etc = folder / "opt/kring", folder / "etc/kring"
        for name in ("opt", "etc/systemd/system", "usr/local/bin", "run", "var/lib", "var/cache", "bin"):
            (folder / name).mkdir(parents=True)
        (self.etc / "tls").mkdir(parents=True)
        make_certificate(self.etc / "tls")
        self.tls = ssl.create_default_context(cafile=self.etc / "tls/fullchain.pem")
        for name, text in self._programs():
            (folder / "bin" / name).write_text(text)
            (folder / "bin" / name).chmod(0o755)

    def _programs(self) -> Iterator[tuple[str, str]]:
        stand_in = (ROOT / "tests/deploy/systemctl_stand_in.py").read_text()
        for place in ("/run", "/var/cache"):
            stand_in = stand_in.replace(f'"{place}")', f'"{self.folder}{place}")')
        yield "systemctl", self._here(stand_in)
        yield "dpkg-query", "#!/bin/sh\nexit 0\n"

    def _here(self, text: str) -> str:
        for place in (*PLACES, *OF_THE_MACHINE):
            text = text.replace(place, f"{self.folder}{place}")
        return text

    def release_before(self) -> Path:
        """A folder with the newest release that has a number, or with this tree as long as there is none."""
        tree = self.folder / "before"
        if is_released():
            newest = tag()
            assert newest, "CHANGELOG.md names a release of which this clone has no tag: git fetch --tags"
            packed = subprocess.run(["git", "archive", newest], cwd=ROOT, capture_output=True, check=True).stdout
            tree.mkdir()
            subprocess.run(["tar", "-x"], cwd=tree, input=packed, check=True)
        else:
            shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
        return self._brought_here(tree)

    def release_after(self, change: Mapping[str, tuple[str, str]], **files: str) -> Path:
        """A folder with this tree as release 99.0.0, as somebody fetches it: `change` some text of a file, add some."""
        tree = self.folder / "after"
        shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
        for place, (old, new) in {"pyproject.toml": NUMBER, **change}.items():
            text, times = re.subn(old, new, (tree / place).read_text())
            assert times, f"{place} has no {old!r}"
            (tree / place).write_text(text)
        for place, content in files.items():
            (tree / place).write_text(content)
        return self._brought_here(tree)

    def _brought_here(self, tree: Path) -> Path:
        for file in [*tree.glob("deploy/*.py"), *tree.glob("deploy/systemd/*"), *tree.glob("deploy/*.sh")]:
            file.write_text(self._of_root(self._here(file.read_text())))
        self._at_free_ports(tree)
        self._with_what_is_installed(tree)
        return tree

    @staticmethod
    def _of_root(text: str) -> str:
        """Nobody else has rights in this folder."""
        text = re.sub(r"(?m)^(User|Group)=.*$", r"\1=root", text)
        text = text.replace('USER, FRONT = "kring", "www-data"', 'USER, FRONT = "root", "root"')
        return (
            text.replace('"postgres" if "make_roles" in words else USER', "USER")
            .replace('user="postgres", owner=True', 'user="root", owner=True')
            .replace(', "kring"\n', ', "root"\n')
        )

    def _at_free_ports(self, tree: Path) -> None:
        plain, secure, web = self.ports
        for file, pairs in {
            "deploy/install.py": [("PORT = 8000", f"PORT = {web}")],
            "deploy/systemd/kring-web.service": [("--port 8000", f"--port {web}")],
            "deploy/nginx.conf": [
                ("worker_processes auto;", "user root; worker_processes 2;"),
                *((f"listen {way}{old} ", f"listen {local}{new} ")
                  for way, local in (("", "127.0.0.1:"), ("[::]:", "[::1]:"))
                  for old, new in ((80, plain), (443, secure))),
            ],
        }.items():  # fmt: skip
            text = (tree / file).read_text()
            for old, new in pairs:
                assert old in text, f"{file} has no {old!r}"
                text = text.replace(old, new)
            (tree / file).write_text(text)

    def _with_what_is_installed(self, tree: Path) -> None:
        """The packages of these tests are those of the lock: installing them once more would take a minute."""
        if (tree / "requirements.lock").read_bytes() != (ROOT / "requirements.lock").read_bytes():
            return
        place = self.folder / "opt/kring-releases" / install.name_of(tree)
        place.mkdir(parents=True)
        (place / ".venv").symlink_to(sys.prefix)

    @contextmanager
    def begun(self, tree: Path, server: Server, environment: Mapping[str, str]) -> Iterator[None]:
        """As `run.py install` leaves it, and started; stopped at the end.

        On the tables of this tree, which are the tests': where `tree` is a release, these are newer from the start.
        """
        address = f"@127.0.0.1:{server.port}/kring"
        owner = {"ADMIN": f"postgres{address}", "OWNER": f"kring_owner:geheim{address}"}
        for file, told in {
            "kring.env": {**environment, "KRING_DATABASE_URL": f"postgres://kring_app:geheim{address}"},
            "owner.env": {f"KRING_{name}_DATABASE_URL": f"postgres://{who}" for name, who in owner.items()},
        }.items():
            (self.etc / file).write_text("".join(f"{name}={value}\n" for name, value in told.items()))
        server.ask("DROP TABLE django_migrations")  # the tests' tables came without
        self._manage("migrate", "--no-input", "--fake")
        laid_out = """
            from deploy import install as i
            i.BACKUPS.parent.mkdir(); i.user_and_folders(); i.point_at(i.program())
            i.migrate(i.CODE); i.static_files(i.CODE); i.front(); i.units(i.CODE.resolve())
        """
        done = self._run(tree, "-c", "\n".join(line.strip() for line in laid_out.splitlines()))
        assert done.status == 0, done.said
        try:
            self._systemctl("start", *PARTS)
            until(self._front_answers, "the front answers")
            until(lambda: Installation.answers(self.ports.web), "the pages answer")
            yield
        finally:
            self._systemctl("stop", "kring.target")
            print("\n".join(f"{name}: {text[-3000:]}" for name, text in self.logs().items()))
        assert {name: found for name, text in self.logs().items() if (found := PERSONAL.findall(text))} == {}

    def _front_answers(self) -> bool:
        with suppress(OSError):
            return ask(f"http://127.0.0.1:{self.ports.plain}/gezond/front")[0] == 200
        return False

    def upgrade(self, tree: Path, *words: str) -> Ran:
        return self._run(tree, "run.py", "upgrade", *words)

    def _manage(self, *words: str) -> None:
        """A command of this tree, as the owner of the tables."""
        told = read_env(self.etc / "kring.env", self.etc / "owner.env")
        command = [sys.executable, "manage.py", *words]
        subprocess.run(command, cwd=ROOT, env={**self._environment(), **told}, check=True)

    def _run(self, tree: Path, *words: str) -> Ran:
        done = subprocess.run(
            [sys.executable, *words], cwd=tree, env=self._environment(), stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        return Ran(done.returncode, done.stdout)

    def _systemctl(self, *words: str) -> None:
        subprocess.run([self.folder / "bin/systemctl", *words], env=self._environment(), check=True)

    def _environment(self) -> dict[str, str]:
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("KRING_", "DJANGO_"))}
        return plain | {"PATH": f"{self.folder}/bin:{os.environ['PATH']}:/usr/sbin:/sbin"}

    @property
    def serving(self) -> str:
        """The release that is Kring now."""
        return self.code.resolve().name

    def logs(self) -> dict[str, str]:
        """What each part wrote; none of it is about somebody."""
        return {log.name: log.read_text() for log in sorted(self.folder.glob("run/*/*.log"))}


def two_free_ports() -> int:
    """The first of two in a row, none of those that a line going out is given: pages let go of theirs for a moment."""
    while True:
        port = LOWEST + secrets.randbelow(HIGHEST - LOWEST)
        with suppress(OSError), create_server(("127.0.0.1", port)), create_server(("127.0.0.1", port + 1)):
            return port
