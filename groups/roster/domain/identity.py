"""Whether a roster key still means whom it meant: a key used again must never merge two people."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple, Protocol

from groups.roster.domain.files import PupilRow, StaffRow
from groups.roster.domain.snapshot import ChildThere, StaffThere
from groups.roster.domain.text import alike, bare


class AnyPupil(Protocol):
    """What a row of a file and a child that is there both say."""

    @property
    def key(self) -> str: ...
    @property
    def first_name(self) -> str: ...
    @property
    def prefix(self) -> str: ...
    @property
    def last_name(self) -> str: ...
    @property
    def birth_on(self) -> date | None: ...


class Agreeing(NamedTuple):
    """Which of the three agree; what nobody knows agrees with nothing."""

    given_name: bool
    surname: bool
    birthday: bool


def agreeing(one: AnyPupil, other: AnyPupil) -> Agreeing:
    """What two pupils have in common: an accent or "van den" in another column makes no difference."""
    surnames = {bare(one.last_name), bare(one.prefix, one.last_name)}
    return Agreeing(
        given_name=bare(one.first_name) == bare(other.first_name),
        surname=not surnames.isdisjoint({bare(other.last_name), bare(other.prefix, other.last_name)}),
        birthday=one.birth_on is not None and one.birth_on == other.birth_on,
    )


class SamePupils:
    """Who is who in one file: `there` are the children that the school knows, `rows` those of the file."""

    def __init__(self, there: Iterable[AnyPupil], rows: Iterable[AnyPupil]) -> None:
        self._there, self._rows = by_given_name(there), by_given_name(rows)

    def is_other(self, row: PupilRow, there: ChildThere) -> bool:
        """Nothing agrees: with this number another child is meant."""
        return not any(agreeing(row, there))

    def is_doubtful(self, row: PupilRow, there: ChildThere, *, left: bool) -> bool:
        """Fewer than two of the three agree; or two may be those that brothers and sisters share.

        Twins share surname and birthday. So of a child that left the given name is one of the two, and of a child that
        is here no other pupil may be exactly who the row, or who the child is.
        """
        same = agreeing(row, there)
        if sum(same) < 2 or same.given_name:
            return sum(same) < 2
        return left or is_among(self._there, row) or is_among(self._rows, there)


PupilsByName = Mapping[tuple[str, date | None], Sequence[AnyPupil]]


def by_given_name(pupils: Iterable[AnyPupil]) -> PupilsByName:
    """By given name and birthday, for `is_among`."""
    found: dict[tuple[str, date | None], list[AnyPupil]] = defaultdict(list)
    for pupil in pupils:
        found[bare(pupil.first_name), pupil.birth_on].append(pupil)
    return found


def is_among(pupils: PupilsByName, one: AnyPupil) -> bool:
    """Whether under another number everything agrees."""
    named = pupils.get((bare(one.first_name), one.birth_on), ())
    return any(other.key != one.key and all(agreeing(one, other)) for other in named)


def is_other_member(row: StaffRow, there: StaffThere) -> bool:
    """Name and address both differ.

    A married name keeps the given name and either a word of the surname or the address; where one of the addresses is
    unknown, half of the name is enough.
    """
    if row.email and row.email == there.email:
        return False
    agreeing = (_same_given_name(row, there), _same_surname(row, there))
    return not (all(agreeing) if row.email and there.email else any(agreeing))


def _same_given_name(row: StaffRow, there: StaffThere) -> bool:
    return alike(bare(row.first_name), bare(there.first_name))


def _same_surname(row: StaffRow, there: StaffThere) -> bool:
    """A word of it stayed ("Bos", "Vos-Bos"), or it is nearly spelled the same."""
    one, two = bare(row.last_name), bare(there.last_name)
    whole = alike(bare(row.prefix, row.last_name), bare(there.prefix, there.last_name))
    return whole or alike(one, two) or bool(set(one.split()) & set(two.split()))
