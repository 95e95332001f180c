"""Opening the files of one import: which is which, by what is in them; every complaint of every file at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from groups.roster.domain.files import CaregiverList, RosterFile
from groups.roster.domain.problems import Complaint, Problem, RosterRefusedError
from groups.roster.services.roster_reading import read_apart


@dataclass
class Handed:
    """What was handed in: at most one roster and one list of caregivers."""

    roster: RosterFile | None = None
    caregivers: CaregiverList | None = None
    problems: list[Problem] = field(default_factory=list)


def read_files(files: Iterable[tuple[str, Path]]) -> Handed:
    """Read every file, given with the name people know it by.

    Raises `RosterRefusedError` with all complaints, and `NotReadNowError` when no file is to blame.
    """
    handed = Handed()
    for name, path in files:
        try:
            _take(read_apart(name, path), name, handed)
        except RosterRefusedError as refused:
            handed.problems += refused.problems
    if handed.problems:
        raise RosterRefusedError(handed.problems)
    return handed


def _take(file: RosterFile | CaregiverList, name: str, handed: Handed) -> None:
    if isinstance(file, RosterFile):
        if handed.roster:
            raise RosterRefusedError([Problem(Complaint.TWO_ROSTERS, name)])
        handed.roster = file
    elif handed.caregivers:
        raise RosterRefusedError([Problem(Complaint.TWO_LISTS, name)])
    else:
        handed.caregivers = file
