"""What photos weigh in a list: they come over the slow line of a phone in a playground."""

import io
from random import Random

import pytest
from PIL import Image, ImageChops

from portal.core.media.decoding import Developed, develop

SIZE = (2000, 1500)
MOST = {800: 60_000, 400: 31_000}


def photograph(leaves: float, fine: float) -> bytes:
    """Like a photo of a phone: light from one side, soft shapes, and `leaves` as in a wood, so many of them `fine`."""
    light = Image.linear_gradient("L").resize(SIZE)
    shapes = noise(20, 15)
    wood = ImageChops.blend(noise(400, 300), noise(1000, 750), fine)
    seen = ImageChops.blend(shapes, wood, leaves)
    file = io.BytesIO()
    tinted = Image.merge("RGB", (seen, ImageChops.blend(seen, light, 0.5), light))
    tinted.save(file, "JPEG", quality=92)
    return file.getvalue()


def noise(wide: int, high: int) -> Image.Image:
    """The same every time: specks of this fineness."""
    specks = Image.frombytes("L", (wide, high), Random(wide).randbytes(wide * high))
    return specks.resize(SIZE, Image.Resampling.BICUBIC)


@pytest.mark.parametrize("kind", ["webp", "jpeg"])
@pytest.mark.parametrize(("leaves", "fine"), [(0.05, 0.5), (0.45, 0.5), (0.52, 0.1)])
def test_a_photo_in_a_list_is_light(leaves: float, fine: float, kind: str) -> None:
    made = develop(photograph(leaves, fine), kind=kind)
    assert isinstance(made, Developed)
    weighs = {one.side: len(one.data) for one in made.renditions}
    assert [side for side, most in MOST.items() if weighs[side] > most] == []
