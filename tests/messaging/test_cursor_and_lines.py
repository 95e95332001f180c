"""The cursor of a list says a moment and a uid, and the lines between new and read stand once."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.posts.domain import place_lines
from messaging.writings.domain.cursor import Cursor, read_cursor

pytestmark = pytest.mark.engines


@given(st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)), st.uuids())  # noqa: DTZ001
def test_a_cursor_reads_back(moment, uid):
    cursor = Cursor(moment, uid)
    assert read_cursor(str(cursor)) == cursor


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        "1",
        "-1",
        "abc",
        "0-",
        "9" * 30 + "-" + "ab" * 16,
        f"1-{UUID(int=0)}",
        "٣-" + "ab" * 16,
        "1e400-x",
        "\x00",
    ],
)
def test_what_we_did_not_write_is_no_cursor(garbage):
    assert read_cursor(garbage) is None


@pytest.mark.parametrize(
    ("unread", "lines"),
    [
        ([], (None, None)),
        ([False, False], (None, None)),
        ([True, True], (0, None)),
        ([True, False], (0, 1)),
        ([False, True, False, True, False], (1, 4)),
    ],
)
def test_one_pair_of_lines(unread, lines):
    assert place_lines(unread) == lines
