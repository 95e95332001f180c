"""Pictures that are pictures, made to cost their reader as much as they can."""

import io
from functools import cache

from PIL import Image


@cache
def scans(count: int, side: int = 2400) -> bytes:
    """A progressive JPEG of which the last scan is repeated: some 25 bytes each, and each a pass over the picture."""
    file = io.BytesIO()
    Image.new("RGB", (side, side), (90, 120, 80)).save(file, "JPEG", progressive=True, quality=30)
    plain = file.getvalue()
    last = plain.rindex(b"\xff\xda")
    return plain[:-2] + plain[last:-2] * (count - plain.count(b"\xff\xda")) + plain[-2:]


@cache
def flat_png(side: int = 8000) -> bytes:
    return _saved((side, side), "PNG", compress_level=9)


@cache
def lossless_webp(side: int = 16_383) -> bytes:
    """As long as a WebP can be, and as high as 64 million pixels allow."""
    return _saved((side, 64_000_000 // side), "WEBP", lossless=True, quality=0, method=0)


def _saved(size: tuple[int, int], kind: str, **options: object) -> bytes:
    rough = Image.effect_noise((size[0] // 8, max(1, size[1] // 8)), 90).resize(size, Image.Resampling.NEAREST)
    file = io.BytesIO()
    rough.convert("RGB").save(file, kind, **options)
    return file.getvalue()
