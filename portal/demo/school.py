"""Draw the rest of a demo school: families with invented names, until every group has its children.

Deterministic: the same seed and day give the same school, so that a screenshot, a test and a demo agree.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

from portal.demo.names import POOLS, NamePool
from portal.demo.plan import (
    NOT_KNOWN,
    WITH_AUTHORITY,
    WITHOUT_AUTHORITY,
    DemoSchool,
    Name,
    PlannedCaregiver,
    PlannedChild,
    PlannedFamily,
    PlannedParent,
    Pupil,
    SchoolOutline,
)

SEED = 2026
_LETTERS_WITHOUT_ACCENT = str.maketrans({"ı": "i", "ł": "l", "Ł": "L"})


def school_year_start(day: date) -> date:
    """The first of August of the school year that `day` falls in."""
    return date(day.year if day.month >= 8 else day.year - 1, 8, 1)


def build_school(outline: SchoolOutline, *, day: date, seed: int = SEED) -> DemoSchool:
    """The fixed cast of `outline`, and drawn families until each group has its size."""
    rng = Random(f"{seed}-{outline.brin}")
    starts_on = school_year_start(day)
    families = [*outline.families, *_drawn_families(outline, rng)]
    pupils, caregivers = _rows_of(families, outline, starts_on, rng)
    return DemoSchool(outline, f"{starts_on.year}-{starts_on.year + 1}", starts_on, pupils, caregivers)


def _drawn_families(outline: SchoolOutline, rng: Random) -> Iterator[PlannedFamily]:
    free = Counter({group.key: group.size for group in outline.groups})
    free.subtract(child.group for family in outline.families for child in family.children)
    addresses = _Addresses(parent.email for family in outline.families for parent in family.parents)
    called = {(child.first, family.last) for family in outline.families for child in family.children}
    while places := [key for key, left in free.items() if left > 0]:
        groups = _groups_of_siblings(places, rng)
        family = _drawn_family(groups, rng, addresses)
        while any((child.first, family.last) in called for child in family.children):
            family = _drawn_family(groups, rng, addresses)
        called |= {(child.first, family.last) for child in family.children}
        free.subtract(groups)
        yield family


def _groups_of_siblings(places: Sequence[str], rng: Random) -> list[str]:
    """One to three groups, never two that follow each other: siblings are at least two years apart."""
    wanted = rng.choices((1, 2, 3), (86, 13, 1))[0]
    first = rng.randrange(len(places))
    return list(places[first::2][:wanted])


def _drawn_family(groups: Sequence[str], rng: Random, addresses: "_Addresses") -> PlannedFamily:
    pool = rng.choices(POOLS, [pool.weight for pool in POOLS])[0]
    firsts = rng.sample(pool.girls + pool.boys, len(groups))
    parents = _drawn_parents(pool, rng, addresses)
    named_after = rng.choices(parents, [1, 3][: len(parents)])[0].name
    children = tuple(PlannedChild(first, group) for first, group in zip(firsts, groups, strict=True))
    return PlannedFamily(named_after.prefix, named_after.last, children, parents)


def _drawn_parents(pool: NamePool, rng: Random, addresses: "_Addresses") -> tuple[PlannedParent, ...]:
    own, other = rng.sample(pool.surnames, 2)
    mother = Name(rng.choice(pool.mothers), *own)
    father = Name(rng.choice(pool.fathers), *(own if rng.random() < 0.45 else other))
    kinds = rng.choices(("both", "mother", "father", "mothers"), (93, 4, 1, 2))[0]
    if kinds == "mothers":
        first = rng.choice([name for name in pool.mothers if name != mother.first])
        people = [(mother, "moeder"), (Name(first, *other), "moeder")]
    else:
        people = [(mother, "moeder"), (father, "vader")]
        people = {"both": people, "mother": people[:1], "father": people[1:]}[kinds]
    # The first parent always has authority and an address: every drawn family can come in.
    first_parent = PlannedParent(people[0][0], addresses.give(people[0][0]), people[0][1])
    return (first_parent, *(_drawn_second(name, relation, rng, addresses) for name, relation in people[1:]))


def _drawn_second(name: Name, relation: str, rng: Random, addresses: "_Addresses") -> PlannedParent:
    authority = rng.choices((WITH_AUTHORITY, NOT_KNOWN, WITHOUT_AUTHORITY), (96, 2, 2))[0]
    email = "" if rng.random() < 0.02 else addresses.give(name)
    return PlannedParent(name, email, relation, authority)


class _Addresses:
    """Hands out addresses that nobody else has."""

    def __init__(self, taken: Iterator[str]) -> None:
        self._taken = set(taken)

    def give(self, name: Name) -> str:
        base = f"{_plain(name.first)}.{_plain(name.prefix + name.last)}"
        email, number = f"{base}@ouders.example", 1
        while email in self._taken:
            number += 1
            email = f"{base}{number}@ouders.example"
        self._taken.add(email)
        return email


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.translate(_LETTERS_WITHOUT_ACCENT))
    return "".join(letter for letter in letters.lower() if letter.isascii() and letter.isalnum())


def _rows_of(
    families: Sequence[PlannedFamily], outline: SchoolOutline, starts_on: date, rng: Random
) -> tuple[tuple[Pupil, ...], tuple[PlannedCaregiver, ...]]:
    years = {group.key: group.years for group in outline.groups}
    pupils: list[Pupil] = []
    caregivers: list[PlannedCaregiver] = []
    for family in families:
        # Twins sit in one group and share a birthday.
        birthdays: dict[str, tuple[int, date]] = {}
        for child in family.children:
            if child.group not in birthdays:
                year = rng.choice(years[child.group])
                birthdays[child.group] = (year, child.born_on or _birthday(year, starts_on, rng))
            year, born_on = birthdays[child.group]
            name = Name(child.first, family.prefix, family.last)
            pupils.append(Pupil(f"L{len(pupils) + 1:04d}", name, born_on, year, child.group))
            caregivers += [PlannedCaregiver(pupils[-1], parent) for parent in family.parents]
    return tuple(pupils), tuple(caregivers)


def _birthday(year: int, starts_on: date, rng: Random) -> date:
    """A child of group 3 turns six between 1 October before and 30 September of the school year it starts in."""
    return date(starts_on.year - year - 4, 10, 1) + timedelta(days=rng.randrange(365))
