"""An installation of an earlier release goes on: its migrations, with the triggers of before on its tables."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings


def test_a_small_school_goes_on_with_its_own_database(tmp_path: Path) -> None:
    """SQLite makes a table anew to change it, and refuses where a trigger on another table asks that one."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KRING_")}
    environment["KRING_DATA_DIR"] = str(tmp_path)

    def manage(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=settings.BASE_DIR,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout + done.stderr

    manage("migrate", "-v0", "moderation", "0001")
    assert "Trigger" not in manage("check", "--database", "default")
    manage("migrate", "-v0")
    assert "Trigger" not in manage("check", "--database", "default")
