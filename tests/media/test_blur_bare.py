"""What is kept after blurring, read by a parser that is not ours: no note, and no byte of what lay there."""

import io

import pytest
from PIL import Image as Pillow

from portal.core.media import child, storage
from portal.core.media.decoding import Developed, Refused, Rendition, blur, develop_all
from portal.core.media.kinds import kind_for
from portal.core.media.spots import Spot
from tests.media.corpus import CORPUS
from tests.media.test_blur import noise, png
from tests.media.test_corpus import SAMPLES, assert_bare, samples

FACE = [Spot(0.5, 0.5, 0.2, 0.2)]


def jpegs_of(pictures: list[Developed]) -> list[Developed | Refused]:
    """What is made for a browser that reads no WebP: of the blurred photo as it is kept."""
    return develop_all([one.renditions[0].data for one in pictures], kind="jpeg")


@pytest.fixture(scope="module")
def shown() -> dict[bytes, Developed]:
    """What is kept of each picture of the corpus that becomes a photo."""
    raw = [make() for make, _ in CORPUS.values()]
    kept = {one: made for one, made in zip(raw, develop_all(raw), strict=True) if isinstance(made, Developed)}
    assert len(kept) > 20
    return kept


@pytest.mark.nightly
def test_every_picture_of_the_corpus_is_bare_after_blurring(shown: dict[bytes, Developed]) -> None:
    """EXIF with a place and a thumbnail, XMP, IPTC, ICC, comments, PNG texts, bytes after the end: none of it."""
    blurred = [blur(one.renditions[0].data, FACE) for one in shown.values()]
    for made in [*blurred, *jpegs_of([one for one in blurred if isinstance(one, Developed)])]:
        assert isinstance(made, Developed)
        assert_bare(made)


@pytest.mark.parametrize("kind", ["webp", "jpeg"])
def test_notes_in_what_is_blurred_are_not_carried_over(kind: str, shown: dict[bytes, Developed]) -> None:
    """Should a picture with notes ever lie in the store: blurring writes a fresh one all the same."""
    looked_at = 0
    for raw in shown:
        told, files = child.blurred(raw, kind, [(0.5, 0.5, 0.2, 0.2)])
        assert_bare_files(kind, files)
        looked_at += bool(told)
    assert looked_at > 20


def assert_bare_files(kind: str, files: list[bytes]) -> None:
    renditions = [Rendition(kind, side, file) for side, file in zip((1600, 800, 400), files, strict=True)]
    assert_bare(Developed(1, 1, tuple(renditions)))


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared folder with sample photos is not beside this project")
def test_real_photos_are_bare_after_blurring() -> None:
    shown = [one for one in develop_all([path.read_bytes() for path in samples()[:12]]) if isinstance(one, Developed)]
    blurred = [blur(one.renditions[0].data, FACE) for one in shown]
    assert len(shown) > 3
    for made in [*blurred, *jpegs_of([one for one in blurred if isinstance(one, Developed)])]:
        assert isinstance(made, Developed)
        assert_bare(made)


def test_no_stored_byte_of_any_size_or_kind_knows_what_lay_there(tmp_path, settings) -> None:
    """Two photos that differ in one face only, blurred and kept, with the JPEGs that are made when asked for."""
    settings.KRING_DATA_DIR = tmp_path
    one = noise(5, (900, 700))
    other = one.copy()
    other.paste((10, 200, 30), (400, 300, 500, 400))
    stored = []
    for picture in (one, other):
        made = blur(png(picture), [Spot(0.5, 0.5, 0.09, 0.12)])
        assert isinstance(made, Developed)
        key = storage.keep(made.renditions)
        assert [kind_for("image/jpeg", key=key, side=side) for side in (1600, 800, 400)] == ["jpeg"] * 3
        files = [(kind, side) for kind in ("webp", "jpeg") for side in (1600, 800, 400)]
        stored.append({file: storage.read(key, *file) for file in files})
    assert [file for file in stored[0] if stored[0][file] != stored[1][file]] == []
    for data in stored[0].values():
        picture = Pillow.open(io.BytesIO(data)).convert("RGB")
        grey = picture.getpixel((picture.width // 2, picture.height // 2))
        assert all(abs(value - 128) <= 4 for value in grey)
