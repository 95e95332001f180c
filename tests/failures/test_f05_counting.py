"""F5: other people's children, read by counting in the address. Here what is refused looks as if it were not there.

Asked of the permission matrix: each route that names a thing, each person who may not know of it; once with the uid of
that thing and once with one that nobody has. Status, headers and body have to be the same.
"""

import difflib
import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.urls import URLResolver, get_resolver, reverse

from tests.cast import NAMES
from tests.permissions.conftest import standing as standing
from tests.permissions.test_matrix import MISSING, PUBLIC, TABLE, Row, Stage, named, named_routes
from tests.permissions.test_matrix import as_written as as_written
from tests.permissions.test_matrix import signed_in as signed_in
from tests.permissions.test_matrix import stage as stage
from tests.share import at_night

pytestmark = pytest.mark.engines
Answer = tuple[int, dict[str, str], str]
ONCE = re.compile(r'(csrfmiddlewaretoken" value|data-csrf|nonce|name="key" value)="[^"]*"')
"""What is drawn anew for each page."""
COUNTED = {"number", "side"}
"""Numbers in an address that say nothing of whose it is: the place of a photo in a message, and its size."""


def strangers(row: Row) -> list[str]:
    """Who is signed in and for whom nothing is there."""
    known = {name for names in row.expected.values() for name in names}
    return [name for name in NAMES if name not in {*known, "anonymous", "inactive"}]


def is_about_something(row: Row) -> bool:
    return row.route not in PUBLIC and "<uuid:" in pattern_of(row.route)


def pattern_of(route: str) -> str:
    return PATTERNS[route]


def patterns(resolver: URLResolver, prefix: str = "", space: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            deeper = f"{space}{one.namespace}:" if one.namespace else space
            found |= patterns(one, prefix + str(one.pattern), deeper)
        else:
            found[f"{space}{one.name}"] = prefix + str(one.pattern)
    return found


PATTERNS = patterns(get_resolver())
ROWS = [row for row in TABLE if is_about_something(row) and strangers(row)]


EACH_ROUTE = list({row.route: row for row in ROWS}.values())[connection.vendor == "postgresql" :: 2]
ASKED = {
    "each route": [(row, [strangers(row)[place % len(strangers(row))]]) for place, row in enumerate(EACH_ROUTE)],
    "everything": [(row, strangers(row)) for row in ROWS],
}
"""A run asks each route once, half of them on each engine and each time another stranger; the night asks everything."""


def test_there_is_nothing_to_count() -> None:
    """No address of ours has a number that says which row is meant."""
    counted = set()
    for name, _view in named(get_resolver()):
        if name in named_routes(ours=True):
            counted |= set(re.findall(r"<int:(\w+)>", PATTERNS[name]))
    assert counted == COUNTED


@pytest.mark.parametrize("how", ["each route", at_night("everything")])
def test_refused_equals_missing(stage: Stage, how: str, settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False
    differ = []
    for row, names in ASKED[how]:
        with transaction.atomic():
            args = row.args(stage.cast, stage.scene)
            nobodys = with_nobodys(args)
            uids = {str(one) for one in (*args, *nobodys) if isinstance(one, UUID)}
            for name in names:
                real, invented = (asked(stage, row, some, name, uids) for some in (args, nobodys))
                if real != invented:
                    differ.append((row.name, name, different(real, invented)))
            transaction.set_rollback(True)
    assert "\n".join(map(str, differ)) == ""


def with_nobodys(args: list[Any]) -> list[Any]:
    """The same address about something that is not there: its last uid is, as one before it may be the reader's own."""
    last = max(place for place, one in enumerate(args) if isinstance(one, UUID))
    return [uuid4() if place == last else one for place, one in enumerate(args)]


def different(real: Answer, invented: Answer) -> list[str]:
    lines = difflib.unified_diff(*(f"{one[0]} {one[1]} {one[2]}".splitlines() for one in (real, invented)), n=0)
    return [line for line in lines if line[:3] not in {"---", "+++"}][:6]


def asked(stage: Stage, row: Row, args: list[Any], name: str, uids: set[str]) -> Answer:
    """All that comes back, without the address itself and what is drawn anew."""
    client, url = stage.clients[name], reverse(row.route, args=args) + row.query
    with transaction.atomic():
        sent = row.data(stage.cast, stage.scene) if row.method == "POST" else None
        response = client.post(url, sent) if row.method == "POST" else client.get(url)
        transaction.set_rollback(True)
    return response.status_code, headers_of(response), body_of(response, uids)


def headers_of(response: HttpResponse) -> dict[str, str]:
    anew = {"Content-Length", "Content-Security-Policy", "Set-Cookie"}
    return {name: value for name, value in response.headers.items() if name not in anew}


def body_of(response: HttpResponse, uids: set[str]) -> str:
    """Without the uids asked for: a group that is there may stand in the reader's own menu."""
    assert response.status_code == MISSING
    text = response.content.decode()
    for uid in uids:
        text = text.replace(uid, "")
    return ONCE.sub("", text)
