"""Photos on this machine's disk: a folder is filled aside and renamed when it is whole.

What a power cut leaves aside is cleared by `sweep_aside`.
"""

import contextlib
import errno
import logging
import os
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings

from portal.core.media.decoding import Rendition
from portal.core.media.stores import WAITING, NoRoomError, home_of, is_key, waiting_place_of

ASIDE = "aside"
ASIDE_FOR_SECONDS = 3600
_NOT_TO_BE_WRITTEN = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.ENOTDIR,
    errno.ENOENT,
}
log = logging.getLogger("kring.media")


def root() -> Path:
    """The folder that all of them lie below."""
    return Path(settings.KRING_DATA_DIR) / "media"


def _no_room(error: OSError) -> NoRoomError:
    """A full disk, one that only lets itself be read, or is not there: nothing was kept, and somebody has to look."""
    log.error("nothing can be kept in %s: %s", root(), error.strerror)
    return NoRoomError()


class Folder:
    """A `Store` on the disk."""

    def keep(self, key: str, renditions: Iterable[Rendition]) -> None:
        """Aside first; the rename makes all sizes appear at once."""
        aside, home = root() / ASIDE / key, root() / home_of(key)
        try:
            aside.mkdir(parents=True)
            for one in renditions:
                _write(aside / f"{one.side}.{one.kind}", one.data)
            home.parent.mkdir(exist_ok=True)
            aside.rename(home)
        except OSError as error:
            shutil.rmtree(aside, ignore_errors=True)
            if error.errno in _NOT_TO_BE_WRITTEN:
                raise _no_room(error) from error
            raise

    def add(self, key: str, renditions: Iterable[Rendition]) -> None:
        """Each by a rename, into a folder that has to be there."""
        home = root() / home_of(key)
        (root() / ASIDE).mkdir(parents=True, exist_ok=True)
        for one in renditions:
            aside = root() / ASIDE / secrets.token_hex(16)
            try:
                _write(aside, one.data)
                aside.replace(home / f"{one.side}.{one.kind}")
            finally:
                aside.unlink(missing_ok=True)

    def has(self, place: str) -> bool:
        """Whether a file is there."""
        return (root() / place).exists()

    def read(self, place: str) -> bytes:
        """The whole file."""
        return (root() / place).read_bytes()

    def places(self, key: str) -> list[str]:
        """What stands in the folder of the photo."""
        home = root() / home_of(key)
        return [f"{home_of(key)}/{name}" for name in sorted(os.listdir(home))] if home.is_dir() else []

    def address(self, place: str) -> str:
        """nginx reads the same folder."""
        return place

    def forget(self, key: str) -> None:
        """The folder is moved aside in one step first: a JPEG that is being made finds no place any more."""
        aside = root() / ASIDE / secrets.token_hex(16)
        aside.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            (root() / home_of(key)).rename(aside)
        shutil.rmtree(aside, ignore_errors=True)

    def kept_keys(self) -> Iterator[str]:
        """The names of the folders."""
        for folder in root().glob("[0-9a-f][0-9a-f]/*"):
            if is_key(folder.name):
                yield folder.name

    def written_at(self, key: str) -> float:
        """When the folder last changed."""
        return (root() / home_of(key)).stat().st_mtime

    def keep_waiting(self, key: str, picture: bytes) -> None:
        """Not held up for the disk: a power cut may take it."""
        place = root() / waiting_place_of(key)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(picture)
        except OSError as error:
            with contextlib.suppress(OSError):
                place.unlink(missing_ok=True)
            if error.errno in _NOT_TO_BE_WRITTEN:
                raise _no_room(error) from error
            raise

    def forget_waiting(self, key: str) -> None:
        """The file goes. Where nothing can be written, one that never came is no trouble."""
        place = root() / waiting_place_of(key)
        if place.exists():
            place.unlink(missing_ok=True)

    def waiting_keys(self) -> list[str]:
        """The names of the files."""
        return [path.name for path in (root() / WAITING).glob("*")]

    def sweep_aside(self) -> int:
        """What lies aside for an hour is of a process that is no more."""
        old = time.time() - ASIDE_FOR_SECONDS
        stale = [one for one in (root() / ASIDE).glob("*") if one.stat().st_mtime < old]
        for one in stale:
            shutil.rmtree(one, ignore_errors=True) if one.is_dir() else one.unlink(missing_ok=True)
        return len(stale)

    def is_open_to_all(self) -> bool:
        """A disk has no door to the outside."""
        return False


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
