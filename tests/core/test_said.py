"""What waits for the next page: the newest few sentences, each once, however often nobody reads them."""

from collections.abc import Iterable
from typing import Any

import pytest
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from portal.core.said import LONGEST_NAME, MOST, NewestSaid, let_go


@pytest.fixture
def session() -> dict[str, Any]:
    return {}


def request_in(session: dict[str, Any]) -> HttpRequest:
    request: Any = RequestFactory().post("/")
    request.session = session
    request._messages = NewestSaid(request)
    return request


def say(session: dict[str, Any], words: str, tags: str = "") -> None:
    """One request that says something and whose next page is never opened."""
    request: Any = request_in(session)
    messages.success(request, words, extra_tags=tags)
    request._messages.update(HttpResponse())


def waiting(session: dict[str, Any]) -> list[str]:
    return [str(one) for one in messages.get_messages(request_in(session))]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (["a"], ["a"]),
        (["a"] * 40, ["a"]),
        (["a", "b", "a"], ["b", "a"]),
        ([str(number) for number in range(40)], ["35", "36", "37", "38", "39"]),
    ],
)
def test_the_newest_few_wait_each_once(session: dict[str, Any], said: Iterable[str], kept: list[str]) -> None:
    for words in said:
        say(session, words)
    assert waiting(session) == kept
    assert len(kept) <= MOST


def test_the_same_words_about_two_forms_stand_twice(session: dict[str, Any]) -> None:
    for tags in ("kept:reply-1", "kept:reply-2", "kept:reply-1"):
        say(session, "Your reply has been placed.", tags)
    found: Any = messages.get_messages(request_in(session))
    assert [one.extra_tags for one in found] == ["kept:reply-2", "kept:reply-1"]


def test_what_a_page_showed_waits_no_longer(session: dict[str, Any]) -> None:
    say(session, "a")
    request: Any = request_in(session)
    assert [str(one) for one in messages.get_messages(request)] == ["a"]
    request._messages.update(HttpResponse())
    assert waiting(session) == []


@pytest.mark.parametrize(
    ("say_it", "sent", "tags"),
    [
        (messages.success, {"kept": "event"}, ["kept:event"]),
        (messages.success, {}, [""]),
        (messages.warning, {"kept": "event"}, [""]),
        (messages.info, {"kept": "event"}, [""]),
        (messages.success, {"kept": "x" * 10_000}, ["kept:" + "x" * LONGEST_NAME]),
        (lambda request, _: let_go(request), {"kept": "event"}, ["kept:event"]),
        (lambda request, _: let_go(request), {}, []),
    ],
)
def test_what_was_said_to_succeed_has_arrived(
    session: dict[str, Any], say_it: Any, sent: dict[str, str], tags: list[str]
) -> None:
    """By the name that the form sends along; a view cannot forget it."""
    request: Any = RequestFactory().post("/", sent)
    request.session = session
    request._messages = NewestSaid(request)
    say_it(request, "Saved.")
    request._messages.update(HttpResponse())
    found: Any = messages.get_messages(request_in(session))
    assert [one.extra_tags for one in found] == tags
