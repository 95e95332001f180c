"""The seal of the dossier: each entry's hash covers what it says and the hash before it. Pure functions.

A change to any byte of an entry, or to the order of entries, breaks the chain from there on. The bytes of the copy are
covered by their digest, so that a copy can be destroyed at its term and the chain still holds.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

BEGINNING = "0" * 64
"""What the first entry of a school follows."""


def digest(content: bytes) -> str:
    """SHA-256 of these bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def seal(fields: Mapping[str, str | int | None], *, previous: str) -> str:
    """The hash of an entry that says `fields` and follows the entry with hash `previous`."""
    said = json.dumps({**fields, "previous": previous}, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return digest(said.encode())


def first_broken(links: Iterable[tuple[int, Mapping[str, Any], str, str]]) -> int | None:
    """The number of the first entry that does not hold, or None when all do.

    `links` in order: (number, what the entry says, the hash it says it follows, its own hash). Numbers count from 1
    without a gap.
    """
    expected, before = 1, BEGINNING
    for number, fields, previous, own in links:
        if number != expected or previous != before or seal(fields, previous=previous) != own:
            return expected
        expected, before = expected + 1, own
    return None
