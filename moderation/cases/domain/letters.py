"""Letters from templates: the blanks filled in, everything else as it stands."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

TEXTS = Path(__file__).parents[1] / "texts" / "letters.toml"
STILL_OPEN = "(Vul hier"
"""So begins what the writer fills in by hand; a letter that is kept holds none of it."""


class Template(NamedTuple):
    key: str
    side: str
    title: str
    text: str

    def filled(self, blanks: Mapping[str, str]) -> str:
        """The text with each `{blank}` filled in; what is in the blanks is never read as a template."""
        parts = self.text.strip().split("{")
        return parts[0] + "".join(_filled(part, blanks) for part in parts[1:])


def _filled(part: str, blanks: Mapping[str, str]) -> str:
    name, brace, rest = part.partition("}")
    return blanks[name] + rest if brace and name in blanks else "{" + part


@cache
def templates() -> tuple[Template, ...]:
    """Every letter there is, in the order of the file."""
    rows = tomllib.loads(TEXTS.read_text(encoding="utf-8"))["brief"]
    return tuple(Template(row["sleutel"], row["kant"], row["titel"], row["tekst"]) for row in rows)


def templates_for(side: str) -> list[Template]:
    """Letters to a parent, or to somebody of the staff."""
    return [one for one in templates() if one.side == side]
