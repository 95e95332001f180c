"""Against whom a person at school decided, and who in a list might be one of them under another spelling.

A file cannot tell a stranger from somebody who was refused and is now spelled otherwise. So whoever is new beside a
child about whom somebody decided waits, unless the school already knows and admits this adult, and neither the name
nor the address is that of the person decided against.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TypeVar

from groups.records.domain.levels import ADMITTED, CONTACT_BAN, SHUT_OUT, WITH_AUTHORITY
from groups.roster.domain.files import CaregiverRow
from groups.roster.domain.matching import MatchedRow
from groups.roster.domain.problems import Complaint
from groups.roster.domain.snapshot import CaregiverThere, GuardianshipThere, Snapshot
from groups.roster.domain.text import alike, bare

Key = TypeVar("Key")
Value = TypeVar("Value")


class Decisions:
    """What was decided by hand before a list is read.

    `refs` says whom each line means; `newcomers` are the lines that would open a child's groups to somebody new.
    """

    def __init__(
        self, present: Snapshot, refs: Mapping[MatchedRow, int], newcomers: Iterable[MatchedRow], at: datetime
    ) -> None:
        self._people: Mapping[int, CaregiverThere] = present.caregivers
        self._newcomers = {line: refs[line] for line in newcomers}
        against = list(_decided_against(present.guardianships))
        self._of_child = _grouped((row.child_key, row.caregiver_id) for row in against)
        self._against = {row.caregiver_id for row in against}
        self._banned = {row.caregiver_id for row in against if row.level == CONTACT_BAN}
        self._banned_names = {name for ref in self._banned for name in _names(self._people[ref])}
        self._of_address = _grouped(self._addresses_against(refs))
        self._recalled = self._recalled_by_address(refs) | self._recalled_by_name()
        self._admitted = {row.caregiver_id for row in present.guardianships if row.level in ADMITTED and row.holds(at)}
        waited = (row for row in present.guardianships if not row.decided and row.level not in ADMITTED)
        self._waited = _grouped((row.caregiver_id, row.child_key) for row in waited)

    def doubts(self) -> dict[MatchedRow, Complaint]:
        """Why a newcomer waits; who waits for one child, waits for every other the same list would open."""
        newcomers = self._newcomers.items()
        doubts = {line: doubt for line, ref in newcomers if (doubt := self._doubt_about(ref, line))}
        waiting = {self._newcomers[line] for line in doubts}
        return {line: Complaint.DECIDED_ELSEWHERE for line, ref in newcomers if ref in waiting} | doubts

    def is_address_of_another(self, ref: int, address: str) -> bool:
        """Whether somebody a person decided against, other than `ref`, is reached by this address."""
        return bool(address and self._of_address.get(address, set()) - {ref})

    def keeps_address(self, ref: int) -> bool:
        """By which somebody is recognised, who is nowhere admitted or whom this list recalls: it must not be lost."""
        return (ref in self._against and ref not in self._admitted) or ref in self._recalled

    def keeps_name(self, ref: int, row: CaregiverRow | CaregiverThere) -> bool:
        """A new surname would make a ban forgotten, or whom this list recalls; an accent does not.

        A ban counts by name for the whole school, also without "van den": so that may not move into the surname.
        """
        forgets = ref in self._banned and not _names(self._people[ref]) <= _names(row)
        return forgets or (ref in self._recalled and _parts(self._people[ref]) != _parts(row))

    def _addresses_against(self, refs: Mapping[MatchedRow, int]) -> Iterator[tuple[str, int]]:
        """By which addresses those decided against are reached: the known ones, and those this list gives them."""
        yield from ((self._people[ref].email, ref) for ref in self._against)
        yield from ((address, ref) for line, ref in refs.items() if ref in self._against for address in line.offered)

    def _recalled_by_address(self, refs: Mapping[MatchedRow, int]) -> set[int]:
        """Whose address the list gives to somebody else: were it forgotten now, the next time nobody would doubt."""
        reached = _grouped((self._people[ref].email, ref) for ref in self._against)
        offers = ((address, ref) for line, ref in refs.items() for address in line.offered)
        return {other for address, ref in offers for other in reached.get(address, set()) - {ref}}

    def _recalled_by_name(self) -> set[int]:
        return {other for line in self._newcomers for other in self._resembled_by(line)}

    def _doubt_about(self, ref: int, line: MatchedRow) -> Complaint | None:
        known = ref in self._admitted and ref not in self._banned
        beside = self._of_child.get(line.child_key, set())
        if beside and not (known and not self._resembled_by(line)):
            return Complaint.WAITS_FOR_DECISION
        same_address = any(self.is_address_of_another(ref, address) for address in line.offered)
        if same_address or self._banned_names & _names(line.row) or not (known or self._is_unburdened(ref)):
            return Complaint.DECIDED_ELSEWHERE
        return None

    def _is_unburdened(self, ref: int) -> bool:
        """Neither decided about elsewhere, nor waiting beside a child about whom somebody decided."""
        waits = any(child in self._of_child for child in self._waited.get(ref, ()))
        return not waits and ref not in self._against

    def _resembled_by(self, line: MatchedRow) -> set[int]:
        """Those decided against beside the child of this line of whom it may be another spelling."""
        return {other for other in self._of_child.get(line.child_key, ()) if self._resembles(line, other)}

    def _resembles(self, line: MatchedRow, other: int) -> bool:
        there = self._people[other]
        same_name = any(alike(one, two) for one in _names(line.row) for two in _names(there))
        same_initial = bare(line.row.first_name)[:1] == bare(there.first_name)[:1]
        shared_surname = set(bare(line.row.last_name).split()) & set(bare(there.last_name).split())
        same_address = there.email in line.offered
        return same_address or same_name or bool(same_initial and shared_surname)


def _decided_against(rows: Iterable[GuardianshipThere]) -> Iterable[GuardianshipThere]:
    """Per caregiver and child the last decision, when it refused, banned or ended; a file never ends a decision."""
    last: dict[tuple[int, str], GuardianshipThere] = {}
    for row in sorted(rows, key=lambda row: (row.valid_from, row.id)):
        if row.decided:
            last[(row.caregiver_id, row.child_key)] = row
    return (row for row in last.values() if row.level in SHUT_OUT or row.valid_until is not None)


def _grouped(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, set[Value]]:
    values: dict[Key, set[Value]] = defaultdict(set)
    for key, value in pairs:
        values[key].add(value)
    return dict(values)


def _names(person: CaregiverThere | CaregiverRow) -> set[str]:
    """With and without "van den", which lists forget."""
    return {_whole_name(person), bare(person.first_name, person.last_name)}


def _parts(person: CaregiverThere | CaregiverRow) -> tuple[str, ...]:
    return tuple(map(bare, person.names))


def _whole_name(person: CaregiverThere | CaregiverRow) -> str:
    return bare(*person.names)


def contradicts(level: str, authority: bool | None) -> bool:
    """A file that says ja contradicts any decision but authority; one that says nee contradicts only authority."""
    if authority is None:
        return False
    return authority is not (level == WITH_AUTHORITY)
