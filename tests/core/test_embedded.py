"""Embedded: one process serves a data folder; the next one is refused loudly, and so is more than one worker."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from portal import embedded
from portal.core import checks

ROOT = Path(__file__).parents[2]


def test_a_second_process_on_the_same_data_is_refused(settings: Any, tmp_path: Path) -> None:
    settings.KRING_DATA_DIR = tmp_path
    first = embedded._only_one()
    with pytest.raises(embedded.AlreadyServingError):
        embedded._only_one()
    os.close(first)
    os.close(embedded._only_one())


def test_a_disk_that_is_full_or_only_read_keeps_no_page_from_its_reader(
    settings: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    """Nothing is written in the lock, and one that is there already is opened as a disk that is only read allows."""
    settings.KRING_DATA_DIR = tmp_path
    opened: list[int] = []
    real = os.open
    monkeypatch.setattr(embedded.os, "open", lambda name, flags, mode: opened.append(flags) or real(name, flags, mode))
    os.close(embedded._only_one())
    assert (tmp_path / "serving.lock").read_bytes() == b""
    assert [flags & (os.O_WRONLY | os.O_RDWR | os.O_TRUNC) for flags in opened] == [0]


def test_every_task_is_known_before_the_first_thread(settings: Any, tmp_path: Path, monkeypatch: Any) -> None:
    """Celery looks for tasks once: two threads that start together would leave the worker with half of them."""
    known: list[set[str]] = []

    class Thread:
        def __init__(self, **_: Any) -> None:
            known.append(set(embedded.app.tasks))

        def start(self) -> None: ...

    settings.KRING_DATA_DIR, settings.KRING_EMBEDDED = tmp_path, True
    held: list[int] = []
    monkeypatch.setattr(embedded, "_held", held)
    monkeypatch.setattr(embedded.threading, "Thread", Thread)
    embedded.start()
    os.close(held[0])
    scheduled = {entry["task"] for entry in embedded.app.conf.beat_schedule.values()}
    assert len(known) == 4
    assert all(scheduled <= tasks for tasks in known)


def test_the_door_opens_in_a_process_of_its_own() -> None:
    """What a server imports first may need no models: they are loaded later."""
    env = {**os.environ, "KRING_EMBEDDED": "no"}
    code = "import portal.wsgi; print(portal.wsgi.application)"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_nothing_starts_without_being_asked(settings: Any, tmp_path: Path) -> None:
    settings.KRING_DATA_DIR, settings.KRING_EMBEDDED = tmp_path, False
    embedded.start()
    assert not (tmp_path / "serving.lock").exists()


@pytest.mark.parametrize(
    ("is_embedded", "workers", "found"), [(True, 1, []), (True, 2, ["kring.E003"]), (False, 2, [])]
)
def test_two_workers_are_refused_when_embedded(
    settings: Any, is_embedded: bool, workers: int, found: list[str]
) -> None:
    settings.KRING_EMBEDDED, settings.KRING_WORKERS = is_embedded, workers
    assert [message.id for message in checks.one_process_when_embedded()] == found
