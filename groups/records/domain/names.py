"""How a Dutch name reads and sorts: given name, prefix, surname; sorted on the surname without its prefix."""

from collections.abc import Iterable
from typing import Final

PARTS: Final = ("first_name", "prefix", "last_name")
"""The columns of a name. A search goes through each: a name is looked up as it stands on the page."""


def full_name(first_name: str, prefix: str, last_name: str) -> str:
    """ "Fleur van den Berg"."""
    return " ".join(part for part in (first_name, prefix, last_name) if part)


def sort_name(first_name: str, prefix: str, last_name: str) -> str:
    """ "Berg, Fleur van den"; of who is known by one name, as who was invited by address alone, that one."""
    rest = " ".join(part for part in (first_name, prefix) if part)
    return ", ".join(part for part in (last_name, rest) if part)


NAME_LIMIT: Final = 120
TEACHER_WORD: Final = "leerkracht"


def teacher_of(groups: Iterable[str]) -> str:
    """ "leerkracht groep 4, plusklas": what parents read below the name when the administration gives no function."""
    names = ", ".join(name.replace("Groep", "groep") for name in groups)
    return f"{TEACHER_WORD} {names}".strip()[:NAME_LIMIT]
