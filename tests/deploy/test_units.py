"""The units of systemd: well written, with as little as their work needs, and one for each part of compose."""

import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
import yaml

from deploy import healthcheck, install, upgrade

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "systemd"
SPARE = f"{upgrade.SPARE}.service"
SERVICES = sorted(unit.name for unit in FOLDER.glob("*.service"))
MOST_EXPOSED = 2.0
"""Of ten, as `systemd-analyze security` counts; a service without any hardening has 9.6."""
needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root in which the units are, as they are installed, and every program that they start."""
    root = tmp_path_factory.mktemp("root")
    for place in (
        "lib/systemd/system",
        "etc/systemd/system/kring-.service.d",
        "usr/bin",
        "usr/sbin",
        "bin",
        "opt/kring/.venv/bin",
    ):
        (root / place).mkdir(parents=True)
    for name in ("sysinit", "basic", "shutdown", "timers", "multi-user", "network-online", "network"):
        (root / f"lib/systemd/system/{name}.target").write_text("[Unit]\n")
    (root / f"etc/systemd/system/{SPARE}").write_text(upgrade.spare_unit(ROOT).replace(str(ROOT), str(install.CODE)))
    for unit in FOLDER.iterdir():
        drop_in = "kring-.service.d" if unit.suffix == ".conf" else ""
        shutil.copy(unit, root / "etc/systemd/system" / drop_in)
        for program in re.findall(r"^Exec\w+=(\S+)", unit.read_text(), re.MULTILINE):
            (root / program.lstrip("/")).touch(mode=0o755)
    return root


def analyze(machine: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = ["systemd-analyze", words[0], f"--root={machine}", *words[1:]]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@needs_systemd
@pytest.mark.parametrize("unit", [SPARE, *sorted(unit.name for unit in FOLDER.glob("kring*"))])
def test_systemd_finds_nothing_wrong(machine: Path, unit: str) -> None:
    done = analyze(machine, "verify", unit)
    assert [line for line in done.stderr.splitlines() if "kring" in line] == []


@needs_systemd
def test_what_is_wrong_would_be_found(machine: Path) -> None:
    wrong = machine / "etc/systemd/system/kring-wrong.service"
    wrong.write_text("[Service]\nExecStart=/opt/kring/nothing\nProtectSistem=strict\n")
    try:
        assert "ProtectSistem" in analyze(machine, "verify", wrong.name).stderr
    finally:
        wrong.unlink()


@needs_systemd
@pytest.mark.parametrize("unit", [SPARE, *SERVICES])
def test_a_service_can_do_little_more_than_its_work(machine: Path, unit: str) -> None:
    done = analyze(machine, "security", "--offline=yes", f"--threshold={MOST_EXPOSED * 10:.0f}", unit)
    assert done.returncode == 0, done.stdout[-400:]


@pytest.mark.parametrize("unit", SERVICES)
def test_no_service_is_root_and_one_knows_the_owner(unit: str) -> None:
    text = (FOLDER / unit).read_text()
    assert re.findall(r"^User=(.*)$", text, re.MULTILINE) == ["www-data" if "front" in unit else "kring"]
    assert ("owner.env" in text) == (unit == "kring-migrate.service")


def test_the_parts_are_those_of_compose() -> None:
    """PostgreSQL is Debian's own; the journal has a timer of its own, and so has what Docker's health checks do."""
    compose = set(yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"])
    parts = {name.removeprefix("kring-").removesuffix(".service") for name in SERVICES}
    assert parts ^ compose == {"postgres", "journal", "well"}
    wanted = (FOLDER / "kring.target").read_text()
    begun = set(re.findall(r"kring-(\w+)\.(?:service|timer)", wanted))
    assert begun == parts


@pytest.mark.parametrize("part", ["web", "worker", "fast", "beat", "watch"])
def test_a_part_is_started_as_in_its_container(part: str) -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"][part]
    found = re.search(r"^ExecStart=\S+/(?:python )?(.*)$", (FOLDER / f"kring-{part}.service").read_text(), re.MULTILINE)
    assert found
    in_image = re.findall(r"exec (granian .*?) \S*\"\]", (ROOT / "Dockerfile").read_text())
    docker = " ".join(compose.get("command", in_image))
    here = set(re.sub(r"/run/kring-\w+/", "/tmp/", found[1]).split())  # noqa: S108 - of the container
    there = set(docker.replace("python ", "").replace('\\"', "").split())
    assert here ^ there <= {
        *("127.0.0.1", "0.0.0.0", "${KRING_WORKERS}", "${KRING_WORKERS:-$(nproc)}", "portal.wsgi:application"),  # noqa: S104
        *("/tmp/heart", "/tmp/fast-lane", "/tmp/schedule", "/tmp/beat-schedule"),  # noqa: S108
    }


@pytest.mark.parametrize("part", healthcheck.PARTS)
def test_a_part_is_asked_what_it_is_asked_in_its_container(part: str) -> None:
    check = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"][part].get("healthcheck")
    there = check["test"] if check else ["CMD", "python", "deploy/healthcheck.py"]
    asked = " ".join(there).partition("deploy/healthcheck.py")[2].replace("fast-lane", "heart").replace("beat-", "")
    here = [re.sub(r"/run/kring-\w+/", "/tmp/", word) for word in healthcheck.PARTS[part]]  # noqa: S108 - of the container
    here = [Path(word).name if word.endswith("/celery") else word for word in here]
    assert asked.replace("$$HOSTNAME", socket.gethostname()).split() == here


def test_whoever_is_asked_writes_where_it_is_looked_for() -> None:
    units = "".join(unit.read_text() for unit in FOLDER.glob("*.service"))
    looked_for = [words[1].rstrip("*") for words in healthcheck.PARTS.values() if words[:1] == ("fresh",)]
    assert [place for place in looked_for if f" {place}" not in units] == []


def test_the_journal_of_the_machine_has_an_end() -> None:
    """As Docker's logs have (test_images.py)."""
    assert re.findall(r"^(\w+)=(\w+)$", (ROOT / "deploy" / "journald.conf").read_text(), re.MULTILINE) == [
        ("SystemMaxUse", "500M"),
        ("MaxRetentionSec", "1month"),
    ]


def test_nginx_is_that_of_the_container_but_for_its_places() -> None:
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    for old, new in install.PLACES.items():
        assert old in text
        text = text.replace(old, new)
    assert re.findall(r"/srv/\S*|http://web\S*|resolver\s|/var/www\S*", text) == []
