"""What a first visit costs: the sizes of experience.md, as they travel."""

import gzip
from pathlib import Path

import pytest
from django.conf import settings

STATIC = Path(settings.BASE_DIR) / "static"
EVERYWHERE = ["js/keep.js", "js/busy.js", "js/focus.js", "js/no-line.js"]


def travelling(*names: str) -> int:
    return sum(len(gzip.compress((STATIC / name).read_bytes(), 9)) for name in names)


@pytest.mark.parametrize(
    ("files", "most"),
    [
        (["kring.css"], 12_000),
        (["desk.css"], 4_000),
        (["agenda.css"], 2_000),
        (["js/photos.js", "js/viewer.js"], 10_000),
        (EVERYWHERE, 6_000),
        ([*EVERYWHERE, "js/seen.js", "js/audience.js"], 20_000),
        ([*EVERYWHERE, "js/audience.js", "js/photos.js", "js/marks.js"], 35_000),
        (["kring.css", "icons.svg", "favicon.svg", *EVERYWHERE], 28_000),
    ],
)
def test_static_files_stay_small(files: list[str], most: int) -> None:
    assert travelling(*files) <= most
