"""EDEXML in and rows out: both spellings, any order; anything else a clear refusal with its line."""

import io
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groups.roster.domain import edexml, elements
from groups.roster.domain.files import GroupRow, PupilRow, RosterFile, StaffRow
from groups.roster.domain.problems import Complaint, RosterRefusedError
from tests.groups.rosterfiles import Edex, Pupil, Teacher, sample

NAMESPACE = "http://www.edustandaard.nl/leerresultaten/2/leerlinggegevens"
UWLR = f"""<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:leer="{NAMESPACE}"><s:Body>
<leer:leerlinggegevens_antwoord><leer:leerlinggegevens>
<leer:leerlingen>
  <leer:leerling key="L1" eckid="geheim">
    <leer:groep key="G4"/><leer:jaargroep>4</leer:jaargroep>
    <leer:samengestelde_groepen><leer:samengestelde_groep key="S1"/></leer:samengestelde_groepen>
    <leer:geboortedatum>2018-03-01T00:00:00</leer:geboortedatum>
    <leer:bsn>123456782</leer:bsn><leer:straatnaam>Dorpsstraat</leer:straatnaam><leer:nationaliteit/>
    <leer:roepnaam>Noor</leer:roepnaam><leer:voorvoegsel>van den</leer:voorvoegsel>
    <leer:achternaam>Berg</leer:achternaam>
  </leer:leerling>
</leer:leerlingen>
<leer:school><leer:brincode>99xx</leer:brincode><leer:schooljaar>2026-2027</leer:schooljaar>
<leer:peildatum>2026-10-01</leer:peildatum></leer:school>
<leer:groepen><leer:samengestelde_groep key="S1"><leer:naam>Plusklas</leer:naam></leer:samengestelde_groep>
<leer:groep key="G4"><leer:naam> Groep  4 </leer:naam><leer:jaargroep>4</leer:jaargroep></leer:groep></leer:groepen>
<leer:leerkrachten><leer:leerkracht key="T1"><leer:roepnaam>Anna</leer:roepnaam><leer:achternaam>Bos</leer:achternaam>
<leer:emailadres>Anna@School.example</leer:emailadres><leer:rolomschrijving>intern begeleider</leer:rolomschrijving>
<leer:groepen><leer:groep key="G4"/><leer:samengestelde_groep key="S1"/></leer:groepen>
</leer:leerkracht></leer:leerkrachten>
</leer:leerlinggegevens></leer:leerlinggegevens_antwoord></s:Body></s:Envelope>""".encode()


def complaints(content: bytes) -> list[tuple[Complaint, int | None, str]]:
    with pytest.raises(RosterRefusedError) as refused:
        edexml.parse(content)
    return [(problem.complaint, problem.line, problem.key) for problem in refused.value.problems]


def refuse_or_read(content: bytes) -> None:
    """Anything but a refusal fails the test."""
    with suppress(RosterRefusedError):
        edexml.parse(content)


def test_parse_reads_the_uwlr_answer_in_any_order():
    assert edexml.parse(UWLR, file="uwlr.xml") == RosterFile(
        file="uwlr.xml",
        school_year=2026,
        brin="99XX",
        dependance="00",
        reference_day=date(2026, 10, 1),
        groups=(GroupRow("S1", "Plusklas", "", True, 16), GroupRow("G4", "Groep 4", "4", False, 17)),
        pupils=(PupilRow("L1", "Noor", "van den", "Berg", date(2018, 3, 1), "4", "G4", ("S1",), 5),),
        staff=(
            StaffRow("T1", "Anna", "", "Bos", "anna@school.example", "", "intern begeleider", ("G4",), ("S1",), 18),
        ),
    )


def test_parse_keeps_nothing_of_what_kring_has_no_purpose_for():
    said = repr(edexml.parse(UWLR))
    assert not [word for word in ("123456782", "Dorpsstraat", "geheim") if word in said]


@pytest.mark.parametrize("year", [2026, 2027])
def test_the_plain_and_the_uwlr_sample_say_the_same(year):
    plain, uwlr = (sample(f"99XX-{year}-{year + 1}.{kind}.xml") for kind in ("edex", "uwlr"))
    said = [edexml.parse(path.read_bytes()) for path in (plain, uwlr)]
    without_lines = [
        sorted(row[:-1] for row in map(lambda row: tuple(vars(row).values()), (*one.groups, *one.pupils, *one.staff)))
        for one in said
    ]
    assert without_lines[0] == without_lines[1]
    assert (len(said[0].groups), len(said[0].staff), said[0].problems) == (11, 11, ())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("duplicate-pupil-key", [(Complaint.DUPLICATE_KEY, 63, "L0001")]),
        ("entity-bomb", [(Complaint.FORBIDDEN_XML, 2, "")]),
        ("external-entity", [(Complaint.FORBIDDEN_XML, 2, "")]),
        ("not-xml", [(Complaint.NOT_XML, 1, "")]),
        ("truncated", [(Complaint.BROKEN_XML, 897, "")]),
    ],
)
def test_broken_samples_are_refused_with_their_line(name, expected):
    assert complaints(sample(f"broken/{name}.edex.xml").read_bytes()) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", [(Complaint.EMPTY, None, "")]),
        (b"<html/>", [(Complaint.WRONG_ROOT, 1, "")]),
        (b"<EDEX/>", [(Complaint.NO_SCHOOL, None, "")]),
        (b"<EDEX>" + b"<a>" * 40, [(Complaint.BROKEN_XML, 1, "")]),
        (b'<?xml version="1.0" encoding="klingon"?><EDEX/>', [(Complaint.NOT_XML, 1, "")]),
        (bytes(Edex(year=2026)).replace(b"2026-2027", b"2026-2028"), [(Complaint.BAD_SCHOOL_YEAR, 1, "")]),
        (bytes(Edex(brin="")), [(Complaint.NO_SCHOOL, 1, "")]),
        (bytes(Edex(reference_day="2027-08-01")), [(Complaint.BAD_REFERENCE_DAY, 1, "")]),
        (bytes(Edex(reference_day="gisteren")), [(Complaint.BAD_REFERENCE_DAY, 1, "")]),
        (bytes(Edex([Pupil("")])), [(Complaint.NO_KEY, 7, "")]),
        (bytes(Edex([Pupil("@school")])), [(Complaint.RESERVED_KEY, 7, "@school")]),
        (bytes(Edex([Pupil("L" * 60)])), [(Complaint.TOO_LONG, 7, "L" * 60)]),
        (bytes(Edex([Pupil("L1", last="")])), [(Complaint.NO_NAME, 7, "L1")]),
        (bytes(Edex([Pupil("L1", last="x" * 101)])), [(Complaint.TOO_LONG, 7, "L1")]),
        (bytes(Edex([Pupil("L1", last="x" * 5000)])), [(Complaint.BROKEN_XML, 7, "")]),
        (bytes(Edex([Pupil("L1", last="Y?lmaz")])), [(Complaint.LOST_LETTER, 7, "L1")]),
        (bytes(Edex([Pupil("L1", last="Be\u202erg")])), [(Complaint.HIDDEN_CHARACTER, 7, "L1")]),
        (bytes(Edex([Pupil("L1", born="31 februari")])), [(Complaint.BAD_DATE, 7, "L1")]),
        (bytes(Edex(staff=[Teacher("T1", email="anna at school")])), [(Complaint.BAD_ADDRESS, 8, "T1")]),
        (bytes(Edex([Pupil("L1"), Pupil("L2"), Pupil("L1")])), [(Complaint.DUPLICATE_KEY, 9, "L1")]),
    ],
)
def test_what_cannot_be_trusted_is_refused(content, expected):
    assert complaints(content) == expected


def test_every_bad_row_is_named_at_once():
    found = complaints(bytes(Edex([Pupil("L1", last=""), Pupil("L2", born="?")], [Teacher("T1", email="x")])))
    assert [(complaint, key) for complaint, _, key in found] == [
        (Complaint.NO_NAME, "L1"),
        (Complaint.LOST_LETTER, "L2"),
        (Complaint.BAD_DATE, "L2"),
        (Complaint.BAD_ADDRESS, "T1"),
    ]


def test_a_duplicate_key_is_seen_in_a_file_without_line_ends():
    content = bytes(Edex([Pupil("L1"), Pupil("L1")])).replace(b"\n", b"")
    assert complaints(content) == [(Complaint.DUPLICATE_KEY, 1, "L1")]


def test_a_file_of_nothing_stops_at_the_limit(monkeypatch):
    monkeypatch.setattr(elements, "SIZE_LIMIT", 200_000)
    assert complaints(b"<EDEX>" + b" " * 200_000) == [(Complaint.TOO_BIG, None, "")]


def test_reading_takes_no_more_than_needed(monkeypatch):
    monkeypatch.setattr(elements, "SIZE_LIMIT", 200_000)
    endless = io.BytesIO(b"<EDEX>" + b" " * 5_000_000)
    with pytest.raises(RosterRefusedError):
        edexml.parse(endless)
    assert endless.tell() <= 200_000 + elements.CHUNK


def test_names_are_composed_and_trimmed():
    row = edexml.parse(bytes(Edex([Pupil("L1", first="Zoe\u0308 \u200b", last="\u00a0de  Wit")]))).pupils[0]
    assert (row.first_name, row.last_name) == ("Zoë", "de Wit")


@given(st.binary(max_size=400))
def test_random_bytes_are_refused_and_nothing_else(content):
    refuse_or_read(content)


@given(st.data())
def test_a_damaged_export_is_read_or_refused(data):
    content = bytearray(bytes(Edex([Pupil("L1"), Pupil("L2")], [Teacher("T1", ("G4",))])))
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=10))
    refuse_or_read(bytes(content))
