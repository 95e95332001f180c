"""Section F: whatever arrives is a picture without notes, or a refusal with a reason; nothing else."""

import io
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from PIL import Image

from portal.core.media.decoding import Developed, Refused, develop, develop_all
from tests.media.corpus import CORPUS, HAS_HEIC, SECRET, SHOWN, display_p3, exif, jpeg, saved
from tests.media.second_parser import notes_in

SAMPLES = Path(settings.BASE_DIR).parent / "shared" / "samples" / "photos"
ACCEPTED_BROKEN = {"87_OSError.jpg", "image00971.jpg", "image01137.jpg"}


@pytest.fixture(scope="module")
def answers() -> dict[str, Developed | Refused]:
    """The whole corpus in one batch: no file disturbs the next."""
    return developed("webp")


def developed(kind: str) -> dict[str, Developed | Refused]:
    return dict(zip(CORPUS, develop_all([make() for make, _ in CORPUS.values()], kind=kind), strict=True))


@pytest.mark.parametrize("name", CORPUS)
def test_becomes_a_picture_or_a_reason(answers: dict[str, Developed | Refused], name: str) -> None:
    answer = answers[name]
    assert (answer.reason if isinstance(answer, Refused) else SHOWN) in CORPUS[name][1]
    if isinstance(answer, Developed):
        assert_bare(answer)


def assert_bare(answer: Developed) -> None:
    assert [one.side for one in answer.renditions] == [1600, 800, 400]
    assert {one.kind for one in answer.renditions} in ({"webp"}, {"jpeg"})
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


def test_jpegs_are_as_bare(answers: dict[str, Developed | Refused]) -> None:
    told = developed("jpeg")
    assert [type(answer) for answer in told.values()] == [type(answer) for answer in answers.values()]
    for answer in told.values():
        if isinstance(answer, Developed):
            assert_bare(answer)


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


@pytest.mark.parametrize("name", ["F51 CMYK", "F52 ink as Adobe writes it"])
def test_ink_becomes_light(answers: dict[str, Developed | Refused], name: str) -> None:
    assert corners(answers[name]) == ("red", "blue")


def seen(number: float) -> float:
    """What a screen is told for this much light (IEC 61966-2-1)."""
    number = min(1.0, max(0.0, number))
    return 255 * (12.92 * number if number <= 0.0031308 else 1.055 * number ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("colour", [(200, 90, 60), (90, 160, 90), (120, 120, 120), (60, 80, 170)])
def test_colours_of_a_phone_look_the_same_without_their_profile(colour: tuple[int, int, int]) -> None:
    """Display P3 brought to sRGB by the definition of both, not by the library that does it."""
    red, green, blue = ((value / 255) ** (0x233 / 256) for value in colour)
    x = 0.51512 * red + 0.29198 * green + 0.15710 * blue
    y = 0.24120 * red + 0.69225 * green + 0.06657 * blue
    z = -0.00105 * red + 0.04189 * green + 0.78407 * blue
    wanted = [
        seen(3.1338561 * x - 1.6168667 * y - 0.4906146 * z),
        seen(-0.9787684 * x + 1.9161415 * y + 0.0334540 * z),
        seen(0.0719453 * x - 0.2289914 * y + 1.4052427 * z),
    ]
    answer = develop(saved(Image.new("RGB", (64, 48), colour), quality=95, icc_profile=display_p3()))
    assert isinstance(answer, Developed)
    shown = Image.open(io.BytesIO(answer.renditions[0].data)).convert("RGB").getpixel((30, 20))
    assert shown == pytest.approx(wanted, abs=4)
    assert shown != pytest.approx(colour, abs=4) or len(set(colour)) == 1


def test_first_frame_is_the_picture(answers: dict[str, Developed | Refused]) -> None:
    assert corners(answers["F14 animated PNG"]) == ("red", "blue")


def test_nothing_is_made_larger() -> None:
    answer = develop(jpeg())
    assert isinstance(answer, Developed)
    assert (answer.width, answer.height) == (96, 64)


def originals() -> list[bytes]:
    """Fifty valid pictures: what the corpus shows, and drawings in every kind and way of holding colours."""
    shown = [make() for name, (make, becomes) in CORPUS.items() if becomes == {SHOWN}]
    image = Image.open(io.BytesIO(jpeg()))
    kinds = [("JPEG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "RGB"), ("PNG", "P"), ("PNG", "L"),
             ("PNG", "RGBA"), ("WEBP", "RGB"), ("WEBP", "RGBA")]  # fmt: skip
    more = [saved(image.convert(mode), kind, exif=exif()) for kind, mode in kinds]
    more += [saved(image, "JPEG", quality=quality, progressive=quality % 20 == 0) for quality in range(10, 100, 10)]
    return (more + shown)[:50]


def mutations(seed: int, each: int) -> Iterator[bytes]:
    rng = random.Random(seed)
    for original in originals():
        for _ in range(each):
            changed = bytearray(original)
            for _ in range(rng.randint(1, 12)):
                changed[rng.randrange(len(changed))] = rng.randrange(256)
            yield bytes(changed)


@pytest.mark.parametrize(("seed", "each"), [(1, 2), pytest.param(2, 100, marks=pytest.mark.long)])
def test_flipped_bytes_are_a_picture_or_a_refusal(seed: int, each: int) -> None:
    answers = list(develop_all(mutations(seed, each)))
    assert len(answers) == 50 * each
    for answer in answers:
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
