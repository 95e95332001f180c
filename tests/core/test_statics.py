"""The static files of a release: one that was broken off halfway, as by a full disk, is written again."""

import errno
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile

from portal.core.statics import OfThisRelease


class BrokenOff(ContentFile):
    """Ends after its first half."""

    def chunks(self, chunk_size: int | None = None) -> Any:
        yield b"half of "
        raise OSError(errno.ENOSPC, "No space left on device")


def test_half_a_file_never_bears_its_name(tmp_path: Path) -> None:
    """`collectstatic` passes over what is there and newer than its source: half of it stayed for good."""
    storage = OfThisRelease(location=tmp_path)
    storage._save("js/one.js", ContentFile(b"old"))
    for _ in range(2):
        with pytest.raises(OSError, match="No space"):
            storage._save("js/one.js", BrokenOff(b"half of it"))
        assert (tmp_path / "js" / "one.js").read_bytes() == b"old"
    assert storage._save("js/one.js", ContentFile(b"half of it")) == "js/one.js"
    assert [one.name for one in (tmp_path / "js").iterdir()] == ["one.js"]
    assert (tmp_path / "js" / "one.js").read_bytes() == b"half of it"
