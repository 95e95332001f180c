"""Families among children: the children with the same caregivers are one family. No database, no clock."""

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from itertools import groupby, pairwise
from operator import itemgetter

from groups.records.domain.derivation import FOREVER, Span, end_of


def family_number(caregivers: Iterable[int]) -> int:
    """Of these caregivers, by their keys, a number that no others have: the same for each of their children.

    63 bits of a hash, what a column holds beside the sign. That among two million families two have the same, and are
    counted as one, happens once in five million times.
    """
    text = "-".join(map(str, sorted(set(caregivers))))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def families_over_time(held: Iterable[tuple[int, Span]]) -> Iterator[tuple[int, Span]]:
    """The families of one child, one after the other, from who has authority over it and when; nobody makes none.

    Example: Karima until May and Said all along make two, that of both until May and that of Said from then on.
    """
    lasting = [(who, span) for who, span in held if span.start < end_of(span)]
    moments = sorted({moment for _, span in lasting for moment in (span.start, end_of(span))})
    holding = (
        ({who for who, span in lasting if span.start <= start < end_of(span)}, start, end)
        for start, end in pairwise(moments)
    )
    for holders, parts in groupby(holding, key=itemgetter(0)):
        if holders:
            _, starts, ends = zip(*parts, strict=True)
            yield family_number(holders), Span(starts[0], None if ends[-1] == FOREVER else ends[-1])


def count_families(families: Iterable[tuple[int, bool]]) -> tuple[int, int]:
    """How many families these are, and how many of them are marked once at least.

    `families`: the number of each, and whether it is marked; one may be named twice.
    """
    everybody, marked = set(), set()
    for family, is_marked in families:
        everybody.add(family)
        if is_marked:
            marked.add(family)
    return len(everybody), len(marked)
