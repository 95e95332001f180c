"""What the house rules say about code, read from the code itself."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps

from tests.layers import APPS, ROOT, modules


def said(path: Path) -> str:
    """A path as a finding names it."""
    return str(path.relative_to(ROOT))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_nothing_below_the_view_knows_http() -> None:
    below = modules("services", "policies", "models", "querysets", "roles", "domain", "tasks")
    web = ("django.http", "django.shortcuts", "django.urls")
    known = {(said(path), name) for path in below for name in imports(path) if name.startswith(web)}
    assert len(below) > 200
    assert known == set()


UPWARDS = ["domain", "querysets", "models", "policies", "services", "mail", "forms", "views"]
"""The layers in which a request goes; each knows itself and those before it."""


def test_no_layer_knows_a_higher_one_of_another_room() -> None:
    """Inside a room a contract says so; from room to room `services` could still call `views`."""
    layer = re.compile(rf"(?:groups|consent|agenda|messaging|moderation)\.\w+\.({'|'.join(UPWARDS)})\b")
    known = {
        (said(path), name)
        for height, own in enumerate(UPWARDS)
        for path in modules(own)
        for name in imports(path)
        if (its := layer.match(name)) and UPWARDS.index(its[1]) > height
    }
    assert known == set()


def test_domain_knows_neither_django_nor_the_database() -> None:
    known = {
        (said(path), name)
        for path in modules("domain")
        for name in imports(path)
        if name.startswith("django") and not name.startswith("django.utils")
    }
    assert known == set()


def test_guardian_is_known_to_one_module() -> None:
    knowing = {
        said(path)
        for app in ["portal", *APPS]
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts and any(name.startswith("guardian") for name in imports(path))
    }
    assert knowing == {"portal/core/access.py"}


def test_views_and_forms_touch_rows_only_through_scopes() -> None:
    """`Model.objects` may only be followed by a scope that takes the user (security.md 1)."""
    scopes = {"visible_to", "writable_by", "managed_by", "permitting", "directed_by", "none"}
    loose = {
        f"{said(path)}, line {node.lineno}: .objects.{node.attr}"
        for path in modules("views", "forms")
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
                yield f"{said(path)}:{node.name}", node


def test_a_service_has_a_docstring_and_no_request() -> None:
    services = dict(service_functions())
    assert len(services) > 400
    assert {name for name, node in services.items() if not ast.get_docstring(node)} == set()
    asked = {name: [*node.args.args, *node.args.kwonlyargs] for name, node in services.items()}
    assert {name for name, given in asked.items() if "request" in {argument.arg for argument in given}} == set()


WRITING = ("publish_", "edit_", "retract_", "hide_", "show_", "decide_", "end_", "admit_", "mark_", "claim_", "invite_")


def test_a_writing_service_is_keyword_only_and_hears_who_or_when() -> None:
    """By somebody, at the moment of that actor; or at a moment, by itself."""
    writing = {name: node.args for name, node in service_functions() if node.name.startswith(WRITING)}
    assert len(writing) > 20
    assert {name for name, given in writing.items() if given.args} == set()
    heard = {name: {argument.arg for argument in given.kwonlyargs} for name, given in writing.items()}
    assert {name for name, given in heard.items() if not given & {"by", "now"}} == set()


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
                    loose.add(f"{said(path)}:{node.name}")
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
        if model.__module__.split(".")[0] in {"portal", "groups", "consent", "agenda", "messaging", "moderation"}
        and {"save", "delete"} & set(vars(model))
    }
    assert bending == set()


DERIVED = {
    *(
        "Membership",
        "ChildFamily",
        "GroupGrant",
        "ChildGrant",
        "SchoolGrant",
        "ThreadGrant",
        "CaseGrant",
        "AccessRequestGrant",
    ),
    *("ChildFamily", "Clearance", "Seat"),
}
TRUTH = {
    *("Guardianship", "Enrolment", "StaffAssignment", "CouncilSeat", "Restriction", "Participation", "Shield"),
    *("Decision", "Reluctance", "Purpose", "ConsentRound", "Case", "Report", "AccessRequest"),
}
WRITES = {"create", "bulk_create", "get_or_create", "update_or_create", "update", "bulk_update", "delete"}
PART_OF = {
    "consent/paper/services.py": "consent/answers/services/decisions.py",
    "consent/answers/services/reluctance.py": "consent/answers/services/decisions.py",
    "groups/roster/services/roster_writing.py": "groups/roster/services/roster.py",
    "messaging/talks/services/joining.py": "messaging/talks/services/newcomers.py",
    "messaging/talks/services/threads_steering.py": "messaging/talks/services/newcomers.py",
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
        said(path)
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts and written_by(path, DERIVED)
    }
    assert writers == set()


def test_who_changes_truth_lets_rights_follow() -> None:
    changing = [path for path in modules("services") if written_by(path, TRUTH)]
    following = {path: ROOT / PART_OF.get(said(path), path) for path in changing}
    assert len(changing) > 10
    assert {said(path) for path, by in following.items() if "access.reproject(" not in by.read_text()} == set()


def states_set(tree: ast.AST) -> Iterator[str]:
    """What of a row's state is assigned by hand: `current.state = …`, alone or among others."""
    for node in ast.walk(tree):
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign) else []
        )
        for target in targets:
            for part in target.elts if isinstance(target, ast.Tuple) else [target]:
                if isinstance(part, ast.Attribute) and part.attr == "state":
                    yield ast.unparse(part)


def test_a_state_is_changed_by_a_transition() -> None:
    """Held, asked, saved and in the trail, in one way: `portal.core.transitions`."""
    services = modules("services")
    by_hand = {(said(path), one) for path in services for one in states_set(ast.parse(path.read_text()))}
    movers = {
        said(path) for path in services if any(name.startswith("portal.core.transitions") for name in imports(path))
    }
    assert len(movers) >= 6
    assert by_hand == set()
