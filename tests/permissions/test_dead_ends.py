"""Person by person: no link and no button on a page leads to a page that is missing or refused."""

from collections.abc import Iterator
from contextlib import contextmanager
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

from groups.models import Child, Telling
from groups.people.domain.told import TOLD
from groups.people.services.restrictions import Silence, restrict_person
from groups.roles import Hat
from portal.core.actor import Actor
from tests import canaries
from tests.permissions.conftest import Standing
from tests.permissions.test_matrix import OK, client_of
from tests.permissions.test_questions import Visit, undone, visits_of
from tests.share import at_night

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="a minute, and the same on every engine")
DEAD = {403, 404, 405, 500}
LEFT_OUT = {"account_logout", "set_language", "style", "groups:not_me", "consent:scan"}
"""Signing out would end the walk; the sheet of components shows buttons that do nothing; the claim of the matrix's
arrival stands on its own, without somebody who came in; of the scan there is the row alone.
"""
OFTEN = {"mother", "teacher_who_is_parent", "directie", "case_officer", "ict", "pupil"}
"""Who walks in every run: one for each menu there is. The night walks as everybody."""
PARENTS = ["mother", "father", "father_without_authority", "admitted_reader", "other_parent", "parent_of_two",
           "former_parent", "future_parent", "council_member", "parent_elsewhere"]  # fmt: skip
AT_SCHOOL = [
    "teacher",
    "teacher_who_is_parent",
    "substitute",
    "colleague",
    "editor",
    "directie",
    "ict",
    "case_officer",
    "pupil",
    "operator",
]


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


@pytest.fixture(scope="module")
def visits(standing: Standing) -> Iterator[list[Visit]]:
    """Everybody's, with what they are about, made once for all walks."""
    with undone():
        yield visits_of(standing)


@contextmanager
def unharmed() -> Iterator[None]:
    """What a walk leaves behind, the next does not meet."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def starts_of(visits: list[Visit], name: str) -> set[str]:
    """One page of every route that opens for this person."""
    theirs = [visit for visit in visits if visit.name == name and visit.route not in LEFT_OUT]
    return set({visit.route: visit.url for visit in reversed(theirs)}.values())


def dead_ends(client: Client, starts: set[str]) -> set[tuple[str, str, str, int]]:
    """Of what can be walked from these pages: which page, which method, which route, which answer."""
    found: set[tuple[str, str, str, int]] = set()
    walked: set[tuple[str, str, str]] = set()
    known: dict[Way, int] = {}
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
            asked = plain(way)
            if asked not in known:
                known[asked] = answer_to(client, way)
            if known[asked] in DEAD:
                found.add((*step, known[asked]))
    return found


def plain(way: Way) -> Way:
    """The same way again: the menu leads to the same places from every page, and each token is another."""
    return way._replace(sent=tuple(name for name in way.sent if name[0] not in {"csrfmiddlewaretoken", "key"}))


def route_of(url: str) -> str:
    try:
        return resolve(urlsplit(url).path).view_name
    except Resolver404:
        return urlsplit(url).path


def answer_to(client: Client, way: Way) -> int:
    """What the way answers; whatever it does is undone."""
    client.raise_request_exception = False
    with unharmed():
        answer = client.get(way.url) if way.method == "GET" else client.post(way.url, dict(way.sent))
    return answer.status_code


@pytest.mark.parametrize("name", [one if one in OFTEN else at_night(one) for one in (*PARENTS, *AT_SCHOOL)])
def test_no_link_or_button_is_a_dead_end(
    standing: Standing, visits: list[Visit], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The directie reads of a conversation the one message that somebody reported."""
    monkeypatch.setitem(canaries.READERS, "talkmother", canaries.READERS["talkmother"] | {"directie"})
    with unharmed():
        assert dead_ends(client_of(standing.cast, name), starts_of(visits, name)) == set()


EVERYWHERE = {"home", "settings", "groups:help", "groups:complaints", "moderation:kind_words", "moderation:rules"}
"""Where anybody may begin, whatever was decided."""


def told_of(standing: Standing, name: str, kind: str) -> set[str]:
    """What this person was told, and the pages that go with it."""
    person = standing.cast.user(name)
    facts = {"school": standing.cast.linde, "to": person, "hat": Hat.FAMILY, "told_by": standing.cast.directie}
    about = {"about_kind": "child", "about_uid": standing.cast.child("Noor").uid} if kind in TOLD else {}
    row = Telling.objects.create(kind=kind, told_at=timezone.now(), words="Zo is het.", **about, **facts)
    pages = {reverse("groups:told", args=["family"]), reverse("groups:telling", args=["family", row.uid])}
    return pages | {reverse(page) for page in EVERYWHERE} | {reverse("moderation:ask_access", args=["family"])}


@pytest.mark.parametrize(
    ("name", "kind", "is_silent"),
    [
        ("mother", "limited", False),
        ("mother", "suspended", True),
        at_night("mother", "limited", True),
        at_night("mother", "suspended", False),
        at_night("council_member", "suspended", True),
        at_night("admitted_reader", "limited", False),
    ],
)
def test_no_link_or_button_is_a_dead_end_for_a_restricted_parent(
    standing: Standing, visits: list[Visit], name: str, kind: str, is_silent: bool
) -> None:
    """From every page that opened before, and from what was told about it."""
    with unharmed():
        starts = starts_of(visits, name) | told_of(standing, name, kind)
        now = timezone.now()
        until = now + timedelta(days=1)
        silence = Silence(until, "Bel ons.") if is_silent else None
        order: dict[str, Any] = {"kind": kind, "until": until, "case_uid": uuid4(), "silence": silence}
        by = Actor(standing.cast.directie, Hat.ANY, now)
        restrict_person(person=standing.cast.user(name), school=standing.cast.linde, **order, by=by)
        assert dead_ends(client_of(standing.cast, name), starts) == set()


@pytest.mark.parametrize(
    ("name", "by", "kind"),
    [
        ("teacher", "directie", "suspended"),
        ("directie", "case_officer", "suspended"),
        at_night("teacher", "directie", "limited"),
        at_night("directie", "case_officer", "limited"),
    ],
)
def test_no_link_or_button_is_a_dead_end_for_restricted_staff(
    standing: Standing, visits: list[Visit], name: str, by: str, kind: str
) -> None:
    with unharmed():
        now = timezone.now()
        order: dict[str, Any] = {"kind": kind, "until": now + timedelta(days=1), "case_uid": uuid4(), "silence": None}
        whom, judge = standing.cast.user(name), Actor(standing.cast.user(by), Hat.ANY, now)
        restrict_person(person=whom, school=standing.cast.linde, **order, by=judge)
        assert dead_ends(client_of(standing.cast, name), {reverse(page) for page in EVERYWHERE}) == set()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("former_parent", "refused"),
        ("father_without_authority", "access_ended"),
        at_night("former_parent", "access_ended"),
        at_night("father_without_authority", "refused"),
    ],
)
def test_no_link_or_button_is_a_dead_end_for_who_is_no_parent_here_any_more(
    standing: Standing, visits: list[Visit], name: str, kind: str
) -> None:
    with unharmed():
        starts = starts_of(visits, name) | told_of(standing, name, kind)
        assert dead_ends(client_of(standing.cast, name), starts) == set()


@pytest.mark.parametrize("age", [at_night(15), 16])
def test_no_link_or_button_is_a_dead_end_for_a_pupil(standing: Standing, visits: list[Visit], age: int) -> None:
    """From the 16th birthday on a pupil chooses about the own image and asks what is kept; before it the parents do."""
    with unharmed():
        born = timezone.now().date().replace(day=1) - timedelta(days=age * 366)
        Child.objects.filter(user=standing.cast.user("pupil")).update(birth_on=born)
        starts = starts_of(visits, "pupil") | {reverse(page) for page in EVERYWHERE}
        starts |= {reverse("moderation:ask_access", args=["family"]), reverse("groups:told", args=["family"])}
        starts |= {reverse("consent:own_choices"), reverse("consent:own_history")}
        client = client_of(standing.cast, "pupil")
        opened = [url for url in starts if client.get(url).status_code == OK]
        assert len(opened) >= len(EVERYWHERE)
        assert dead_ends(client, starts) == set()
