"""What mypy cannot hold by itself: how often the product says `Any`, where no type is checked."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("portal", "groups", "consent", "agenda", "messaging", "moderation")
MOST = 296
"""It only ever goes down. A value that is handed on is an `object`, a row has its model, a question its queryset."""


def counted() -> Counter[str]:
    """How often the word stands in each file, migrations apart."""
    files = (path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)
    said = {str(path.relative_to(ROOT)): len(re.findall(r"\bAny\b", path.read_text())) for path in files}
    return Counter({path: number for path, number in said.items() if number})


def test_any_is_said_seldom() -> None:
    found = counted()
    assert found.total() <= MOST, f"{found.total()} times `Any`, most of it here: {found.most_common(10)}"
