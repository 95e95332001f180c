"""Whether a roster key still means whom it meant: a key used again must never merge two people."""

from groups.roster.domain.files import PupilRow, StaffRow
from groups.roster.domain.snapshot import ChildThere, StaffThere
from groups.roster.domain.text import alike, bare


def is_other_child(row: PupilRow, there: ChildThere) -> bool:
    """Neither given name, nor surname, nor birthday agrees. A birthday nobody knows agrees with nothing."""
    same_birthday = row.birth_on is not None and row.birth_on == there.birth_on
    same_given_name = bare(row.first_name) == bare(there.first_name)
    surnames = {bare(there.last_name), bare(there.prefix, there.last_name)}
    same_surname = not surnames.isdisjoint({bare(row.last_name), bare(row.prefix, row.last_name)})
    return not (same_birthday or same_given_name or same_surname)


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
