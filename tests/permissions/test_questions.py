"""How many questions every page asks of the database, for everybody of the cast, and no more with ten times the data.

Every GET of the permission matrix that opens for somebody, and the pages of others; session and user are counted too.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
from django.db import connection, transaction
from django.test import Client, override_settings
from django.urls import NoReverseMatch, reverse

from tests.bench.growth import add_classes, add_people, add_written
from tests.permissions.conftest import Standing
from tests.permissions.test_matrix import FIRST_SCHOOL, OK, SIGNED_IN, TABLE, THIRD_PARTY, Row, client_of

MOST, TIMES, VISITS = 15, 10, 3
MANY: Mapping[str, int] = {}
"""Pages that ask more than `MOST`, and how much the one asks who asks most: these only become fewer and less."""
GROWING = {"GET photo 400 post_groep_5": 1, "GET photo 400 post_whole_school": 1}
"""Pages that ask more when there is more, and how much more."""


class Visit(NamedTuple):
    """Who opens which page of the matrix, and where that is."""

    page: str
    route: str
    url: str
    name: str


class Asked(NamedTuple):
    """Questions of a page by whoever asks most, and by how many they grow with ten times the data."""

    most: int
    growth: int


def url_of(row: Row, standing: Standing) -> str:
    """Makes what the row is about."""
    path = reverse(row.route, args=row.args(standing.cast, standing.scene)) + row.query
    return path.replace(f"={FIRST_SCHOOL}", f"={standing.cast.linde.uid}")


def pages_of_others() -> Iterator[tuple[str, str]]:
    """Those that need no number in their address."""
    for route in sorted(THIRD_PARTY):
        try:
            yield route, reverse(route)
        except NoReverseMatch:
            continue


def visits_of(standing: Standing) -> list[Visit]:
    """Everybody's, once everything is there that a page is about."""
    rows = [row for row in TABLE if row.method == "GET" and OK in row.expected]
    urls = [url_of(row, standing) for row in rows]
    ours = [
        Visit(row.name, row.route, url, name) for row, url in zip(rows, urls, strict=True) for name in row.expected[OK]
    ]
    return ours + [Visit(f"GET {route}", route, url, name) for route, url in pages_of_others() for name in SIGNED_IN]


def questions(visit: Visit, client: Client, few: int = MOST) -> int | None:
    """How many the page asks; None when it does not open.

    What a process asks once, or once a minute, is no question of a page: who asks more than `few` is visited again, and
    once more where that minute ended between the two.
    """
    for _ in range(VISITS):
        asked = _asked(visit, client)
        if asked is None or asked <= few:
            break
    return asked


def _asked(visit: Visit, client: Client) -> int | None:
    asked: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        answer = client.get(visit.url)
    return len(asked) if answer.status_code == OK else None


def asked_by(standing: Standing, everybody: bool) -> dict[str, Asked]:
    """Of every page, with the data there are and with ten times as much; without `everybody` one visit a route."""
    visits = visits_of(standing)
    if not everybody:
        visits = list({visit.route: visit for visit in reversed(visits)}.values())
    clients = {visit.name: client_of(standing.cast, visit.name) for visit in visits}
    small = {visit: questions(visit, clients[visit.name]) for visit in visits}
    ten_times()
    large = {visit: questions(visit, clients[visit.name], few or MOST) for visit, few in small.items()}
    return by_page(small, large)


def ten_times() -> None:
    for add in (add_written, add_people, add_classes):
        add(TIMES - 1)


def by_page(small: Mapping[Visit, int | None], large: Mapping[Visit, int | None]) -> dict[str, Asked]:
    """Where a photo is no longer shown, as a shielded child came into the group, there is nothing to compare."""
    found: dict[str, Asked] = {}
    for visit, few in small.items():
        if few is not None:
            many = few if (asked := large[visit]) is None else asked
            most, growth = found.get(visit.page, Asked(0, 0))
            found[visit.page] = Asked(max(most, few, many), max(growth, many - few))
    return found


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic(), override_settings(KRING_SECOND_FACTOR=False):
        yield
        transaction.set_rollback(True)


def sqlite_at_night(test: Any) -> Any:
    """What is composed is nearly the same on every engine: in every run PostgreSQL counts, which a school has."""
    return pytest.mark.nightly(test) if connection.vendor == "sqlite" else test


@sqlite_at_night
def test_every_route_asks_little_and_no_more_with_ten_times_the_data(standing: Standing) -> None:
    with undone():
        found = asked_by(standing, everybody=False)
    assert {page: one.most for page, one in found.items() if one.most > MANY.get(page, MOST)} == {}
    assert {page: one.growth for page, one in found.items() if one.growth > GROWING.get(page, 0)} == {}


@pytest.mark.long
def test_everybody_asks_little_on_every_page_and_no_more_with_ten_times_the_data(standing: Standing) -> None:
    with undone():
        found = asked_by(standing, everybody=True)
    assert {page: one.most for page, one in found.items() if one.most > MOST} == MANY
    assert {page: one.growth for page, one in found.items() if one.growth} == GROWING
    assert found.keys() >= {row.name for row in TABLE if row.method == "GET" and row.expected.get(OK)}
