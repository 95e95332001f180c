"""A bare Debian 12 and "Without Docker" of docs/operations.md, command by command, with an ACME server of its own."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import run
from deploy import command, install
from tests.deploy.test_operations import FILES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text()
HOST = "kring.yourschool.example"
DEBIAN = "http://deb.debian.org/debian"
TOOLS = ("debootstrap", "unshare", "chroot")
MOST = 1800
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
LIBRARY = """
begin() {  # the database, what a person fills in, a key for the backups, an ACME server
    pg_ctlcluster $(pg_lsclusters --no-header | awk '{print $1, $2}') start
    age-keygen -o /srv/from/kring-backup-key.txt
    fill KRING_SMTP_URL smtp+tls://a:b@127.0.0.1:2525
    fill KRING_BACKUP_TO "$(age-keygen -y /srv/from/kring-backup-key.txt)"
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 \\
        -keyout /srv/acme.key -out /srv/acme.pem
    printf 'server = https://127.0.0.1:14000/dir\\nno-verify-ssl = true\\n' >/etc/letsencrypt/cli.ini
    pebble -config /srv/pebble.json >/run/pebble.log 2>&1 &
    for i in $(seq 50); do grep -q 'ACME directory' /run/pebble.log && break; sleep 0.2; done
}
fill() { sed -i "s#^$1=.*#$1=$2#" /etc/kring/kring.env; }
plain() { curl -s -o /dev/null -w 'PLAIN %{http_code}\\n' -H 'Host: NAME' http://127.0.0.1/; }
page() {
    for i in $(seq 60); do curl -fks --resolve NAME:443:127.0.0.1 https://NAME/gezond/ && break; sleep 1; done
    curl -ks --resolve NAME:443:127.0.0.1 https://NAME/inloggen/ | grep -o '<title>.*</title>'
}
refused() { ! su $1 -s /bin/sh -c "cat $2"; }
schools() { su postgres -c "psql -qAt -d kring -c 'select count(*) from groups_school'"; }
""".replace("NAME", HOST)
LINE = '{"n":1,"at":"2026-11-20T08:00:00+00:00","place":"core_user","key":"0","act":"gone","said":{}}'
PEBBLE = """{"pebble": {"listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000",
"certificate": "/srv/acme.pem", "privateKey": "/srv/acme.key", "httpPort": 80, "tlsPort": 443,
"ocspResponderURL": "", "externalAccountBindingRequired": false}}"""


def blocks() -> list[str]:
    """The lines that a person types, of "Without Docker"."""
    section = PAGE[PAGE.index("## Without Docker") :]
    return [line for block in re.findall(r"```\n(.*?)```", section, re.DOTALL) for line in block.splitlines()]


def test_the_page_names_where_everything_is() -> None:
    for place in (install.CODE, install.ETC / "kring.env", install.DATA, install.BACKUPS):
        assert f"`{place}" in PAGE
    assert blocks()[0].startswith("python3 run.py install --systemd")


def test_a_certificate_is_asked_for_by_the_page() -> None:
    """Nothing runs before it is known how mail leaves: the first time there is no front that certbot is seen by."""
    first, again = blocks()[:2]
    assert again == first
    assert first.endswith("--certificate certbot")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "--systemd"),
        (["--systemd"], "sudo" if os.geteuid() else "--host"),
        (["--systemd", "--host", "https://x"], "sudo" if os.geteuid() else "--host"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(words: list[str], says: str) -> None:
    done = subprocess.run(
        ["python3", "run.py", "install", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "Traceback" in done.stderr, says in done.stdout) == (1, False, True)


@pytest.mark.parametrize(
    ("words", "starts", "owner"),
    [
        (["doctor"], [f"{command.CODE}/manage.py", "doctor"], False),
        (["--owner", "migrate"], [f"{command.CODE}/manage.py", "migrate"], True),
        (["backup", "night"], [f"{command.CODE}/deploy/backup.py", "night"], False),
    ],
)
def test_kring_starts_what_is_asked(words: list[str], starts: list[str], owner: bool) -> None:
    program, files = command.command(words)
    assert program[1:] == starts
    assert [file.name for file in files] == ["kring.env", *(["owner.env"] if owner else [])]


def test_a_file_is_looked_for_where_its_name_was_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shown: `kring import_roster school.xml` in the folder of that file could not open it."""
    (tmp_path / "kring.env").write_text("KRING_MODE=test\n")
    started: list[Path] = []
    monkeypatch.setattr(command, "ETC", tmp_path)
    monkeypatch.setattr(command.os, "geteuid", lambda: 1)
    monkeypatch.setattr(command.os, "umask", lambda _mask: None)  # of this process, which has other tests to run
    monkeypatch.setattr(command.os, "execve", lambda *_words: started.append(Path.cwd()))
    monkeypatch.chdir(tmp_path)
    command.main(["import_roster", "school.xml"], {})
    assert started == [tmp_path]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (install.Asked("nieuw.school.example", "own", ""), "KRING_HOSTS"),
        (install.Asked("oud.school.example", "own", "smtp+tls://a:b@mail.example:587"), "KRING_SMTP_URL"),
        (install.Asked("oud.school.example", "own", ""), ""),
    ],
)
def test_what_is_asked_and_stands_otherwise_in_the_settings_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: install.Asked, says: str
) -> None:
    """Shown: another name or mail server at a second run changed nothing, without a word."""
    monkeypatch.setattr(install, "ETC", tmp_path)
    (tmp_path / "owner.env").touch()
    (tmp_path / "kring.env").write_text("KRING_HOSTS=oud.school.example,ook.school.example\nKRING_SMTP_URL=\n")
    if not says:
        install.secrets(asked)
        return
    with pytest.raises(run.RunError, match=f"{says}.*is changed in"):
        install.secrets(asked)


def test_settings_are_read_as_systemd_reads_them(tmp_path: Path) -> None:
    file = tmp_path / "kring.env"
    file.write_text("# A=1\n\nKRING_MAIL_FROM=Kring <kring@x>\nKRING_BACKUP_COPY=rsync -a {folder}/ x:y=z\n")
    assert command.settings(file)["KRING_BACKUP_COPY"] == "rsync -a {folder}/ x:y=z"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('"Kring <kring@x>"', "Kring <kring@x>"),
        ("'a b'", "a b"),
        (r'"a \"b\" \n"', r'a "b" \n'),
        ('a"', 'a"'),
        ("  a  ", "a"),
        ('"', '"'),
        ("", ""),
    ],
)
def test_quotes_around_a_value_are_none_of_it(tmp_path: Path, written: str, read: str) -> None:
    """Shown: the parts of systemd were right, and `kring doctor` beside them had other settings."""
    file = tmp_path / "kring.env"
    file.write_text(f"KRING_MAIL_FROM={written}\nKRING_HOSTS = x\n")
    assert command.settings(file) == {"KRING_MAIL_FROM": read, "KRING_HOSTS": "x"}


@pytest.fixture
def at_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Kring's folders in a folder into which everybody comes; in the place of `kring` a user that every machine has."""
    monkeypatch.setattr(install, "USER", "daemon")
    with TemporaryDirectory() as made:
        home = Path(made)
        home.chmod(0o755)
        for name in ("ETC", "DATA", "BACKUPS"):
            monkeypatch.setattr(install, name, home / name.lower())
        yield home


@needs_root
@pytest.mark.parametrize("name", ["media", "static", "acme", "journal", "incoming"])
def test_no_folder_of_another_is_given_away_by_a_link(at_home: Path, name: str) -> None:
    """Who serves may change what is below its own folders, and waits until root installs once more."""
    install.user_and_folders()
    other = at_home / "of_root"
    other.mkdir(mode=0o700)
    (install.DATA / name).rmdir()
    (install.DATA / name).symlink_to(other)
    with pytest.raises(run.RunError, match=f"{name} is a link"):
        install.user_and_folders()
    assert (other.stat().st_uid, other.stat().st_mode & 0o777) == (0, 0o700)


@needs_root
@pytest.mark.usefixtures("at_home")
def test_who_serves_adds_to_its_folder_and_moves_nothing_of_root() -> None:
    """Where certbot writes as root is no place of who serves."""
    install.user_and_folders()
    as_daemon = ("setpriv", "--reuid=daemon", "--regid=daemon", "--init-groups", "--")
    assert run.succeeds(*as_daemon, "mkdir", install.DATA / "roster-uploads")
    assert run.succeeds(*as_daemon, "touch", install.DATA / "media" / "closed.json")
    assert not run.succeeds(*as_daemon, "mv", install.DATA / "acme", install.DATA / "elsewhere")


class Machine:
    """An empty Debian in a folder, entered as a container is; it has a network only while it installs."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
        shutil.copy("/etc/ssl/certs/ca-certificates.crt", root / "etc/ssl/certs/ca-certificates.crt")
        (root / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")
        (root / "usr/sbin/policy-rc.d").chmod(0o755)

    def run(self, script: str, *, online: bool = False) -> str:
        (self.root / "srv/script").write_text(f"set -e\n{script}")
        shared = ["--mount", "--pid", "--fork", f"--mount-proc={self.root}/proc", *([] if online else ["--net"])]
        inside = f"mount --rbind /dev {self.root}/dev; ip link set lo up; exec chroot {self.root} bash -x /srv/script"
        kept = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        plain = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/root",
            "LANG": "C.UTF-8",
        }
        done = subprocess.run(
            ["unshare", *shared, "bash", "-c", inside],
            env=kept | plain, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=MOST,
        )  # fmt: skip
        logs = "".join(log.read_text()[-1500:] for log in sorted(self.root.glob("run/stand-in/*.log")))
        assert done.returncode == 0, done.stdout[-4000:] + logs
        return done.stdout


def bare(root: Path) -> Machine:
    words = ["debootstrap", "--variant=minbase", "--include=ca-certificates,python3", "bookworm", str(root), DEBIAN]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return Machine(root)


def install_on(machine: Machine) -> float:
    """The first command of the page, and what the test needs to look at it; how long that command took."""
    root, skip = machine.root, shutil.ignore_patterns(".git", ".venv", "var", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, root / "root/kring", ignore=skip)
    for place in ("srv/export", "srv/from"):
        (root / place).mkdir(parents=True)
    for name, content in FILES.items():
        (root / "srv/export" / name).write_bytes(content)
    (root / "srv/pebble.json").write_text(PEBBLE)
    (root / "srv/lib.sh").write_text(LIBRARY)
    machine.run(
        "export DEBIAN_FRONTEND=noninteractive; apt-get update -qq; apt-get install -y -qq pebble curl", online=True
    )
    began = time.monotonic()
    machine.run(f"cd /root/kring; {blocks()[0]}", online=True)
    return time.monotonic() - began


def walk(machine: Machine) -> list[str]:
    """Every command after it, in its order, with no network but its own; what was printed."""
    (machine.root / "etc/hosts").write_text(f"127.0.0.1 localhost {HOST}\n")
    (machine.root / "run/systemd/system").mkdir(parents=True)
    shutil.copy(ROOT / "tests/deploy/systemctl_stand_in.py", machine.root / "usr/local/sbin/systemctl")
    (machine.root / "usr/local/sbin/systemctl").chmod(0o755)
    _first, *lines, last = blocks()
    lines = [line.replace("kring doctor", "kring doctor || true") for line in lines]
    brought = ("kring backup journal", "cp -a /var/backups/kring /var/backups/kring/journal.jsonl.age /srv/from/")
    lines[lines.index("systemctl stop kring.target") : 0] = brought
    [restored] = [number for number, line in enumerate(lines) if "restored" in line]
    lines.insert(restored, f"echo '{LINE}' >>/srv/from/journal.jsonl")  # of a school from which nothing ever went
    script = [
        ". /srv/lib.sh",
        "begin",
        "cd /root/kring",
        lines.pop(0),  # the same as the first, now that it can start: nothing of before is lost
        "openssl x509 -noout -issuer -in /etc/kring/tls/fullchain.pem",
        *("plain", "page", *lines, "page"),
        "refused kring /etc/kring/owner.env",
        "refused www-data /etc/kring/kring.env",
        "echo SCHOOLS $(schools)",
        "test -e /etc/systemd/journald.conf.d/kring.conf",
        last,
        "test ! -e /opt/kring && test ! -e /usr/local/bin/kring && test ! -e /etc/systemd/system/kring.target",
        "test ! -e /etc/systemd/journald.conf.d/kring.conf",
        "echo LEFT $(schools) $(ls /var/backups/kring | grep -c T)",
    ]
    return [line for line in machine.run("\n".join(script)).splitlines() if not line.startswith("+")]


@pytest.mark.nightly
@pytest.mark.skipif(os.geteuid() != 0 or not all(map(shutil.which, TOOLS)), reason=f"needs root and {TOOLS}")
def test_a_bare_debian_by_the_page(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    machine = bare(tmp_path / "debian")
    try:
        installed = install_on(machine)
        told = walk(machine)
    finally:
        shutil.rmtree(machine.root, ignore_errors=True)
    assert "PLAIN 308" in told
    assert [line for line in told if line.startswith("issuer") and "Pebble" in line]
    assert sum("<title>" in line for line in told) == 2
    good, red = ([line for line in told if line.startswith(word)] for word in (("goed", "good"), ("ROOD", "RED")))
    assert len(good) >= 10, red
    assert "The doors are open. Mail that is held goes with: manage.py released --mail send|drop" in told
    assert {"SCHOOLS 1", "LEFT 1 1"} <= set(told)
    ledger = f"install: in {installed:.0f} s · lines of the doctor good {len(good)}, red {len(red)}"
    print(ledger, *red, sep="\n")
    record_property("ledger", ledger)
