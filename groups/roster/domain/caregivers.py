"""The list of caregivers: a spreadsheet saved as text, as the school's own machine writes it.

Separators ; , and tab; UTF-8 with or without mark, UTF-16 and Windows-1252; both line ends; empty lines at the end.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from groups.roster.domain.columns import MOST_ABOVE, column_of, complaints_about, names_columns
from groups.roster.domain.files import ADDRESS_LIMIT, KEY_LIMIT, LIMITS, CaregiverList, CaregiverRow
from groups.roster.domain.problems import Complaint, Problem, RosterRefusedError, refuse_if_needed
from groups.roster.domain.text import before_saved_twice, clean, damage_in, fold, of_another_machine
from portal.core.domain.addresses import fold_address, is_address

MEGABYTE: Final = 1_000_000
SIZE_LIMIT: Final = 10 * MEGABYTE
MOST_ROWS: Final = 20_000
"""A school of five thousand children has some nine thousand lines."""
SEPARATORS: Final = (";", ",", "\t")
LONGEST_QUOTE: Final = 60
NAMES: Final = ("first_name", "prefix", "last_name", "child_first_name", "child_prefix", "child_last_name")
PHONES: Final = ("mobile", "phone_at_home")
FEW: Final = 3
"""So many lost letters are named one by one: somebody typed a question mark. More have one cause."""
MOST_LINES: Final = 12

UNKNOWN_RELATION: Final = "verzorger"
RELATIONS: Final[Mapping[str, str]] = {
    "moeder": "moeder", "mother": "moeder",
    "vader": "vader", "father": "vader",
    "voogd": "voogd", "guardian": "voogd",
    "pleegouder": "pleegouder", "foster parent": "pleegouder",
    "verzorger": "verzorger", "caregiver": "verzorger", "": UNKNOWN_RELATION,
}  # fmt: skip
"""How the roster names a relation: the words of the school's own administration, which is what the school reads."""
AUTHORITIES: Final[Mapping[str, bool | None]] = {
    **dict.fromkeys(("ja", "j", "yes", "y", "waar", "true", "1"), True),
    **dict.fromkeys(("nee", "n", "no", "onwaar", "false", "0"), False),
    "": None,
}
_FORMULA = re.compile(r"[=@#]|[+-](?![\d.,\s()-]*$)")
_ADDITION = re.compile(r"-\w{1,6}")
_REMARK = re.compile(r"(\+?[\d(][\d\s().-]*\d)[\s,;:-]*\(?[^\W\d_][^\d=+@|!]*")
_DUTCH_DAY = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:\s+0{1,2}:00(?::00)?)?")
_MADE_A_DAY = re.compile(
    r"\d{1,2}-\d{1,2}-\d{4}|\d{1,2}-(?:jan|feb|mrt|apr|mei|jun|jul|aug|sep|okt|nov|dec)", re.IGNORECASE
)
WINDOWS: Final = "cp1252"
_UTF16 = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_ARCHIVE = b"PK\x03\x04"


def parse(content: bytes, *, file: str = "") -> CaregiverList:
    """Read a list of caregivers. Raises `RosterRefusedError` naming every line that cannot be taken over."""
    text, encoding = _decoded(content, file)
    lines = _Lines(text, file)
    sheet = Sheet(lines.headings, lines.rows, lines.first_line, is_guessed=encoding == WINDOWS)
    return read_sheet(sheet, file=file)


def in_short(lines: Sequence[str]) -> str:
    """The numbers of the first lines."""
    return ", ".join(lines[:MOST_LINES]) + (" …" if len(lines) > MOST_LINES else "")


class Sheet(NamedTuple):
    """A sheet as texts, wherever it came from: the headings, and each line below them with its number.

    `is_guessed`: it was read as Windows writes letters, and nothing in it says that it did.
    """

    headings: Sequence[str]
    rows: Iterator[tuple[int, Sequence[str]]]
    first_line: int = 1
    is_guessed: bool = False


def read_sheet(sheet: Sheet, *, file: str = "") -> CaregiverList:
    """Read the cells. Raises `RosterRefusedError` naming every column and line that cannot be taken over."""
    refuse_if_needed(
        Problem(complaint, file, sheet.first_line, facts={"column": title, "columns": title})
        for complaint, title in complaints_about(sheet.headings)
    )
    reading = _ReadingList(file, sheet)
    rows = tuple(reading.row(line, cells) for line, cells in _not_too_many(sheet.rows, file))
    refuse_if_needed(reading.causes)
    if not rows:
        raise RosterRefusedError([Problem(Complaint.NO_LINES, file)])
    return CaregiverList(file, rows, tuple(reading.problems))


def _not_too_many(rows: Iterator[tuple[int, Sequence[str]]], file: str) -> Iterator[tuple[int, Sequence[str]]]:
    """The lines with something on them."""
    filled = ((line, cells) for line, cells in rows if any(map(clean, cells)))
    for count, (line, cells) in enumerate(filled):
        if count == MOST_ROWS:
            raise RosterRefusedError([Problem(Complaint.TOO_MANY, file, line, facts={"limit": MOST_ROWS})])
        yield line, cells


def recognises(content: bytes) -> bool:
    """Whether one of the first lines looks like the headings of such a list."""
    try:
        return names_columns(_Lines(_decoded(content, "")[0], "").headings)
    except RosterRefusedError:
        return False


def _decoded(content: bytes, file: str) -> tuple[str, str]:
    """The text, and how its letters were written."""
    if complaint := _no_text(content):
        raise RosterRefusedError([Problem(complaint, file, facts={"limit": SIZE_LIMIT // MEGABYTE})])
    for encoding in _encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, encoding
    raise RosterRefusedError([Problem(Complaint.UNKNOWN_ENCODING, file)])


def _no_text(content: bytes) -> Complaint | None:
    if not content.strip():
        return Complaint.EMPTY
    if len(content) > SIZE_LIMIT:
        return Complaint.TOO_BIG
    return Complaint.WORKBOOK if content.startswith(_ARCHIVE) else None


def _encodings(content: bytes) -> Sequence[str]:
    if encoding := _UTF16.get(content[:2]):
        return (encoding,)
    if b"\0" in content[:2]:
        return ("utf-16-be",) if content[0] == 0 else ("utf-16-le",)
    return ("utf-8-sig", WINDOWS)


class _Lines:
    """The sheet as cells: finds the headings, and the separator by the columns that they name."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        first, _, rest = text.partition("\n")
        announced = first.strip().lower().startswith("sep=")
        self._text, self._skipped = (rest, 1) if announced else (text, 0)
        self.separator, self.headings = self._begin_at_headings()

    def _begin_at_headings(self) -> tuple[str, list[str]]:
        """Above them may stand a title, or nothing."""
        for above, (start, line) in enumerate(_first_lines(self._text)):
            separator, headings = _parted(line)
            if names_columns(headings):
                self._text = self._text[start:]
                self._skipped += above
                return separator, headings
        return SEPARATORS[0], []

    @property
    def first_line(self) -> int:
        return 1 + self._skipped

    @property
    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Every line below the headings with the number it starts on (a quoted cell may run over several)."""
        reader = csv.reader(io.StringIO(self._text, newline=""), delimiter=self.separator, strict=True)
        line = 1 + self._skipped
        try:
            for number, cells in enumerate(reader):
                if number:
                    yield line, cells
                line = reader.line_num + 1 + self._skipped
        except csv.Error:
            raise RosterRefusedError([Problem(Complaint.BROKEN_CSV, self.file, line)]) from None


def _first_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines among which the headings are sought, each with where it begins."""
    start = 0
    for _ in range(MOST_ABOVE):
        end = text.find("\n", start)
        yield start, text[start:end] if end >= 0 else text[start:]
        if end < 0:
            return
        start = end + 1


def _parted(line: str) -> tuple[str, list[str]]:
    """By the separator that finds the most columns."""
    cells = {one: [clean(cell.strip().strip('"')) for cell in line.split(one)] for one in SEPARATORS}
    separator = max(SEPARATORS, key=lambda one: len(set(map(column_of, cells[one])) - {None}))
    return separator, cells[separator]


class _Cell(NamedTuple):
    line: int
    column: str
    text: str


class _ReadingList:
    """One list on its way from cells to rows; gathers what is wrong, line by line."""

    def __init__(self, file: str, sheet: Sheet) -> None:
        self.file, self._is_guessed, headings = file, sheet.is_guessed, sheet.headings
        self.problems: list[Problem] = []
        self._columns = [column_of(heading) for heading in headings]
        self._titles = {column_of(heading): heading for heading in headings}
        self._damaged: set[tuple[int, str]] = set()
        self._key = ""
        self._abroad = 0
        self._twice: list[Problem] = []

    @property
    def causes(self) -> list[Problem]:
        """What is wrong, with what went wrong for the whole file said once."""
        if 2 * len(self._twice) > self._abroad:
            return self._twice[:1]
        lost = [each for each in self.problems if each.complaint is Complaint.LOST_LETTER]
        if len(lost) <= FEW:
            return self.problems
        lines = [str(line) for line in dict.fromkeys(each.line for each in lost)]
        facts = {**lost[0].facts, "count": len(lost), "lines": in_short(lines)}
        once = Problem(Complaint.LOST_LETTERS, self.file, lost[0].line, lost[0].key, facts)
        return [once, *(each for each in self.problems if each not in lost)]

    def row(self, line: int, cells: Sequence[str]) -> CaregiverRow:
        cells_by_column = self._cells(line, cells)
        birth = self._day(_Cell(line, "child_birth_on", cells_by_column.get("child_birth_on", "")))
        child = (
            cells_by_column.get("child_key", ""),
            cells_by_column.get("child_first_name", ""),
            _child_surname(cells_by_column),
            birth,
        )
        if not (child[0] or all(child[1:])) and self._empty(line, cells_by_column, "child_key"):
            self._object(Complaint.NO_CHILD, line)
        names = (
            cells_by_column.get("first_name", ""),
            cells_by_column.get("prefix", ""),
            cells_by_column.get("last_name", ""),
        )
        if self._empty(line, cells_by_column, "first_name", "last_name"):
            self._object(Complaint.NO_NAME, line)
        return CaregiverRow(
            *child,
            *names,
            email=self._email(_Cell(line, "email", cells_by_column.get("email", ""))),
            relation=self._relation(_Cell(line, "relation", cells_by_column.get("relation", ""))),
            authority=self._authority(_Cell(line, "authority", cells_by_column.get("authority", ""))),
            line=line,
            daily=AUTHORITIES.get(cells_by_column.get("daily", "").casefold()) is True,
            secret=AUTHORITIES.get(cells_by_column.get("secret", "").casefold(), True) is True,
            postal_address=_postal_address(cells_by_column),
            phone=_phone(cells_by_column),
        )

    def _cells(self, line: int, cells: Sequence[str]) -> dict[str, str]:
        expected = len(self._columns)
        if len(cells) < expected or any(map(clean, cells[expected:])):
            self._object(Complaint.WRONG_CELL_COUNT, line, found=len(cells), expected=expected)
        pairs = zip(self._columns, cells, strict=False)
        texts = {column: clean(cell) for column, cell in pairs if column}
        self._key = texts.get("child_key", "")[:KEY_LIMIT]
        self._spell(line, cells)
        return {column: self._sound(_Cell(line, column, text)) for column, text in texts.items()}

    def _spell(self, line: int, cells: Sequence[str]) -> None:
        """Notes which cells were saved twice, of those with letters that can show it."""
        for cell in cells:
            self._abroad += not cell.isascii()
            if (meant := clean(before_saved_twice(cell))) != clean(cell):
                facts = {"value": clean(cell)[:LONGEST_QUOTE], "meant": meant[:LONGEST_QUOTE]}
                self._twice.append(Problem(Complaint.SAVED_TWICE, self.file, line, self._key, facts))

    def _sound(self, cell: _Cell) -> str:
        """The text of the cell, or nothing when it is damaged; a lone dash is how people write "nothing"."""
        cell = _without_remark(cell)
        limit = LIMITS.get(cell.column, ADDRESS_LIMIT)
        if _is_formula(cell):
            self._object(Complaint.FORMULA, cell.line, value=cell.text[:LONGEST_QUOTE])
        elif cell.column in ("number", "addition") and _MADE_A_DAY.fullmatch(cell.text):
            title = self._titles[cell.column]
            self._object(Complaint.MADE_A_DAY, cell.line, column=title, value=cell.text[:LONGEST_QUOTE])
        elif damage := damage_in(cell.text):
            title = self._titles[cell.column]
            self._object(damage, cell.line, column=title, value=cell.text[:LONGEST_QUOTE])
        elif self._is_guessed and cell.column in NAMES and of_another_machine(cell.text):
            self._object(Complaint.LOST_LETTER, cell.line, value=cell.text[:LONGEST_QUOTE])
        elif len(cell.text) > limit:
            self._object(Complaint.TOO_LONG, cell.line, column=self._titles[cell.column], limit=limit)
        else:
            return "" if cell.text == "-" else cell.text
        self._damaged.add((cell.line, cell.column))
        return ""

    def _empty(self, line: int, row: Mapping[str, str], *columns: str) -> bool:
        """Whether a cell that must be filled is empty; a damaged one already has its complaint."""
        return any(not row.get(column) and (line, column) not in self._damaged for column in columns)

    def _object(self, complaint: Complaint, line: int, **facts: object) -> None:
        self.problems.append(Problem(complaint, self.file, line, self._key, facts))

    def _email(self, cell: _Cell) -> str:
        address = fold_address(cell.text)
        if address and not is_address(address):
            self._object(Complaint.BAD_ADDRESS, cell.line, value=cell.text[:LONGEST_QUOTE])
        return address

    def _relation(self, cell: _Cell) -> str:
        relation = RELATIONS.get(fold(cell.text))
        if relation is None:
            self._object(Complaint.UNKNOWN_RELATION, cell.line, value=cell.text[:LONGEST_QUOTE])
        return relation or UNKNOWN_RELATION

    def _authority(self, cell: _Cell) -> bool | None:
        answer = cell.text.casefold()
        if answer not in AUTHORITIES:
            self._object(Complaint.BAD_AUTHORITY, cell.line, value=cell.text[:LONGEST_QUOTE])
        return AUTHORITIES.get(answer)

    def _day(self, cell: _Cell) -> date | None:
        day = day_of(cell.text)
        if cell.text and day is None:
            self._object(Complaint.BAD_DATE, cell.line, value=cell.text[:LONGEST_QUOTE])
        return day


def _without_remark(cell: _Cell) -> _Cell:
    """Of "+31 6 12345678 (werk)" the number: it is dialled as it stands."""
    remarked = cell.column in PHONES and _REMARK.fullmatch(cell.text)
    return cell._replace(text=remarked[1]) if remarked else cell


def _is_formula(cell: _Cell) -> bool:
    """A lone dash is none, nor is the addition of a house number: 12-H."""
    is_addition = cell.column == "addition" and _ADDITION.fullmatch(cell.text)
    return bool(_FORMULA.match(cell.text)) and cell.text != "-" and not is_addition


def _postal_address(row: Mapping[str, str]) -> str | None:
    """Two lines as on an envelope; half an address is none, and a list without these columns says nothing."""
    if "street" not in row or "place" not in row:
        return None
    if not (row["street"] and row["place"]):
        return ""
    lines = (("street", "number", "addition"), ("postcode", "place"))
    return "\n".join(" ".join(filter(None, (row.get(column, "") for column in line))) for line in lines)


def _phone(row: Mapping[str, str]) -> str | None:
    """The mobile number, or else the one at home; a list without these columns says nothing."""
    if "mobile" not in row and "phone_at_home" not in row:
        return None
    return _dialled(row.get("mobile") or row.get("phone_at_home", ""))


def _dialled(number: str) -> str:
    """The number as one dials it: a spreadsheet that counts it loses the nought, or the plus, in front.

    Example: 612345678 is 0612345678, and 31612345678 is +31612345678.
    """
    digits = "".join(filter(str.isdigit, number))
    if not number[:1].isdigit() or digits.startswith("0"):
        return number
    if len(digits) == len("612345678"):
        return f"0{number}"
    return f"+{number}" if len(digits) == len("31612345678") and digits.startswith("31") else number


def _child_surname(row: Mapping[str, str]) -> str:
    return clean(f"{row.get('child_prefix', '')} {row.get('child_last_name', '')}")


def day_of(text: str) -> date | None:
    """A day as a Dutch or an international spreadsheet writes it."""
    match = _DUTCH_DAY.fullmatch(text)
    try:
        return date(int(match[3]), int(match[2]), int(match[1])) if match else date.fromisoformat(text[:10])
    except ValueError:
        return None
