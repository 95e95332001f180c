"""Who is a party in a case or a request, and when: nobody handles what is about oneself or the own family (W8, W18).

Pure functions over periods, as `groups.records.domain.derivation`.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from groups.records.domain.derivation import BEGINNING, Span, both

ALWAYS = Span(BEGINNING, None)
Families = Mapping[int, Mapping[int, list[Span]]]
"""By account and child, when that person belongs to that child, at whatever level."""


class Matter(NamedTuple):
    """A case or a request for access: about whom, and the `child` whom it is about, if anybody."""

    pk: int
    school: int
    about: int
    side: str
    child: int | None
    against_directie: bool


def as_party(user: int, matter: Matter, families: Families) -> Iterable[Span]:
    """When `user` is a party in it.

    Always about the own words or person; as long as the child it is about is the own child; and about a parent or
    pupil as long as both belong to one child. Example: Petra loses a case about Said the second they have a child
    together at any school, and about Said as a teacher she keeps it.
    """
    if user == matter.about:
        return [ALWAYS]
    own, theirs = families.get(user, {}), families.get(matter.about, {})
    spans = list(own.get(matter.child, [])) if matter.child else []
    if matter.side == "family":
        spans += [both(mine, other) for child, held in own.items() for mine in held for other in theirs.get(child, [])]
    return spans
