"""Several chairs of one person: without overlap, and always as far back as one of them reaches."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from groups.records.domain.derivation import Span, without
from messaging.talks.domain.reading import Reading, farthest_back

MONDAY = datetime(2026, 9, 7, tzinfo=UTC)


def day(number: int) -> datetime:
    return MONDAY + timedelta(days=number)


DAYS = st.integers(0, 8)
SPANS = st.tuples(DAYS, st.none() | st.integers(1, 5)).map(lambda p: Span(day(p[0]), p[1] and day(p[0] + p[1])))
READINGS = st.lists(st.builds(Reading, SPANS, DAYS.map(day)), max_size=5)


def holds(span: Span, at: datetime) -> bool:
    return span.start <= at and (span.end is None or at < span.end)


def moments() -> list[datetime]:
    return [day(number) + timedelta(seconds=second) for number in range(15) for second in (-1, 0, 1)]


@given(READINGS)
def test_at_each_moment_the_farthest_back_and_only_once(given_: list[Reading]) -> None:
    found = farthest_back(given_)
    for at in moments():
        plain = [one.since for one in given_ if holds(one.span, at)]
        assert [one.since for one in found if holds(one.span, at)] == ([min(plain)] if plain else [])


@given(READINGS)
def test_neighbours_say_something_else(given_: list[Reading]) -> None:
    found = farthest_back(given_)
    touching = [(one, two) for one, two in pairwise(found) if one.span.end == two.span.start]
    assert all(one.since != two.since for one, two in touching)


@given(st.lists(SPANS, max_size=4), st.lists(SPANS, max_size=4))
def test_what_is_cut_out_is_gone_and_nothing_else(spans: list[Span], cuts: list[Span]) -> None:
    left = without(spans, cuts)
    for at in moments():
        plain = any(holds(span, at) for span in spans) and not any(holds(cut, at) for cut in cuts)
        assert any(holds(span, at) for span in left) == plain
