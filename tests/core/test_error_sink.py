"""What is told of a mistake in the code, against a real receiver: where it is, and nothing of anybody."""

import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client
from django.urls import path

from portal.core import error_sink
from portal.core.error_sink import MOST, ErrorSink
from portal.urls import urlpatterns as site
from tests.cast import SIGN_IN, Cast
from tests.core.test_alarm import Receiver, receiver
from tests.core.test_faults import failing, nobody_there
from tests.mail.server import dripping_server, free_port, talking_server

CANARY = "Zeker geheim 0597-012345"
log = logging.getLogger("django.request")


@pytest.fixture
def told() -> Iterator[Receiver]:
    with receiver() as (kept, url):
        sink = ErrorSink(url, "kring.example")
        logging.getLogger().addHandler(sink)
        yield kept
        logging.getLogger().removeHandler(sink)


def wait_for(kept: Receiver, number: int) -> list[str]:
    """Told from another thread."""
    ends = time.monotonic() + 5
    while len(kept.got) < number and time.monotonic() < ends:
        time.sleep(0.01)
    time.sleep(0.1)
    return [text for _title, text in kept.got]


def go_wrong(words: str) -> None:
    secret = words
    try:
        int(secret)
    except ValueError as error:
        raise LookupError(secret) from error


def mistake(words: str = CANARY) -> None:
    try:
        go_wrong(words)
    except LookupError:
        log.exception("Internal Server Error: /thuis/%s/", words)


def test_kind_and_place_and_no_word(told: Receiver) -> None:
    mistake()
    [text] = wait_for(told, 1)
    assert text.startswith("kring.example, django.request\n")
    assert not [
        part for part in ("LookupError", "after:", "ValueError", __name__[-10:], "go_wrong") if part not in text
    ]
    assert not [part for part in (CANARY, "geheim", "/thuis/", "secret") if part in text]


@pytest.mark.parametrize("first", [dripping_server, talking_server])
def test_a_receiver_that_drips_or_speaks_in_tongues_is_not_the_last_that_is_told(
    told: Receiver, first: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shown: the thread that tells waited for ever, or ended; of what went wrong afterwards nobody heard."""
    monkeypatch.setattr(error_sink, "SECONDS", 0.5)
    [sink] = [one for one in logging.getLogger().handlers if isinstance(one, ErrorSink)]
    with first() as port:
        monkeypatch.setattr(sink, "_url", f"http://127.0.0.1:{port}/")
        mistake()
        time.sleep(1.5)
        monkeypatch.undo()
        go_wrong_elsewhere()
        assert len(wait_for(told, 1)) == 1


def go_wrong_elsewhere() -> None:
    try:
        go_wrong("x")
    except LookupError:
        log.exception("another place")


def broken(request: Any, words: str) -> Any:
    raise RuntimeError(words + request.GET["q"])


urlpatterns = [path("stuk/<str:words>/", broken), *site]


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_a_page_that_goes_wrong(told: Receiver, cast: Cast) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(cast.mother, backend=SIGN_IN)
    assert client.get("/stuk/kanarie/", {"q": CANARY}).status_code == 500
    [text] = wait_for(told, 1)
    assert "RuntimeError" in text
    assert not [one for one in (CANARY, "kanarie", "stuk", cast.mother.email, cast.mother.name) if one in text]


def test_the_same_is_told_once_and_many_are_one_story(told: Receiver) -> None:
    for number in range(3):
        mistake(f"{CANARY} {number}")
    assert len(wait_for(told, 1)) == 1
    for number in range(2 * MOST):
        kind = type(f"Mistake{number}", (Exception,), {})
        log.error("", exc_info=(kind, kind(), None))
    assert 2 < len(wait_for(told, MOST)) <= MOST


def test_what_the_database_cannot_do_is_no_mistake(told: Receiver, db: None) -> None:
    with failing(nobody_there()):
        assert Client(raise_request_exception=False).get("/inloggen/").status_code == 503
    log.error("no error at all")
    assert wait_for(told, 1) == []


def test_who_cannot_be_reached_holds_up_nobody_and_is_not_named(caplog: pytest.LogCaptureFixture) -> None:
    address = f"http://127.0.0.1:{free_port()}/geheim"
    sink = ErrorSink(address, "kring.example")
    logging.getLogger().addHandler(sink)
    try:
        begun = time.monotonic()
        mistake()
        assert time.monotonic() - begun < 1
        ends = time.monotonic() + 5
        while "could not be told" not in caplog.text and time.monotonic() < ends:
            time.sleep(0.01)
    finally:
        logging.getLogger().removeHandler(sink)
    said = [record.getMessage() for record in caplog.records if record.name == "kring.errors"]
    assert said == ["a mistake could not be told: URLError"]


@pytest.mark.parametrize(("url", "handlers"), [("", ["console"]), ("https://errors.example/x", ["console", "errors"])])
def test_it_is_there_when_it_was_asked_for(url: str, handlers: list[str]) -> None:
    program = "from django.conf import settings; print(*settings.LOGGING['root']['handlers'])"
    env = {**os.environ, "KRING_ERRORS_URL": url, "DJANGO_SETTINGS_MODULE": "portal.settings", "KRING_MODE": "test"}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=configured.BASE_DIR, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.split() == handlers
