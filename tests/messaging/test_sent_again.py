"""After Back the same form comes with a new key: the same words within ten minutes are the same message."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from groups.roles import Hat
from messaging.models import Handin, Message, Post, Reply
from messaging.posts.services.posts import publish_post
from messaging.posts.services.replies import publish_reply
from messaging.removing.services.removal import retract_written
from messaging.talks.services.threads import write_message
from portal.core.actor import Actor
from portal.core.submissions import AlreadySubmittedError
from tests.cast import Cast
from tests.messaging.conftest import NOW, later
from tests.messaging.drafts import WORDS
from tests.messaging.pages import FAMILY, STAFF, message, page_text, url
from tests.messaging.talk import start
from tests.scene import Scene


def after(actor: Actor, minutes: int) -> Actor:
    return actor._replace(now=actor.now + timedelta(minutes=minutes))


def test_the_same_message_again_is_the_first_one(cast: Cast) -> None:
    now = timezone.now()
    form = {"topic": "update", "title": "T", "text": "X", "replies": "on"}
    anna = Actor(cast.teacher, Hat.STAFF, now)
    first = publish_post(groups=[cast.groep_4], **form, by=anna, submission_key=uuid4())
    with pytest.raises(AlreadySubmittedError) as again:
        publish_post(groups=[cast.groep_4], **form, by=after(anna, 9), submission_key=uuid4())
    assert again.value.subject_uid == first[0].uid
    later = publish_post(groups=[cast.groep_4], **form, by=after(anna, 10), submission_key=uuid4())
    assert later[0].uid != first[0].uid


def test_other_words_are_another_message(cast: Cast) -> None:
    now = timezone.now()
    form = {"topic": "update", "title": "T", "replies": "on", "by": Actor(cast.teacher, Hat.STAFF, now)}
    publish_post(groups=[cast.groep_4], text="X", **form, submission_key=uuid4())
    assert publish_post(groups=[cast.groep_4], text="Y", **form, submission_key=uuid4())


def test_the_same_reply_again_is_the_first_one(cast: Cast, scene: Scene) -> None:
    now = timezone.now()
    form, mother = {"post": scene.post, "text": "Dank!"}, Actor(cast.mother, Hat.FAMILY, now)
    first = publish_reply(**form, by=mother, submission_key=uuid4())
    with pytest.raises(AlreadySubmittedError) as again:
        publish_reply(**form, by=after(mother, 9), submission_key=uuid4())
    assert again.value.subject_uid == first.uid
    assert publish_reply(**form, by=after(mother, 10), submission_key=uuid4())


def test_what_was_taken_back_is_placed_when_its_form_comes_again(town, browser_of) -> None:
    browser, sent = browser_of("Anna"), message(town, "g4")
    browser.post(url("compose", STAFF), sent)
    browser.post(url("retract", STAFF, Post.objects.get().uid))
    again = browser.post(url("compose", STAFF), sent, follow=True)
    assert "Geplaatst. 3 van de 4 gezinnen van groep 4 kunnen het lezen." in page_text(again)
    assert list(Post.objects.order_by("pk").values_list("state", flat=True)) == ["retracted", "published"]
    assert "Dit bericht stond er al." in page_text(browser.post(url("compose", STAFF), sent, follow=True))
    assert Post.objects.count() == 2


def test_so_is_a_reply(town, place, browser_of) -> None:
    post, browser = place(), browser_of("Karima")
    sent = {"text": "Dank!", "key": str(uuid4()), "shown": "all"}
    for states in (["published"], ["retracted", "published"], ["retracted", "retracted", "published"]):
        for _ in range(2):
            again = browser.post(url("post", FAMILY, post.uid), sent, follow=True)
            assert "De reactie staat erbij." in page_text(again)
            assert list(Reply.objects.order_by("pk").values_list("state", flat=True)) == states
        browser.post(url("retract_reply", FAMILY, Reply.objects.order_by("pk").last().uid))


def test_so_is_what_was_said_in_a_conversation(town) -> None:
    said = {"thread": start(town), "text": "Tot morgen.", "by": Actor(town.user["Karima"], FAMILY, NOW)}
    said |= {"submission_key": uuid4()}
    retract_written(written=write_message(**said), by=said["by"])
    again = write_message(**said)
    assert list(Message.objects.filter(text="Tot morgen.", state="published")) == [again]
    with pytest.raises(AlreadySubmittedError):
        write_message(**said)


def test_so_is_a_conversation(town) -> None:
    """Who began with the wrong words, took them back and began again was led to the empty one, by either key."""
    keys = uuid4(), uuid4()
    first = start(town, submission_key=keys[0])
    with pytest.raises(AlreadySubmittedError):
        start(town, submission_key=keys[1])
    retract_written(written=first.messages.get(), by=Actor(town.user["Karima"], FAMILY, NOW))
    again = start(town, submission_key=keys[0])
    assert again.pk != first.pk
    with pytest.raises(AlreadySubmittedError) as twice:
        start(town, submission_key=keys[1])
    assert twice.value.subject_uid == again.uid
    retract_written(written=again.messages.get(), by=Actor(town.user["Karima"], FAMILY, NOW))
    assert start(town, submission_key=keys[1]).pk not in (first.pk, again.pk)


def test_so_is_a_draft(town, browser_of) -> None:
    browser, sent = browser_of("Lotte"), {**WORDS, "key": str(uuid4()), "word": ""}
    for _ in range(2):
        browser.post(url("hand_in", FAMILY), sent)
    browser.post(url("withdraw_handin", FAMILY, Handin.objects.get().uid))
    for _ in range(2):
        browser.post(url("hand_in", FAMILY), sent)
    assert list(Handin.objects.order_by("pk").values_list("state", flat=True)) == ["withdrawn", "waiting"]


@pytest.mark.parametrize("key", ["the same", "another"])
def test_the_same_words_for_another_day_are_another_message(town, browser_of, key) -> None:
    """ "Denk aan je gymspullen", for this Monday and the next; and again on the day itself."""
    first = message(town, "g4")

    def plan(at: str, now: datetime = NOW) -> str:
        sent = {**first, "when": "other" if at else "now", "at": at}
        sent |= {} if key == "the same" else {"key": str(uuid4())}
        with time_machine.travel(now, tick=False):
            return page_text(browser_of("Anna").post(url("compose", STAFF), sent, follow=True))

    for at in ("2026-11-23T08:00", "2026-11-30T08:00"):
        assert "Het bericht staat klaar." in plan(at)
        assert "Dit bericht stond er al." in plan(at)
    assert "Dit bericht stond er al." in plan("")
    assert Post.objects.count() == 2
    if key == "another":
        assert "Geplaatst." in plan("", later(hours=1))
        assert Post.objects.count() == 3
