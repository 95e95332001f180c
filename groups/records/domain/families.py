"""Families among children: a family is counted once, whatever the number of its children."""

from collections import defaultdict
from collections.abc import Hashable, Iterable

Family = frozenset[int]
"""The caregivers who make it, by their keys; of a child that stands alone its own key, below zero."""


def families_by_child(children: Iterable[tuple[int, int | None]]) -> dict[int, Family]:
    """The family of each child, by its key: that of every child with the same caregivers.

    `children`: each child once for every caregiver who ties it to others, or once with nobody (`with_holders`).
    """
    ties: dict[int, set[int]] = defaultdict(set)
    for child, holder in children:
        ties[child].add(-child if holder is None else holder)
    return {child: frozenset(holders) for child, holders in ties.items()}


def count_families(children: Iterable[tuple[Hashable, bool]]) -> tuple[int, int]:
    """How many families these children are of, and of how many of them one child at least is marked.

    `children`: of each the family, and whether it is marked; a child may be named twice.
    """
    everybody, marked = set(), set()
    for family, is_marked in children:
        everybody.add(family)
        if is_marked:
            marked.add(family)
    return len(everybody), len(marked)
