"""A spot is destroyed in every size: nothing of what lay under it takes part in what is kept."""

import io
import math
from pathlib import Path
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from PIL import ImageChops, ImageDraw

from portal.core.media import child
from portal.core.media.bare import is_bare
from portal.core.media.decoding import Developed, Refused, blur, develop
from portal.core.media.spots import MOST_SPOTS, BadSpotsError, Spot, cells, checked
from tests.media.second_parser import notes_in
from tests.media.test_child import DRILLS, REASONS, child_that
from tests.share import at_night, share

SIZE = (240, 160)
NAN, INFINITE = float("nan"), float("inf")
middles = st.floats(0, 1)
radii = st.floats(0, 1, exclude_min=True)
spots = st.lists(st.builds(Spot, middles, middles, radii, radii), min_size=1, max_size=6)


def noise(seed: int, size: tuple[int, int] = SIZE) -> Pillow.Image:
    """Every pixel its own colour, and another one for each seed."""
    return Pillow.frombytes("RGB", size, Random(seed).randbytes(size[0] * size[1] * 3))


def png(image: Pillow.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def near(drawn: list[Spot], margin: float) -> Pillow.Image:
    """What lies on a spot, or so near to it, told by measuring."""
    mask = Pillow.new("L", SIZE)
    for spot in drawn:
        wide, high = spot.across * SIZE[0], spot.down * SIZE[1]
        steps = [math.tau * n / 90 for n in range(90)]
        for x, y in [(spot.x * SIZE[0] + wide * math.cos(t), spot.y * SIZE[1] + high * math.sin(t)) for t in steps]:
            ImageDraw.Draw(mask).ellipse((x - margin, y - margin, x + margin, y + margin), fill=255)
        x, y = spot.x * SIZE[0], spot.y * SIZE[1]
        ImageDraw.Draw(mask).ellipse((x - wide, y - high, x + wide, y + high), fill=255)
    return mask


@settings(max_examples=share(40), deadline=None)
@given(spots, st.integers(0, 1000), st.sampled_from(["webp", "jpeg"]))
@example([Spot(0.0, 0.0, 1.0, 0.5)], 3, "webp")
@example([Spot(0.0, 0.0, 1.0, 0.5)], 3, "jpeg")
def test_what_lies_under_a_spot_or_near_it_takes_no_part(drawn: list[Spot], seed: int, kind: str) -> None:
    """Two pictures that differ only there become the same files, byte for byte, in every size."""
    one = noise(seed)
    other = Pillow.composite(noise(seed + 1), one, near(drawn, child.MARGIN - 1))
    told, files = child.blurred(png(one), kind, drawn)
    same = child.blurred(png(other), kind, drawn) == (
        told,
        files,
    )  # apart, so that no failure compares files in words
    assert same
    assert (told["width"], told["height"], all(is_bare(kind, file) for file in files)) == (*SIZE, True)
    assert [note for file in files for note in notes_in(file)] == []


@settings(max_examples=share(40), deadline=None)
@given(spots)
def test_what_lies_far_from_every_spot_stays(drawn: list[Spot]) -> None:
    """Nobody loses more of a photo than was drawn and its margin."""
    before = noise(1)
    after = child._covered(before.copy(), drawn)
    far = ImageChops.invert(near(drawn, child.MARGIN + 6))
    assert ImageChops.multiply(ImageChops.difference(before, after), Pillow.merge("RGB", [far] * 3)).getbbox() is None


def test_two_uploads_that_differ_in_one_face_become_the_same_photo() -> None:
    """Through the real process, from lossless pictures larger than the small size."""
    one = noise(5, (900, 700))
    other = one.copy()
    other.paste((10, 200, 30), (400, 300, 500, 400))
    face = [Spot(0.5, 0.5, 0.09, 0.12)]
    assert develop(png(one)) != develop(png(other))
    made = blur(png(one), face)
    assert isinstance(made, Developed)
    assert blur(png(other), face) == made
    assert [one.side for one in made.renditions] == [1600, 800, 400]


def test_of_what_is_stored_only_the_spot_changes() -> None:
    """The stored photo, blurred, is grey there in both sizes, and elsewhere what it was."""
    stored = develop(png(noise(2, (800, 600)).resize((1600, 1200))))
    assert isinstance(stored, Developed)
    made = blur(stored.renditions[0].data, [Spot(0.25, 0.25, 0.1, 0.1)])
    assert isinstance(made, Developed)
    for rendition in made.renditions:
        picture = Pillow.open(io.BytesIO(rendition.data)).convert("RGB")
        inside = picture.crop([round(part * max(picture.size)) for part in (0.22, 0.16, 0.28, 0.21)])
        assert all(abs(value - 128) <= 4 for low_high in inside.getextrema() for value in low_high)
        assert max(high - low for low, high in picture.crop((picture.width // 2, 0, *picture.size)).getextrema()) > 60


BAD = {
    "none": [],
    "too many": [(0.5, 0.5, 0.1, 0.1)] * (MOST_SPOTS + 1),
    "no area": [(0.5, 0.5, 0, 0.1)],
    "flat": [(0.5, 0.5, 0.1, 0.0)],
    "inside out": [(0.5, 0.5, -0.1, 0.1)],
    "not a number": [(NAN, 0.5, 0.1, 0.1)],
    "no size": [(0.5, 0.5, 0.1, NAN)],
    "endless": [(0.5, 0.5, INFINITE, 0.1)],
    "beside the photo": [(1.01, 0.5, 0.1, 0.1)],
    "before it": [(-0.01, 0.5, 0.1, 0.1)],
    "wider than the photo": [(0.5, 0.5, 1.1, 0.1)],
    "one good and one bad": [(0.5, 0.5, 0.1, 0.1), (0.5, 0.5, 0.1, 2)],
    "three numbers": [(0.5, 0.5, 0.1)],
    "words": [("a", "b", "c", "d")],
    "nothing": [None],
    "a number larger than numbers": [(10**400, 0.5, 0.1, 0.1)],
    "deeper": [[[0.5, 0.5, 0.1, 0.1]]],
}


@pytest.mark.parametrize("name", BAD)
def test_spots_that_are_none_are_refused(name: str) -> None:
    with pytest.raises(BadSpotsError):
        checked(BAD[name])  # type: ignore[arg-type]


@given(st.lists(st.lists(st.floats(), max_size=5), max_size=55))
def test_spots_are_on_the_picture_or_refused(sent: list[list[float]]) -> None:
    try:
        found = checked(sent)
    except BadSpotsError:
        return
    assert 0 < len(found) <= MOST_SPOTS
    assert all(0 <= s.x <= 1 and 0 <= s.y <= 1 and 0 < s.across <= 1 and 0 < s.down <= 1 for s in found)


def test_ticked_cells_are_covered_to_their_corners() -> None:
    drawn = cells(range(36), a_side=6)
    after = child._covered(noise(3), drawn)
    assert [low for low, _high in after.getextrema()] == [128, 128, 128]
    assert len(checked(drawn)) == 36


@pytest.mark.nightly
@pytest.mark.parametrize("drawn", [[Spot(0.5, 0.5, 1, 1)] * MOST_SPOTS, [Spot(0.0, 1.0, 1e-9, 1e-9)]])
def test_many_huge_ones_and_a_tiny_one_fit_in_the_limits(drawn: list[Spot]) -> None:
    stored = develop(png(noise(4, (400, 400)).resize((1600, 1600))))
    assert isinstance(stored, Developed)
    assert isinstance(blur(stored.renditions[0].data, drawn), Developed)


def blurring_child_that(tmp_path: Path, does: str) -> tuple[str, ...]:
    """The real child, that misbehaves when it has to blur BAD."""
    command = child_that(tmp_path, does.replace("honest(picture, kind)", "honest(picture, kind, spots)"))
    path = Path(command[-1])
    text = (
        path.read_text()
        .replace("child.developed", "child.blurred")
        .replace("(picture, kind)", "(picture, kind, spots)")
    )
    path.write_text(text)
    return command


WAITED_FOR = ("hangs", "announces what it does not send", "eats memory")


@pytest.mark.parametrize(
    "name",
    [at_night(name) if name in WAITED_FOR else name for name in DRILLS if "honest" not in DRILLS[name]],
)
def test_a_child_that_misbehaves_while_it_blurs(tmp_path: Path, name: str) -> None:
    command = blurring_child_that(tmp_path, DRILLS[name])
    reason = REASONS.get(name, "broken")
    patience = 3 if reason == "later" else 20
    assert blur(b"BAD", [Spot(0.5, 0.5, 0.1, 0.1)], command=command, patience=patience) == Refused(reason)


def test_a_spot_that_the_parent_let_through_cannot_hurt() -> None:
    """The child is told what was checked; should that ever fail, the picture is refused, not kept as it was."""
    assert blur(png(noise(1)), [Spot(NAN, 0.5, 0.1, 0.1)]) == Refused("broken")
