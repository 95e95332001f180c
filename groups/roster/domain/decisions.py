"""Against whom a person at school decided, and who in a list might be one of them under another spelling.

A file cannot tell a stranger from somebody who was refused and is now spelled otherwise. So whoever is new beside a
child about whom somebody decided waits, unless the school already knows and admits this adult, and neither the name
nor the address is that of the person decided against.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, TypeVar

from groups.roster.domain.files import CaregiverRow
from groups.roster.domain.matching import MatchedRow
from groups.roster.domain.problems import Complaint
from groups.roster.domain.snapshot import CaregiverThere, GuardianshipThere, Snapshot
from groups.roster.domain.text import alike, bare

WITH_AUTHORITY: Final = "with_authority"
CONTACT_BAN: Final = "contact_ban"
REFUSED: Final = frozenset({"without_authority", CONTACT_BAN})
ADMITTED: Final = frozenset({WITH_AUTHORITY, "daily_carer", "admitted_reader"})
Key = TypeVar("Key")
Value = TypeVar("Value")


class Decisions:
    """What was decided by hand before a list is read; `rows` are the lines as they were written, address and all."""

    def __init__(self, present: Snapshot, rows: Iterable[CaregiverRow], at: datetime) -> None:
        self._people: Mapping[int, CaregiverThere] = present.caregivers
        self._offered = {row.line: row.email for row in rows}
        against = list(_decided_against(present.guardianships))
        self._of_child = _grouped((row.child_key, row.caregiver_id) for row in against)
        self._against = {row.caregiver_id for row in against}
        self._banned = {row.caregiver_id for row in against if row.level == CONTACT_BAN}
        self._banned_names = {name for ref in self._banned for name in _names(self._people[ref])}
        self._of_address = _grouped((self._people[ref].email, ref) for ref in self._against)
        self._admitted = {row.caregiver_id for row in present.guardianships if row.level in ADMITTED and _open(row, at)}
        waited = (row for row in present.guardianships if not row.decided and row.level not in ADMITTED)
        self._waited = _grouped((row.caregiver_id, row.child_key) for row in waited)

    def doubts_about(self, newcomers: Mapping[MatchedRow, int]) -> dict[MatchedRow, Complaint]:
        """Why a newcomer waits; who waits for one child, waits for every other the same list would open."""
        doubts = {line: doubt for line, ref in newcomers.items() if (doubt := self._doubt_about(ref, line))}
        waiting = {newcomers[line] for line in doubts}
        return {line: Complaint.DECIDED_ELSEWHERE for line, ref in newcomers.items() if ref in waiting} | doubts

    def is_address_of_another(self, ref: int, address: str) -> bool:
        """Whether somebody a person decided against, other than `ref`, is reached by this address."""
        return bool(address and self._of_address.get(address, set()) - {ref})

    def is_shut_out(self, ref: int) -> bool:
        """Decided against and nowhere admitted: the address by which this person is recognised must not be lost."""
        return ref in self._against and ref not in self._admitted

    def keeps_name(self, ref: int, row: CaregiverRow | CaregiverThere) -> bool:
        """A ban counts by name for the whole school: a new surname would make it forgotten; an accent does not."""
        return ref in self._banned and bare(*row.names) != _whole_name(self._people[ref])

    def _doubt_about(self, ref: int, line: MatchedRow) -> Complaint | None:
        known = ref in self._admitted and ref not in self._banned
        beside = self._of_child.get(line.child_key, set())
        if beside and not (known and not any(self._resembles(line, other) for other in beside)):
            return Complaint.WAITS_FOR_DECISION
        same_address = self.is_address_of_another(ref, self._offered[line.row.line])
        if same_address or self._banned_names & _names(line.row) or not (known or self._is_unburdened(ref)):
            return Complaint.DECIDED_ELSEWHERE
        return None

    def _is_unburdened(self, ref: int) -> bool:
        """Neither decided about elsewhere, nor waiting beside a child about whom somebody decided."""
        waits = any(child in self._of_child for child in self._waited.get(ref, ()))
        return not waits and ref not in self._against

    def _resembles(self, line: MatchedRow, other: int) -> bool:
        there = self._people[other]
        one, two = _whole_name(line.row), _whole_name(there)
        same_initial = bare(line.row.first_name)[:1] == bare(there.first_name)[:1]
        shared_surname = set(bare(line.row.last_name).split()) & set(bare(there.last_name).split())
        same_address = bool(there.email) and there.email == self._offered[line.row.line]
        return same_address or alike(one, two) or bool(same_initial and shared_surname)


def _decided_against(rows: Iterable[GuardianshipThere]) -> Iterable[GuardianshipThere]:
    """Per caregiver and child the last decision, when it refused, banned or ended; a file never ends a decision."""
    last: dict[tuple[int, str], GuardianshipThere] = {}
    for row in sorted(rows, key=lambda row: (row.valid_from, row.id)):
        if row.decided:
            last[(row.caregiver_id, row.child_key)] = row
    return (row for row in last.values() if row.level in REFUSED or row.valid_until is not None)


def _grouped(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, set[Value]]:
    values: dict[Key, set[Value]] = defaultdict(set)
    for key, value in pairs:
        values[key].add(value)
    return dict(values)


def _open(row: GuardianshipThere, at: datetime) -> bool:
    return row.valid_until is None or row.valid_until > at


def _names(person: CaregiverThere | CaregiverRow) -> set[str]:
    """With and without "van den", which lists forget."""
    return {_whole_name(person), bare(person.first_name, person.last_name)}


def _whole_name(person: CaregiverThere | CaregiverRow) -> str:
    return bare(*person.names)


def contradicts(level: str, authority: bool | None) -> bool:
    """A file that says ja contradicts any decision but authority; one that says nee contradicts only authority."""
    if authority is None:
        return False
    return authority is not (level == WITH_AUTHORITY)
