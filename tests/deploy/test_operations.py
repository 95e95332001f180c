"""docs/operations.md, walked command by command on an empty data directory: what it says works, in its own order."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from portal.settings import KNOWN_KEYS
from tests.groups.rosterfiles import Edex, Parent, Pupil, Teacher, csv_of

PAGE = Path(settings.BASE_DIR) / "docs" / "operations.md"
FILES = {
    "school.xml": bytes(Edex([Pupil("L1"), Pupil("L2")], [Teacher("K1", ("G4",), "juf@school.example")], brin="12AB")),
    "verzorgers.csv": csv_of([Parent("L1", "Karima", "karima@thuis.example"), Parent("L2", "Said")]),
}
STANDS_FOR = {"EMAIL": "zaak@stichting.example", "BRIN": "12AB", "ADDRESS": "zegel@stichting.example"}
OPTIONAL = re.compile(r"\s*\[[^]]*\]")
OTHER_CHECKS = ("check --deploy", "doctor")
"""Look at the real installation: .ci/run asks the first under deploy/build.env, tests/core all ways of the other."""


def commands() -> list[str]:
    """Every `manage.py …` of the page, in order, with examples for the words in capitals."""
    found = re.findall(r"manage\.py ([^`\n]+)", PAGE.read_text())
    plain = (OPTIONAL.sub("", each).partition(",")[0].strip() for each in found)
    named = (re.sub(r"\b[A-Z]{4,}\b", lambda word: STANDS_FOR.get(word[0], word[0]), each) for each in plain)
    return [each for each in named if not each.startswith(OTHER_CHECKS)]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty data directory with the school's files beside it, brought up to date as the part migrate does."""
    folder = tmp_path_factory.mktemp("machine")
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    (folder / "journal.jsonl").write_text(
        '{"n":1,"at":"2026-11-20T08:00:00+00:00","place":"core_user","key":"0","act":"gone","said":{}}\n'
    )
    (folder / "heads.json").write_text("[]")
    assert run(folder, "migrate --no-input").returncode == 0
    return folder


def run(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KRING_", "DJANGO_"))}
    environment = {**kept, "KRING_MODE": "test", "KRING_DATA_DIR": str(folder / "var")}
    words = [word.replace("/import", str(folder)) for word in shlex.split(command)]
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_each_command_of_the_page_works_in_its_order(machine: Path) -> None:
    asked = commands()
    assert [each.split()[0] for each in asked][:3] == ["import_roster", "import_roster", "invite"]
    for command in asked:
        done = run(machine, command)
        if command == "make_roles":
            assert "Roles are of PostgreSQL" in done.stderr  # tests/deploy/test_roles.py does it there
        else:
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def test_the_first_one_writes_nothing_and_the_second_takes_the_caregivers_along(machine: Path) -> None:
    first, second = commands()[:2]
    assert f"{first} --apply" == second
    for command in (first, second):
        assert all(name in command for name in FILES)
    assert "verzorgers" in PAGE.read_text().partition("The first of these")[0]


def test_the_page_names_every_setting() -> None:
    """But those of a demo, a browser or a queue of the tests."""
    named = set(re.findall(r"`(KRING_[A-Z_]+)`", PAGE.read_text()))
    of_the_tests = {"KRING_CHROMIUM", "KRING_QUEUE"}
    assert set(KNOWN_KEYS) - of_the_tests == named - of_the_tests
