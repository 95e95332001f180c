"""Two parents answer one question in the same second, a finger taps twice, and the day moves while somebody answers."""

import contextlib
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone

from groups.accounts.services.hats import hats_of
from groups.roles import Hat
from messaging.asks.domain import NO, YES
from messaging.asks.models import AskAnswer
from messaging.asks.services.answering import answer_ask
from messaging.asks.services.board import board_of
from messaging.asks.services.holding import AskedOtherwiseError
from messaging.models import AskKind, Post
from messaging.posts.services.posts import edit_post, publish_post
from portal.core.actor import Actor
from portal.core.domain.moments import school_day
from tests.messaging.conftest import Town, _build
from tests.races import Race, on_postgresql, race, together
from tests.share import share

__all__ = ["race"]

TIMES = share(20)


@pytest.fixture
def town() -> Town:
    return _build()


@pytest.fixture
def wood(town: Town) -> Post:
    """Petra asks two groups at once: each has a copy of the message."""
    asked = {"ask": AskKind.YES_NO, "ask_on": day(5)}
    groups = [town.group["g4"], town.group["g7"]]
    content = {"topic": "update", "title": "Mee naar het bos?", "text": "Woensdag.", "replies": "off", **asked}
    return publish_post(groups=groups, by=Actor(town.user["Petra"], Hat.STAFF, timezone.now()), **content)[0]


def day(ahead: int) -> date:
    return school_day(timezone.now()) + timedelta(days=ahead)


def says(town: Town, parent: str, post: Post, answer: str, on: date) -> None:
    answer_ask(post=post, answer=answer, ask_on=on, by=Actor(town.user[parent], Hat.FAMILY, timezone.now()))


def standing(town: Town, parent: str) -> dict[str, str]:
    user, now = town.user[parent], timezone.now()
    asks = board_of(actor=Actor(user, Hat.FAMILY, now), hats=hats_of(user, now=now))
    return {one.child.first_name: one.answer for ask in (*asks.waiting, *asks.settled) for one in ask.children}


@on_postgresql
def test_two_parents_answer_in_one_second(town: Town, wood: Post, race: Callable[[int], Race]) -> None:
    """Both answers are kept, whoever was first, and the no stands."""
    both = race(2)
    for turn in range(TIMES):
        yes, no = ("Karima", "Said") if turn % 2 else ("Said", "Karima")
        both.run(
            lambda who=yes: says(town, who, wood, YES, day(5)),
            lambda who=no: says(town, who, wood, NO, day(5)),
        )
        given = AskAnswer.objects.values_list("user", "answer")
        assert sorted(given) == sorted([(town.user[yes].pk, YES), (town.user[no].pk, NO)] * 2)
        assert standing(town, yes) == standing(town, no) == {"Noor": NO, "Ilyas": NO}
        AskAnswer.objects.all().delete()


@on_postgresql
def test_a_double_tap_is_one_answer(town: Town, wood: Post) -> None:
    for _ in range(TIMES):
        answers = together(*[lambda: says(town, "Karima", wood, YES, day(5))] * 2)
        assert answers == [None, None]
    assert list(AskAnswer.objects.values_list("user", "answer")) == [(town.user["Karima"].pk, YES)] * 2


@on_postgresql
def test_an_answer_to_one_day_is_never_one_to_another(town: Town, wood: Post, race: Callable[[int], Race]) -> None:
    """Kept for the day that was read, and gone with it; or said not to be kept."""
    both = race(2)
    for turn in range(TIMES):
        was, then = (day(5), day(6)) if turn % 2 == 0 else (day(6), day(5))
        post = Post.objects.get(pk=wood.pk)
        words = {name: getattr(post, name) for name in ("topic", "title", "text", "replies", "ask", "answer_by")}
        by = Actor(town.user["Petra"], Hat.STAFF, timezone.now())

        def move(post: Post = post, words: dict = words, by: Actor = by, then: date = then) -> None:
            edit_post(post=post, version=post.version, together=True, by=by, **words, ask_on=then)

        def answer(on: date = was) -> None:
            with contextlib.suppress(AskedOtherwiseError):
                says(town, "Karima", wood, YES, on)

        both.run(move, answer)
        assert standing(town, "Karima") == {"Noor": "", "Ilyas": ""}
