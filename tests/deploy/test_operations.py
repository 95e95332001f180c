"""docs/operations.md, walked command by command on an empty data directory: what it says works, in its own order."""

import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings

from deploy.init import env_texts
from portal.settings import KNOWN_KEYS
from tests.groups.rosterfiles import Edex, Parent, Pupil, Teacher, csv_of
from tests.seeding import DATABASE, carried_out, environment_of

ONE_PROCESS = Path(settings.BASE_DIR) / "docs" / "one-process.md"
PAGE = Path(settings.BASE_DIR) / "docs" / "operations.md"
FILES = {
    "school.xml": bytes(Edex([Pupil("L1"), Pupil("L2")], [Teacher("K1", ("G4",), "juf@school.example")], brin="12AB")),
    "verzorgers.csv": csv_of([Parent("L1", "Karima", "karima@thuis.example"), Parent("L2", "Said")]),
}
STANDS_FOR = {"EMAIL": "zaak@stichting.example", "BRIN": "12AB", "ADDRESS": "zegel@stichting.example"}
OPTIONAL = re.compile(r"\s*\[[^]]*\]")
REFUSED = {"make_roles": "Roles are of PostgreSQL", "lost_phone": "Nobody signs in with"}
"""What some say where nobody came in yet, on SQLite; tests/deploy/test_roles.py and tests/groups do them."""
OTHER_CHECKS = ("check --deploy", "doctor")
"""Look at the real installation: .ci/run asks the first under deploy/build.env, tests/core all ways of the other."""


def commands() -> list[str]:
    """Every `manage.py …` of the page, in order, with examples for the words in capitals."""
    found = re.findall(r"manage\.py ([^`\n]+)", PAGE.read_text())
    plain = (OPTIONAL.sub("", each).partition(",")[0].strip() for each in found)
    named = (re.sub(r"\b[A-Z]{4,}\b", lambda word: STANDS_FOR.get(word[0], word[0]), each) for each in plain)
    return [each for each in named if not each.startswith(OTHER_CHECKS)]


@pytest.mark.nightly
def test_each_command_of_the_page_works_in_its_order(tmp_path: Path, grown: Path) -> None:
    """On an installation as the part migrate leaves it, with the school's files beside it."""
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "journal.jsonl").write_text(
        '{"n":900000000,"at":"2026-11-20T08:00:00+00:00","place":"core_user","key":"0","act":"gone","said":{}}\n'
    )
    (tmp_path / "heads.json").write_text("[]")
    data, asked = tmp_path / "var", commands()
    data.mkdir()
    shutil.copy(grown / DATABASE, data)
    assert [each.split()[0] for each in asked][:3] == ["import_roster", "import_roster", "invite"]
    ends = carried_out([each.replace("/import", str(tmp_path)) for each in asked], environment_of(data, "test"))
    failed = [(command, end.told) for command, end in zip(asked, ends, strict=True) if end.status]
    assert [each for each in failed if not _is_known(*each)] == []


def _is_known(command: str, told: str) -> bool:
    words = REFUSED.get(command.split()[0])
    return words is not None and words in told


def test_the_first_one_writes_nothing_and_the_second_takes_the_caregivers_along() -> None:
    first, second = commands()[:2]
    assert f"{first} --apply" == second
    for command in (first, second):
        assert all(name in command for name in FILES)
    assert "verzorgers" in PAGE.read_text().partition("The first of these")[0]


def test_the_page_says_which_key_init_writes_for_phones_and_how_who_has_none_gets_it() -> None:
    [row] = [line for line in PAGE.read_text().splitlines() if line.startswith("| `KRING_PUSH_KEY` |")]
    assert "`run.py init` writes one" in row
    assert "`manage.py push_key` prints one" in row
    assert re.search(r"^KRING_PUSH_KEY=.", env_texts("kring.example")[0], re.MULTILINE)


def test_the_page_names_every_setting() -> None:
    """But those of a demo, a browser or a queue of the tests."""
    named = set(re.findall(r"`(KRING_[A-Z_]+)`", PAGE.read_text()))
    of_the_tests = {"KRING_CHROMIUM", "KRING_QUEUE"}
    assert set(KNOWN_KEYS) - of_the_tests == named - of_the_tests


def test_a_restore_on_trial_reaches_nobody() -> None:
    """Shown: with the `.env` of the server the trial's night took the place of all real ones elsewhere, and its journal
    that of the school."""
    [trial] = [part for part in PAGE.read_text().split("\n\n") if part.startswith("**Each quarter**")]
    leads_away = re.compile("KRING_(SMTP|PUSH|ALARM|ERRORS|BACKUP|JOURNAL|BUCKET)_?(URL|KEY|TO|SMTP_URL|COPY)?")
    stays = {"KRING_ALARM_TO", "KRING_JOURNAL"}
    assert {name for name in KNOWN_KEYS if leads_away.fullmatch(name)} - stays <= set(
        re.findall("KRING_[A-Z_]+", trial)
    )
    assert "`docker compose up -d web front`" in trial


def test_of_one_process_the_backup_comes_back_and_nothing_of_what_it_replaces(tmp_path: Path) -> None:
    """Shown: what the lost database had written since was played over the backup, by the file beside it."""

    def write(place: Path, address: str) -> None:
        with closing(sqlite3.connect(place)) as line:
            line.execute("PRAGMA journal_mode=WAL")
            line.execute("CREATE TABLE IF NOT EXISTS people (address TEXT)")
            line.execute("DELETE FROM people")
            line.execute("INSERT INTO people VALUES (?)", [address])
            line.commit()
            shutil.copytree(place.parent, tmp_path / "killed", dirs_exist_ok=True)

    (living := tmp_path / "living").mkdir()
    write(living / "kring.sqlite3", "before")
    shutil.copy(living / "kring.sqlite3", tmp_path / "kring.dump")
    write(living / "kring.sqlite3", "after")
    killed = tmp_path / "killed"
    assert (killed / "kring.sqlite3-wal").stat().st_size
    [block] = re.findall(r"```\n(rm .*?)```", ONE_PROCESS.read_text(), re.DOTALL)
    subprocess.run(["sh", "-ec", block.replace("/srv/kring/", f"{killed}/")], cwd=tmp_path, check=True)
    with closing(sqlite3.connect(killed / "kring.sqlite3")) as line:
        assert line.execute("SELECT address FROM people").fetchall() == [("before",)]
