"""What a place for photos has to do, be it a folder or a bucket, and how it is addressed: the same in both.

A photo has a key, a name of 128 random bits; its sizes lie together below it.
"""

import re
from collections.abc import Iterable
from typing import Protocol

from portal.core.media.decoding import Rendition

WAITING = "waiting"
_KEY = re.compile(r"[0-9a-f]{32}")


class NoRoomError(Exception):
    """There is no room left; nothing was kept."""


def is_key(name: str) -> bool:
    """Whether this can be the name of a photo."""
    return bool(_KEY.fullmatch(name))


def home_of(key: str) -> str:
    """Where the sizes of a photo lie together."""
    if not is_key(key):
        raise ValueError("not a key")
    return f"{key[:2]}/{key}"


def place_of(key: str, kind: str, side: int) -> str:
    """Where a size of a photo lies."""
    return f"{home_of(key)}/{side}.{kind}"


def waiting_place_of(key: str) -> str:
    """Where what somebody sent lies until it is looked at."""
    if not is_key(key):
        raise ValueError("not a key")
    return f"{WAITING}/{key}"


class Store(Protocol):
    """Each act means what the function of this name in `portal.core.media.storage` says."""

    def keep(self, key: str, renditions: Iterable[Rendition]) -> None: ...
    def add(self, key: str, renditions: Iterable[Rendition]) -> None: ...
    def has(self, place: str) -> bool: ...
    def read(self, place: str) -> bytes: ...
    def places(self, key: str) -> list[str]: ...
    def address(self, place: str) -> str: ...
    def forget(self, key: str) -> None: ...
    def kept_keys(self) -> Iterable[str]: ...
    def written_at(self, key: str) -> float: ...
    def keep_waiting(self, key: str, picture: bytes) -> None: ...
    def forget_waiting(self, key: str) -> None: ...
    def waiting_keys(self) -> list[str]: ...
    def sweep_aside(self) -> int: ...
    def is_open_to_all(self) -> bool: ...
