"""docs/words.md: forty words, each of them defined where the page says."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINE = re.compile(r"^\| `(\w+)` \|.*\| `([\w/]+\.py)` \|$", re.MULTILINE)


def defined_in(path: str) -> set[str]:
    return {str(getattr(node, "name", "")) for node in ast.parse((ROOT / path).read_text()).body}


def test_every_word_stands_where_the_page_says() -> None:
    words = LINE.findall((ROOT / "docs" / "words.md").read_text())
    assert {(word, path) for word, path in words if word not in defined_in(path)} == set()
    assert len(dict(words)) == len(words) == 40
