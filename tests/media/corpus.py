"""Section F of the bad inputs, made on the spot: what arrives, and what must become of it."""

import io
import struct
import zlib
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import Any

from PIL import Image, ImageDraw, PngImagePlugin

SECRET = b"geheim-adres-Dorpsstraat-12"
"""Planted in every kind of note; it may be in no stored byte."""
SHOWN = "shown"
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@cache
def drawing(width: int = 96, height: int = 64) -> Image.Image:
    """Red above left, green above right, blue below: one sees when it is turned."""
    image = Image.new("RGB", (width, height), "blue")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, width // 2, height // 2), "red")
    pen.rectangle((width // 2, 0, width, height // 2), "green")
    return image


def saved(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def jpeg(**options: Any) -> bytes:
    return saved(drawing(), quality=90, **options)


def png(**options: Any) -> bytes:
    return saved(drawing(), "PNG", **options)


def part(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def with_part(marker: int, body: bytes) -> bytes:
    plain = jpeg()
    return plain[:2] + part(marker, body) + plain[2:]


def exif(**tags: Any) -> bytes:
    notes = Image.Exif()
    notes[0x010E] = SECRET.decode()
    notes[0x8769] = {0x9286: SECRET}
    notes[0x8825] = {1: "N", 2: (52.0, 5.0, 1.0), 3: "E", 4: (6.0, 30.0, 1.0)}
    for tag, value in tags.items():
        notes[int(tag.removeprefix("t"), 16)] = value
    return notes.tobytes()


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_of(width: int, height: int, *more: bytes, bits: int = 1) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0))
    row = b"\0" * (1 + (width * bits + 7) // 8)
    body = zlib.compress(row * min(height, 400))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(more) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def jpeg_header(width: int, height: int) -> bytes:
    frame = struct.pack(">BHHB", 8, height, width, 3) + bytes([1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1])
    plain = jpeg()
    at = plain.index(b"\xff\xc0")
    return plain[:at] + part(0xC0, frame) + plain[at + 2 + struct.unpack(">H", plain[at + 2 : at + 4])[0] :]


def many_scans() -> bytes:
    """A progressive picture whose last scan comes a thousand times."""
    plain = jpeg(progressive=True)
    last = plain.rindex(b"\xff\xda")
    return plain[:-2] + plain[last:-2] * 1000 + plain[-2:]


def thumbnail_inside() -> bytes:
    """The uncropped picture, as a camera keeps it inside its notes."""
    notes = b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0" + jpeg() + SECRET
    return with_part(0xE1, notes)


def looping_exif() -> bytes:
    """A directory that says it goes on in itself."""
    return with_part(
        0xE1, b"Exif\0\0II*\0\x08\0\0\0" + b"\x01\0" + b"\x69\x87\x04\0\x01\0\0\0\x08\0\0\0" + b"\x08\0\0\0"
    )


def text_chunks() -> bytes:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", SECRET.decode())
    notes.add_text("Comment", SECRET.decode(), zip=True)
    notes.add_itxt("XML:com.adobe.xmp", f"<x:xmpmeta>{SECRET.decode()}</x:xmpmeta>")
    return png(pnginfo=notes, exif=exif())


def animated(kind: str) -> bytes:
    others = [Image.new("RGB", (96, 64), colour) for colour in ("white", "black")]
    return saved(drawing(), kind, save_all=True, append_images=others, duration=40)


def in_mode(mode: str, kind: str = "PNG", **options: Any) -> bytes:
    return saved(drawing().convert(mode), kind, **options)


def deep_grey() -> bytes:
    return saved(Image.new("I;16", (80, 60), 40_000), "PNG")


def see_through() -> bytes:
    image = drawing().convert("P")
    return saved(image, "PNG", transparency=0)


def flipped() -> bytes:
    plain = bytearray(jpeg())
    for place in range(plain.index(b"\xff\xda") + 20, len(plain) - 2, 9):
        plain[place] ^= 0x5A
    return bytes(plain)


def ycck() -> bytes:
    """Ink as Adobe writes it: luminance, two colours and black. Pillow writes ink only: the numbers are exchanged."""
    inks = drawing().point(lambda value: 255 - value).convert("YCbCr").point(lambda value: 255 - value)
    plain = bytearray(saved(Image.merge("CMYK", [*inks.split(), Image.new("L", inks.size)]), quality=95))
    plain[plain.index(b"Adobe") + 11] = 2
    return bytes(plain)


def number(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def display_p3() -> bytes:
    """The profile of a wide-gamut phone with a plain gamma of 2.2 (ICC.1:2001-04, a three-component matrix profile)."""
    points = {b"rXYZ": (0.51512, 0.24120, -0.00105), b"gXYZ": (0.29198, 0.69225, 0.04189),
              b"bXYZ": (0.15710, 0.06657, 0.78407), b"wtpt": (0.96420, 1.0, 0.82491)}  # fmt: skip
    tags = {name: b"XYZ \0\0\0\0" + b"".join(map(number, point)) for name, point in points.items()}
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), b"curv\0\0\0\0\0\0\0\1\x02\x33\0\0")
    tags[b"cprt"] = b"text\0\0\0\0" + SECRET + b"\0"
    tags[b"desc"] = b"desc\0\0\0\0" + struct.pack(">I", 3) + b"P3\0" + b"\0" * 79
    table, body, at = struct.pack(">I", len(tags)), b"", 132 + 12 * len(tags)
    for name, tag in tags.items():
        tag += b"\0" * (-len(tag) % 4)
        table += name + struct.pack(">II", at + len(body), len(tag))
        body += tag
    header = b"\0\0\0\0\x02\x10\0\0mntrRGB XYZ " + b"\0" * 12 + b"acsp" + b"\0" * 28
    header += b"".join(map(number, (0.9642, 1.0, 0.8249))) + b"\0" * 48
    return struct.pack(">I", 4 + len(header) + len(table) + len(body)) + header + table + body


XMP = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>" + SECRET + b"</x:xmpmeta>"
IPTC = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0" + struct.pack(">I", len(SECRET)) + SECRET
HEAVY_TEXT = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * 80_000_000, 9))
HEAVY_PROFILE = chunk(b"iCCP", b"p\0\0" + zlib.compress(b"\0" * 80_000_000, 9))

HAS_HEIC = find_spec("pillow_heif") is not None
HEIC_ANSWERS = {"heic", "broken"} if HAS_HEIC else {"heic"}

CORPUS: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "F1 empty": (lambda: b"", {"empty"}),
    "F2 one byte": (lambda: b"\xff", {"kind"}),
    "F10 a bomb of 400 million pixels": (lambda: png_of(20_000, 20_000), {"large"}),
    "F11 121 million pixels, where Pillow only warns": (lambda: png_of(11_000, 11_000), {"large"}),
    "F12 a text of 80 MB": (lambda: png_of(40, 40, HEAVY_TEXT), {SHOWN, "broken", "large"}),
    "F12 a profile of 80 MB": (lambda: png_of(40, 40, HEAVY_PROFILE), {SHOWN, "broken", "large"}),
    "F13 GIF": (lambda: animated("GIF"), {"kind"}),
    "F14 animated PNG": (lambda: animated("PNG"), {SHOWN}),
    "F14 animated WebP": (lambda: animated("WEBP"), {SHOWN}),
    "F15 a header of 65535 by 65535": (lambda: jpeg_header(65_535, 65_535), {"large"}),
    "F16 a line of 65500": (lambda: jpeg_header(65_500, 1), {"large"}),
    "F17 a column of 65500": (lambda: png_of(1, 65_500), {"large"}),
    "F18 TIFF": (lambda: saved(drawing(), "TIFF"), {"kind"}),
    "F18 PDF": (lambda: b"%PDF-1.7\n", {"kind"}),
    "F18 EPS": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", {"kind"}),
    "F18 FITS": (lambda: b"SIMPLE  =                    T" + b" " * 2850, {"kind"}),
    "F18 ICNS": (lambda: b"icns\0\0\0\x10ic07\0\0\0\x08", {"kind"}),
    "F19 a thousand scans": (many_scans, {"slow"}),
    "F20 SVG with a script": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", {"kind"}),
    "F21 SVG that says it is a PNG": (lambda: b"\x89PNG\r\n\x1a\n<svg><script>1</script></svg>", {"kind", "broken"}),
    "F22 HTML": (lambda: b"<!doctype html><script>alert(1)</script>", {"kind"}),
    "F23 XML that fetches": (lambda: b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", {"kind"}),
    "F24 PHP": (lambda: b"<?php system($_GET[0]); ?>", {"kind"}),
    "F27 JPEG and HTML": (lambda: jpeg() + b"<script>" + SECRET + b"</script>", {SHOWN}),
    "F28 JPEG and ZIP": (lambda: jpeg() + b"PK\x03\x04" + SECRET, {SHOWN}),
    "F29 PNG and script": (lambda: png() + b"*/alert(1)//" + SECRET, {SHOWN}),
    "F42 cut off": (lambda: saved(drawing(900, 700))[:-800], {"broken"}),
    "F43 flipped bits": (flipped, {SHOWN, "broken"}),
    "F44 a comment": (lambda: with_part(0xFE, b"<script>" + SECRET), {SHOWN}),
    "F45 a position": (lambda: jpeg(exif=exif()), {SHOWN}),
    "F46 XMP": (lambda: with_part(0xE1, XMP), {SHOWN}),
    "F47 IPTC": (lambda: with_part(0xED, IPTC), {SHOWN}),
    "F48 a thumbnail of the whole": (thumbnail_inside, {SHOWN}),
    **{f"F49 turned {n}": (lambda n=n: jpeg(exif=exif(t0112=n)), {SHOWN}) for n in (*range(10), 65_535)},
    "F50 notes that go round": (looping_exif, {SHOWN}),
    "F51 CMYK": (lambda: in_mode("CMYK", "JPEG"), {SHOWN}),
    "F52 ink as Adobe writes it": (ycck, {SHOWN}),
    "F53 16 bits": (deep_grey, {SHOWN}),
    "F54 a palette one sees through": (see_through, {SHOWN}),
    "F55 black and white": (lambda: in_mode("1"), {SHOWN}),
    "F56 grey one sees through": (lambda: in_mode("LA"), {SHOWN}),
    "F57 a broken profile": (lambda: jpeg(icc_profile=b"acsp" * 40 + SECRET), {SHOWN}),
    "F57 a huge profile": (lambda: jpeg(icc_profile=SECRET + b"\0" * 3_000_000), {SHOWN}),
    "F58 more colours than a screen has": (lambda: jpeg(icc_profile=display_p3()), {SHOWN}),
    "F59 HEIC": (lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 40, HEIC_ANSWERS),
    "F59 HEIC mski": (lambda: b"\0\0\0\x18ftypmski\0\0\0\0mif1heic" + b"\0" * 40, HEIC_ANSWERS),
    "F60 AVIF": (lambda: saved(drawing(), "AVIF"), {"heic", "kind"}),
    "F61 several pictures in one": (lambda: saved(drawing(), "MPO", save_all=True, append_images=[drawing()]), {SHOWN}),
    "F61 a film behind it": (lambda: jpeg() + b"\0\0\0\x18ftypmp42" + SECRET, {SHOWN}),
    "F62 what a phone hangs behind it": (lambda: jpeg() + b"SEFH" + SECRET + b"SEFT", {SHOWN}),
    "F59 HEIC with ten bits": (lambda: b"\0\0\0\x18ftypheix\0\0\0\0mif1heix" + b"\0" * 40, HEIC_ANSWERS),
    "F63 raw": (lambda: b"II*\0\x08\0\0\0DNG" + b"\0" * 60, {"kind"}),
    "F68 EICAR behind it": (lambda: jpeg() + EICAR, {SHOWN}),
    "F69 a ZIP of photos": (lambda: b"PK\x03\x04" + jpeg(), {"kind"}),
    "text in a PNG": (text_chunks, {SHOWN}),
}

NAMES = {
    "F24": "foto.php",
    "F25": ".htaccess",
    "F26": "foto.jpg.html",
    "F30": "../../etc/passwd",
    "F31": "..\\..\\x",
    "F32": "%2e%2e%2f",
    "F33": "a\0.jpg",
    "F34": "a\r\nSet-Cookie: x=1.jpg",
    "F35": "é" * 300,
    "F36": "\u202egpj.exe",
    "F37": "🎂e\u0301.jpg",
    "F38": "CON",
    "F38 one point": ".",
    "F38 two points": "..",
    "F39": "-rf.jpg",
    "F40": "a\";b'.jpg",
    "F41": "   ",
    "F70 from a folder": "map/foto.jpg",
}
"""What a file may be called; Kring never asks."""
