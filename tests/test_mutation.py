"""Which code `run.py mutation` changes, which tests it asks, and what it says about it."""

import os
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from mutmut.mutation.file_mutation import MutatedFile, mutate_file_contents

from portal.core import access
from tests.layers import modules
from tests.mutation import PARTS, ROOT, TESTS, Outcome, Reach, Reached, drawn, note, report, shares, shown, side_by_side

CODE = "def old(a: int, b: int) -> bool:\n    return a < b\n"


@pytest.fixture
def files() -> dict[str, MutatedFile]:
    return {"some/module.py": mutate_file_contents("some/module.py", CODE)}


def test_every_module_that_says_who_may_see_what_is_changed() -> None:
    there = {path.relative_to(ROOT).as_posix() for path in modules("querysets", "policies")}
    there |= {path.relative_to(ROOT).as_posix() for path in (ROOT / "portal/core/outbox").glob("*.py")}
    there |= {"portal/core/access.py", *_registered()}
    there = {path for path in there if path.rpartition("/")[2] != "__init__.py"}
    assert there - {path for paths in PARTS.values() for path in paths} == set()


def _registered() -> set[str]:
    """Where the rows of each projection are computed."""
    return {
        projection.project.__module__.replace(".", "/") + ".py"  # type: ignore[attr-defined]
        for projection in access._projections.values()
    }


def test_every_part_names_files_that_are_there() -> None:
    named = {*TESTS, *(path for paths in PARTS.values() for path in paths)}
    assert {path for path in named if not (ROOT / path).exists()} == set()


def test_those_are_asked_first_that_saw_changes_there_and_then_those_that_reach_least() -> None:
    narrow, wide, other = Reached(["a.b.x_f"], 2), Reached(["a.b.x_f", "a.b.x_g"], 1), Reached(["a.b.x_g"], 1)
    reach = Reach({"wide": wide, "narrow": narrow, "other": other})
    assert reach.candidates("a.b.x_f") == ["narrow", "wide"]
    reach.saw.update([("a.b", "wide")])
    assert reach.candidates("a.b.x_f") == ["wide", "narrow"]
    assert reach.candidates("a.b.x_h") == []


def test_who_saw_a_change_is_asked_first_by_the_next_run_and_by_whoever_is_at_it_beside_this_one(
    tmp_path: Path,
) -> None:
    seen, reach = (
        tmp_path / "seen",
        Reach({"wide": Reached(["a.b.x_f", "a.b.x_g"], 1), "narrow": Reached(["a.b.x_f"], 2)}),
    )
    reach.learn(seen)
    assert reach.candidates("a.b.x_f") == ["narrow", "wide"]
    note(seen, "a.b.x_g", "wide")
    reach.learn(seen)
    assert reach.candidates("a.b.x_f") == ["wide", "narrow"]
    note(seen, "a.b.x_f", "narrow")
    reach.learn(seen)
    assert reach.candidates("a.b.x_f") == ["narrow", "wide"]


def test_what_several_processes_wrote_down_is_read_as_one(tmp_path: Path) -> None:
    Reach({"one": Reached(["a.b.x_f"], 2)}, {"a.b.x_g"}).write(tmp_path / "first")
    Reach({"other": Reached(["a.b.x_f"], 1)}, {"a.b.x_h"}, ["failing"]).write(tmp_path / "second")
    reach = Reach.read(tmp_path / "first", tmp_path / "second")
    assert reach.candidates("a.b.x_f") == ["other", "one"]
    assert (reach.shared, reach.failing) == ({"a.b.x_g", "a.b.x_h"}, ["failing"])


def test_every_task_is_done_once_and_by_several_processes() -> None:
    def done(task: int) -> tuple[int, int]:
        time.sleep(0.05)
        return task * 2, os.getpid()

    answers = side_by_side(done, range(8), 2)
    assert [twice for twice, _ in answers] == [*range(0, 16, 2)]
    processes = {process for _, process in answers}
    assert len(processes) == 2
    assert os.getpid() not in processes


def test_one_of_each_file_is_asked_before_its_neighbour() -> None:
    reached = {f"a.py::{number}": Reached(["x_f"], number) for number in range(3)} | {"b.py::0": Reached(["x_f"], 9)}
    assert Reach(reached).candidates("x_f") == ["a.py::0", "b.py::0", "a.py::1", "a.py::2"]


def test_what_is_named_after_the_room_is_asked_first_and_then_who_reaches_least() -> None:
    function, files = (
        "moderation.dossier.querysets.policies.x_f",
        ("core/test_signs", "core/test_policies", "core/test_querysets", "x/test_dossiers_pages"),
    )
    reached = {f"tests/{file}.py::one": Reached([function] * much, 1.0) for much, file in enumerate(files, 1)}
    *others, room = reached
    assert Reach(reached).candidates(function) == [room, *others]


def test_what_only_rows_were_made_with_any_test_may_see() -> None:
    reach = Reach({"own": Reached(["a.b.x_f"], 2), "other": Reached([], 1)}, {"a.b.x_f", "a.b.x_g"})
    assert reach.candidates("a.b.x_f") == ["own"]
    assert reach.candidates("a.b.x_g") == ["other", "own"]


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
    words = ["survived", "unreached", "stuck"] * 2
    outcomes = {("some/module.py", str(at)): Outcome(words[at] if at < survived else "seen") for at in range(100)}
    assert report(outcomes, files) == status
    assert f"{100 - survived}.0 %" in capsys.readouterr().out


def test_the_tests_of_a_file_stay_together_and_no_process_is_without_any() -> None:
    items: list[Any] = [
        SimpleNamespace(path=Path(file), nodeid=f"{file}::{number}") for file in "abc" for number in (1, 2)
    ]
    assert shares(items, 2) == [["a::1", "a::2", "c::1", "c::2"], ["b::1", "b::2"]]
    assert shares(items[:2], 2) == [["a::1", "a::2"]]
