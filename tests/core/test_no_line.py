"""What a browser keeps of Kring for when there is no line (docs/adr/0047)."""

import json
import re

import pytest
from django.test import Client, RequestFactory

from groups.models import School
from portal.core import no_line, views
from tests.cast import SIGN_IN, Cast

KEPT = ["/geen-verbinding/", "/static/kring.css", "/static/icons.svg", "/static/favicon.svg"]


def written(script: str, name: str) -> object:
    """What stands behind a constant of the script."""
    found = re.search(rf"^const {name} = (.+);$", script, re.MULTILINE)
    assert found
    return json.loads(found[1])


@pytest.fixture
def script(db: None, client: Client) -> str:
    return client.get("/werker.js").content.decode()


def test_what_is_kept_is_one_page_and_its_dress(script: str) -> None:
    page, dress = written(script, "PAGE"), written(script, "DRESS")
    assert [page, *dress] == KEPT
    assert re.findall(r"addAll\((.*?)\.map", script) == ["[PAGE, ...DRESS]"]
    assert not re.search(r"\.(put|add)\(", script)
    assert 'credentials: "omit"' in script


def test_the_page_loads_nothing_that_is_not_kept(db: None, client: Client) -> None:
    page = client.get("/geen-verbinding/").content.decode()
    loaded = re.findall(r'(?:src|<link [^>]*href|<use href)="([^"#]+)', page)
    assert set(loaded) == set(KEPT[1:])
    assert [client.get(address).status_code for address in KEPT] == [200] * len(KEPT)


@pytest.mark.parametrize("name", ["mother", "directie"])
def test_page_and_script_are_the_same_for_everybody(cast: Cast, name: str) -> None:
    """Also for who is sent to a second factor first."""
    stranger, somebody = Client(), Client()
    somebody.force_login(getattr(cast, name), backend=SIGN_IN)
    for address in ("/geen-verbinding/", "/werker.js"):
        given = somebody.get(address)
        assert (given.status_code, given.content) == (200, stranger.get(address).content)
        assert given.cookies == {}


def test_the_browser_lets_it_work_from_the_root(db: None, client: Client) -> None:
    given = client.get("/werker.js")
    assert given["Content-Type"] == "text/javascript"
    assert given["Cache-Control"] == "private, max-age=3600"
    assert "worker-src 'self'" in given["Content-Security-Policy"]


def test_the_numbers_of_open_schools_are_on_it_and_a_new_one_is_fetched(cast: Cast, client: Client) -> None:
    before = views._version_without_a_line()
    School.objects.filter(pk=cast.groep_4.school_id).update(phone="0597-99 88 77")
    assert 'href="tel:0597998877"' in client.get("/geen-verbinding/").content.decode()
    assert views._version_without_a_line() != before
    School.objects.filter(pk=cast.groep_4.school_id).update(opened_at=None)
    assert "0597998877" not in client.get("/geen-verbinding/").content.decode()


def test_other_words_or_another_dress_are_fetched_again(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    versions = [views._version_without_a_line()]
    monkeypatch.setattr(views, "static", lambda name: f"/static/{name}?another")
    versions.append(views._version_without_a_line())
    monkeypatch.setattr(views, "render_to_string", lambda name, facts: "other words")
    versions.append(views._version_without_a_line())
    assert len(set(versions)) == 3


def test_a_page_of_our_mistake_says_whom_to_call_and_comes_without_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking may be what fails: then the page says to call, and no number."""

    def broken() -> list[no_line.Number]:
        raise RuntimeError

    for known, says in [(lambda: [no_line.Number("De Linde", "0597-1")], True), (broken, False)]:
        monkeypatch.setattr(no_line, "_known", [known])
        page = views.server_error(RequestFactory().get("/"))
        assert (page.status_code, "0597-1" in page.content.decode()) == (500, says)


def test_what_is_pushed_is_always_shown(script: str) -> None:
    """A browser cuts off who pushes without a notice; what it shows is in `tests/e2e/test_phones.py`."""
    assert 'addEventListener("push", (event) => event.waitUntil(show(event.data)))' in script
    assert 'addEventListener("notificationclick", (event) => event.waitUntil(open(event.notification)))' in script
    assert 'addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)))' in script
    assert len(script.splitlines()) <= 100
