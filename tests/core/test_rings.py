"""The ring of seats: as many seats as families, and never a lie about the last one."""

import re
from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.domain.rings import MOST_SEATS, draw_ring, seats_shown

counts = st.integers(min_value=0, max_value=5000)


@pytest.mark.parametrize(
    ("total", "taken", "shown"),
    [
        (0, 0, (0, 0)),
        (1, 1, (1, 1)),
        (27, 24, (27, 24)),
        (40, 40, (40, 40)),
        (400, 200, (40, 20)),
        (400, 399, (40, 39)),
        (400, 400, (40, 40)),
        (400, 1, (40, 1)),
        (400, 0, (40, 0)),
        (5, 9, (5, 5)),
        (-1, -1, (0, 0)),
    ],
)
def test_seats_shown_keeps_the_proportion_and_the_ends(total: int, taken: int, shown: tuple[int, int]) -> None:
    assert seats_shown(total, taken) == shown


@given(total=counts, taken=counts)
def test_seats_shown_is_full_only_when_everybody_is_there(total: int, taken: int) -> None:
    shown, filled = seats_shown(total, taken)
    assert shown == min(total, MOST_SEATS)
    assert (filled == shown) == (taken >= total)
    assert (filled == 0) == (taken == 0 or total == 0)


@given(total=st.integers(0, 120), taken=st.integers(0, 120))
def test_draw_ring_draws_every_seat_once_inside_its_box(total: int, taken: int) -> None:
    ring = draw_ring(total, taken)
    shown, filled = seats_shown(total, taken)
    assert (ring.taken.count("Z"), ring.free.count("Z")) == (filled, shown - filled)
    for path in re.findall(r"M[^Z]+Z", ring.taken + ring.free):
        start, _, end, *corners = re.findall(r"(-?[\d.]+) (-?[\d.]+)(?= 0 1 1|[AL Z]|$)", path)
        assert all(hypot(float(x), float(y)) <= 50 for x, y in (start, end, *corners))


def test_draw_ring_of_eight_is_the_mark_of_kring() -> None:
    first = draw_ring(8, 8).taken.split("Z")[0]
    assert first == "M-11.58 -32.97A12.27 12.27 0 1 1 11.58 -32.97L10.17 -28.96 -10.17 -28.96"


def test_draw_ring_starts_at_the_top_and_goes_clockwise() -> None:
    starts = [
        tuple(float(number) for number in seat.split("A")[0].removeprefix("M").split(" "))
        for seat in draw_ring(4, 4).taken.split("Z")[:-1]
    ]
    assert [(x > 0, y > 0) for x, y in starts] == [(False, False), (True, False), (True, True), (False, True)]
