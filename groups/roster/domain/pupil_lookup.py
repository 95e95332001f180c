"""Which pupil a line of the list of caregivers is about: by number, or by name and birthday; never by guessing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from groups.records.domain.names import full_name
from groups.roster.domain.files import CaregiverRow
from groups.roster.domain.identity import agreeing, by_given_name, is_among
from groups.roster.domain.problems import Complaint
from groups.roster.domain.text import fold


@dataclass(frozen=True)
class KnownPupil:
    """A pupil of the school after the import; `expected` in the list when at school from then on, or `left`."""

    key: str
    first_name: str
    prefix: str
    last_name: str
    birth_on: date | None
    expected: bool = True
    left: bool = False

    @property
    def full_name(self) -> str:
        return full_name(self.first_name, self.prefix, self.last_name)


class PupilLookup:
    def __init__(self, pupils: Iterable[KnownPupil]) -> None:
        self.by_key: Mapping[str, KnownPupil] = {pupil.key: pupil for pupil in pupils}
        self._by_number: dict[str, list[KnownPupil]] = defaultdict(list)
        for pupil in self.by_key.values():
            if pupil.key.startswith("0") and pupil.key.isdigit():
                self._by_number[pupil.key.lstrip("0")].append(pupil)
        self._by_given_name = by_given_name(self.by_key.values())
        self._by_name: dict[tuple[str, str, date | None], list[KnownPupil]] = defaultdict(list)
        for pupil in self.by_key.values():
            self._by_name[(fold(pupil.first_name), fold(pupil.prefix, pupil.last_name), pupil.birth_on)].append(pupil)

    def find(self, row: CaregiverRow) -> KnownPupil | Complaint:
        """The pupil, or what to say when there is none, or more than one, or another than the line itself describes."""
        if row.child_key:
            pupil = self.by_key.get(row.child_key)
            if pupil is None:
                return self._without_noughts(row)
            return Complaint.OTHER_PUPIL if self._contradicts(row, pupil) else pupil
        pupils = self._by_name[(fold(row.child_first_name), fold(row.child_last_name), row.child_birth_on)]
        if len(pupils) == 1:
            return pupils[0]
        return Complaint.TWO_PUPILS if pupils else Complaint.UNKNOWN_PUPIL

    def with_noughts(self, key: str) -> Sequence[KnownPupil]:
        """Whom this number means where a spreadsheet took the noughts in front away: 12 may be 0012."""
        return self._by_number.get(key.lstrip("0"), ()) if key.isdigit() else ()

    def _without_noughts(self, row: CaregiverRow) -> KnownPupil | Complaint:
        """The pupil only where there is one, and the line itself says that it is this one."""
        pupils = self.with_noughts(row.child_key)
        if not pupils:
            return Complaint.UNKNOWN_PUPIL
        said = KnownPupil(row.child_key, row.child_first_name, "", row.child_last_name, row.child_birth_on)
        return pupils[0] if len(pupils) == 1 and all(agreeing(said, pupils[0])) else Complaint.LOST_NOUGHTS

    def _contradicts(self, row: CaregiverRow, pupil: KnownPupil) -> bool:
        """The number names one child and the rest of the line another: a shifted column would give a child away.

        Two of what the line says have to agree, or the one thing it says; another birthday is another child, and so is
        a given name by which the line describes exactly another pupil, a twin.
        """
        said = KnownPupil(pupil.key, row.child_first_name, "", row.child_last_name, row.child_birth_on)
        same = agreeing(said, pupil)
        by_birthday = bool(said.birth_on and pupil.birth_on)
        compared = sum([bool(said.first_name), bool(said.last_name), by_birthday])
        too_little = sum(same) < min(2, compared) or (by_birthday and not same.birthday)
        return too_little or (not same.given_name and is_among(self._by_given_name, said))
