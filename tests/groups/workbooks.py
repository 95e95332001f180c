"""Workbooks as schools keep them, and as somebody else might make them."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook, load_workbook

from tests.groups.rosterfiles import HEADINGS, Parent


def workbook(rows: Iterable[Sequence[Any]], *, more_sheets: int = 0) -> bytes:
    """An XLSX with these rows on its first sheet."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    for number in range(more_sheets):
        book.create_sheet(f"Blad {number + 2}").append(["iets", "anders"])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def workbook_of(parents: Iterable[Parent]) -> bytes:
    return workbook([HEADINGS, *(parent.cells for parent in parents)])


def repacked(content: bytes, *, drop: str = "", **changed: bytes) -> bytes:
    """The same parts but for those in `changed` (by the end of their name) and the dropped one."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            short = part.filename.rsplit("/", 1)[-1].partition(".")[0]
            if short != drop:
                new.writestr(part.filename, changed.get(short, old.read(part)))
    return stream.getvalue()


def bomb(megabytes: int) -> bytes:
    """A sound workbook with one part that unpacks to a great many zeros."""
    stream = io.BytesIO(workbook([HEADINGS]))
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/media/a.bin", "w") as part:
        for _ in range(megabytes):
            part.write(bytes(1_000_000))
    return stream.getvalue()


def locked(content: bytes) -> bytes:
    """Marked as encrypted, the way a zip file says so."""
    return content.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00").replace(
        b"PK\x03\x04\x14\x00\x00\x00", b"PK\x03\x04\x14\x00\x01\x00"
    )


def edited(content: bytes, **cells: Any) -> bytes:
    """The same workbook with some cells otherwise, by their address: `edited(x, B2="=1+1")`."""
    book = load_workbook(io.BytesIO(content))
    for address, value in cells.items():
        book.worksheets[0][address] = value
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
