"""Photos lie complete under unguessable names, or not at all."""

import errno
import os
import re
import time
from pathlib import Path
from typing import Any

import pytest

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
