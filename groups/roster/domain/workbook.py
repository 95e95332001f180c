"""The list of caregivers as a workbook (XLSX): the first sheet one sees, as texts, for the same reading as a CSV.

A workbook is a zip file from outside: it is measured before it is opened, and read as a stream. Formulas stay
formulas, so that the reading refuses them.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import chain, islice
from typing import Any, Final

from openpyxl import load_workbook

from groups.roster.domain.caregivers import Sheet, in_short, read_sheet
from groups.roster.domain.columns import MOST_ABOVE, names_columns
from groups.roster.domain.files import CaregiverList
from groups.roster.domain.problems import Complaint, Problem, RosterRefusedError
from groups.roster.domain.text import clean

ARCHIVE: Final = b"PK\x03\x04"
MEGABYTE: Final = 1_000_000
MOST_PARTS: Final = 500
MOST_UNPACKED: Final = 30 * MEGABYTE
MOST_ROWS: Final = 100_000
MOST_CELLS: Final = 1_000_000
MOST_TEXTS: Final = 300_000
TEXT_MARK: Final = b"<si"
ENCRYPTED: Final = 0x1
LOCKED: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LOCKED_PART: Final = "EncryptedPackage".encode("utf-16-le")
ROW: Final = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
ROW_NUMBER: Final = re.compile(rb"\br=[\"'](\d{1,7})[\"']")
HIDDEN: Final = re.compile(rb"\bhidden=[\"'](?:1|true)[\"']")


def is_workbook(content: bytes) -> bool:
    """Whether this begins like one; what is inside is another matter."""
    return content.startswith(ARCHIVE) or is_locked(content)


def is_locked(content: bytes) -> bool:
    """Office wraps a workbook with a password in the older kind of file."""
    return content.startswith(LOCKED) and LOCKED_PART in content


def parse(content: bytes, *, file: str = "") -> CaregiverList:
    """Read the first sheet that one sees.

    Raises `RosterRefusedError` for what is no sound workbook, and for each bad line.
    """
    if is_locked(content):
        raise _refused(Complaint.LOCKED_WORKBOOK, file)
    try:
        _measure(content, file)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        seen = (sheet for sheet in book.worksheets if sheet.sheet_state == "visible")
        sheet = next(seen)
        rows = _rows(sheet, file)
        filled = ((line, cells) for line, cells in rows if any(map(clean, cells)))
        above = list(islice(filled, MOST_ABOVE))
        if not above:
            raise _refused(Complaint.EMPTY, file)
        place = next((place for place, (_, cells) in enumerate(above) if names_columns(cells)), 0)
        line, headings = above[place]
        titles = _without_tail(headings)
        below = _as_wide_as(titles, chain(above[place + 1 :], filled))
        listed = read_sheet(Sheet(titles, below, line), file=file)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _telling_of_hidden(listed, _hidden_lines(archive.read(sheet._worksheet_path)))
    except (RosterRefusedError, MemoryError):
        raise
    except Exception:  # damaged workbooks break the library in every way there is
        raise _refused(Complaint.WORKBOOK, file) from None


def _refused(complaint: Complaint, file: str, **facts: object) -> RosterRefusedError:
    return RosterRefusedError([Problem(complaint, file, facts=facts)])


def _measure(content: bytes, file: str) -> None:
    """Before anything is unpacked: how many parts, how large they say they are (more than that is never read)."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if any(part.flag_bits & ENCRYPTED for part in parts):
            raise _refused(Complaint.LOCKED_WORKBOOK, file)
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise _refused(Complaint.TOO_HEAVY, file)
        if sum(_texts_in(archive, part) for part in parts) > MOST_TEXTS:
            raise _refused(Complaint.TOO_HEAVY, file)


def _texts_in(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """How many texts a part keeps apart from the cells: they are all read before the first cell is."""
    count, tail = 0, b""
    with archive.open(part) as stream:
        while piece := stream.read(MEGABYTE):
            count += (tail + piece).count(TEXT_MARK)
            tail = piece[1 - len(TEXT_MARK) :]
    return count


def _rows(sheet: Any, file: str) -> Iterator[tuple[int, list[str]]]:
    """Each line with its number; the size that the sheet claims to have is not believed."""
    sheet.reset_dimensions()
    cells_read = 0
    for line, row in enumerate(sheet.iter_rows(), start=1):
        cells_read += len(row)
        if line > MOST_ROWS or cells_read > MOST_CELLS:
            raise _refused(Complaint.TOO_HEAVY, file)
        yield line, [_text(cell) for cell in row]


def _telling_of_hidden(listed: CaregiverList, hidden: set[int]) -> CaregiverList:
    """What a filter hid is read with the rest: who made the list may think that it is not in it."""
    lines = [str(row.line) for row in listed.rows if row.line in hidden]
    if not lines:
        return listed
    facts = {"count": len(lines), "lines": in_short(lines)}
    return replace(listed, problems=(*listed.problems, Problem(Complaint.HIDDEN_LINES, listed.file, facts=facts)))


def _hidden_lines(sheet: bytes) -> set[int]:
    """Their numbers, of the sheet itself: the library forgets them while it reads a stream."""
    lines, number = set(), 0
    for row in ROW.finditer(sheet):
        said = ROW_NUMBER.search(row[1])
        number = int(said[1]) if said else number + 1
        if HIDDEN.search(row[1]):
            lines.add(number)
    return lines


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return "=" + str(value).removeprefix("=")
    if isinstance(value, datetime | date):
        return f"{value:%d-%m-%Y}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _as_wide_as(titles: Sequence[str], rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, Sequence[str]]]:
    """A workbook leaves out the empty cells at the end of a line."""
    yield from ((line, [*cells, *[""] * (len(titles) - len(cells))]) for line, cells in rows)


def _without_tail(headings: Sequence[str]) -> list[str]:
    """Excel keeps the empty cells that somebody once coloured."""
    last = max(place for place, heading in enumerate(headings) if clean(heading))
    return list(headings[: last + 1])
