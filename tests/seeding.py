"""The trial version's school with its month of life, filled once in a run: seeding takes a minute.

The journeys each serve a copy of it, and tests/demo looks at what is in it.
"""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SAID = "said.txt"
"""In the folder: what `seed_demo` told while it worked."""


def environment_of(folder: Path) -> dict[str, str]:
    """Of a command of the demo whose data are in this folder."""
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith(("KRING_", "DJANGO_"))},
        "KRING_MODE": "demo",
        "KRING_DATA_DIR": str(folder),
        "KRING_EMBEDDED": "0",
        "KRING_UNDO_SECONDS": "0",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }


def seed_once(folder: Path) -> None:
    """Fill the folder, by the commands of an installation; who comes second waits until the first is done."""
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            filling = folder.with_suffix(".filling")
            filling.mkdir()
            _manage(filling, "migrate", "-v0")
            (filling / SAID).write_text(_manage(filling, "seed_demo"))
            filling.rename(folder)


def _manage(folder: Path, *command: str) -> str:
    words = [sys.executable, "manage.py", *command]
    done = subprocess.run(words, cwd=ROOT, env=environment_of(folder), check=True, capture_output=True, text=True)
    return done.stdout
