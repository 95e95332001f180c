"""A leak planted in a copy of the code turns the suite red; if it does not, a test is missing."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from tests.layers import ROOT
from tests.leaks.planted import LEAKS, Leak
from tests.leaks.symbols import NoSuchPlaceError, replaced, symbol

COPIED = ["agenda", "conftest.py", "consent", "groups", "locale", "manage.py", "messaging", "moderation", "portal",
          "pyproject.toml", "static", "templates", "tests"]  # fmt: skip
IN_EVERY_RUN = {"everybody's right is mine"}
"""So that planting itself stays green; those of a change's files with `--leaks-since`, all of them in the night."""
TESTS_FAILED = 1


def planted(leak: Leak, folder: Path) -> None:
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy(source, folder / name)
    for path, text in changed(leak).items():
        (folder / path).write_text(text)


def changed(leak: Leak) -> dict[Path, str]:
    """What the leak makes of each file it is planted in, by its place in the house. Raises `NoSuchPlaceError`."""
    if "/" in leak.where:
        text = (ROOT / leak.where).read_text()
        if leak.old not in text:
            raise NoSuchPlaceError(leak.where)
        return {Path(leak.where): text.replace(leak.old, leak.new)}
    texts: dict[Path, str] = {}
    for piece in sorted(map(symbol, leak.where.split()), key=lambda piece: -piece.first):
        path = piece.path.relative_to(ROOT)
        texts[path] = replaced(texts.get(path) or piece.path.read_text(), piece, leak.old, leak.new)
    return texts


def found(leak: Leak) -> bool:
    """Whether it can be planted, and what comes of it is a program."""
    try:
        return all(ast.parse(text) for path, text in changed(leak).items() if path.suffix == ".py")
    except (NoSuchPlaceError, SyntaxError):
        return False


def marks_of(leak: Leak, touched: set[Path]) -> list[pytest.MarkDecorator]:
    if leak.on_postgresql and connection.vendor != "postgresql":
        return [pytest.mark.postgres, pytest.mark.skip(reason="its code runs on PostgreSQL only")]
    now = leak.name in IN_EVERY_RUN or (touched and touched & {*changed(leak)})
    return [] if now else [pytest.mark.nightly]


def touched_since(revision: str) -> set[Path]:
    """The files that differ from what they were then, those that nobody committed yet among them."""
    command = ["git", "diff", "--name-only", "--relative", revision]
    return {*map(Path, subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split())}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "leak" in metafunc.fixturenames:
        since = metafunc.config.getoption("--leaks-since")
        touched = touched_since(since) if since else set()
        leaks = [pytest.param(leak, marks=marks_of(leak, touched), id=leak.name) for leak in LEAKS]
        metafunc.parametrize("leak", leaks)


def test_the_leaks_can_still_be_planted() -> None:
    assert {leak.name for leak in LEAKS if not found(leak)} == set()


def test_a_change_plants_the_leaks_of_its_files() -> None:
    leak = next(leak for leak in LEAKS if leak.name not in IN_EVERY_RUN and not leak.on_postgresql)
    (place, *_) = changed(leak)
    marks = {path: marks_of(leak, {path}) for path in (place, Path("README.md"))}
    assert marks == {place: [], Path("README.md"): [pytest.mark.nightly]}


def test_a_planted_leak_turns_the_suite_red(leak: Leak, tmp_path: Path) -> None:
    planted(leak, tmp_path)
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("KRING_", "PYTEST_"))}
    environment |= {"KRING_MODE": "test", "KRING_DATA_DIR": str(tmp_path / "var")}
    if leak.on_postgresql:
        environment["KRING_DATABASE_URL"] = f"{os.environ['KRING_DATABASE_URL']}_leak"
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    run = subprocess.run(
        [*command, *leak.tests.split()], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == TESTS_FAILED, run.stdout[-3000:] + run.stderr[-3000:]
