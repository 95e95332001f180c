"""A docstring names who asks, and when, as the function itself does: what is renamed in one is renamed in the other."""

import ast
import re
from collections.abc import Iterator

from tests.layers import APPS, ROOT

IN_EVERY_ROOM = {"actor", "by", "now", "user"}
"""Parameters that most functions have one of; other words mean a column here and a parameter there."""
Function = ast.FunctionDef | ast.AsyncFunctionDef


def known_in(node: ast.AST) -> set[str]:
    """What code can name there: parameters, fields of a class, and what a function uses."""
    if isinstance(node, ast.ClassDef):
        return {
            one.target.id for one in node.body if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
        }
    if isinstance(node, Function):
        every = (one for one in ast.walk(node) if isinstance(one, ast.arg | ast.Name))
        return {one.arg if isinstance(one, ast.arg) else one.id for one in every}
    return set()


def untrue(node: ast.AST, known: frozenset[str] = frozenset()) -> Iterator[tuple[str, str]]:
    """Functions below this node, each with a word of its docstring that it does not know."""
    for one in ast.iter_child_nodes(node):
        here = known | known_in(one)
        if isinstance(one, Function):
            named = IN_EVERY_ROOM & set(re.findall(r"`(\w+)`", ast.get_docstring(one) or ""))
            yield from ((one.name, word) for word in named - here)
        yield from untrue(one, here)


def test_a_docstring_names_no_parameter_that_is_not_there() -> None:
    files = [path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]
    assert len(files) > 400
    assert {(path.name, *found) for path in files for found in untrue(ast.parse(path.read_text()))} == set()
