"""Which pupil a line of a list is about where a spreadsheet took the noughts of the numbers away."""

from datetime import date

import pytest

from groups.roster.domain.files import CaregiverRow
from groups.roster.domain.problems import Complaint
from groups.roster.domain.pupil_lookup import KnownPupil, PupilLookup

NOOR = KnownPupil("0012", "Noor", "van den", "Berg", date(2018, 3, 1))


def row(key: str, first: str = "Noor", last: str = "van den Berg", born: date | None = NOOR.birth_on) -> CaregiverRow:
    return CaregiverRow(key, first, last, born, "Ada", "", "Vos", "", "moeder", True, 2)


def test_a_line_that_says_who_it_is_finds_the_child_without_the_noughts():
    assert PupilLookup([NOOR]).find(row("12")) == NOOR


@pytest.mark.parametrize(
    "said",
    [row("12", "", "", None), row("12", "Sem"), row("12", born=date(2018, 3, 2)), row("12", born=None)],
)
def test_what_does_not_agree_wholly_finds_nobody(said):
    assert PupilLookup([NOOR]).find(said) is Complaint.LOST_NOUGHTS


def test_two_who_may_be_meant_are_nobody():
    twice = KnownPupil("012", NOOR.first_name, NOOR.prefix, NOOR.last_name, NOOR.birth_on)
    assert PupilLookup([NOOR, twice]).find(row("12")) is Complaint.LOST_NOUGHTS


@pytest.mark.parametrize("key", ["13", "L12", "120"])
def test_another_number_is_nobodys(key):
    assert PupilLookup([NOOR]).find(row(key)) is Complaint.UNKNOWN_PUPIL
