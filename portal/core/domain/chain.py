"""The seal of the dossier: each entry's hash covers what it says and the hash before it. Pure functions.

A change to any byte of an entry, or to the order of entries, breaks the chain from there on. The bytes of the copy are
covered by their digest, so that a copy can be destroyed at its term and the chain still holds. The hash is keyed with
a secret that is not in the database: who can write every row there can still not write a chain that holds. Entries of
before there was a key hold as the beginning of a chain whose end is keyed, and nowhere else.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

PLAIN, KEYED = 1, 2
"""How an entry was sealed; a chain goes from the first to the second and never back."""
BEGINNING = "0" * 64
"""What the first entry of a school follows."""


def digest(content: bytes) -> str:
    """SHA-256 of these bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


class ChainLink(NamedTuple):
    """An entry: its number, how it was sealed, what it says, the hash it says it follows, its own hash."""

    number: int
    algorithm: int
    fields: Mapping[str, str | int | None]
    previous: str
    own: str


def seal(fields: Mapping[str, str | int | None], *, previous: str, key: bytes | None) -> str:
    """The hash of an entry that says `fields` and follows the entry with hash `previous`; without a key: `PLAIN`."""
    text = json.dumps({**fields, "previous": previous}, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hmac.digest(key, text.encode(), "sha256").hex() if key else digest(text.encode())


def first_broken(links: Iterable[ChainLink], *, key: bytes) -> int | None:
    """The number of the first entry that does not hold, or None when all do. Numbers count from 1 without a gap.

    Where the last is not keyed, that one: nobody who knows the key has vouched for what stands there.
    """
    expected, before, algorithm = 1, BEGINNING, PLAIN
    for link in links:
        if (link.number, link.previous) != (expected, before) or not _holds(link, algorithm, key):
            return expected
        expected, before, algorithm = expected + 1, link.own, link.algorithm
    return expected - 1 if expected > 1 and algorithm == PLAIN else None


def _holds(link: ChainLink, before: int, key: bytes) -> bool:
    keys = {PLAIN: None, KEYED: key}
    if link.algorithm < before or link.algorithm not in keys:
        return False
    return hmac.compare_digest(seal(link.fields, previous=link.previous, key=keys[link.algorithm]), link.own)
