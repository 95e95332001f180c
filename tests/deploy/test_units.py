"""The units of systemd: well written, with as little as their work needs."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "deploy" / "systemd").glob("kring-*"))
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
MOST_EXPOSED = 2.0
"""Of ten, as `systemd-analyze security` counts; a service without any hardening has 9.6."""
needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")


@pytest.fixture(scope="module")
def adapted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All units, with the programs of this machine in the places of an installation."""
    folder = tmp_path_factory.mktemp("units")
    for unit in UNITS:
        text = re.sub(r"/opt/kring/\.venv/bin/\w+", sys.executable, unit.read_text())
        (folder / unit.name).write_text(text.replace("/opt/kring", str(ROOT)))
    return folder


@needs_systemd
def test_systemd_finds_nothing_wrong(adapted: Path) -> None:
    command = ["systemd-analyze", "verify", "--recursive-errors=yes", *map(str, sorted(adapted.iterdir()))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    about_ours = [line for line in done.stderr.splitlines() if "kring" in line]
    assert about_ours == []


@needs_systemd
@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_service_can_do_little_more_than_its_work(adapted: Path, unit: Path) -> None:
    command = ["systemd-analyze", "security", "--offline=yes", f"--threshold={MOST_EXPOSED * 10:.0f}"]
    done = subprocess.run([*command, str(adapted / unit.name)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-400:]


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_no_service_is_root_or_knows_the_owner(unit: Path) -> None:
    text = unit.read_text()
    assert "User=kring\n" in text
    assert "owner.env" not in text
