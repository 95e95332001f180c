"""Is there anything in this file but a picture? Read from its parts, without decoding a pixel.

Kring keeps only what this says yes to: no position, no name, no thumbnail of what was cut away, nothing after the end.
"""

import struct

_PLAIN_WEBP = b"VP8 "
_START, _END, _SCAN, _JFIF = 0xD8, 0xD9, 0xDA, 0xE0
_TABLES_AND_FRAMES = {0xC0, 0xC1, 0xC2, 0xC4, 0xDB, 0xDD}
_NO_THUMBNAIL = b"\0\0"


def is_bare(kind: str, data: bytes) -> bool:
    """Whether `data` is one picture of `kind` ("webp" or "jpeg") and nothing else."""
    look = {"webp": _is_bare_webp, "jpeg": _is_bare_jpeg}.get(kind)
    return bool(look and look(data))


def _is_bare_webp(data: bytes) -> bool:
    """RIFF with exactly one chunk: the pixels, without the extended header that every other chunk needs."""
    if len(data) < 20 or (data[:4], data[8:12], data[12:16]) != (b"RIFF", b"WEBP", _PLAIN_WEBP):
        return False
    whole, chunk = struct.unpack("<I", data[4:8])[0], struct.unpack("<I", data[16:20])[0]
    return bool(whole + 8 == len(data) and 20 + chunk + chunk % 2 == len(data))


def _is_bare_jpeg(data: bytes) -> bool:
    """Tables, frame and scans between start and end; of the application parts only an empty JFIF one."""
    if data[:2] != bytes([0xFF, _START]):
        return False
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], struct.unpack(">H", data[at + 2 : at + 4])[0]
        body = data[at + 4 : at + 2 + length]
        if marker == _JFIF and not (length == 16 and body[:5] == b"JFIF\0" and body[12:14] == _NO_THUMBNAIL):
            return False
        if marker not in _TABLES_AND_FRAMES | {_JFIF, _SCAN}:
            return False
        at += 2 + length
        if marker == _SCAN:
            at = _after_scan(data, at)
        if data[at : at + 2] == bytes([0xFF, _END]):
            return at + 2 == len(data)
    return False


def _after_scan(data: bytes, at: int) -> int:
    """The next marker that is not a stuffed byte or a restart inside the scan."""
    while (at := data.find(b"\xff", at)) >= 0:
        following = data[at + 1] if at + 1 < len(data) else _END
        if following == 0 or 0xD0 <= following <= 0xD7:
            at += 2
        else:
            return at
    return len(data)
