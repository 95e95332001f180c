"""Writing while it is frozen, two who freeze, two who judge one draft: one order, and no word after the freeze."""

import contextlib
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from groups.roles import Role
from groups.staff.services.staff import appoint
from messaging.models import Handin, HandinStep, Message, Participation, Post, ThreadState, ThreadStep
from messaging.talks.services.threads import ThreadClosedError
from portal.core.actor import clock
from portal.core.versions import EditedMeanwhileError
from tests.consent.test_races import TIMES
from tests.messaging.conftest import NOW, Town, _build
from tests.messaging.drafts import WORDS, act_on, hand_in
from tests.messaging.steering import ask_in, second_directie, steer
from tests.messaging.talk import FAMILY, say, start
from tests.races import on_postgresql, race, together

__all__ = ["race"]


@pytest.fixture
def town() -> Town:
    return _build()


def quietly(deed: Any, *refusals: type[Exception]) -> Any:
    """A deed that may come too late."""

    def done() -> None:
        with contextlib.suppress(*refusals):
            deed()

    return done


@on_postgresql
def test_no_word_lands_after_the_freeze(town: Town, race: Any) -> None:
    both = race(2)
    for number in range(TIMES):
        thread = start(town, title=f"Gesprek {number}")
        ask_in(town, thread)
        write = quietly(lambda t=thread: say(town, t, "Karima", hat=FAMILY), ThreadClosedError)
        both.run(write, lambda t=thread: steer(town, t, "freeze"))
        thread.refresh_from_db()
        assert thread.state == ThreadState.FROZEN
        said = Message.objects.filter(thread=thread).order_by("pk").last()
        frozen = ThreadStep.objects.get(thread=thread, kind="frozen")
        assert Message.objects.filter(thread=thread).count() in (1, 2)
        assert said
        with pytest.raises(ThreadClosedError):
            say(town, thread, "Karima", hat=FAMILY)
        assert frozen.by == town.user["Petra"]


@on_postgresql
def test_two_who_freeze_make_one_line(town: Town, race: Any) -> None:
    second_directie(town)
    both = race(2)
    for number in range(TIMES):
        thread = start(town, title=f"Gesprek {number}")
        ask_in(town, thread)
        both.run(lambda t=thread: steer(town, t, "freeze"), lambda t=thread: steer(town, t, "freeze", by="Ruud"))
        assert ThreadStep.objects.filter(thread=thread, kind="frozen").count() == 1


@on_postgresql
def test_two_who_ask_make_one_line(town: Town, race: Any) -> None:
    both = race(2)
    for number in range(TIMES):
        thread = start(town, title=f"Gesprek {number}")
        both.run(lambda t=thread: ask_in(town, t), lambda t=thread: ask_in(town, t, "Anna", "staff"))
        assert ThreadStep.objects.filter(thread=thread).count() == 1


@on_postgresql
def test_a_question_and_a_new_directie_at_once_leave_nobody_without_a_chair(town: Town, race: Any) -> None:
    """A few times: each of them comes into every conversation of before as well."""
    both = race(2)
    for number in range(8):
        thread, name = start(town, title=f"Gesprek {number}"), f"Hoofd {number}"
        town.add_staff(name, "adjunct", Role.COLLEAGUE)
        task = {"staff": town.staff[name], "role": Role.DIRECTIE, "school": town.school, "by": clock(NOW)}
        both.run(lambda t=thread: ask_in(town, t), lambda given=task: appoint(**given))
        chairs = Participation.objects.filter(thread=thread, came="directie")
        assert {chair.staff for chair in chairs} >= {town.staff["Petra"], town.staff[name]}


@on_postgresql
def test_two_who_judge_give_one_answer(town: Town, race: Any) -> None:
    second_directie(town)
    both = race(2)
    for number in range(TIMES):
        draft = hand_in(town, title=f"Bericht {number}")
        late = (PermissionDenied, EditedMeanwhileError)
        both.run(
            quietly(lambda d=draft: act_on(town, d, "approve", version=1), *late),
            quietly(lambda d=draft: act_on(town, d, "return", by="Ruud", version=1), *late),
        )
        assert HandinStep.objects.filter(handin=draft).exclude(kind="handed_in").count() == 1
        placed = Post.objects.get(pk=draft.post.pk).state == "published"
        assert placed == (Handin.objects.get(pk=draft.pk).state == "placed")


@on_postgresql
def test_who_judges_in_the_same_moment_reads_that_it_was_placed(town: Town, browser_of: Any) -> None:
    second_directie(town)
    clients = [browser_of(name) for name in ("Petra", "Ruud")]
    for number in range(TIMES):
        draft = hand_in(town, title=f"Bericht {number}")
        where = reverse("messaging:handin", args=["staff", draft.uid])
        sent = {**WORDS, "title": draft.post.title, "version": 1, "act": "approve", "word": ""}
        answers = together(*(partial(client.post, where, sent) for client in clients))
        assert [answer.status_code for answer in answers] == [302, 302]
        assert {answer.url for answer in answers} == {where, reverse("desk:index")}
        assert HandinStep.objects.filter(handin=draft, kind="placed").count() == 1
