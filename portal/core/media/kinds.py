"""What is sent of a photo that was kept: which size, and of which kind.

WebP is what every photo is kept as. For a browser that does not read it the JPEG is made when it first asks.
"""

from portal.core.media import storage
from portal.core.media.decoding import Refused, develop

SMALL, MIDDLE, LARGE = 400, 800, 1600
MOST_BYTES = 15_000_000
"""Of a picture that comes in; what is larger is refused before anybody looks."""


def side_for(*, key: str, side: int) -> int:
    """Photos of before there was a middle size have a large one instead."""
    return side if side != MIDDLE or storage.has(key, "webp", MIDDLE) else LARGE


def kind_for(accept: str | None, *, key: str, side: int) -> str:
    """What to send to who accepts this (the header, or None): "webp", or "jpeg", which lies there then.

    When no JPEG can be made now (a full disk, no child) it is the WebP after all. Raises `FileNotFoundError`.
    """
    if accept is None or "image/webp" in accept:
        return "webp"
    return "jpeg" if storage.has(key, "jpeg", side) or _made(key) else "webp"


def _made(key: str) -> bool:
    answer = develop(storage.read(key, "webp", LARGE), kind="jpeg")
    if isinstance(answer, Refused):
        return False
    try:
        storage.add(key, answer.renditions)
    except OSError:
        return False
    return True
