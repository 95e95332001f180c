"""What the house rules say about code, read from the code itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
APPS = ["portal/core", "groups", "consent", "messaging", "moderation"]


def modules(*names: str) -> list[Path]:
    """Every module of our apps with one of these names, packages included."""
    found = [path for app in APPS for name in names for path in (ROOT / app).glob(f"{name}.py")]
    return found + [path for app in APPS for name in names for path in (ROOT / app / name).rglob("*.py")]


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


BELOW_THE_VIEW = modules("services", "policies", "models", "querysets", "roles", "domain", "tasks")


@pytest.mark.parametrize("path", BELOW_THE_VIEW, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_below_the_view_knows_http(path: Path) -> None:
    known = {name for name in imports(path) if name.startswith(("django.http", "django.shortcuts", "django.urls"))}
    assert known == set()


@pytest.mark.parametrize("path", modules("domain"), ids=lambda path: str(path.relative_to(ROOT)))
def test_domain_knows_neither_django_nor_the_database(path: Path) -> None:
    known = {name for name in imports(path) if name.startswith("django") and not name.startswith("django.utils")}
    assert known == set()


def test_guardian_is_known_to_one_module() -> None:
    knowing = {
        str(path.relative_to(ROOT))
        for app in ["portal", *APPS]
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts and any(name.startswith("guardian") for name in imports(path))
    }
    assert knowing == {"portal/core/access.py"}


@pytest.mark.parametrize("path", modules("views", "forms", "admin"), ids=lambda path: str(path.relative_to(ROOT)))
def test_views_and_forms_touch_rows_only_through_scopes(path: Path) -> None:
    """`Model.objects` may only be followed by a scope that takes the user (security.md 1)."""
    scopes = {"visible_to", "writable_by", "managed_by", "permitting", "directed_by", "administered_by", "none"}
    loose = {
        f"line {node.lineno}: .objects.{node.attr}"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Attribute)
        and node.value.attr in {"objects", "_default_manager"}
        and node.attr not in scopes
        and not node.attr.endswith(("_by", "_to", "_for"))
    }
    assert loose == set()


def service_functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for path in modules("services"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                yield f"{path.relative_to(ROOT)}:{node.name}", node


@pytest.mark.parametrize("node", [pytest.param(node, id=name) for name, node in service_functions()])
def test_a_service_has_a_docstring_and_no_request(node: ast.FunctionDef) -> None:
    names = {argument.arg for argument in [*node.args.args, *node.args.kwonlyargs]}
    assert ast.get_docstring(node)
    assert "request" not in names


WRITING = ("publish_", "edit_", "retract_", "hide_", "show_", "decide_", "end_", "admit_", "mark_", "claim_", "invite_")


@pytest.mark.parametrize(
    "node", [pytest.param(n, id=name) for name, n in service_functions() if n.name.startswith(WRITING)]
)
def test_a_writing_service_is_keyword_only_and_hears_who_or_when(node: ast.FunctionDef) -> None:
    """By somebody, at the moment of that actor; or at a moment, by itself."""
    given = {argument.arg for argument in node.args.kwonlyargs}
    assert node.args.args == []
    assert given & {"by", "now"}


def test_who_does_it_is_one_argument() -> None:
    """An actor has its hat and its moment: nobody can hand on the one and forget the other."""
    loose = set()
    for path in (path for layer in ("services", "policies") for path in modules(layer)):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                given = {
                    a.arg: a.annotation and ast.unparse(a.annotation) for a in node.args.args + node.args.kwonlyargs
                }
                if "by" in given and (given["by"] != "Actor" or given.keys() & {"now", "hat"}):
                    loose.add(f"{path.relative_to(ROOT)}:{node.name}")
    assert loose == set()


def test_tasks_take_ids_and_nothing_else() -> None:
    allowed = {"int", "str"}
    for path in modules("tasks"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef):
                kinds = {ast.unparse(a.annotation) for a in node.args.args if a.annotation}
                assert kinds <= allowed, f"{path.name}:{node.name}"


def test_import_contracts_know_every_app() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    line = next(line for line in text.splitlines() if line.startswith("root_packages"))
    ours = {app.name.split(".")[0] for app in apps.get_app_configs() if Path(app.path).is_relative_to(ROOT / "portal")}
    ours |= {app.name for app in apps.get_app_configs() if Path(app.path).parent == ROOT}
    assert set(ast.literal_eval(line.split("=", 1)[1].split("#")[0].strip())) == ours


def test_no_model_overrides_save_or_delete() -> None:
    """A rule in `save()` is bypassed by `bulk_create` and found by nobody."""
    bending = {
        model.__name__
        for model in apps.get_models()
        if model.__module__.split(".")[0] in {"portal", "groups", "consent", "messaging", "moderation"}
        and {"save", "delete"} & set(vars(model))
    }
    assert bending == set()


DERIVED = {
    *("Membership", "GroupGrant", "ChildGrant", "SchoolGrant", "ThreadGrant", "CaseGrant", "AccessRequestGrant"),
    *("Clearance", "Seat"),
}
TRUTH = {
    *("Guardianship", "Enrolment", "StaffAssignment", "CouncilSeat", "Restriction", "Participation", "Shield"),
    *("Decision", "Reluctance", "Purpose", "ConsentRound", "Case", "Report", "AccessRequest"),
}
WRITES = {"create", "bulk_create", "get_or_create", "update_or_create", "update", "bulk_update", "delete"}
PART_OF = {
    "consent/services/paper.py": "consent/services/decisions.py",
    "consent/services/reluctance.py": "consent/services/decisions.py",
    "groups/services/roster_writing.py": "groups/services/roster.py",
    "messaging/services/joining.py": "messaging/services/newcomers.py",
    "messaging/services/threads_steering.py": "messaging/services/newcomers.py",
}
"""Modules that let rights follow by a function of another one."""


def written_by(path: Path, models: set[str]) -> set[str]:
    """Which of these models a module makes, or writes by their manager or a queryset of it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found |= {node.func.id} & models
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES):
            continue
        names = {each.id for each in ast.walk(node.func) if isinstance(each, ast.Name)}
        found |= names & models
    return found


def test_what_is_derived_is_written_by_its_projection_only() -> None:
    writers = {
        str(path.relative_to(ROOT))
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts and written_by(path, DERIVED)
    }
    assert writers == set()


@pytest.mark.parametrize("path", modules("services"), ids=lambda path: str(path.relative_to(ROOT)))
def test_who_changes_truth_lets_rights_follow(path: Path) -> None:
    if written_by(path, TRUTH):
        assert "access.reproject(" in (ROOT / PART_OF.get(str(path.relative_to(ROOT)), path)).read_text()
