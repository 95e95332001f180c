"""The list of caregivers as a workbook: read like the CSV, refused when it is not what it seems."""

import io
from datetime import date, datetime

import pytest
from openpyxl import load_workbook

from groups.roster.domain import caregivers, workbook
from groups.roster.domain.problems import Complaint, RosterRefusedError
from tests.groups.rosterfiles import HEADINGS, Parent, csv_of
from tests.groups.workbooks import bomb, edited, locked, repacked, workbook_of
from tests.groups.workbooks import workbook as make

MOTHER = Parent("L1", "Karima", "karima@thuis.example")
FATHER = Parent("L1", "Said", "said@thuis.example", relation="vader", authority="")
BY_NAME = ("Roepnaam", "Achternaam", "Geboortedatum", *HEADINGS[1:])


def refusal(content: bytes) -> list[Complaint]:
    with pytest.raises(RosterRefusedError) as refused:
        workbook.parse(content, file="lijst.xlsx")
    return [problem.complaint for problem in refused.value.problems]


def test_the_same_rows_as_the_csv():
    assert workbook.parse(workbook_of([MOTHER, FATHER])).rows == caregivers.parse(csv_of([MOTHER, FATHER])).rows


@pytest.mark.parametrize("day", [date(2018, 12, 31), datetime(2018, 12, 31), "31-12-2018", "2018-12-31"])  # noqa: DTZ001
def test_days_are_days_however_excel_kept_them(day):
    rows = [BY_NAME, ("Noor", "Bouzid", day, *MOTHER.cells[1:])]
    assert workbook.parse(make(rows)).rows[0].child_birth_on == date(2018, 12, 31)


@pytest.mark.parametrize(("kept", "read"), [(12345, "12345"), (12345.0, "12345"), ("0012", "0012")])
def test_a_pupil_number_may_be_a_number(kept, read):
    assert workbook.parse(make([HEADINGS, (kept, *MOTHER.cells[1:])])).rows[0].child_key == read


@pytest.mark.parametrize(
    ("kept", "read"),
    [
        (612345678, "0612345678"),
        ("612345678", "0612345678"),
        ("6-12345678", "06-12345678"),
        (592123456, "0592123456"),
        (31612345678, "+31612345678"),
        ("06-12345678", "06-12345678"),
        ("+31 6 12345678", "+31 6 12345678"),
        ("0031612345678", "0031612345678"),
        (112, "112"),
        ("+31 6 12345678 (werk)", "+31 6 12345678"),
        ("06-12345678 werk, na zessen", "06-12345678"),
        ("612345678 (opa)", "0612345678"),
    ],
)
def test_a_number_to_phone_can_be_dialled_also_where_the_sheet_counted_it(kept, read):
    """A spreadsheet takes 0612345678 for a number, and writes it without the nought or the plus."""
    assert workbook.parse(make([(*HEADINGS, "Mobiel"), (*MOTHER.cells, kept)])).rows[0].phone == read


@pytest.mark.parametrize("typed", ["+12-cmd|calc", "+12 A1!B2", "=12", "+cmd", "-12 @x"])
def test_a_formula_is_no_remark_beside_a_number(typed):
    assert refusal(make([(*HEADINGS, "Mobiel"), (*MOTHER.cells, typed)])) == [Complaint.FORMULA]


def test_lines_that_a_filter_hid_are_read_and_told():
    """Who filtered on a group may think that the list holds that group alone."""
    book = load_workbook(io.BytesIO(workbook_of([MOTHER, FATHER, MOTHER])))
    book.active.row_dimensions[3].hidden = True
    book.active.row_dimensions[9].hidden = True
    stream = io.BytesIO()
    book.save(stream)
    listed = workbook.parse(stream.getvalue(), file="lijst.xlsx")
    assert [row.line for row in listed.rows] == [2, 3, 4]
    [told] = listed.problems
    assert (told.complaint, dict(told.facts)) == (Complaint.HIDDEN_LINES, {"count": 1, "lines": "3"})
    assert workbook.parse(workbook_of([MOTHER])).problems == ()


AT_HOME = (*HEADINGS, "Straat", "Huisnummer", "Toevoeging", "Postcode", "Plaats")


def test_the_addition_of_a_house_may_begin_with_a_dash():
    """In Amsterdam people live at 12-H: administrations keep that as -H, or as -hs."""
    listed = make([AT_HOME, (*MOTHER.cells, "Kinkerstraat", 12, "-H", "1053 AB", "Amsterdam")])
    assert workbook.parse(listed).rows[0].postal_address == "Kinkerstraat 12 -H\n1053 AB Amsterdam"
    for formula in ("-H!A1", "-cmd|calc", "=H1", "-1+1"):
        assert refusal(make([AT_HOME, (*MOTHER.cells, "Laan", 1, formula, "1053 AB", "Dorp")])) == [Complaint.FORMULA]


@pytest.mark.parametrize("made", [date(2026, 5, 3), "3-mei", "03-05-2026"])
@pytest.mark.parametrize("column", [1, 2])
def test_a_house_number_that_the_sheet_took_for_a_day_is_not_printed_on_a_letter(made, column):
    """Of "3-5" a spreadsheet makes the third of May."""
    at = ["Laan", 1, "", "1053 AB", "Dorp"]
    at[column] = made
    assert refusal(make([AT_HOME, (*MOTHER.cells, *at)])) == [Complaint.MADE_A_DAY]
    assert workbook.parse(make([AT_HOME, (*MOTHER.cells, "Laan", "3-5", "1-B", "1053 AB", "Dorp")])).problems == ()


def test_empty_cells_rows_and_columns_do_not_count():
    rows = [
        (*HEADINGS, None, None),
        (*MOTHER.cells[:6], "ja", None, None),
        (None,) * 9,
        FATHER.cells[:6],
        (),
        ("",) * 7,
    ]
    assert [(row.first_name, row.authority, row.line) for row in workbook.parse(make(rows)).rows] == [
        ("Karima", True, 2),
        ("Said", None, 4),
    ]


def test_empty_lines_above_the_headings_are_passed_over():
    read = workbook.parse(make([(), ("",), HEADINGS, MOTHER.cells]))
    assert [row.line for row in read.rows] == [4]


def test_only_the_first_sheet_is_read():
    assert len(workbook.parse(make([HEADINGS, MOTHER.cells], more_sheets=2)).rows) == 1


def test_a_sheet_that_nobody_sees_is_not_the_first():
    """An export keeps its lists of choices on a hidden sheet before the list itself."""
    book = load_workbook(io.BytesIO(make([HEADINGS, MOTHER.cells])))
    book.create_sheet("Keuzelijsten", 0).append(["ja", "nee"])
    book.worksheets[0].sheet_state = "hidden"
    stream = io.BytesIO()
    book.save(stream)
    assert [row.first_name for row in workbook.parse(stream.getvalue()).rows] == ["Karima"]


@pytest.mark.parametrize("value", ["=1+1", '=HYPERLINK("http://evil.example")', "@SUM(A1)", "+1+cmd|' /C calc'!A0"])
def test_a_formula_is_refused_with_its_line(value):
    content = edited(workbook_of([FATHER, MOTHER]), B3=value)
    with pytest.raises(RosterRefusedError) as refused:
        workbook.parse(content, file="lijst.xlsx")
    assert [(each.complaint, each.line, each.file) for each in refused.value.problems] == [
        (Complaint.FORMULA, 3, "lijst.xlsx")
    ]


def test_wrong_and_forbidden_columns_are_refused():
    assert refusal(make([HEADINGS[:-1], MOTHER.cells[:-1]])) == [Complaint.MISSING_COLUMN]
    assert refusal(make([(*HEADINGS, "BSN"), (*MOTHER.cells, "1")])) == [Complaint.FORBIDDEN_COLUMN]


def test_an_empty_workbook():
    assert refusal(make([])) == [Complaint.EMPTY]


def test_a_title_may_stand_above_the_headings():
    made = make([("Verzorgers van De Proef", "november"), (), HEADINGS, MOTHER.cells])
    assert [(row.first_name, row.line) for row in workbook.parse(made).rows] == [("Karima", 4)]
    assert refusal(make([("Verzorgers", "e-mail"), MOTHER.cells])) == [Complaint.NO_HEADINGS]
    assert refusal(make([HEADINGS])) == [Complaint.NO_LINES]


def test_a_bomb_is_not_opened(monkeypatch):
    def opened(*_: object, **__: object) -> None:
        raise AssertionError("a bomb was opened")

    content = bomb(100)
    assert len(content) < 1_000_000
    monkeypatch.setattr(workbook, "load_workbook", opened)
    assert refusal(content) == [Complaint.TOO_HEAVY]


def test_many_parts_are_refused(monkeypatch):
    monkeypatch.setattr(workbook, "MOST_PARTS", 5)
    assert refusal(workbook_of([MOTHER])) == [Complaint.TOO_HEAVY]


HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


@pytest.mark.parametrize(
    ("sheet", "complaint"),
    [
        (HEAD + b'<row r="999999999999"><c r="A1"><v>1</v></c></row></sheetData></worksheet>', Complaint.TOO_HEAVY),
        (HEAD + b'<row r="1"><c r="ZZZ1"><v>1</v></c></row></sheetData></worksheet>', Complaint.TOO_HEAVY),
        (b'<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]>' + HEAD + b"&b;</sheetData></worksheet>", None),
        (HEAD + b"<row", None),
        (b"", None),
    ],
    ids=["a row far away", "a cell far away", "entities", "torn", "nothing"],
)
def test_a_hostile_sheet_is_refused(sheet, complaint, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_CELLS", 10_000)
    assert refusal(repacked(workbook_of([MOTHER]), sheet1=sheet)) == [complaint or Complaint.WORKBOOK]


@pytest.mark.parametrize("part", ["workbook", "sheet1", "[Content_Types]"])
def test_a_part_is_missing(part):
    assert refusal(repacked(workbook_of([MOTHER]), drop=part)) == [Complaint.WORKBOOK]


def test_a_torn_file_and_another_zip_file():
    content = workbook_of([MOTHER])
    assert refusal(content[: len(content) // 2]) == [Complaint.WORKBOOK]
    assert refusal(repacked(content, drop="workbook", sheet1=b"x")) == [Complaint.WORKBOOK]


def test_a_workbook_with_a_password():
    old_kind = workbook.LOCKED + bytes(500) + workbook.LOCKED_PART + bytes(500)
    assert workbook.is_workbook(old_kind)
    assert refusal(old_kind) == [Complaint.LOCKED_WORKBOOK]
    assert refusal(locked(workbook_of([MOTHER]))) == [Complaint.LOCKED_WORKBOOK]
