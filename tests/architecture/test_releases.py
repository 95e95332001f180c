"""Expand, then contract: the code of the last release runs on the tables of this one (docs/adr/0064).

What the last release had is `released.txt`, in the tree itself: a clone without history is held to it too.
"""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState
from django.test import override_settings

from portal.core.migrating import AddIndexBeside

ROOT = Path(__file__).parents[2]
RELEASED = Path(__file__).with_name("released.txt")
FINE = (
    migrations.CreateModel, migrations.RunPython, migrations.RemoveConstraint, migrations.RemoveIndex,
    migrations.RenameIndex, migrations.AlterModelOptions, migrations.AlterModelManagers, AddIndexBeside,
)  # fmt: skip
GOES = (migrations.RemoveField, migrations.DeleteModel, migrations.RenameModel, migrations.RenameField)
FIELDS = (migrations.AddField, migrations.AlterField)
REFUSING = (migrations.AddConstraint, migrations.AlterUniqueTogether)


# What was released


def listed() -> list[str]:
    return [line for line in RELEASED.read_text().splitlines() if not line.startswith("#")]


def last_release() -> str:
    """Its number, or nothing before there is one."""
    found = re.match(r"# Migrations of the last release, which is: (none yet|\d+\.\d+\.\d+)\.", RELEASED.read_text())
    assert found
    return "" if found[1] == "none yet" else found[1]


def tag() -> str:
    """The newest one that history knows here; a clone may know none."""
    told = subprocess.run(
        ["git", "tag", "--list", "v*", "--sort=-version:refname"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return told.stdout.partition("\n")[0]


def is_released() -> bool:
    """Whether there is a release with a number already."""
    return re.search(r"^## \d+\.\d+\.\d+ ", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE) is not None


def key(file: str) -> tuple[str, str]:
    place = Path(file)
    return place.parent.parent.name, place.stem


# The rule


def complaints(operation: Any, app: str, known: ProjectState) -> Iterator[str]:
    """How this change of the tables hurts code that knows `known`."""
    if isinstance(operation, migrations.SeparateDatabaseAndState):
        for one in operation.database_operations:
            yield from complaints(one, app, known)
        for one in operation.state_operations:
            if isinstance(one, migrations.RemoveField) and not is_filled_without(field_of(one, app, known)):
                yield f"{one.describe()}: its column stays, and has to be null or to have a db_default"
    elif isinstance(operation, migrations.RunSQL):
        yield f"{operation.describe()}: nobody sees through that"
    elif not isinstance(operation, FINE) and is_known(operation, app, known):
        yield from (f"{operation.describe()}: {why}" for why in reasons(operation, app, known))


def reasons(operation: Any, app: str, known: ProjectState) -> Iterator[str]:
    if isinstance(operation, GOES):
        yield "the release before still asks for it"
    elif isinstance(operation, FIELDS):
        yield from wrong_with(operation.field, field_of(operation, app, known))
    elif isinstance(operation, REFUSING):
        yield "the release before may write what it refuses"
    elif isinstance(operation, migrations.AddIndex):
        yield "nobody can write meanwhile; AddIndexBeside"
    else:
        yield "this rule does not know it"


def is_known(operation: Any, app: str, known: ProjectState) -> bool:
    """Whether the release before knows what this is about: the table, and of what goes the field too."""
    name = getattr(operation, "model_name", None) or getattr(operation, "old_name", None) or operation.name
    if (app, name.lower()) not in known.models:
        return False
    return not isinstance(operation, migrations.RemoveField) or field_of(operation, app, known) is not None


def field_of(operation: Any, app: str, known: ProjectState) -> Any:
    model = known.models.get((app, operation.model_name.lower()))
    return model.fields.get(operation.name) if model else None


def is_filled_without(field: Any) -> bool:
    """Whether a row may come in that says nothing of it."""
    return field is None or field.null or field.many_to_many or field.has_db_default()


def wrong_with(new: Any, old: Any) -> Iterator[str]:
    """`old` is None where there was none."""
    if not is_filled_without(new) and (old is None or old.null):
        yield "null=True, or a db_default"
    if (new.unique and not (old and old.unique)) or (old and narrows(new, old)):
        yield "the release before may write what it refuses"
    if new.db_index and not new.unique and not (old and old.db_index):
        yield "nobody can write meanwhile; db_index=False, and AddIndexBeside"


def narrows(new: Any, old: Any) -> bool:
    longest = old.max_length or float("inf")
    return new.get_internal_type() != old.get_internal_type() or (new.max_length or float("inf")) < longest


@cache
def loaded() -> tuple[MigrationLoader, ProjectState]:
    with override_settings(MIGRATION_MODULES={}):  # the tests have none
        loader = MigrationLoader(None)
    names = [key(file) for file in listed()]
    last = {app: max(name for of, name in names if of == app) for app, _ in names}
    return loader, loader.project_state(sorted(last.items()))


def newer() -> list[Any]:
    loader, _ = loaded()
    ours = {key(file)[0] for file in listed()}
    return [
        found
        for name, found in loader.disk_migrations.items()
        if name[0] in ours and name not in set(map(key, listed()))
    ]


def test_the_release_before_runs_on_these_tables() -> None:
    """What is meant all the same stands in its migration: `the_release_before_bears = {complaint: why}`."""
    _, known = loaded()
    found = [
        (str(migration), complaint)
        for migration in newer()
        for operation in migration.operations
        for complaint in complaints(operation, migration.app_label, known)
        if not getattr(migration, "the_release_before_bears", {}).get(complaint)
    ]
    assert found == []


# The rule itself


def known_here() -> ProjectState:
    state = ProjectState()
    fields: list[tuple[str, models.Field[Any, Any]]] = [
        ("id", models.BigAutoField(primary_key=True)),
        ("title", models.CharField(max_length=20)),
        ("hint", models.CharField(max_length=20, null=True)),
    ]
    state.add_model(ModelState("core", "Leaf", fields))
    return state


CHAR = models.CharField
INDEX = models.Index(fields=["title"], name="core_leaf_title")
CHECK = models.CheckConstraint(condition=models.Q(title="x"), name="core_leaf_x")
REFUSED = {
    "a field goes": migrations.RemoveField("leaf", "title"),
    "a table goes": migrations.DeleteModel("Leaf"),
    "another name of a field": migrations.RenameField("leaf", "title", "name"),
    "another name of a table": migrations.RenameModel("Leaf", "Page"),
    "another table": migrations.AlterModelTable("leaf", "page"),
    "a field that has to be filled": migrations.AddField("leaf", "new", CHAR(max_length=9, default="")),
    "a field that is unique": migrations.AddField("leaf", "new", CHAR(max_length=9, null=True, unique=True)),
    "a field with an index": migrations.AddField("leaf", "new", CHAR(max_length=9, null=True, db_index=True)),
    "a link with an index": migrations.AddField("leaf", "new", models.ForeignKey("Leaf", models.CASCADE, null=True)),
    "no longer empty": migrations.AlterField("leaf", "hint", CHAR(max_length=20)),
    "shorter": migrations.AlterField("leaf", "title", CHAR(max_length=9)),
    "of another kind": migrations.AlterField("leaf", "title", models.IntegerField()),
    "a new rule": migrations.AddConstraint("leaf", CHECK),
    "an index for which all wait": migrations.AddIndex("leaf", INDEX),
    "what nobody sees through": migrations.RunSQL("DROP TABLE core_leaf"),
    "one behind the back of the state": migrations.SeparateDatabaseAndState([migrations.RemoveField("leaf", "title")]),
    "one whose column has to be filled": migrations.SeparateDatabaseAndState(
        state_operations=[migrations.RemoveField("leaf", "title")]
    ),
}
ALLOWED = {
    "a new table": migrations.CreateModel("Page", [("id", models.BigAutoField(primary_key=True))]),
    "a field of a new table": migrations.AddField("page", "new", CHAR(max_length=9, default="")),
    "a field that may be empty": migrations.AddField("leaf", "new", CHAR(max_length=9, null=True)),
    "a field that fills itself": migrations.AddField("leaf", "new", CHAR(max_length=9, db_default="")),
    "a link without an index": migrations.AddField(
        "leaf", "new", models.ForeignKey("Leaf", models.CASCADE, null=True, db_index=False)
    ),
    "longer": migrations.AlterField("leaf", "title", CHAR(max_length=90)),
    "an index beside": AddIndexBeside("leaf", INDEX),
    "a field that the code lets go of": migrations.SeparateDatabaseAndState(
        state_operations=[migrations.RemoveField("leaf", "hint")]
    ),
    "a column that no code knew any more": migrations.SeparateDatabaseAndState([migrations.RemoveField("leaf", "old")]),
}


@pytest.mark.parametrize("operation", REFUSED.values(), ids=REFUSED)
def test_what_breaks_the_release_before_is_refused(operation: Any) -> None:
    assert list(complaints(operation, "core", known_here()))


@pytest.mark.parametrize("operation", ALLOWED.values(), ids=ALLOWED)
def test_what_it_bears_is_not(operation: Any) -> None:
    assert list(complaints(operation, "core", known_here())) == []


# Numbers


def number() -> str:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", told)
    return str(told)


def parts(told: str) -> tuple[int, ...]:
    return tuple(map(int, told.split(".")))


def test_a_release_has_its_number_in_one_place_and_its_changes_under_it() -> None:
    """The version of the tree is that of the release it becomes: its heading is the newest, or not yet there."""
    headings = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    if headings[0] == "Not released yet":
        headings = headings[1:]
    numbers = [found[1] for one in headings if (found := re.fullmatch(r"(\d+\.\d+\.\d+) · \d+ \w+ 20\d\d", one))]
    assert len(numbers) == len(headings)
    assert numbers == sorted(numbers, key=parts, reverse=True)
    assert not numbers or parts(number()) >= parts(numbers[0])
    assert not last_release() or (last_release() in numbers and parts(number()) > parts(last_release()))


def test_the_list_is_that_of_the_newest_tag() -> None:
    """Where history knows one; and every migration of it is still there, or is one that stands for it."""
    loader, _ = loaded()
    replaced = {old for migration in loader.disk_migrations.values() for old in migration.replaces}
    assert [file for file in listed() if key(file) not in {*loader.disk_migrations, *replaced}] == []
    if tag() and parts(tag()[1:]) < parts(number()):
        tree = subprocess.run(
            ["git", "ls-tree", "-r", "--name-only", tag()], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert tag() == f"v{last_release()}"
        assert listed() == [file for file in tree.stdout.splitlines() if re.search(r"/migrations/0[^/]*\.py$", file)]
