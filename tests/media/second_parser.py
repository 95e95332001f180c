"""A second opinion: every note that a picture file carries, read without the product's code and without Pillow."""

import struct
from collections.abc import Iterator

SIGNATURES = [
    b"Exif\0",
    b"http://ns.adobe.com/",
    b"ICC_PROFILE",
    b"8BIM",
    b"Photoshop 3.0",
    b"acsp",
    b"<x:xmpmeta",
    b"MPF\0",
]
HARMLESS_JPEG = {*range(0xC0, 0xCB), 0xDB, 0xDD, 0xDA}


def notes_in(data: bytes) -> list[str]:
    """Names of everything in the file that is not the picture itself."""
    found = [f"signature {signature!r}" for signature in SIGNATURES if signature in data]
    if data[:2] == b"\xff\xd8":
        return found + list(_jpeg_notes(data))
    if data[:4] == b"RIFF":
        return found + list(_webp_notes(data))
    return [*found, "not a JPEG or WebP at all"]


def _jpeg_notes(data: bytes) -> Iterator[str]:
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xD9:
        marker, length = data[at + 1], struct.unpack(">H", data[at + 2 : at + 4])[0]
        if marker == 0xE0:
            if data[at + 4 : at + 9] != b"JFIF\0" or length != 16:
                yield "an APP0 part with more than JFIF"
        elif marker not in HARMLESS_JPEG:
            yield f"part {marker:02x}"
        at += 2 + length
        if marker == 0xDA:
            at += _length_of_scan(data[at:])
    if data[at:] != b"\xff\xd9":
        yield f"something else than an end: {data[at : at + 40]!r}"


def _length_of_scan(data: bytes) -> int:
    at = 0
    while at + 1 < len(data) and (data[at] != 0xFF or data[at + 1] == 0 or 0xD0 <= data[at + 1] <= 0xD7):
        at += 1
    return at


def _webp_notes(data: bytes) -> Iterator[str]:
    size = struct.unpack("<I", data[4:8])[0]
    if size + 8 != len(data):
        yield "bytes after the end"
    at = 12
    while at + 8 <= size + 8:
        name, length = data[at : at + 4], struct.unpack("<I", data[at + 4 : at + 8])[0]
        if name not in {b"VP8 ", b"VP8L", b"ALPH"}:
            yield f"chunk {name!r}"
        at += 8 + length + length % 2
