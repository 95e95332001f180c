"""What stands in `.env`: a file that cannot be read, a line with nothing behind it, a place that is no whole path."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings


def in_latin(file: Path) -> None:
    file.write_bytes("KRING_MAIL_FROM=Basisschool Het Veér".encode("latin-1"))


@pytest.mark.parametrize(
    ("make", "why"), [(Path.mkdir, "Is a directory"), (in_latin, "it is not UTF-8")], ids=["folder", "latin"]
)
def test_a_file_of_settings_that_cannot_be_read_says_so(tmp_path: Path, make: Callable[[Path], None], why: str) -> None:
    (tmp_path / "portal").mkdir()
    shutil.copy(settings.BASE_DIR / "portal" / "settings.py", tmp_path / "portal")
    make(tmp_path / ".env")
    plain = {name: value for name, value in os.environ.items() if not name.startswith("KRING_")}
    done = subprocess.run(
        [sys.executable, "-c", "import portal.settings"],
        cwd=tmp_path,
        env=plain,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith(
        f"{tmp_path}/.env cannot be read by the user of this process ({why}); docs/operations.md, Settings."
    )


def in_production(**said: str) -> subprocess.CompletedProcess[str]:
    """What the settings make of these, beside those of an image that is built."""
    lines = (settings.BASE_DIR / "deploy" / "build.env").read_text().splitlines()
    told = dict(line.split("=", 1) for line in lines if line.startswith("KRING_")) | said
    shown = "S.KRING_DATA_DIR.is_absolute(), S.KRING_JOURNAL, S.CELERY_TASK_DEFAULT_QUEUE, S.KRING_WORKERS"
    code = f"import portal.settings as S; print({shown}, S.ALLAUTH_TRUSTED_PROXY_COUNT)"
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=settings.BASE_DIR, env=told, capture_output=True, text=True, check=False)


def test_a_line_with_nothing_behind_it_is_one_that_is_not_there(tmp_path: Path) -> None:
    """Shown: with `KRING_JOURNAL=` nothing was ever written in a journal, and a backup looked for it elsewhere."""
    names = ("JOURNAL", "QUEUE", "WORKERS", "TRUSTED_PROXIES")
    done = in_production(KRING_DATA_DIR=str(tmp_path), **{f"KRING_{name}": "" for name in names})
    assert done.stdout == f"True {tmp_path}/journal/journal.jsonl kring 1 1\n", done.stderr


def test_a_star_is_no_name_of_a_server(tmp_path: Path) -> None:
    """Beside a real name it let every other one in: whatever a browser says that it asked for."""
    done = in_production(KRING_DATA_DIR=str(tmp_path), KRING_HOSTS="kring.example, *")
    assert (done.returncode, "ImproperlyConfigured: KRING_HOSTS is each name" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    ("name", "said", "why"),
    [
        ("KRING_DATA_DIR", "data", "is a whole path"),
        ("KRING_DATA_DIR", "~/kring", "is a whole path"),
        ("KRING_JOURNAL", '"/srv/journal.jsonl"', "is a whole path"),
        ("KRING_DATABASE_URL", "sqlite:///srv/kring.sqlite3", "four slashes"),
        ("KRING_DATABASE_URL", "sqlite://", "four slashes"),
    ],
)
def test_what_would_lie_elsewhere_for_each_part_is_refused(tmp_path: Path, name: str, said: str, why: str) -> None:
    """Shown: `migrate` made the tables in the one folder and Kring served from the other, or from memory."""
    done = in_production(**{"KRING_DATA_DIR": str(tmp_path), name: said})
    assert (done.returncode, f"ImproperlyConfigured: {name} " in done.stderr, why in done.stderr) == (1, True, True)
