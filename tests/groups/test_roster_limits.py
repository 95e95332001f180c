"""Files of a roster that take more than a school's: a sentence each, in little time and memory, and nothing is lost."""

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from groups.roster.domain import reader, workbook
from groups.roster.domain.problems import Complaint, RosterRefusedError
from groups.roster.services import roster_reading
from groups.roster.services.roster_files import read_files
from groups.roster.services.roster_reading import NotReadNowError, read_apart
from tests.groups.rosterfiles import HEADINGS, Edex, Parent, Pupil, Teacher, csv_of
from tests.groups.workbooks import workbook as workbook_with
from tests.groups.workbooks import workbook_of
from tests.share import at_night

MOST_MEMORY = 300
MOST_SECONDS = 22
SHARED = (
    b'<Override PartName="/xl/sharedStrings.xml" '
    b'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
)
MEASURED = """
import json, os, resource, sys, time
import django
django.setup()
from pathlib import Path
from groups.roster.domain.planning import plan_import
from groups.roster.domain.problems import RosterRefusedError
from groups.roster.domain.snapshot import Snapshot
from groups.roster.services.roster_files import read_files
from groups.roster.services.roster_outcome import outcome_of
from django.utils import timezone
started = time.process_time()
try:
    handed = read_files((Path(name).name, Path(name)) for name in sys.argv[1:])
    plan = plan_import(Snapshot("99XX", "00"), handed.roster, handed.caregivers, now=timezone.now())
    json.dumps(outcome_of(plan))
    said = []
except RosterRefusedError as refused:
    said = sorted({problem.complaint.name for problem in refused.problems})
read = resource.getrusage(resource.RUSAGE_CHILDREN)
own = int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
print(json.dumps({"said": said, "own": own / 1024, "read": read.ru_maxrss / 1024,
                  "seconds": time.process_time() - started + read.ru_utime + read.ru_stime}))
"""


def measured(*files: Path) -> dict[str, Any]:
    """Read and planned in a process of its own: complaints, megabytes of it and of its reader, seconds of processor."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings", "KRING_MODE": "test"}
    run = subprocess.run(
        [sys.executable, "-c", MEASURED, *map(str, files)],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    found: dict[str, Any] = json.loads(run.stdout)
    print(f"{[file.name for file in files]}: {found}")
    return found


def with_part(content: bytes, name: str, body: bytes, *, shared: bool = False) -> bytes:
    """The workbook with one part more, or instead."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            kept = old.read(part)
            if shared and part.filename == "[Content_Types].xml":
                kept = kept.replace(b"</Types>", SHARED)
            if part.filename != name:
                new.writestr(part.filename, kept)
        new.writestr(name, body)
    return out.getvalue()


def shared_strings(count: int, text: bytes = b"a") -> bytes:
    """121 kB of these, when there were two and a half million, took nineteen seconds and 316 MB."""
    body = b'<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    body += b"<si><t>" + text + b"</t></si>"
    body += (b"<si><t>" + text + b"</t></si>") * (count - 1) + b"</sst>"
    return with_part(workbook_with([HEADINGS]), "xl/sharedStrings.xml", body, shared=True)


def many_cells(rows: int, columns: int) -> bytes:
    line = b"<row>" + b"<c><v>1</v></c>" * columns + b"</row>"
    body = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    body += line * rows + b"</sheetData></worksheet>"
    return with_part(workbook_with([HEADINGS]), "xl/worksheets/sheet1.xml", body)


def huge_styles(megabytes: int) -> bytes:
    style = b'<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
    body = b'<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs>'
    body += style * (megabytes * 1_000_000 // len(style)) + b"</cellXfs></styleSheet>"
    return with_part(workbook_with([HEADINGS]), "xl/styles.xml", body)


def inline_cell(text: str) -> bytes:
    body = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row>'
    body += b"".join(f'<c t="inlineStr"><is><t>{each}</t></is></c>'.encode() for each in HEADINGS)
    body += b"</row><row>" + f'<c t="inlineStr"><is><t>{text}</t></is></c>'.encode()
    body += b"</row></sheetData></worksheet>"
    return with_part(workbook_with([HEADINGS]), "xl/worksheets/sheet1.xml", body)


def long_list(lines: int) -> bytes:
    return csv_of(Parent(f"L{number}", "Karima", f"k{number}@thuis.example") for number in range(lines))


def large_roster(pupils: int) -> bytes:
    return bytes(Edex([Pupil(f"L{number}", first=f"Kind{number}") for number in range(pupils)]))


def slow_texts() -> bytes:
    """Every letter a reference of its own, in texts as long as may be."""
    name = "&#65;" * 3900
    pupils = "".join(
        f'<leerling key="L{number}"><achternaam>{name}</achternaam></leerling>' for number in range(1000)
    ).encode()
    return bytes(Edex([])).replace(b"<leerlingen>", b"<leerlingen>" + pupils)


HOSTILE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "shared strings": ("a.xlsx", lambda: shared_strings(2_600_000), "TOO_HEAVY"),
    "fewer shared strings": ("a.xlsx", lambda: shared_strings(1_000_000), "TOO_HEAVY"),
    "long shared strings": ("a.xlsx", lambda: shared_strings(290_000, b"a" * 80), "NO_LINES"),
    "many cells": ("a.xlsx", lambda: many_cells(2_000, 600), "NO_HEADINGS"),
    "one wide line": ("a.xlsx", lambda: many_cells(1, 1_500_000), "TOO_HEAVY"),
    "huge styles": ("a.xlsx", lambda: huge_styles(28), "TOO_HEAVY"),
    "huge cell": ("a.xlsx", lambda: inline_cell("K" * 25_000_000), "TOO_LONG"),
    "zip bomb": ("a.xlsx", lambda: with_part(workbook_with([HEADINGS]), "xl/a.bin", bytes(60_000_000)), "TOO_HEAVY"),
    "41 MB of pupils": ("a.xml", lambda: large_roster(155_000), "TOO_BIG"),
    "16 MB of pupils": ("a.xml", lambda: large_roster(70_000), "TOO_MANY"),
    "references": ("a.xml", lambda: bytes(Edex([], [Teacher("T1", ("G4",) * 400_000)])), "TOO_HEAVY"),
    "letter by letter": ("a.xml", slow_texts, "TOO_LONG"),
    "200 MB of nothing": ("a.xml", lambda: b"<EDEX>" + b" " * 200_000_000, "TOO_BIG"),
    "a list of 19 MB": ("a.csv", lambda: long_list(300_000), "TOO_BIG"),
    "a list of 9 MB": ("a.csv", lambda: long_list(130_000), "TOO_MANY"),
    "one line of 9 MB": ("a.csv", lambda: csv_of([Parent("L1", "K" * 9_000_000)]), "BROKEN_CSV"),
    "nothing but separators": ("a.csv", lambda: csv_of([]) + b"\r\n" + b";" * 9_000_000, "NO_LINES"),
}
"""A file, its name, and what is said of it."""


EVERY_RUN = {"fewer shared strings", "zip bomb", "16 MB of pupils", "letter by letter", "a list of 9 MB"}
"""One for each limit."""


@pytest.mark.parametrize(
    "which", [pytest.param(one, marks=[] if one in EVERY_RUN else pytest.mark.nightly) for one in HOSTILE]
)
def test_what_takes_more_than_a_school_meets_a_sentence(tmp_path: Path, which: str) -> None:
    name, make, said = HOSTILE[which]
    file = tmp_path / name
    file.write_bytes(make())
    found = measured(file)
    assert said in found["said"]
    assert max(found["own"], found["read"]) <= MOST_MEMORY
    assert found["seconds"] <= MOST_SECONDS


@pytest.mark.nightly
def test_the_largest_that_is_read_is_planned_within_the_same_memory(tmp_path: Path) -> None:
    roster, listed = tmp_path / "a.xml", tmp_path / "b.csv"
    roster.write_bytes(large_roster(9_900))
    listed.write_bytes(csv_of(Parent(f"L{number % 9_900}", f"K{number}") for number in range(20_000)))
    found = measured(roster, listed)
    assert found["said"] == []
    assert max(found["own"], found["read"]) <= MOST_MEMORY


def test_the_same_comes_out_of_the_process_as_is_in_the_file(tmp_path: Path) -> None:
    pupils = [Pupil("L1", composite=("S1",)), Pupil("L2", born=""), Pupil("L3", group="G9")]
    made = {
        "a.xml": bytes(Edex(pupils, [Teacher("K1", ("G4", "G5"), "juf@school.example")], reference_day="2026-10-01")),
        "b.csv": csv_of([Parent("L1", "Karima", relation="tante"), Parent("L2", "Said", authority="")]),
        "c.xlsx": workbook_of([Parent("L1", "Saïd", "said@thuis.example")]),
    }
    for name, content in made.items():
        (tmp_path / name).write_bytes(content)
        assert read_apart(name, tmp_path / name) == reader.read(content, name)
    (tmp_path / "d.xml").write_bytes(bytes(Edex([Pupil("L1"), Pupil("L1", born="?")])))
    with pytest.raises(RosterRefusedError) as apart:
        read_apart("d.xml", tmp_path / "d.xml")
    with pytest.raises(RosterRefusedError) as here:
        reader.read((tmp_path / "d.xml").read_bytes(), "d.xml")
    assert apart.value.problems == here.value.problems


def does(code: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-c", code)


@pytest.mark.parametrize(
    ("code", "raised"),
    [
        (
            "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 2)); [0 for _ in iter(int, 1)]",
            Complaint.TOO_HEAVY,
        ),
        ("import os; os.abort()", Complaint.TOO_HEAVY),
        ("import os; os.kill(os.getpid(), 9)", None),
        at_night("import time; time.sleep(60)", None),
        ("raise SystemExit(1)", None),
    ],
    ids=["hangs", "crashes", "is ended by others", "gets no turn", "cannot start"],
)
def test_a_reader_that_does_not_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, raised: Complaint | None
) -> None:
    """What the file did is a sentence; what the machine did is tried again."""
    monkeypatch.setattr(roster_reading, "COMMAND", does(code))
    monkeypatch.setattr(roster_reading, "PATIENCE", 5.0)
    file = tmp_path / "a.xml"
    file.write_bytes(bytes(Edex([Pupil("L1")])))
    if raised is None:
        with pytest.raises(NotReadNowError):
            read_files([("a.xml", file)])
        return
    with pytest.raises(RosterRefusedError) as refused:
        read_files([("a.xml", file)])
    assert [problem.complaint for problem in refused.value.problems] == [raised]


def test_a_mark_that_lies_across_two_pieces_is_counted() -> None:
    edge = b" " * (workbook.MEGABYTE - 1)
    with zipfile.ZipFile(io.BytesIO(with_part(workbook_with([]), "a", edge + b"<si><si>"))) as archive:
        assert workbook._texts_in(archive, archive.getinfo("a")) == 2
