"""The colour of a child: one everywhere and for everybody, and another than that of its siblings."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

COLOURS = (1, 2, 3, 4)


def colours_of(children: Mapping[int, int], families: Iterable[tuple[int, int]]) -> dict[int, int]:
    """The colours to give, by child: to those that have none (0) and a caregiver, in the order of `children`.

    `children` by key with the colour they have; `families` are pairs of a caregiver and a child. A sibling shares a
    caregiver. Who has more siblings than there are colours shares the one that stands among them least.
    """
    of_caregiver: dict[int, set[int]] = defaultdict(set)
    caregivers: dict[int, set[int]] = defaultdict(set)
    for caregiver, child in families:
        of_caregiver[caregiver].add(child)
        caregivers[child].add(caregiver)
    given: dict[int, int] = {}
    for child, colour in children.items():
        if colour or child not in caregivers:
            continue
        siblings = set().union(*(of_caregiver[one] for one in caregivers[child]))
        worn = Counter(given.get(one) or children.get(one, 0) for one in siblings)
        given[child] = min(COLOURS, key=lambda one: (worn[one], one))
    return given
