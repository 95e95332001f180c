"""The process that decodes pictures: it knows no setting, no database and no secret, and locks itself in first.

Started by `decoding` as `python -I child.py webp` (or `jpeg`: what it makes; `none`: it only looks) with an empty
environment. Pictures come in over standard input, each as its length, the number of spots to blur (mostly none), its
bytes and the spots; for each an answer goes out: a line of JSON with its length, then the files it announces. It
imports nothing of Kring, so that there is nothing in its memory to take.
"""

import ctypes
import io
import json
import math
import os
import resource
import struct
import sys
from typing import BinaryIO

from PIL import (
    Image,
    ImageCms,
    ImageDraw,
    ImageFilter,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

MEMORY = 1 << 30
CPU_SECONDS = 8
GIVES_WAY = 10
PIXELS = 64_000_000
LONGEST_SIDE = 30_000
MOST_SCANS = 100
SIDES = (1600, 800, 400)
NOBODY = 65534
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
NO_NEW_PRIVILEGES = 38
START_OF_SCAN, END_OF_PICTURE, FILLS = 0xDA, 0xD9, 0xFF
WITHOUT_LENGTH = {0x00, 0x01, FILLS, *range(0xD0, 0xD9)}
"""Stuffed bytes, restarts and fillers: none of them begins a part."""
HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"hevm", b"mif1", b"msf1", b"mski", b"avif"}
FORMATS = ["JPEG", "PNG", "WEBP"]
HOW: dict[str, dict[str, int | bool]] = {"webp": {"method": 4}, "jpeg": {"progressive": True, "optimize": True}}
# What lies under a spot becomes this grey; the spot grows by whole blocks of the codec, so that none keeps a trace.
COVER, MARGIN, SOFTNESS = (128, 128, 128), 16, 12
APART, REACH = 8, MARGIN + 2  # pixels between the discs that make the margin, and their radius
QUALITY = {"webp": {1600: 80, 800: 74, 400: 74}, "jpeg": {1600: 82, 800: 82, 400: 82}}
MOST = {800: 60_000, 400: 31_000}  # bytes; what a list shows comes over slow lines
STEP, LEAST = 8, 34
# Pillow fetches these when it first meets such a picture; by then no file can be opened any more.
FETCHED_LATER = (JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)
try:
    import pillow_heif
except ImportError:
    pillow_heif = None


class RefusedError(Exception):
    """Not a picture that Kring shows; the reason is a word that the parent turns into a sentence."""


def lock_in() -> bool:
    """Behind whoever wants a page, without a network where the system allows it, nobody, and within limits.

    Returns whether the network is gone.
    """
    os.nice(GIVES_WAY)
    libc = ctypes.CDLL(None, use_errno=True)
    alone = _without_network(libc)
    libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    for what, most in [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_NOFILE, 3),
    ]:
        resource.setrlimit(what, (most, most))
    return alone


def _without_network(libc: ctypes.CDLL) -> bool:
    wanted = CLONE_NEWNET if os.geteuid() == 0 else CLONE_NEWNET | CLONE_NEWUSER
    return bool(libc.unshare(wanted) == 0)


def serve(pictures: BinaryIO, answers: BinaryIO, kind: str) -> None:
    """One answer for each picture until there are no more."""
    while header := pictures.read(12):
        length, count = struct.unpack(">QI", header)
        _allow_more_time()
        try:
            picture = pictures.read(length)
            spots = list(struct.iter_unpack(">4d", pictures.read(32 * count)))
            _answer(answers, *_made(picture, kind, spots))
        except RefusedError as refused:
            _answer(answers, {"refused": str(refused)}, [])
        except (MemoryError, Image.DecompressionBombError):
            _answer(answers, {"refused": "large"}, [])
        except Exception:
            # A damaged picture raises whatever the decoder felt like; nothing of it is worth telling.
            _answer(answers, {"refused": "broken"}, [])


def _made(picture: bytes, kind: str, spots: list[tuple[float, ...]]) -> tuple[dict[str, object], list[bytes]]:
    if kind == "none":
        return looked_at(picture)
    return blurred(picture, kind, spots) if spots else developed(picture, kind)


def _allow_more_time() -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _answer(answers: BinaryIO, head: dict[str, object], files: list[bytes]) -> None:
    line = json.dumps(head).encode()
    answers.write(struct.pack(">I", len(line)) + line)
    for file in files:
        answers.write(file)
    answers.flush()


def looked_at(picture: bytes) -> tuple[dict[str, object], list[bytes]]:
    """Every pixel is decoded, and nothing made of them."""
    with _opened(picture) as opened:
        opened.load()
        return {"width": opened.width, "height": opened.height, "files": []}, []


def developed(picture: bytes, kind: str) -> tuple[dict[str, object], list[bytes]]:
    """The picture upright, in every size, with nothing in it but what one sees."""
    with _opened(picture) as opened:
        return _in_every_size(_fresh(_upright(opened), SIDES[0]), kind)


def blurred(picture: bytes, kind: str, spots: list[tuple[float, ...]]) -> tuple[dict[str, object], list[bytes]]:
    """A kept picture in every size again, made from pixels in which nothing under the spots is left."""
    with _opened(picture) as opened:
        return _in_every_size(_covered(_fresh(_flat(opened), SIDES[0]), spots), kind)


def _covered(image: Image.Image, spots: list[tuple[float, ...]]) -> Image.Image:
    """First grey all over, then softened: what softening mixes in comes from beside the spots, or is that grey."""
    under = Image.new("L", image.size)
    for spot in spots:
        _draw(under, *spot)
    image.paste(COVER, mask=under)
    image.paste(image.filter(ImageFilter.GaussianBlur(SOFTNESS)), mask=under)
    return image


def _draw(under: Image.Image, x: float, y: float, across: float, down: float) -> None:
    """A spot, given in parts of width and height, with the margin around it: an ellipse, and discs all along its edge.

    A larger ellipse would lie hardly outside the smaller one near the tips of a flat spot, and a thick line has cracks
    where its pieces meet. Discs a few pixels apart leave no pixel of the margin out.
    """
    (width, height), draw = under.size, ImageDraw.Draw(under)
    x, y, across, down = x * width, y * height, across * width, down * height
    draw.ellipse(_box(x, y, across, down), fill=255)
    discs = math.ceil(math.tau * max(across, down) / APART) + 1
    for turn in (math.tau * disc / discs for disc in range(discs)):
        draw.ellipse(_box(x + across * math.cos(turn), y + down * math.sin(turn), REACH, REACH), fill=255)


def _box(x: float, y: float, across: float, down: float) -> tuple[int, int, int, int]:
    """Around an ellipse, in whole pixels outwards."""
    return math.floor(x - across), math.floor(y - down), math.ceil(x + across), math.ceil(y + down)


def _in_every_size(large: Image.Image, kind: str) -> tuple[dict[str, object], list[bytes]]:
    sizes = {SIDES[0]: large} | {side: _fresh(large, side) for side in SIDES[1:]}
    files = {side: _light(image, kind, side) for side, image in sizes.items()}
    heads = [{"kind": kind, "side": side, "length": len(data)} for side, data in files.items()]
    return {"width": large.width, "height": large.height, "files": heads}, list(files.values())


def _light(image: Image.Image, kind: str, side: int) -> bytes:
    """Of a photo full of leaves or gravel, where each byte goes into what nobody looks at, a step or more simpler."""
    for quality in range(QUALITY[kind][side], LEAST - 1, -STEP):
        data = _saved(image, kind.upper(), quality=quality, **HOW[kind])
        if len(data) <= MOST.get(side, len(data)):
            break
    return data


def _opened(picture: bytes) -> Image.Image:
    try:
        opened = Image.open(io.BytesIO(picture), formats=FORMATS)
    except (UnidentifiedImageError, SyntaxError) as unknown:
        is_heic = picture[4:8] == b"ftyp" and picture[8:12] in HEIC_BRANDS
        raise RefusedError("heic" if is_heic else "kind" if picture else "empty") from unknown
    if opened.width * opened.height > PIXELS or max(opened.size) > LONGEST_SIDE:
        raise RefusedError("large")
    if opened.format in {"JPEG", "MPO"} and scans_in(picture) > MOST_SCANS:
        raise RefusedError("slow")
    return opened


def scans_in(picture: bytes) -> int:
    """How often a JPEG goes over its pixels, counted as its decoder will meet them, until there are too many.

    What lies between two parts is skipped, as the decoder does; what comes after the end does not count.
    """
    scans, at = 0, 2
    while scans <= MOST_SCANS and 0 <= (at := picture.find(b"\xff", at)) < len(picture) - 3:
        marker = picture[at + 1]
        if marker == END_OF_PICTURE:
            break
        if marker in WITHOUT_LENGTH:
            at += 1 if marker == FILLS else 2
            continue
        scans += marker == START_OF_SCAN
        at += 2 + max(2, int.from_bytes(picture[at + 2 : at + 4]))
    return scans


def _upright(opened: Image.Image) -> Image.Image:
    """At most 1600 pixels, decoded no larger than needed, turned as the camera was held."""
    profile = opened.info.get("icc_profile")
    turned = _orientation(opened)
    # `draft` wants the picture's own shape, or it silently does nothing; the first frame is the picture.
    opened.draft("RGB", _within(opened.size, SIDES[0]))
    opened.seek(0)
    small = _flat(_in_srgb(_small(_deep(opened)), profile))
    return small.transpose(turned) if turned is not None else small


def _small(image: Image.Image) -> Image.Image:
    """Made smaller before anything else, where that changes no colour: a palette cannot be mixed."""
    size = _within(image.size, SIDES[0])
    if size == image.size:
        return image
    if image.mode not in SPACES or "transparency" in image.info:
        image = _flat(image)
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=None)


def _within(size: tuple[int, int], side: int) -> tuple[int, int]:
    scale = min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


SPACES = {"RGB": "RGB", "L": "GRAY", "CMYK": "CMYK"}
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _orientation(opened: Image.Image) -> Image.Transpose | None:
    """What the camera wrote about how it was held; damaged notes say nothing."""
    try:
        return TURNS.get(opened.getexif().get(0x0112, 1))
    except Exception:
        return None


def _deep(opened: Image.Image) -> Image.Image:
    """Sixteen bits of grey become eight; a plain conversion would cut them off instead."""
    if opened.mode.startswith("I"):
        return opened.convert("I").point(lambda value: value / 256).convert("L")
    return opened


def _flat(image: Image.Image) -> Image.Image:
    """Plain colours; what one could see through stands on white."""
    if image.mode == "RGB":
        image.load()
        return image
    if image.mode in {"LA", "PA", "RGBA", "La", "RGBa"} or "transparency" in image.info:
        seen = image.convert("RGBA")
        ground = Image.new("RGB", seen.size, "white")
        ground.paste(seen, mask=seen.getchannel("A"))
        return ground
    return image.convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The colours of a wide-gamut phone as any screen shows them, because the profile itself is not kept.

    A profile that is damaged, or about another kind of picture, is as if it were not there.
    """
    if not profile:
        return image
    if image.mode not in SPACES:
        image = _flat(image)
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space.strip() != SPACES[image.mode]:
            return image
        changed = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except Exception:
        return image
    return changed or image


def _fresh(image: Image.Image, side: int) -> Image.Image:
    """Pixels and nothing else: a new picture knows no notes of the old one."""
    size = _within(image.size, side)
    small = image if size == image.size else image.resize(size, Image.Resampling.LANCZOS)
    fresh = Image.new("RGB", size)
    fresh.paste(small)
    return fresh


def _saved(fresh: Image.Image, kind: str, **options: object) -> bytes:
    """The bytes that are kept, opened once more to see that they are a picture of this size."""
    file = io.BytesIO()
    fresh.save(file, kind, exif=b"", icc_profile=None, **options)
    with Image.open(io.BytesIO(file.getvalue()), formats=[kind]) as again:
        again.load()
        if again.size != fresh.size:
            raise RefusedError("broken")
    return file.getvalue()


def main() -> None:
    if pillow_heif is not None:
        pillow_heif.register_heif_opener(thumbnails=False)
        FORMATS.append("HEIF")
    Image.MAX_IMAGE_PIXELS = PIXELS
    Image.preinit()
    # Whatever a library prints goes the way of complaints, never among the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _answer(answers, {"without_network": lock_in()}, [])
    serve(sys.stdin.buffer, answers, sys.argv[1])


if __name__ == "__main__":
    main()
