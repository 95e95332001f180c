"""Opening the files of one import: which is which, by what is in them; every complaint of every file at once."""

import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from groups.domain import caregivers, edexml
from groups.domain.roster.elements import SIZE_LIMIT
from groups.domain.roster.files import CaregiverList, RosterFile
from groups.domain.roster.problems import Complaint, Problem, RosterRefusedError

_XML_STARTS = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe<", b"\xfe\xff\0<", b"<\0", b"\0<")
_ARCHIVE = b"PK\x03\x04"


@dataclass
class Handed:
    """What was handed in: at most one roster and one list of caregivers."""

    roster: RosterFile | None = None
    caregivers: CaregiverList | None = None
    problems: list[Problem] = field(default_factory=list)


def read_files(paths: Iterable[Path]) -> Handed:
    """Parse every file. Raises `RosterRefusedError` with the complaints about all of them."""
    handed = Handed()
    for path in paths:
        try:
            _read(path, handed)
        except RosterRefusedError as refused:
            handed.problems += refused.problems
    if handed.problems:
        raise RosterRefusedError(handed.problems)
    return handed


def _read(path: Path, handed: Handed) -> None:
    content, name = _content(path), path.name
    if _is_xml(content, path):
        if handed.roster:
            raise RosterRefusedError([Problem(Complaint.TWO_ROSTERS, name)])
        handed.roster = edexml.parse(io.BytesIO(content), file=name)
    elif caregivers.recognises(content) or path.suffix.lower() in (".csv", ".txt", ".tsv"):
        if handed.caregivers:
            raise RosterRefusedError([Problem(Complaint.TWO_LISTS, name)])
        handed.caregivers = caregivers.parse(content, file=name)
    else:
        complaint = Complaint.WORKBOOK if content.startswith(_ARCHIVE) else Complaint.UNKNOWN_KIND
        raise RosterRefusedError([Problem(complaint if content else Complaint.EMPTY, name)])


def _content(path: Path) -> bytes:
    """At most one byte more than is allowed: enough to see that it is too much."""
    try:
        with path.open("rb") as stream:
            return stream.read(SIZE_LIMIT + 1)
    except OSError as error:
        facts = {"reason": error.strerror or ""}
        raise RosterRefusedError([Problem(Complaint.UNREADABLE, path.name, facts=facts)]) from None


def _is_xml(content: bytes, path: Path) -> bool:
    return content[:1000].lstrip().startswith(_XML_STARTS) or path.suffix.lower() == ".xml"
