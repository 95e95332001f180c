"""An app knows nobody above it, by import (the contracts) nor by name: no page, task, model or part of theirs.

A template may link upwards by the name of a page.
"""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings
from django.urls import URLResolver, get_resolver

ROOT = Path(settings.BASE_DIR)
FLOORS = ["portal.core", "groups", "consent", "agenda", "messaging", "moderation"]
"""From the floor up."""
ABOVE_ALL = ["portal.demo", "portal.settings", "portal.urls", "portal.celery", "portal.embedded", "portal.wsgi"]
SPACES = {"moderation": {"moderation", "desk"}, "portal.demo": {"demo"}}
"""How the addresses of an app begin, where that is not with its name."""
FOLDERS = {
    "portal.core": [],
    "groups": ["base.html", "_components", "_layouts", "groups", "account", "mfa", "usersessions"],
    "moderation": ["moderation", "desk"],
}
LIBRARIES = {"groups": ["people"], "moderation": ["rules"]}


def above(app: str) -> list[str]:
    return [*FLOORS[FLOORS.index(app) + 1 :], *ABOVE_ALL]


def texts(path: Path) -> Iterator[str]:
    """Every text in a module that is no docstring."""
    tree = ast.parse(path.read_text())
    docstrings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings:
            yield node.value


def named_above(app: str) -> set[tuple[str, str]]:
    """`messaging:feed`, `messaging.Thread`, `messaging/feed.html`, `messaging`, in modules of an app below it."""
    names = {name for one in above(app) for name in {one, *SPACES.get(one, set())}}
    upwards = re.compile(rf"({'|'.join(map(re.escape, sorted(names)))})[:./]")
    modules = [path for path in (ROOT / app.replace(".", "/")).rglob("*.py") if "migrations" not in path.parts]
    assert modules
    return {
        (str(path.relative_to(ROOT)), text)
        for path in modules
        for text in texts(path)
        if upwards.match(text) or text in above(app)
    }


def test_no_app_names_what_is_above_it() -> None:
    assert {finding for app in FLOORS for finding in named_above(app)} == set()


def templates(app: str) -> Iterable[Path]:
    for folder in FOLDERS.get(app, [app]):
        path = ROOT / "templates" / folder
        yield from path.rglob("*.html") if path.is_dir() else [path]


def drawn_from_above(app: str) -> set[tuple[str, str]]:
    """Parts of pages and tags of an app above, in the templates of this one."""
    folders = {folder for one in above(app) for folder in FOLDERS.get(one, [one])}
    libraries = {library for one in above(app) for library in LIBRARIES.get(one, [])}
    part = re.compile(rf'{{% *(?:include|extends|drawn) +"((?:{"|".join(map(re.escape, sorted(folders)))})/[^"]*)"')
    tags = re.compile(r"{% *load +([^%]*?) *%}")
    return {
        (str(path.relative_to(ROOT)), name)
        for path in templates(app)
        for text in [path.read_text()]
        for name in {*part.findall(text), *(libraries & set(" ".join(tags.findall(text)).split()))}
    }


def test_no_page_is_drawn_with_parts_from_above() -> None:
    assert {finding for app in FLOORS for finding in drawn_from_above(app)} == set()


def namespaces(patterns: Iterable[object]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from [pattern.namespace] if pattern.namespace else []
            yield from namespaces(pattern.url_patterns)


def test_whose_an_address_is_stands_here() -> None:
    known = {name for app in [*FLOORS, *SPACES] for name in SPACES.get(app, {app})}
    assert set(namespaces(get_resolver().url_patterns)) == known - {"portal.core"}


def test_whose_a_library_is_stands_here() -> None:
    mine = {
        (app, path.stem) for app in FLOORS for path in (ROOT / app.replace(".", "/") / "templatetags").glob("[a-z]*.py")
    }
    known = {(app, library) for app, libraries in LIBRARIES.items() for library in libraries}
    assert mine == known | {("portal.core", name) for name in ("fields", "kring", "words")}


NO_ROOMS = {"management", "migrations", "templatetags"}
"""Packages that Django finds by their names."""


def rooms_in_the_table() -> dict[str, list[set[str]]]:
    """Per app the floors of CONTRIBUTING.md, from the highest to the lowest: the rooms on each."""
    rows = re.findall(r"^\| `(\w+)` \| (`.*`) \|$", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    return {app: [set(re.findall(r"`(\w+)`", floor)) for floor in rooms.split(" · ")] for app, rooms in rows}


def rooms_in_the_contracts() -> dict[str, list[set[str]]]:
    """The same as who may import whom says it, without what is no package."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    floors: dict[str, list[set[str]]] = {}
    for contract in contracts:
        app = contract["id"].removeprefix("rooms-of-")
        if app != contract["id"]:
            found = [set(re.findall(r"\w+", layer)) & rooms_of(app) for layer in contract["layers"]]
            floors[app] = [rooms for rooms in found if rooms]
    return floors


def rooms_of(app: str) -> set[str]:
    return {path.parent.name for path in (ROOT / app).glob("*/__init__.py")} - NO_ROOMS


def test_the_table_of_rooms_has_each_room_on_its_floor() -> None:
    """An app and seven rooms were missing from it."""
    table = rooms_in_the_table()
    assert table == rooms_in_the_contracts()
    assert {app: set().union(*floors) for app, floors in table.items()} == {
        app: rooms_of(app) for app in FLOORS if app != "portal.core"
    }
