"""Where photos lie: folders under names of 128 random bits, complete or not there at all.

A folder is filled aside and renamed when it is whole. What a power cut leaves aside is cleared by `sweep_aside`. The
original lies here only while it waits to be looked at.
"""

import contextlib
import errno
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings

from portal.core.media.decoding import Rendition

ASIDE, WAITING = "aside", "waiting"
ASIDE_FOR_SECONDS = 3600
_KEY = re.compile(r"[0-9a-f]{32}")
_FULL = {errno.ENOSPC, errno.EDQUOT}


class NoRoomError(Exception):
    """The disk is full; nothing was kept."""


def root() -> Path:
    return Path(settings.KRING_DATA_DIR) / "media"


def place_of(key: str, kind: str, side: int) -> str:
    """Where a size of a photo lies, below the root."""
    if not _KEY.fullmatch(key):
        raise ValueError("not a key")
    return f"{key[:2]}/{key}/{side}.{kind}"


def keep(renditions: Iterable[Rendition]) -> str:
    """Write all sizes or nothing; returns the new key. Raises `NoRoomError`."""
    key = secrets.token_hex(16)
    aside = root() / ASIDE / key
    try:
        aside.mkdir(parents=True)
        for one in renditions:
            _write(aside / f"{one.side}.{one.kind}", one.data)
        home = root() / key[:2]
        home.mkdir(exist_ok=True)
        aside.rename(home / key)
    except OSError as error:
        shutil.rmtree(aside, ignore_errors=True)
        if error.errno in _FULL:
            raise NoRoomError from error
        raise
    return key


def keep_waiting(key: str, picture: bytes) -> None:
    """Keep what somebody sent until it is looked at; a power cut may take it. Raises `NoRoomError`."""
    place = _waiting(key)
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        place.write_bytes(picture)
    except OSError as error:
        place.unlink(missing_ok=True)
        if error.errno in _FULL:
            raise NoRoomError from error
        raise


def read_waiting(key: str) -> bytes:
    """What was sent; nothing when it never came whole, or has been looked at."""
    try:
        return _waiting(key).read_bytes()
    except FileNotFoundError:
        return b""


def forget_waiting(key: str) -> None:
    """Looked at, or not waited for any more; what is gone already stays gone."""
    _waiting(key).unlink(missing_ok=True)


def waiting_keys() -> list[str]:
    """Everything that waits."""
    return [path.name for path in (root() / WAITING).glob("*")]


def _waiting(key: str) -> Path:
    if not _KEY.fullmatch(key):
        raise ValueError("not a key")
    return root() / WAITING / key


def add(key: str, renditions: Iterable[Rendition]) -> None:
    """The same photo in another kind, beside what lies there. Repeatable, at once too. Raises `OSError`."""
    home = (root() / place_of(key, "webp", 0)).parent
    (root() / ASIDE).mkdir(parents=True, exist_ok=True)
    for one in renditions:
        aside = root() / ASIDE / secrets.token_hex(16)
        try:
            _write(aside, one.data)
            aside.replace(home / f"{one.side}.{one.kind}")
        finally:
            aside.unlink(missing_ok=True)


def has(key: str, kind: str, side: int) -> bool:
    """Whether this size lies here in this kind."""
    return (root() / place_of(key, kind, side)).exists()


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def read(key: str, kind: str, side: int) -> bytes:
    """The bytes of one size. Raises `FileNotFoundError`."""
    return (root() / place_of(key, kind, side)).read_bytes()


def forget(key: str) -> None:
    """Every size of a photo; what is gone already stays gone.

    The folder is moved aside in one step first: a JPEG that is being made at this moment finds no place any more.
    """
    aside = root() / ASIDE / secrets.token_hex(16)
    aside.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        (root() / place_of(key, "webp", 0)).parent.rename(aside)
    shutil.rmtree(aside, ignore_errors=True)


def kept_keys() -> Iterator[str]:
    """Every key that lies here."""
    for folder in root().glob("[0-9a-f][0-9a-f]/*"):
        if _KEY.fullmatch(folder.name):
            yield folder.name


def written_at(key: str) -> float:
    """When this photo was kept, as a time stamp."""
    return (root() / place_of(key, "webp", 0)).parent.stat().st_mtime


def sweep_aside() -> int:
    """Clear what was never finished; returns how many."""
    old = time.time() - ASIDE_FOR_SECONDS
    stale = [one for one in (root() / ASIDE).glob("*") if one.stat().st_mtime < old]
    for one in stale:
        shutil.rmtree(one, ignore_errors=True) if one.is_dir() else one.unlink(missing_ok=True)
    return len(stale)
