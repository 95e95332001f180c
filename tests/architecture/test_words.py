"""docs/words.md: some forty words, each of them defined where the page says."""

import ast
import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINE = re.compile(r"^\| `(\w+)` \|.*\| `([\w/]+\.py)` \|$", re.MULTILINE)


def defined_in(path: str) -> set[str]:
    return {str(getattr(node, "name", "")) for node in ast.parse((ROOT / path).read_text()).body}


def test_every_word_stands_where_the_page_says() -> None:
    words = LINE.findall((ROOT / "docs" / "words.md").read_text())
    assert {(word, path) for word, path in words if word not in defined_in(path)} == set()
    assert len(dict(words)) == len(words)
    assert 38 <= len(words) <= 44


def classes_of(tree: ast.AST) -> list[str]:
    """The names of all classes, those of Django's own convention apart."""
    named = (node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    return [name for name in named if name not in {"Meta", "Command"}]


def test_a_class_name_means_one_thing() -> None:
    """In the whole house, so that a word found in one room is not another in the next."""
    apps = ("portal", "groups", "consent", "agenda", "messaging", "moderation")
    files = [path for app in apps for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]
    names = Counter(name for path in files for name in classes_of(ast.parse(path.read_text())))
    assert len(names) > 300
    assert {name for name, times in names.items() if times > 1} == set()
