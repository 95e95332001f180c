"""The list of caregivers as spreadsheets really write it, and what refuses it line by line."""

import csv
import io
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from groups.roster.domain import caregivers
from groups.roster.domain.files import CaregiverRow
from groups.roster.domain.problems import Complaint, RosterRefusedError
from groups.roster.domain.text import before_saved_twice, of_another_machine
from tests.groups.rosterfiles import HEADINGS, Parent, csv_of, sample

GOOD = ["L1", "Karima", "el", "Amrani", "karima@thuis.example", "moeder", "ja"]
ROW = CaregiverRow("L1", "", "", None, "Karima", "el", "Amrani", "karima@thuis.example", "moeder", True, 2)


def written(*rows: list[str], headings=HEADINGS, separator=";", encoding="utf-8-sig", end="\r\n") -> bytes:
    file = io.StringIO()
    csv.writer(file, delimiter=separator, lineterminator=end).writerows([headings, *rows])
    return file.getvalue().encode(encoding)


def complaints(content: bytes) -> list[tuple[Complaint, int | None, str]]:
    with pytest.raises(RosterRefusedError) as refused:
        caregivers.parse(content)
    return [(problem.complaint, problem.line, problem.key) for problem in refused.value.problems]


def having(**cells: str) -> list[str]:
    places = {"child": 0, "first": 1, "prefix": 2, "last": 3, "email": 4, "relation": 5, "authority": 6}
    row = list(GOOD)
    for name, text in cells.items():
        row[places[name]] = text
    return row


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_parse_reads_every_spelling(encoding, separator, end):
    content = written(GOOD, [""] * 7, [""] * 7, separator=separator, encoding=encoding, end=end)
    assert caregivers.parse(content).rows == (ROW,)


def test_parse_skips_the_separator_line_of_excel():
    content = b"sep=,\r\n" + written(GOOD, separator=",", encoding="utf-8")
    assert [(row.first_name, row.line) for row in caregivers.parse(content).rows] == [("Karima", 3)]


@pytest.mark.parametrize(
    "above", ["\r\n", "Verzorgers;De Proef\r\n\r\n", "sep=,\r\nVerzorgers\r\n", "De Proef, e-mail\n"]
)
@pytest.mark.parametrize("separator", [";", ","])
def test_a_title_or_an_empty_line_may_stand_above_the_headings(above, separator):
    content = above.encode() + written(GOOD, separator=separator, encoding="utf-8")
    assert caregivers.recognises(content)
    assert [(row.first_name, row.line) for row in caregivers.parse(content).rows] == [("Karima", above.count("\n") + 2)]


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("René", "mac-roman"), ("Zoë", "mac-roman"), ("Loïs", "mac-roman"), ("Zoë", "cp850"), ("Göl", "cp850")],
)
def test_a_list_of_a_mac_or_ms_dos_is_refused(name, encoding):
    """Its names came in with other letters, and went onto letters so."""
    assert Complaint.LOST_LETTER in {
        named for named, _, _ in complaints(written(having(first=name), encoding=encoding))
    }


@pytest.mark.parametrize("name", ["René", "Zoë", "d’Ancona", "‘t Hof", "ŠIMŽEK", "Živa Škoda"])
def test_a_list_of_windows_is_read(name):
    assert caregivers.parse(written(having(last=name), encoding="cp1252")).rows[0].last_name == name


def test_signs_outside_names_and_in_utf_8_are_left_alone():
    assert caregivers.parse(written(having(last="Bos “Bob”"), encoding="utf-8")).rows[0].last_name == "Bos “Bob”"
    headings, row = [*HEADINGS, "straat", "plaats"], [*having(last="Bös"), "’t Hof 3 § 2", "Dorp"]
    assert caregivers.parse(written(row, headings=headings, encoding="cp1252")).rows[0].postal_address


@pytest.mark.parametrize(
    "headings",
    [
        ["Leerlingnummer", "Verzorger voornaam", "Verzorger tussenvoegsel", "Verzorger achternaam", "E-mail", "Relatie",
         "Wettelijk gezag"],
        ["pupil_number", "caregiver first name", "caregiver prefix", "caregiver last name", "E-MAIL ADDRESS",
         "relation", "legal authority"],
    ],
)  # fmt: skip
def test_parse_matches_headings_loosely(headings):
    assert caregivers.parse(written(GOOD, headings=headings)).rows == (ROW,)


def test_parse_takes_a_child_by_name_and_birthday():
    headings = ["Roepnaam", "Achternaam", "Geboortedatum", *HEADINGS[1:]]
    content = written(["Noor", "van den Berg", "31-12-2018", *GOOD[1:]], ["Sem", "Vos", "2018-12-31", *GOOD[1:]],
                      headings=headings)  # fmt: skip
    found = [(row.child_first_name, row.child_last_name, row.child_birth_on) for row in caregivers.parse(content).rows]
    assert found == [("Noor", "van den Berg", date(2018, 12, 31)), ("Sem", "Vos", date(2018, 12, 31))]


def test_parse_ignores_columns_it_does_not_know():
    content = written([*GOOD, "=1+1"], headings=[*HEADINGS, "opmerking"])
    assert caregivers.parse(content).rows == (ROW,)


def test_a_quoted_cell_may_hold_quotes_separators_and_line_ends():
    rows = caregivers.parse(written(having(last='de "Grote";\nBoer'), GOOD)).rows
    assert [(row.last_name, row.line) for row in rows] == [('de "Grote"; Boer', 2), ("Amrani", 4)]


def test_addresses_are_folded_and_may_have_accents():
    assert (
        caregivers.parse(written(having(email=" Ömer.BOER@Thuis.Example "))).rows[0].email == "ömer.boer@thuis.example"
    )


@pytest.mark.parametrize(
    ("answer", "authority"),
    [("ja", True), ("JA", True), ("j", True), ("yes", True), ("1", True), ("nee", False), ("no", False), ("", None),
     ("-", None)],
)  # fmt: skip
def test_authority_is_yes_no_or_not_known(answer, authority):
    assert caregivers.parse(written(having(authority=answer))).rows[0].authority is authority


def test_an_unknown_relation_is_reported_and_the_row_kept():
    found = caregivers.parse(written(having(relation="buurvrouw")))
    assert [(problem.complaint, problem.line) for problem in found.problems] == [(Complaint.UNKNOWN_RELATION, 2)]
    assert found.rows[0].relation == "verzorger"


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (having(email="karima at thuis"), Complaint.BAD_ADDRESS),
        (having(email="a@b.example; c@d.example"), Complaint.BAD_ADDRESS),
        (having(relation='=HYPERLINK("http://x.example","klik")'), Complaint.FORMULA),
        (having(first="@SUM(A1)"), Complaint.FORMULA),
        (having(last="+cmd|calc"), Complaint.FORMULA),
        (having(last="-cmd|calc"), Complaint.FORMULA),
        (having(first="#N/B"), Complaint.FORMULA),
        (having(last="#VERW!"), Complaint.FORMULA),
        (having(authority="misschien"), Complaint.BAD_AUTHORITY),
        (having(last="Nguy?n"), Complaint.LOST_LETTER),
        (having(email="nguy?n@thuis.example"), Complaint.LOST_LETTER),
        (having(last="Nguy\ufffdn"), Complaint.LOST_LETTER),
        (having(last="Be\u202erg"), Complaint.HIDDEN_CHARACTER),
        (having(last="x" * 101), Complaint.TOO_LONG),
        (having(first=""), Complaint.NO_NAME),
        (having(child=""), Complaint.NO_CHILD),
        (GOOD[:-1], Complaint.WRONG_CELL_COUNT),
        ([*GOOD, "meer"], Complaint.WRONG_CELL_COUNT),
        (having(email="moeder", relation="karima@thuis.example"), Complaint.BAD_ADDRESS),
    ],
)
def test_a_bad_cell_refuses_the_list_with_its_line(row, complaint):
    found = complaints(written(GOOD, row, GOOD))
    assert {line for _, line, _ in found} == {3}
    assert complaint in [named for named, _, _ in found]


def test_every_bad_line_is_named_at_once():
    found = complaints(written(having(email="x"), GOOD, having(authority="x"), having(child="L2", last="")))
    assert found == [
        (Complaint.BAD_ADDRESS, 2, "L1"),
        (Complaint.BAD_AUTHORITY, 4, "L1"),
        (Complaint.NO_NAME, 5, "L2"),
    ]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", Complaint.EMPTY),
        (b" \r\n\r\n", Complaint.EMPTY),
        (b"PK\x03\x04rest of a workbook", Complaint.WORKBOOK),
        (written(), Complaint.NO_LINES),
        (written([""] * 7), Complaint.NO_LINES),
        (b"L1;Karima;el;Amrani;karima@thuis.example;moeder;ja", Complaint.NO_HEADINGS),
        (b"relatie\r\nmoeder", Complaint.NO_HEADINGS),
        (written(GOOD, headings=[*HEADINGS[:-1], "overig"]), Complaint.MISSING_COLUMN),
        (written(GOOD, headings=["nummer", *HEADINGS[1:]]), Complaint.MISSING_COLUMN),
        (written([*GOOD, "x"], headings=[*HEADINGS, "E-mail"]), Complaint.DOUBLE_COLUMN),
        (written([*GOOD, "123456782"], headings=[*HEADINGS, "BSN"]), Complaint.FORBIDDEN_COLUMN),
        (written([*GOOD, "123456782"], headings=[*HEADINGS, "Onderwijsnummer"]), Complaint.FORBIDDEN_COLUMN),
        (written(GOOD) + b'"Sem;nooit gesloten', Complaint.BROKEN_CSV),
        (written(GOOD) + b"\0", Complaint.UNKNOWN_ENCODING),
        (written(GOOD, encoding="utf-8") + b"\x81\x8d", Complaint.UNKNOWN_ENCODING),
    ],
)
def test_a_file_that_is_no_such_list_is_refused(content, complaint):
    assert {named for named, _, _ in complaints(content)} == {complaint}


def test_a_list_beyond_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(caregivers, "SIZE_LIMIT", 1000)
    assert complaints(written(*[GOOD] * 30)) == [(Complaint.TOO_BIG, None, "")]


def test_twenty_thousand_lines_are_read_and_fifty_thousand_are_refused():
    assert len(caregivers.parse(written(*[GOOD] * 20_000)).rows) == 20_000
    assert complaints(written(*[GOOD] * 50_000)) == [(Complaint.TOO_MANY, 20_002, "")]


@pytest.mark.parametrize("name", ["99XX-2026-2027-verzorgers", "99XX-2027-2028-verzorgers",
                                  "99XX-2026-2027-verzorgers-shared-and-missing-address"])  # fmt: skip
def test_whole_samples_have_no_problem(name):
    found = caregivers.parse(sample(f"{name}.csv").read_bytes())
    assert (len(found.rows) > 300, found.problems) == (True, ())


def test_what_the_windows_1252_sample_lost_is_one_cause_with_its_lines():
    with pytest.raises(RosterRefusedError) as refused:
        caregivers.parse(sample("broken/verzorgers-windows-1252.csv").read_bytes())
    [once] = refused.value.problems
    assert (once.complaint, once.line, once.key) == (Complaint.LOST_LETTERS, 9, "L0005")
    assert (once.facts["value"], once.facts["count"]) == ("Nguy?n", 56)
    assert str(once.facts["lines"]).startswith("9, 36, 64, ")


def test_a_few_lost_letters_keep_their_own_line_beside_what_else_is_wrong():
    lost = having(last="Nguy?n")
    assert [line for _, line, _ in complaints(written(lost, lost, GOOD, lost))] == [2, 3, 5]
    assert complaints(written(*[lost] * 4, having(email="x"))) == [
        (Complaint.LOST_LETTERS, 2, "L1"),
        (Complaint.BAD_ADDRESS, 6, "L1"),
    ]


def saved_again(text: str) -> str:
    """As a program does that takes UTF-8 for Windows-1252; what that leaves open is written through."""
    return "".join(
        chr(one) if one in {0x81, 0x8D, 0x8F, 0x90, 0x9D} else bytes([one]).decode("cp1252") for one in text.encode()
    )


@pytest.mark.parametrize("times", [1, 2])
def test_a_list_saved_in_utf_8_twice_is_refused_once(times):
    """Read as it stands "Ömer" comes in as "Ã–mer", and his mail goes to an address that is nobody's."""
    text = written(
        GOOD, having(first="Ömer", email="ömer@thuis.example"), having(last="Nguyễn"), having(last="à Campo")
    )
    for _ in range(times):
        text = saved_again(text.decode("utf-8-sig")).encode()
    with pytest.raises(RosterRefusedError) as refused:
        caregivers.parse(text)
    [once] = refused.value.problems
    assert (once.complaint, once.line, once.facts["meant"]) == (Complaint.SAVED_TWICE, 3, "Ömer")


def test_one_name_that_looks_like_it_among_others_is_read():
    """“ÍŽ” is also how a letter saved twice may look."""
    rows = [having(last="KNÍŽEK"), having(last="Núñez"), having(last="Müller")]
    assert [row.last_name for row in caregivers.parse(written(*rows)).rows] == ["KNÍŽEK", "Núñez", "Müller"]


WORDS = st.text(st.characters(codec="cp1252", categories=("L",)), min_size=1, max_size=12)


def is_utf8(content: bytes) -> bool:
    """Whether bytes of another encoding happen to be UTF-8 too; then nobody can tell."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


PEOPLE = st.lists(st.builds(Parent, child=st.sampled_from(["L1", "L2"]), first=WORDS, last=WORDS,
                            authority=st.sampled_from(["ja", "nee", ""])), min_size=1, max_size=6)  # fmt: skip


@given(PEOPLE, st.sampled_from([";", ",", "\t"]), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))
def test_what_a_spreadsheet_writes_is_what_is_read(people, separator, encoding):
    content = csv_of(people, separator=separator).decode().encode(encoding)
    assume(not any(of_another_machine(name) for one in people for name in (one.first, one.last)))
    assume(encoding != "cp1252" or content.isascii() or not is_utf8(content))
    assume(all(before_saved_twice(name) == name for one in people for name in (one.first, one.last)))
    found = [(row.child_key, row.first_name, row.last_name) for row in caregivers.parse(content).rows]
    assert found == [(one.child, one.first, one.last) for one in people]


@given(st.binary(max_size=400))
def test_random_bytes_are_refused_and_nothing_else(content):
    with pytest.raises(RosterRefusedError) as refused:
        caregivers.parse(content)
    assert refused.value.problems


@given(st.data())
def test_a_damaged_list_is_read_or_refused(data):
    content = bytearray(written(GOOD, having(child="L2")))
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=10))
    with suppress(RosterRefusedError):
        caregivers.parse(bytes(content))
