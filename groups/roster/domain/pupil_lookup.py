"""Which pupil a line of the list of caregivers is about: by number, or by name and birthday; never by guessing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from groups.records.domain.names import full_name
from groups.roster.domain.files import CaregiverRow
from groups.roster.domain.problems import Complaint
from groups.roster.domain.text import fold


@dataclass(frozen=True)
class KnownPupil:
    """A pupil of the school after the import; `expected` in the list when at school from then on."""

    key: str
    first_name: str
    prefix: str
    last_name: str
    birth_on: date | None
    expected: bool = True

    @property
    def full_name(self) -> str:
        return full_name(self.first_name, self.prefix, self.last_name)


class PupilLookup:
    def __init__(self, pupils: Iterable[KnownPupil]) -> None:
        self.by_key: Mapping[str, KnownPupil] = {pupil.key: pupil for pupil in pupils}
        self._by_name: dict[tuple[str, str, date | None], list[KnownPupil]] = defaultdict(list)
        for pupil in self.by_key.values():
            self._by_name[(fold(pupil.first_name), fold(pupil.prefix, pupil.last_name), pupil.birth_on)].append(pupil)

    def find(self, row: CaregiverRow) -> KnownPupil | Complaint:
        """The pupil, or what to say when there is none, or more than one, or another than the line itself describes."""
        if row.child_key:
            pupil = self.by_key.get(row.child_key)
            if pupil is None:
                return Complaint.UNKNOWN_PUPIL
            return Complaint.OTHER_PUPIL if _contradicts(row, pupil) else pupil
        pupils = self._by_name[(fold(row.child_first_name), fold(row.child_last_name), row.child_birth_on)]
        if len(pupils) == 1:
            return pupils[0]
        return Complaint.TWO_PUPILS if pupils else Complaint.UNKNOWN_PUPIL


def _contradicts(row: CaregiverRow, pupil: KnownPupil) -> bool:
    """The number names one child and the rest of the line another: a shifted column would give a child away."""
    other_birthday = row.child_birth_on and pupil.birth_on and row.child_birth_on != pupil.birth_on
    first, last = fold(row.child_first_name), fold(row.child_last_name)
    surnames = {fold(pupil.last_name), fold(pupil.prefix, pupil.last_name)}
    other_name = bool(first and last) and first != fold(pupil.first_name) and last not in surnames
    return bool(other_birthday or other_name)
