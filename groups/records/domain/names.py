"""How a Dutch name reads and sorts: given name, prefix, surname; sorted on the surname without its prefix."""

from collections.abc import Iterable
from typing import Final


def full_name(first_name: str, prefix: str, last_name: str) -> str:
    """ "Fleur van den Berg"."""
    return " ".join(part for part in (first_name, prefix, last_name) if part)


def sort_name(first_name: str, prefix: str, last_name: str) -> str:
    """ "Berg, Fleur van den"."""
    rest = " ".join(part for part in (first_name, prefix) if part)
    return f"{last_name}, {rest}" if rest else last_name


NAME_LIMIT: Final = 120
TEACHER_WORD: Final = "leerkracht"


def teacher_of(groups: Iterable[str]) -> str:
    """ "leerkracht groep 4, plusklas": what parents read below the name when the administration gives no function."""
    names = ", ".join(name.replace("Groep", "groep") for name in groups)
    return f"{TEACHER_WORD} {names}".strip()[:NAME_LIMIT]
