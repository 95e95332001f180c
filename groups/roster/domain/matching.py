"""Which caregiver of the present a line of the file means: by child and name first, then by address.

The order matters: a name under the same child is the same person even with a new address; an address alone makes
nobody the same person unless the given name agrees. Two people with one address are never matched by it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from groups.roster.domain.files import CaregiverRow
from groups.roster.domain.snapshot import CaregiverThere, GuardianshipThere
from groups.roster.domain.text import fold


@dataclass(frozen=True)
class MatchedRow:
    """A row whose child is known; an address that two people share is already taken off.

    `offered`: every address the list writes for this line, also one that was taken off.
    """

    child_key: str
    row: CaregiverRow
    offered: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return fold(self.row.first_name, self.row.prefix, self.row.last_name)

    @property
    def email(self) -> str:
        return self.row.email

    def may_be(self, other: "MatchedRow") -> bool:
        """Whether two lines of one name and relation may be about one person: no two addresses contradict it."""
        return self.email == other.email or not (self.email and other.email)

    def together_with(self, other: "MatchedRow") -> "MatchedRow":
        """Both lines as one; where they differ about authority, nobody knows."""
        one, two = self.row, other.row
        row = replace(
            one,
            email=one.email or two.email,
            authority=one.authority if one.authority == two.authority else None,
            daily=one.daily or two.daily,
            secret=one.secret or two.secret,
            postal_address=one.postal_address or two.postal_address,
            phone=one.phone or two.phone,
        )
        return replace(self, row=row, offered=self.offered | other.offered)

    def without_address(self) -> "MatchedRow":
        return replace(self, row=replace(self.row, email=""))


class Matching:
    """Gives every line the id of the caregiver it means, or a negative number for somebody new."""

    def __init__(self, caregivers: Mapping[int, CaregiverThere], guardianships: Sequence[GuardianshipThere]) -> None:
        self._caregivers = caregivers
        self._names = {one.id: fold(one.first_name, one.prefix, one.last_name) for one in caregivers.values()}
        self._relations = {(row.caregiver_id, row.child_key): row.relation for row in guardianships}
        self._of_child: dict[str, set[int]] = defaultdict(set)
        for row in guardianships:
            self._of_child[row.child_key].add(row.caregiver_id)
        self._by_name_and_address: dict[tuple[str, str], int] = {}
        for one in sorted(caregivers.values(), key=lambda one: (one.joined, -one.id)):
            self._by_name_and_address[(self._names[one.id], one.email)] = one.id
        self._given: dict[MatchedRow, int] = {}
        self._taken: set[tuple[str, int]] = set()

    def match(self, lines: Sequence[MatchedRow]) -> dict[MatchedRow, int]:
        self._by_child_and_name(lines)
        self._split_by_address()
        self._by_child_and_address(lines)
        self._by_child_and_new_name(lines)
        self._by_school(lines)
        self._as_new(lines)
        return {line: self._given[line] for line in lines}

    def _give(self, line: MatchedRow, caregiver: int) -> None:
        self._given[line] = caregiver
        self._taken.add((line.child_key, caregiver))

    def _free(self, line: MatchedRow, caregiver: int) -> bool:
        return line not in self._given and (line.child_key, caregiver) not in self._taken

    def _by_child_and_name(self, lines: Iterable[MatchedRow]) -> None:
        pairs = [
            (line, caregiver)
            for line in lines
            for caregiver in self._of_child[line.child_key]
            if self._names[caregiver] == line.name
        ]
        for line, caregiver in sorted(pairs, key=self._how_far):
            if self._free(line, caregiver):
                self._give(line, caregiver)

    def _how_far(self, pair: tuple[MatchedRow, int]) -> tuple[object, ...]:
        line, caregiver = pair
        there = self._caregivers[caregiver]
        other_address = not line.email or line.email != there.email
        other_relation = self._relations.get((caregiver, line.child_key)) != line.row.relation
        return other_address, other_relation, not there.joined, line.row.line, caregiver

    def _split_by_address(self) -> None:
        """One record has one address: lines that give it another one are about somebody else of that name."""
        lines_of: dict[int, list[MatchedRow]] = defaultdict(list)
        for line, caregiver in self._given.items():
            lines_of[caregiver].append(line)
        for caregiver, lines in lines_of.items():
            addresses = Counter(line.email for line in sorted(lines, key=_line_number) if line.email)
            if len(addresses) < 2:
                continue
            own = self._caregivers[caregiver].email
            address = own if own in addresses else addresses.most_common(1)[0][0]
            for line in lines:
                if line.email not in ("", address):
                    del self._given[line]
                    self._taken.discard((line.child_key, caregiver))

    def _by_child_and_address(self, lines: Iterable[MatchedRow]) -> None:
        """The surname changed: same child, same address, same given name."""
        for line in lines:
            for caregiver in sorted(self._of_child[line.child_key]):
                there = self._caregivers[caregiver]
                same_given_name = fold(there.first_name) == fold(line.row.first_name)
                if line.email and line.email == there.email and same_given_name and self._free(line, caregiver):
                    self._give(line, caregiver)

    def _by_child_and_new_name(self, lines: Iterable[MatchedRow]) -> None:
        """The surname changed: beside a brother or sister without address the file writes the new one too."""
        named = {(line.name, caregiver) for line, caregiver in self._given.items()}
        for line in lines:
            for caregiver in sorted(self._of_child[line.child_key]):
                if not line.email and (line.name, caregiver) in named and self._free(line, caregiver):
                    self._give(line, caregiver)

    def _by_school(self, lines: Iterable[MatchedRow]) -> None:
        """A brother or sister: the same name with the same address elsewhere; a record has one address at a time."""
        address_of = {caregiver: line.email for line, caregiver in self._given.items() if line.email}
        given = {(line.name, line.email): caregiver for line, caregiver in self._given.items() if line.email}
        known = self._by_name_and_address | given
        for line in lines:
            caregiver = known.get((line.name, line.email)) if line.email else None
            if caregiver is None or address_of.get(caregiver, line.email) != line.email:
                continue
            if self._free(line, caregiver):
                self._give(line, caregiver)

    def _as_new(self, lines: Iterable[MatchedRow]) -> None:
        new: dict[object, int] = {}
        for line in lines:
            if line not in self._given:
                person = (line.name, line.email) if line.email else line
                self._give(line, new.setdefault(person, -len(new) - 1))


def _line_number(line: MatchedRow) -> int:
    return line.row.line


def shared_addresses(lines: Sequence[MatchedRow]) -> Iterator[tuple[str, list[MatchedRow]]]:
    """Addresses that stand beside two people: two names, or twice beside one child."""
    by_address: dict[str, list[MatchedRow]] = defaultdict(list)
    for line in lines:
        if line.email:
            by_address[line.email].append(line)
    for address, sharing in by_address.items():
        children = Counter(line.child_key for line in sharing)
        if len({line.name for line in sharing}) > 1 or max(children.values()) > 1:
            yield address, sharing
