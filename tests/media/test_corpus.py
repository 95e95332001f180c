"""Section F: whatever arrives is a picture without notes, or a refusal with a reason; nothing else."""

import io
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from PIL import Image

from portal.core.media.decoding import Developed, Refused, develop, develop_all
from tests.media.corpus import CORPUS, HAS_HEIC, SECRET, SHOWN, exif, jpeg, png, saved
from tests.media.second_parser import notes_in

SAMPLES = Path(settings.BASE_DIR).parent / "shared" / "samples" / "photos"
ACCEPTED_BROKEN = {"87_OSError.jpg", "image00971.jpg", "image01137.jpg"}


@pytest.fixture(scope="module")
def answers() -> dict[str, Developed | Refused]:
    """The whole corpus in one batch: no file disturbs the next."""
    return dict(zip(CORPUS, develop_all([make() for make, _ in CORPUS.values()]), strict=True))


@pytest.mark.parametrize("name", CORPUS)
def test_becomes_a_picture_or_a_reason(answers: dict[str, Developed | Refused], name: str) -> None:
    answer = answers[name]
    assert (answer.reason if isinstance(answer, Refused) else SHOWN) in CORPUS[name][1]
    if isinstance(answer, Developed):
        assert_bare(answer)


def assert_bare(answer: Developed) -> None:
    assert [(one.kind, one.side) for one in answer.renditions] == [
        ("webp", 1600), ("jpeg", 1600), ("webp", 400), ("jpeg", 400)
    ]  # fmt: skip
    for one in answer.renditions:
        assert notes_in(one.data) == []
        assert SECRET not in one.data
        assert b"<script" not in one.data
        with Image.open(io.BytesIO(one.data)) as image:
            image.load()
            assert max(image.size) <= one.side
            assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "loop",
                                       "background", "timestamp", "duration", "progression"}  # fmt: skip
            assert dict(image.getexif()) == {}


def corners(answer: Developed | Refused) -> tuple[str, str]:
    """The colours above left and below right."""
    assert isinstance(answer, Developed)
    image = Image.open(io.BytesIO(answer.renditions[0].data)).convert("RGB")
    return colour(image, 8, 8), colour(image, image.width - 8, image.height - 8)


def colour(image: Image.Image, x: int, y: int) -> str:
    red, green, blue = image.getpixel((x, y))  # type: ignore[misc]
    return max([(red, "red"), (green, "green"), (blue, "blue")])[1]


TURNED = {1: ("red", "blue"), 2: ("green", "blue"), 3: ("blue", "red"), 4: ("blue", "green"), 5: ("red", "blue"),
          6: ("blue", "green"), 7: ("blue", "red"), 8: ("green", "blue")}  # fmt: skip


@pytest.mark.parametrize("orientation", TURNED)
def test_stands_upright(answers: dict[str, Developed | Refused], orientation: int) -> None:
    answer = answers[f"F49 turned {orientation}"]
    assert isinstance(answer, Developed)
    assert ((answer.width, answer.height) == (96, 64)) is (orientation < 5)
    assert corners(answer) == TURNED[orientation]


def test_sixteen_bits_keep_their_light(answers: dict[str, Developed | Refused]) -> None:
    answer = answers["F53 16 bits"]
    assert isinstance(answer, Developed)
    light = Image.open(io.BytesIO(answer.renditions[0].data)).convert("L").getpixel((40, 30))
    assert light == pytest.approx(40_000 / 256, abs=4)


def test_first_frame_is_the_picture(answers: dict[str, Developed | Refused]) -> None:
    assert corners(answers["F14 animated PNG"]) == ("red", "blue")


def test_nothing_is_made_larger() -> None:
    answer = develop(jpeg())
    assert isinstance(answer, Developed)
    assert (answer.width, answer.height) == (96, 64)


def mutations(seed: int, count: int) -> Iterator[bytes]:
    rng = random.Random(seed)
    originals = [jpeg(exif=exif()), png(), saved(Image.open(io.BytesIO(jpeg())), "WEBP", exif=exif())]
    for number in range(count):
        changed = bytearray(originals[number % len(originals)])
        for _ in range(rng.randint(1, 12)):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        yield bytes(changed)


@pytest.mark.parametrize(("seed", "count"), [(1, 120), pytest.param(2, 5000, marks=pytest.mark.long)])
def test_flipped_bytes_are_a_picture_or_a_refusal(seed: int, count: int) -> None:
    for answer in develop_all(mutations(seed, count)):
        if isinstance(answer, Developed):
            assert_bare(answer)


def samples() -> list[Path]:
    return sorted(path for path in SAMPLES.rglob("*.*") if path.suffix != ".md")


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared folder with sample photos is not beside this project")
def test_sample_photos() -> None:
    paths = samples()
    for path, answer in zip(paths, develop_all([path.read_bytes() for path in paths]), strict=True):
        readable = {".jpg", ".heic"} if HAS_HEIC else {".jpg"}
        is_photo = path.suffix.lower() in readable and path.parent.name != "broken"
        if is_photo or path.name in ACCEPTED_BROKEN:
            assert isinstance(answer, Developed), path.name
            assert_bare(answer)
            assert (answer.height > answer.width) == path.name.startswith(("portrait", "87", "no_exif", "IMG_")), (
                path.name
            )
        else:
            assert isinstance(answer, Refused), path.name
    assert len(paths) >= 16
