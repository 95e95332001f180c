"""Which code `run.py mutation` changes, and what it says about it."""

import pytest
from mutmut.mutation.file_mutation import MutatedFile, mutate_file_contents

from tests.layers import modules
from tests.mutation import PARTS, ROOT, drawn, report, shown

CODE = "def old(a: int, b: int) -> bool:\n    return a < b\n"


@pytest.fixture
def files() -> dict[str, MutatedFile]:
    return {"some/module.py": mutate_file_contents("some/module.py", CODE)}


def test_every_module_that_says_who_may_see_what_is_changed() -> None:
    there = {str(path.relative_to(ROOT)) for path in modules("querysets") if path.name != "__init__.py"}
    there -= {"portal/core/querysets.py"}  # which mail is due
    there |= {"portal/core/access.py", "groups/records/querysets.py", "groups/records/services/truth.py"}
    assert there - {path for part in PARTS.values() for path in part.modules} == set()


def test_every_part_names_files_that_are_there() -> None:
    named = {path for part in PARTS.values() for path in (*part.modules, *part.tests)}
    assert {path for path in named if not (ROOT / path).exists()} == set()


def test_a_change_is_shown_as_the_lines_that_differ(files: dict[str, MutatedFile]) -> None:
    (file,) = files.values()
    assert shown(file, file.mutant_names[0]) == "-    return a < b\n+    return a <= b"


def test_the_same_seed_draws_the_same(files: dict[str, MutatedFile]) -> None:
    many = {
        name: mutate_file_contents(name, (ROOT / name).read_text()) for name in ("groups/records/domain/derivation.py",)
    }
    one, again, other = (drawn(many, 20, seed) for seed in (1, 1, 2))
    assert (len(one), one == again, one == other) == (20, True, False)
    assert drawn(files, None, 1) == drawn(files, 20, 1) == [("some/module.py", "x_old__mutmut_1")]


@pytest.mark.parametrize(("survived", "status"), [(0, 0), (5, 0), (6, 1)])
def test_fewer_than_ninety_five_of_a_hundred_fail(
    survived: int, status: int, files: dict[str, MutatedFile], capsys: pytest.CaptureFixture[str]
) -> None:
    outcomes = {("some/module.py", str(at)): "survived" if at < survived else "killed" for at in range(100)}
    assert report(outcomes, files) == status
    assert f"{100 - survived}.0 %" in capsys.readouterr().out
