"""Families among children: a family is counted once, whatever the number of its children."""

from collections.abc import Iterable


def count_families(children: Iterable[tuple[str, bool]]) -> tuple[int, int]:
    """How many families these children are of, and of how many of them one child at least is marked.

    `children`: of each the family (`with_family`), and whether it is marked.
    """
    everybody, marked = set(), set()
    for family, is_marked in children:
        everybody.add(family)
        if is_marked:
            marked.add(family)
    return len(everybody), len(marked)
