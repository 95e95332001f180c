"""The folder of roster files is swept while workers take files out of it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from groups.roster.services.roster_uploads import folder, sweep_uploads


@pytest.mark.django_db
def test_a_file_that_a_worker_takes_away_meanwhile_ends_nothing(settings: Any, tmp_path: Path) -> None:
    """The rest of the hour's work was not done. A name without a file is what such a file has become by then."""
    settings.KRING_DATA_DIR = tmp_path
    (folder() / "applied").symlink_to(folder() / "gone")
    (folder() / "lost").write_bytes(b"x")
    assert sweep_uploads(now=timezone.now() + timedelta(days=2)) == 1
    assert [path.name for path in folder().iterdir()] == ["applied"]
