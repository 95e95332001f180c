"""The process that decodes pictures: it knows no setting, no database and no secret, and locks itself in first.

Started by `decoding` as `python -I child.py` with an empty environment. Pictures come in over standard input, each as
its length and its bytes; for each an answer goes out: a line of JSON with its length, then the files it announces.
It imports nothing of Kring, so that there is nothing in its memory to take.
"""

import ctypes
import io
import json
import os
import resource
import struct
import sys
from typing import Any, BinaryIO

from PIL import (
    Image,
    ImageCms,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

MEMORY = 1 << 30
CPU_SECONDS = 20
PIXELS = 64_000_000
LONGEST_SIDE = 30_000
SIDES = (1600, 400)
NOBODY = 65534
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
NO_NEW_PRIVILEGES = 38
HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"hevm", b"mif1", b"msf1", b"mski", b"avif"}
FORMATS = ["JPEG", "PNG", "WEBP"]
# Pillow fetches these when it first meets such a picture; by then no file can be opened any more.
FETCHED_LATER = (JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)
try:
    import pillow_heif
except ImportError:
    pillow_heif = None


class RefusedError(Exception):
    """Not a picture that Kring shows; the reason is a word that the parent turns into a sentence."""


def lock_in() -> bool:
    """Limits first, then no network where the system allows it, then nobody. Returns whether the network is gone."""
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


def _without_network(libc: Any) -> bool:
    wanted = CLONE_NEWNET if os.geteuid() == 0 else CLONE_NEWNET | CLONE_NEWUSER
    return bool(libc.unshare(wanted) == 0)


def serve(pictures: BinaryIO, answers: BinaryIO) -> None:
    """One answer for each picture until there are no more."""
    while header := pictures.read(8):
        (length,) = struct.unpack(">Q", header)
        _allow_more_time()
        try:
            _answer(answers, *developed(pictures.read(length)))
        except RefusedError as refused:
            _answer(answers, {"refused": str(refused)}, [])
        except (MemoryError, Image.DecompressionBombError):
            _answer(answers, {"refused": "large"}, [])
        except Exception:
            # A damaged picture raises whatever the decoder felt like; nothing of it is worth telling.
            _answer(answers, {"refused": "broken"}, [])


def _allow_more_time() -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _answer(answers: BinaryIO, told: dict[str, Any], files: list[bytes]) -> None:
    line = json.dumps(told).encode()
    answers.write(struct.pack(">I", len(line)) + line)
    for file in files:
        answers.write(file)
    answers.flush()


def developed(picture: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """The picture upright, in every size and kind, with nothing in it but what one sees."""
    with _opened(picture) as opened:
        large = _upright(opened)
    kept: list[tuple[str, int, bytes]] = []
    for side in SIDES:
        fresh = _fresh(large, side)
        kept += [("webp", side, _saved(fresh, "WEBP", quality=80 if side == SIDES[0] else 74, method=4))]
        kept += [("jpeg", side, _saved(fresh, "JPEG", quality=82, progressive=True, optimize=True))]
        if side == SIDES[0]:
            large = fresh
    told = [{"kind": kind, "side": side, "length": len(data)} for kind, side, data in kept]
    return {"width": large.width, "height": large.height, "files": told}, [data for _, _, data in kept]


def _opened(picture: bytes) -> Image.Image:
    try:
        opened = Image.open(io.BytesIO(picture), formats=FORMATS)
    except (UnidentifiedImageError, SyntaxError) as unknown:
        is_heic = picture[4:8] == b"ftyp" and picture[8:12] in HEIC_BRANDS
        raise RefusedError("heic" if is_heic else "kind" if picture else "empty") from unknown
    if opened.width * opened.height > PIXELS or max(opened.size) > LONGEST_SIDE:
        raise RefusedError("large")
    return opened


def _upright(opened: Image.Image) -> Image.Image:
    """At most 1600 pixels, decoded no larger than needed, turned as the camera was held."""
    profile = opened.info.get("icc_profile")
    turned = _orientation(opened)
    # `draft` wants the picture's own shape, or it silently does nothing; the first frame is the picture.
    opened.draft("RGB", _within(opened.size, SIDES[0]))
    opened.seek(0)
    small = _flat(_deep(opened))
    size = _within(small.size, SIDES[0])
    if size != small.size:
        small = small.resize(size, Image.Resampling.LANCZOS, reducing_gap=None)
    small = _in_srgb(small, profile)
    return small.transpose(turned) if turned is not None else small


def _within(size: tuple[int, int], side: int) -> tuple[int, int]:
    scale = min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


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
    """The colours of a wide-gamut phone as any screen shows them, because the profile itself is not kept."""
    if not profile:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space.strip() != "RGB":
            return image
        changed = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"))
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


def _saved(fresh: Image.Image, kind: str, **options: Any) -> bytes:
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
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
