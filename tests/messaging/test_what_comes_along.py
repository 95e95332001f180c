"""What comes along to what is asked, and what it costs, is part of the message (POL-28; docs/adr/0066)."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from messaging.asks.domain import YES
from messaging.asks.models import AskAnswer
from messaging.asks.services.answering import answer_ask
from messaging.models import Post
from messaging.newsletter.services.editions import send_due_editions
from messaging.posts.services.posts import edit_post
from messaging.removing.domain import unpack
from messaging.removing.services.hard_copy import prepare
from messaging.removing.services.removal import remove_written
from messaging.writings.domain.text import COST_LIMIT, TextTooLongError
from portal.core import outbox
from portal.core.actor import Actor
from tests.messaging.conftest import NOW, Town, later
from tests.messaging.pages import FAMILY, STAFF, edited, message, page_text, url

WEDNESDAY = date(2026, 11, 25)
WOOD: dict[str, Any] = {"ask": "yes_no", "ask_on": WEDNESDAY, "bring": "laarzen", "cost": "3 euro"}
ALONG = "Meenemen: laarzen · Kosten: 3 euro"


@pytest.fixture
def wood(place: Callable[..., Post]) -> Post:
    return place("Anna", title="Mee naar het bos?", **WOOD)


def test_it_stands_on_the_board_in_the_message_and_behind_the_link_of_a_mail(
    town: Town, browser_of: Callable[[str], Client]
) -> None:
    anna, karima = browser_of("Anna"), browser_of("Karima")
    sent = message(town, "g4", title="Mee?", **{**WOOD, "ask_on": "2026-11-25", "bring": "  laarzen\n"})
    anna.post(url("compose", STAFF), sent)
    post = Post.objects.get()
    assert (post.bring, post.cost) == ("laarzen", "3 euro")
    for page in (url("feed", FAMILY), url("post", FAMILY, post.uid)):
        assert ALONG in page_text(karima.get(page))
    for page in (url("post", STAFF, post.uid), url("answers", STAFF, post.uid)):
        assert ALONG in page_text(anna.get(page))
    form = anna.get(url("edit", STAFF, post.uid))
    assert 'value="laarzen"' in form.content.decode()


def test_it_goes_along_in_the_newsletter(town: Town, wood: Post) -> None:
    friday = later(hours=3)
    send_due_editions(now=friday)
    outbox.sweep(now=friday)
    letter = next(one for one in mail.outbox if "karima" in one.to[0])
    html = letter.alternatives[0][0]  # type: ignore[attr-defined]
    assert ALONG in letter.body
    assert ALONG in html


def test_a_change_of_it_is_a_new_version_and_keeps_the_answers(town: Town, wood: Post) -> None:
    answer_ask(post=wood, answer=YES, ask_on=WEDNESDAY, by=Actor(town.user["Karima"], FAMILY, NOW))
    by = Actor(town.user["Anna"], STAFF, later(minutes=5))
    edit_post(by=by, post=wood, **edited(wood, **{**WOOD, "cost": "4 euro"}))
    assert [one.cost for one in wood.versions.order_by("number")] == ["3 euro", "4 euro"]
    assert AskAnswer.objects.count() == 1


def test_without_a_question_nothing_comes_along(place: Callable[..., Post]) -> None:
    assert place("Anna", bring="laarzen").bring == ""


def test_it_is_no_place_for_a_story(place: Callable[..., Post]) -> None:
    with pytest.raises(TextTooLongError):
        place("Anna", **{**WOOD, "cost": "x" * (COST_LIMIT + 1)})
    assert Post.objects.count() == 0


def test_removed_it_says_nothing_and_the_copy_does(town: Town, wood: Post) -> None:
    petra = Actor(town.user["Petra"], STAFF, NOW)
    sealed = unpack(prepare(wood, reason="Klopt niet", by=petra).copy.content).document.text
    assert (sealed.bring, sealed.cost) == ("laarzen", "3 euro")
    remove_written(written=wood, reason="Klopt niet", by=petra)
    wood.refresh_from_db()
    assert (wood.bring, wood.cost) == ("", "")
