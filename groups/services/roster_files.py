"""Opening the files of one import: which is which, by what is in them; every complaint of every file at once."""

import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from groups.domain import caregivers, edexml, workbook
from groups.domain.roster.elements import SIZE_LIMIT
from groups.domain.roster.files import CaregiverList, RosterFile
from groups.domain.roster.problems import Complaint, Problem, RosterRefusedError

_XML_STARTS = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe<", b"\xfe\xff\0<", b"<\0", b"\0<")


@dataclass
class Handed:
    """What was handed in: at most one roster and one list of caregivers."""

    roster: RosterFile | None = None
    caregivers: CaregiverList | None = None
    problems: list[Problem] = field(default_factory=list)


def read_files(files: Iterable[tuple[str, Path]]) -> Handed:
    """Parse every file, given with the name people know it by. Raises `RosterRefusedError` with all complaints."""
    handed = Handed()
    for name, path in files:
        try:
            _read(name, path, handed)
        except RosterRefusedError as refused:
            handed.problems += refused.problems
    if handed.problems:
        raise RosterRefusedError(handed.problems)
    return handed


def _read(name: str, path: Path, handed: Handed) -> None:
    content = _content(name, path)
    if not content.strip():
        raise RosterRefusedError([Problem(Complaint.EMPTY, name)])
    if _is_xml(content, name):
        if handed.roster:
            raise RosterRefusedError([Problem(Complaint.TWO_ROSTERS, name)])
        handed.roster = edexml.parse(io.BytesIO(content), file=name)
        return
    listed = _caregivers(content, name)
    if handed.caregivers:
        raise RosterRefusedError([Problem(Complaint.TWO_LISTS, name)])
    handed.caregivers = listed


def _caregivers(content: bytes, name: str) -> CaregiverList:
    if workbook.is_workbook(content):
        return workbook.parse(content, file=name)
    if caregivers.recognises(content) or name.lower().endswith((".csv", ".txt", ".tsv")):
        return caregivers.parse(content, file=name)
    raise RosterRefusedError([Problem(Complaint.UNKNOWN_KIND, name)])


def _content(name: str, path: Path) -> bytes:
    """At most one byte more than is allowed: enough to see that it is too much."""
    try:
        with path.open("rb") as stream:
            content = stream.read(SIZE_LIMIT + 1)
    except OSError as error:
        facts = {"reason": error.strerror or ""}
        raise RosterRefusedError([Problem(Complaint.UNREADABLE, name, facts=facts)]) from None
    if len(content) > SIZE_LIMIT:
        facts = {"limit": str(SIZE_LIMIT // 1_000_000)}
        raise RosterRefusedError([Problem(Complaint.TOO_BIG, name, facts=facts)])
    return content


def _is_xml(content: bytes, name: str) -> bool:
    return content[:1000].lstrip().startswith(_XML_STARTS) or name.lower().endswith(".xml")
