"""A Chromium for the journeys: found where it may be, fetched when there is none.

Rather the shell without a window: the same pages, at a sixth of the work for each person who opens one.

`python -m tests.chromium` says which one the tests will use, and ends with 1 where there is none.
"""

import contextlib
import os
import shutil
import sys
from pathlib import Path

import run

CHROMIUM_NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
CHROMIUM_PLACES = (
    "/usr/bin/chromium-headless-shell",
    "/usr/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
)
PLAYWRIGHT_FOLDERS = ("~/.cache/ms-playwright", "~/Library/Caches/ms-playwright", "~/AppData/Local/ms-playwright")
PLAYWRIGHT_BINARIES = {
    "chromium_headless_shell-*": ("*/headless_shell", "*/chrome-headless-shell", "*/*shell.exe"),
    "chromium-*": ("chrome-linux*/chrome", "chrome-mac*/*.app/Contents/MacOS/*", "chrome-win*/chrome.exe"),
}


def installed_chromium() -> str | None:
    """A Chromium that is on this machine: the one named in KRING_CHROMIUM, the system's, or Playwright's."""
    if named := os.environ.get("KRING_CHROMIUM"):
        if not Path(named).exists():
            raise run.RunError(f"KRING_CHROMIUM names {named}, and there is no such file.")
        return named
    on_path = (shutil.which(name) for name in CHROMIUM_NAMES)
    at_place = (place for place in CHROMIUM_PLACES if Path(place).exists())
    return next((found for found in (*on_path, *at_place) if found), None) or playwright_chromium()


def playwright_chromium() -> str | None:
    """The newest Chromium that Playwright has downloaded before, a shell before the others."""
    named = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    folders = [Path(place).expanduser() for place in ([named] if named else PLAYWRIGHT_FOLDERS)]
    found = (
        binary
        for kind, patterns in PLAYWRIGHT_BINARIES.items()
        for folder in folders
        for version in sorted(folder.glob(kind), reverse=True)
        for pattern in patterns
        for binary in version.glob(pattern)
    )
    return next((str(binary) for binary in found), None)


def find_chromium() -> str | None:
    """A Chromium, fetched when none is here: as root from the distribution, else by Playwright; None when all fails."""
    if found := installed_chromium():
        return found
    with run.phase("fetch a Chromium for the browser tests"), contextlib.suppress(run.RunError):
        if run.may_apt_install():
            run.apt_install("chromium-headless-shell")
        else:
            run.run(sys.executable, "-m", "playwright", "install", "--only-shell", "chromium")
    return installed_chromium()


def warn_no_chromium() -> None:
    """Skipped browser tests must not pass for passed ones."""
    run.say(
        "\n"
        + "!" * 78
        + "\nNO CHROMIUM WAS FOUND: the journeys in the browser were skipped, not passed."
        + "\nInstall one (Debian: sudo apt-get install chromium-headless-shell) or name one in KRING_CHROMIUM.\n"
        + "!" * 78
    )


if __name__ == "__main__":
    chromium = installed_chromium()
    run.say(chromium or "none")
    sys.exit(chromium is None)
