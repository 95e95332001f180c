"""Canonical JSON: the same data is the same bytes, they read back as the same data, and no other bytes are read."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.domain import canonical

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Line:
    words: str
    at: datetime | None


@dataclass(frozen=True)
class Sheet:
    uid: UUID
    number: int
    is_last: bool
    lines: tuple[Line, ...]


@pytest.fixture
def sheet() -> Sheet:
    return Sheet(UUID(int=1), 3, is_last=True, lines=(Line("één", NOW), Line("", None)))


FIRST, LAST = (NOW.replace(year=year, tzinfo=None) for year in (1000, 9000))
MOMENTS = st.datetimes(min_value=FIRST, max_value=LAST, timezones=st.timezones())
LINES = st.builds(Line, words=st.text(), at=st.none() | MOMENTS)
SHEETS = st.builds(Sheet, st.uuids(), st.integers(), st.booleans(), st.lists(LINES, max_size=4).map(tuple))


@given(sheet=SHEETS)
def test_what_is_written_reads_back(sheet: Sheet) -> None:
    content = canonical.to_bytes(sheet)
    in_utc = tuple(replace(line, at=line.at and line.at.astimezone(UTC)) for line in sheet.lines)
    assert canonical.from_bytes(Sheet, content) == replace(sheet, lines=in_utc)
    assert canonical.to_bytes(canonical.from_bytes(Sheet, content)) == content


def test_there_is_one_spelling(sheet: Sheet) -> None:
    """Sorted, without blanks, in UTF-8, and a moment in UTC with its microseconds, wherever it was looked up."""
    assert canonical.to_bytes(sheet).decode() == (
        '{"is_last":true,"lines":[{"at":"2026-11-20T08:00:00.000000+00:00","words":"één"},{"at":null,"words":""}],'
        '"number":3,"uid":"00000000-0000-0000-0000-000000000001"}'
    )
    there = NOW.astimezone(timezone(timedelta(hours=5)))
    assert canonical.to_bytes(Line("", there)) == canonical.to_bytes(Line("", NOW))


def test_a_moment_has_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        canonical.to_bytes(Line("", NOW.replace(tzinfo=None)))


@pytest.mark.parametrize(
    "change",
    [
        {"number": 4.0},
        {"number": "3"},
        {"number": True},
        {"is_last": 1},
        {"uid": "1"},
        {"uid": "00000000000000000000000000000001"},
        {"lines": None},
        {"lines": {}},
        {"lines": [{"words": "x"}]},
        {"lines": [{"words": "x", "at": "2026-11-20T08:00:00+00:00"}]},
        {"lines": [{"words": "x", "at": "2026-11-20T09:00:00.000000+01:00"}]},
        {"lines": [{"words": "x", "at": 3}]},
        {"more": ""},
    ],
)
def test_other_data_is_not_read(sheet: Sheet, change: dict[str, object]) -> None:
    told = json.loads(canonical.to_bytes(sheet)) | change
    with pytest.raises(canonical.NotCanonicalError):
        canonical.from_bytes(Sheet, json.dumps(told, sort_keys=True, separators=(",", ":")).encode())


@dataclass(frozen=True)
class LongerLine:
    words: str
    at: datetime | None
    to: str = canonical.added("")


def test_what_was_written_before_a_field_came_is_read(sheet: Sheet) -> None:
    before = canonical.to_bytes(Line("één", NOW))
    assert canonical.from_bytes(LongerLine, before) == LongerLine("één", NOW, "")
    assert canonical.from_bytes(LongerLine, canonical.to_bytes(LongerLine("", None, "x"))).to == "x"
    with pytest.raises(canonical.NotCanonicalError):
        canonical.from_bytes(LongerLine, before.replace(b':"\xc3', b': "\xc3'))


@pytest.mark.parametrize(
    ("this", "other"),
    [(b":3", b": 3"), (b'"number":3', b'"number":3,"number":3'), (b"\xc3\xa9", b"\\u00e9"), (b"}", b"")],
)
def test_another_spelling_is_not_read(sheet: Sheet, this: bytes, other: bytes) -> None:
    content = canonical.to_bytes(sheet)
    assert this in content
    with pytest.raises(canonical.NotCanonicalError):
        canonical.from_bytes(Sheet, content.replace(this, other))


def test_bytes_that_are_no_text_are_not_read() -> None:
    for content in (b"", b"\xff", b"[]", b"3", b"null"):
        with pytest.raises(canonical.NotCanonicalError):
            canonical.from_bytes(Sheet, content)
