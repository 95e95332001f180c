"""Photos lie complete under unguessable names, or not at all."""

import errno
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from portal.core.media import storage
from portal.core.media.decoding import Rendition

RENDITIONS = [Rendition("webp", 1600, b"large"), Rendition("webp", 400, b"small")]


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.KRING_DATA_DIR = tmp_path
    return tmp_path / "media"


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_every_size_is_there_under_a_random_name(folder: Path) -> None:
    key, other = storage.keep(RENDITIONS), storage.keep(RENDITIONS)
    assert re.fullmatch(r"[0-9a-f]{32}", key)
    assert key != other
    assert storage.read(key, "webp", 1600) == b"large"
    assert sorted(storage.kept_keys()) == sorted([key, other])
    assert not any(path.startswith("aside") for path in files(folder))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("call", ["fsync", "rename"])
def test_full_disk_leaves_nothing(monkeypatch: pytest.MonkeyPatch, folder: Path, number: int, call: str) -> None:
    def full(*_: object) -> None:
        raise OSError(number, "full")

    monkeypatch.setattr(*((os, "fsync") if call == "fsync" else (Path, "rename")), full)
    with pytest.raises(storage.NoRoomError):
        storage.keep(RENDITIONS)
    assert files(folder) == []


FILL = """
import django
django.setup()
from portal.core.media import storage
from portal.core.media.decoding import Rendition
while True:
    try:
        storage.keep([Rendition("webp", side, b"x" * 300_000) for side in (1600, 400)])
    except storage.NoRoomError:
        break
print(len(list(storage.kept_keys())), len(list((storage.root() / storage.ASIDE).iterdir())))
"""


@pytest.mark.skipif(not shutil.which("unshare"), reason="no unshare on this machine: a really full disk was not tried")
def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    """On two megabytes photos are kept until one does not fit, and that one leaves nothing behind."""
    (tmp_path / "fill.py").write_text(FILL)
    small, run = tmp_path / "disk", f"{sys.executable} {tmp_path / 'fill.py'}"
    small.mkdir()
    environment = {"KRING_DATA_DIR": str(small), "KRING_MODE": "test", "DJANGO_SETTINGS_MODULE": "portal.settings",
                   "PYTHONPATH": str(settings.BASE_DIR)}  # fmt: skip
    command = f"mount -t tmpfs -o size=2m tmpfs {small} || exit 77; {run}"
    tried = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", command], env={**os.environ, **environment}, capture_output=True, text=True
    )
    if tried.returncode == 77 or tried.stderr.startswith("unshare"):
        pytest.skip("this system gives nobody a disk of their own: a really full one was not tried")
    assert tried.stdout.split() == ["3", "0"], tried.stderr


def test_another_kind_lies_beside_the_first(folder: Path) -> None:
    key = storage.keep(RENDITIONS)
    for _ in range(2):
        storage.add(key, [Rendition("jpeg", 400, b"old")])
    assert [storage.has(key, "jpeg", side) for side in (400, 1600)] == [True, False]
    assert storage.read(key, "jpeg", 400) == b"old"
    assert len(files(folder)) == 3
    storage.forget(key)
    with pytest.raises(FileNotFoundError):
        storage.add(key, [Rendition("jpeg", 400, b"old")])
    assert files(folder) == []


def test_another_trouble_is_not_called_a_full_disk(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    def broken(*_: object) -> None:
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="broken"):
        storage.keep(RENDITIONS)
    assert files(folder) == []


def test_what_was_never_finished_is_cleared(folder: Path) -> None:
    for name, age in [("old", 2 * storage.ASIDE_FOR_SECONDS), ("new", 0)]:
        (folder / "aside" / name).mkdir(parents=True)
        os.utime(folder / "aside" / name, (time.time() - age,) * 2)
    assert storage.sweep_aside() == 1
    assert [path.name for path in (folder / "aside").iterdir()] == ["new"]


def test_forgetting_twice_is_forgetting_once(folder: Path) -> None:
    key = storage.keep(RENDITIONS)
    storage.forget(key)
    storage.forget(key)
    assert files(folder) == []


@pytest.mark.parametrize("key", ["", "..", "../../etc/passwd", "a" * 31, "A" * 32, "a" * 32 + "/.."])
def test_a_name_that_is_no_key_leads_nowhere(key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        storage.place_of(key, "webp", 400)
