"""From reason to membership, as tables."""

from datetime import UTC, datetime, timedelta

import pytest

from groups.records.domain.derivation import Span, Window, Year, roles_of_assignment, roles_of_seat, window, without

STARTS, ENDS, CLOSES = (datetime(2026, 8, 1, tzinfo=UTC) + timedelta(days=n) for n in (0, 365, 518))
YEAR = Year(STARTS, ENDS, CLOSES)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("within", "lasting", "expected"),
    [
        (Span(STARTS, None), Span(STARTS, None), Window(STARTS, ENDS, CLOSES)),
        (Span(STARTS, ENDS), Span(STARTS, None), Window(STARTS, ENDS, CLOSES)),
        (Span(STARTS - DAY, None), Span(STARTS - DAY, None), Window(STARTS, ENDS, CLOSES)),
        (Span(STARTS, STARTS + DAY), Span(STARTS, None), Window(STARTS, STARTS + DAY, STARTS + DAY)),
        (Span(STARTS, None), Span(STARTS, ENDS + DAY), Window(STARTS, ENDS, ENDS + DAY)),
        (
            Span(STARTS, None),
            Span(STARTS + DAY, STARTS + 2 * DAY),
            Window(STARTS + DAY, STARTS + 2 * DAY, STARTS + 2 * DAY),
        ),
        (Span(STARTS, STARTS + DAY), Span(STARTS + DAY, None), None),
        (Span(ENDS, None), Span(STARTS, None), None),
    ],
)
def test_window(within: Span, lasting: Span, expected: Window | None) -> None:
    assert window(YEAR, within=within, lasting=lasting) == expected


@pytest.mark.parametrize(
    ("role", "kind", "here", "moderate", "expected"),
    [
        ("teacher", "class", True, True, ["teacher", "group_admin"]),
        ("teacher", "class", True, False, ["teacher"]),
        ("teacher", "class", False, True, []),
        ("teacher", "school", False, True, ["colleague"]),
        ("teacher", "staff", False, True, ["member"]),
        ("editor", "school", False, True, ["editor"]),
        ("colleague", "school", False, True, ["colleague"]),
        ("directie", "class", False, True, ["directie"]),
        ("directie", "council", False, True, ["directie"]),
        ("ict", "class", False, True, []),
        ("ict", "school", False, True, []),
        ("ict", "staff", False, True, []),
    ],
)
def test_roles_of_an_assignment(role: str, kind: str, here: bool, moderate: bool, expected: list[str]) -> None:
    assert roles_of_assignment(role, kind, in_this_group=here, teachers_moderate=moderate) == expected


def test_what_is_cut_out_leaves_what_lies_beside_it_and_a_cut_of_no_time_all_of_it() -> None:
    week, day = Span(STARTS, STARTS + 7 * DAY), Span(STARTS + DAY, STARTS + 2 * DAY)
    assert without([week], [day]) == [Span(STARTS, day.start), Span(STARTS + 2 * DAY, week.end)]
    assert without([week], [Span(day.start, day.start)]) == [week]


def test_a_seat_counts_in_the_council_and_the_school_only() -> None:
    assert {kind: roles_of_seat(kind) for kind in ("council", "school", "class", "staff")} == {
        "council": ["member"],
        "school": ["council_member"],
        "class": [],
        "staff": [],
    }
