"""Parent by parent: no link and no button on a page leads to a page that is missing or refused."""

from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from groups.people.services.restrictions import restrict_person
from groups.roles import Hat
from portal.core.actor import Actor
from tests.permissions.conftest import Standing
from tests.permissions.test_matrix import OK, client_of
from tests.permissions.test_questions import undone, visits_of

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="a minute, and the same on every engine")
DEAD = {403, 404, 405, 500}
LEFT_OUT = {"account_logout", "set_language", "style", "groups:not_me"}
"""Signing out would end the walk; the sheet of components shows buttons that do nothing; the claim of the matrix's
arrival stands on its own, without somebody who came in.
"""
PARENTS = ["mother", "father", "father_without_authority", "admitted_reader", "other_parent", "parent_of_two",
           "former_parent", "future_parent", "council_member", "parent_elsewhere"]  # fmt: skip


class Way(NamedTuple):
    """Where a link or the button of a form leads, and what the form sends of itself."""

    method: str
    url: str
    sent: tuple[tuple[str, str], ...] = ()


class Ways(HTMLParser):
    """Every way out of one page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.found: list[Way] = []
        self.form: tuple[str, str] | None = None
        self.sent: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.found.append(Way("GET", self._there(given["href"])))
        elif tag == "form":
            self.form = (given.get("method", "get").upper(), self._there(given.get("action", "")))
            self.sent = []
        elif tag == "input" and given.get("type") == "hidden" and "name" in given:
            self.sent.append((given["name"], given.get("value", "")))
        elif tag == "button" and given.get("formaction"):
            self.found.append(Way("POST", self._there(given["formaction"]), tuple(self.sent)))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self.form:
            self.found.append(Way(*self.form, tuple(self.sent)))
            self.form = None

    def _there(self, address: str) -> str:
        return urljoin(self.page, address)


def ways_of(page: str, html: str) -> Iterator[Way]:
    """Those that stay in the portal."""
    parser = Ways(page)
    parser.feed(html)
    for way in parser.found:
        parts = urlsplit(way.url)
        if not parts.scheme and not parts.netloc and not parts.path.startswith("/static/"):
            yield way._replace(url=parts._replace(fragment="").geturl())


def starts_of(standing: Standing, name: str) -> set[str]:
    """One page of every route that opens for this person."""
    visits = [visit for visit in visits_of(standing) if visit.name == name and visit.route not in LEFT_OUT]
    return set({visit.route: visit.url for visit in reversed(visits)}.values())


def dead_ends(client: Client, starts: set[str]) -> set[tuple[str, str, str, int]]:
    """Of what can be walked from these pages: which page, which method, which route, which answer."""
    found: set[tuple[str, str, str, int]] = set()
    walked: set[tuple[str, str, str]] = set()
    for start in sorted(starts):
        answer = client.get(start)
        if answer.status_code != OK or not answer.get("Content-Type", "").startswith("text/html"):
            continue
        here = resolve(urlsplit(start).path).view_name
        for way in ways_of(start, answer.content.decode()):
            there = route_of(way.url)
            step = (here, way.method, there)
            if step in walked or there in LEFT_OUT:
                continue
            walked.add(step)
            code = answer_to(client, way)
            if code in DEAD:
                found.add((*step, code))
    return found


def route_of(url: str) -> str:
    try:
        return resolve(urlsplit(url).path).view_name
    except Resolver404:
        return urlsplit(url).path


def answer_to(client: Client, way: Way) -> int:
    """What the way answers; whatever it does is undone."""
    client.raise_request_exception = False
    with transaction.atomic():
        answer = client.get(way.url) if way.method == "GET" else client.post(way.url, dict(way.sent))
        transaction.set_rollback(True)
    return answer.status_code


@pytest.mark.parametrize("name", PARENTS)
def test_no_link_or_button_is_a_dead_end(standing: Standing, name: str) -> None:
    with undone():
        starts = starts_of(standing, name)
        assert dead_ends(client_of(standing.cast, name), starts) == set()


@pytest.mark.parametrize("kind", ["limited", "suspended"])
def test_no_link_or_button_is_a_dead_end_for_a_restricted_parent(standing: Standing, kind: str) -> None:
    with undone():
        starts = starts_of(standing, "mother") | {reverse("home")}
        now = timezone.now()
        order: dict[str, Any] = {"kind": kind, "until": now + timedelta(days=1), "case_uid": uuid4()}
        by = Actor(standing.cast.directie, Hat.ANY, now)
        restrict_person(person=standing.cast.mother, school=standing.cast.linde, **order, by=by)
        assert dead_ends(client_of(standing.cast, "mother"), starts) == set()
