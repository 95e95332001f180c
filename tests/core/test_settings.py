"""An `.env` that is there and cannot be read is said, not taken for one in which a setting is missing."""

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
