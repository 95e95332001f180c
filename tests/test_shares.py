"""What a run on both engines asks of which."""

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from conftest import ENGINES, asked_of, in_order, pytest_xdist_auto_num_workers
from tests.ground import GROUNDS

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Collected:
    """A test as pytest collected it."""

    place: str
    fixturenames: list[str] = field(default_factory=list)
    marks: dict[str, Any] = field(default_factory=dict)
    nodeid: str = ""
    callspec: Any = None

    @property
    def config(self) -> Any:
        return SimpleNamespace(rootpath=ROOT)

    @property
    def path(self) -> Path:
        return ROOT / "tests" / self.place

    def get_closest_marker(self, name: str) -> Any:
        return self.marks.get(name)


def shares(*args: Any) -> tuple[str, ...]:
    return asked_of(Collected(*args))  # type: ignore[arg-type]


def test_what_stands_on_one_ground_is_side_by_side_and_what_is_long_comes_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("scene_as_written", "town_as_built"):
        monkeypatch.setitem(GROUNDS, name, dict)
    drill = {"xdist_group": SimpleNamespace(args=("drills",))}
    tests: list[Any] = [
        Collected("groups/test_colours.py", nodeid="colours::one"),
        Collected("groups/test_menu.py", ["db"], nodeid="menu::one"),
        Collected("messaging/test_feed.py", ["db", "town_as_built"], nodeid="feed::one"),
        Collected("messaging/test_asks.py", ["db", "town_as_built"], nodeid="asks::one"),
        Collected("messaging/test_feed.py", ["db", "town_as_built"], nodeid="feed::two"),
        Collected("moderation/test_cases.py", ["db", "scene_as_written"], nodeid="cases::one"),
        Collected("drills/test_clock.py", ["db"], drill, nodeid="clock::one"),
    ]
    order = [item.nodeid for item in in_order(tests)]
    assert order == ["clock::one", "menu::one", "cases::one", "feed::one", "feed::two", "asks::one", "colours::one"]


def test_what_asks_no_database_is_asked_once() -> None:
    assert shares("groups/test_colours.py") == ("postgresql",)
    assert shares("e2e/test_desk.py", ["demo", "open_as"]) == ("sqlite",)
    assert shares("demo/test_drawings.py") == ("sqlite",)


@pytest.mark.parametrize(
    "collected",
    [
        ("permissions/test_matrix.py", ["db"]),
        ("groups/test_races.py", ["transactional_db"]),
        ("groups/test_menu.py", [], {"django_db": SimpleNamespace(kwargs={"transaction": True})}),
        ("consent/test_worlds.py", ["db"], {"engines": pytest.mark.engines.mark}),
    ],
)
def test_rights_and_what_a_database_does_itself_are_asked_of_each(collected: tuple) -> None:
    assert shares(*collected) == ENGINES


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("place", "fixtures"), [("drills/test_clock.py", ["db"]), ("core/test_upgrade.py", ["grown"])])
def test_whose_mark_names_an_engine_is_that_one_s(place: str, fixtures: list[str], engine: str) -> None:
    assert shares(place, fixtures, {"engines": pytest.mark.engines(engine).mark}) == (engine,)


@pytest.mark.parametrize(("name", "engine"), [("mother", "postgresql"), ("father", "sqlite")])
def test_everybody_is_asked_of_one_where_they_are_by_turns(name: str, engine: str) -> None:
    asked = Collected("permissions/test_one_rule.py", ["db"], callspec=SimpleNamespace(params={"name": name}))
    assert asked_of(asked) == ENGINES  # type: ignore[arg-type]
    asked.marks["by_turns"] = True
    assert asked_of(asked) == (engine,)  # type: ignore[arg-type]


def test_a_file_of_pages_is_of_one_engine() -> None:
    files = sorted(path.name for path in (ROOT / "tests").glob("*/test_*.py"))
    of = {name: shares(f"groups/{name}", ["db"]) for name in files}
    assert {len(engines) for engines in of.values()} == {1}
    assert {engine for engines in of.values() for engine in engines} == {*ENGINES}


def test_there_is_one_process_more_than_cores() -> None:
    asking = pytest_xdist_auto_num_workers()
    next(asking)
    with pytest.raises(StopIteration) as answered:
        asking.send(2)
    assert answered.value.value == 3
