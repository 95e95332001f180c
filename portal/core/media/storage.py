"""Where photos lie: under names of 128 random bits, complete or not there at all.

On this machine's disk (`folder`), or in a bucket that several machines share (`bucket`), as `KRING_BUCKET` says. The
original lies here only while it waits to be looked at.
"""

import secrets
from collections.abc import Iterable

from django.conf import settings
from django.utils.module_loading import import_string

from portal.core.media.decoding import Rendition
from portal.core.media.folder import Folder
from portal.core.media.stores import NoRoomError, Store, place_of, waiting_place_of

__all__ = ["NoRoomError", "place_of"]

BUCKET = "portal.core.media.bucket.the_bucket"
"""By name: what it stands on is installed where there is a bucket."""


def _store() -> Store:
    store: Store = import_string(BUCKET)() if settings.KRING_BUCKET else Folder()
    return store


def keep(renditions: Iterable[Rendition]) -> str:
    """Write all sizes or nothing; returns the new key. Raises `NoRoomError`."""
    key = secrets.token_hex(16)
    _store().keep(key, renditions)
    return key


def keep_waiting(key: str, picture: bytes) -> None:
    """Keep what somebody sent until it is looked at; a power cut may take it. Raises `NoRoomError`."""
    _store().keep_waiting(key, picture)


def read_waiting(key: str) -> bytes:
    """What was sent; nothing when it never came whole, or has been looked at."""
    try:
        return _store().read(waiting_place_of(key))
    except FileNotFoundError:
        return b""


def forget_waiting(key: str) -> None:
    """Looked at, or not waited for any more; what is gone already stays gone."""
    _store().forget_waiting(key)


def waiting_keys() -> list[str]:
    """Everything that waits."""
    return _store().waiting_keys()


def add(key: str, renditions: Iterable[Rendition]) -> None:
    """The same photo in another kind, beside what lies there. Repeatable, at once too. Raises `OSError`."""
    _store().add(key, renditions)


def has(key: str, kind: str, side: int) -> bool:
    """Whether this size lies here in this kind."""
    return _store().has(place_of(key, kind, side))


def read(key: str, kind: str, side: int) -> bytes:
    """The bytes of one size. Raises `FileNotFoundError`."""
    return _store().read(place_of(key, kind, side))


def places(key: str) -> list[str]:
    """The place of everything that lies here of a photo, in order."""
    return _store().places(key)


def has_place(place: str) -> bool:
    """Whether something still lies at one of these `places`."""
    return _store().has(place)


def read_place(place: str) -> bytes:
    """The bytes at one of these `places`. Raises `FileNotFoundError`."""
    return _store().read(place)


def address(key: str, kind: str, side: int) -> str:
    """Where nginx finds one size, below its own address for photos. Opens nothing from outside."""
    return _store().address(place_of(key, kind, side))


def forget(key: str) -> None:
    """Every size of a photo; what is gone already stays gone. A JPEG that is being made at this moment goes too."""
    _store().forget(key)


def kept_keys() -> Iterable[str]:
    """Every key that lies here."""
    return _store().kept_keys()


def written_at(key: str) -> float:
    """When something of this photo was last kept, as a time stamp. Raises `FileNotFoundError`."""
    return _store().written_at(key)


def sweep_aside() -> int:
    """Clear what was never finished; returns how many."""
    return _store().sweep_aside()


def is_open_to_all() -> bool:
    """Whether who has no key is let in where photos lie. Raises `OSError` when it does not answer us."""
    return _store().is_open_to_all()
