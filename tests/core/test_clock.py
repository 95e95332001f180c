"""What beat remembers of when each task last went: in a file that a full disk may refuse."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from portal import celery
from portal.celery import Clock, app

NAME = "forget-kept"
"""Once a day, in the night."""


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: Any) -> Any:
    """Beat as it begins with the file of this test; nothing is rung."""
    monkeypatch.setattr(celery, "import_string", lambda _name: lambda _task: None)
    return lambda: Clock(app, schedule_filename=str(tmp_path / "beat-schedule"))


def test_what_was_due_while_the_machine_was_off_is_made_up_for(begun: Any, tmp_path: Path) -> None:
    first = begun()
    assert not first.is_due(first.schedule[NAME])[0]
    first.schedule[NAME].last_run_at = app.now() - timedelta(days=2)
    first.close()
    assert begun().is_due(begun().schedule[NAME])[0]
    assert [one.name for one in tmp_path.iterdir()] == ["beat-schedule"]
    kept = json.loads((tmp_path / "beat-schedule").read_text())
    assert set(kept) == set(begun().schedule)
    assert datetime.fromisoformat(kept[NAME]).utcoffset() is not None


@pytest.mark.parametrize("stood", [b"", b"\x00\x05half of something", b"[1]", b'{"forget-kept": "x"}'])
def test_a_file_that_says_nothing_is_begun_anew(begun: Any, tmp_path: Path, stood: bytes) -> None:
    (tmp_path / "beat-schedule").write_bytes(stood)
    again = begun()
    assert not again.is_due(again.schedule[NAME])[0]
    assert set(json.loads((tmp_path / "beat-schedule").read_text())) == set(again.schedule)


def test_where_nothing_can_be_kept_beat_goes_on(begun: Any, tmp_path: Path, caplog: Any) -> None:
    """As with a full disk: a folder stands where the file has to be written."""
    (tmp_path / "beat-schedule.new").mkdir()
    again = begun()
    again.sync()
    again.close()
    assert set(app.conf.beat_schedule) <= set(again.schedule)
    assert "was not kept, Is a directory" in caplog.text
