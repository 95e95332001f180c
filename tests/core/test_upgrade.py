"""An installation of an earlier release goes on: its migrations, with the triggers of before on its tables."""

from pathlib import Path

import pytest

from tests.seeding import GROWING, said_in


@pytest.mark.engines("sqlite")
def test_a_small_school_goes_on_with_its_own_database(grown: Path) -> None:
    """SQLite makes a table anew to change it, and refuses where a trigger on another table asks that one."""
    looked = [end.told for command, end in zip(GROWING, said_in(grown), strict=True) if command.startswith("check")]
    assert [("Trigger" in told, "no issues" in told) for told in looked] == [(False, True)] * 2
