"""The directie in a conversation, on the pages: asked first, seen by all, and nothing to find before."""

from uuid import uuid4

import pytest
from django.urls import reverse

from groups.roles import Hat
from messaging.models import Image, Message, Thread, ThreadState, ThreadStep
from portal.core.actor import Actor
from tests.messaging.conftest import NOW
from tests.messaging.pages import page_text, url
from tests.messaging.photo_files import uploads
from tests.messaging.steering import ask_in, second_directie, steer
from tests.messaging.talk import FAMILY, STAFF, named_in, start

ACTS = ["join_directie", "freeze", "reopen", "close"]


@pytest.mark.parametrize("name", ["Petra", "Said", "Harm", "Joost"])
@pytest.mark.parametrize("hat", [FAMILY, STAFF])
def test_for_who_is_not_in_it_no_act_exists(town, browser_of, name, hat):
    thread, client = start(town), browser_of(name)
    for act in ACTS:
        for method in (client.get, client.post):
            assert method(url(act, hat, thread.uid), {"word": "X"}).status_code == 404
    assert Thread.objects.get().directie_since is None


def test_one_tap_asks_first_and_everybody_sees_it(town, browser_of):
    thread, mother = start(town), browser_of("Karima")
    page = url("thread", FAMILY, thread.uid)
    assert "Directie erbij" in page_text(mother.get(page))
    asked = mother.get(url("join_directie", FAMILY, thread.uid))
    assert "ook wat er al stond" in page_text(asked)
    assert Thread.objects.get().directie_since is None
    for _ in range(2):
        done = mother.post(url("join_directie", FAMILY, thread.uid), follow=True)
        assert "Vanaf nu leest de directie mee." in page_text(done)
    assert ThreadStep.objects.count() == 1
    for name, hat in [("Karima", FAMILY), ("Anna", STAFF), ("Petra", STAFF)]:
        text = page_text(browser_of(name).get(url("thread", hat, thread.uid)))
        assert "Gevraagd door Karima Bouzid" in text
        assert "Directie erbij" not in text
    assert "(directie)" in page_text(mother.get(page))


def test_the_directie_finds_it_in_the_menu_and_the_list(town, browser_of):
    client, home = browser_of("Petra"), reverse("messaging:threads", args=[STAFF])
    thread = start(town, title="Boos")
    empty = client.get(home)
    assert "Boos" not in page_text(empty)
    assert "Geen gesprek vraagt om jou" in page_text(empty)
    ask_in(town, thread)
    text = page_text(client.get(home))
    assert "Boos" in text
    assert "directie leest mee" in text
    assert "1 nieuw" in text
    assert reverse("messaging:new_thread", args=[STAFF]) not in client.get(home).content.decode()


def test_freezing_says_what_now_and_keeps_what_was_typed(town, browser_of):
    thread = start(town)
    ask_in(town, thread)
    client = browser_of("Petra")
    assert client.post(url("freeze", STAFF, thread.uid), {"word": "Eerst praten."}).status_code == 302
    mother = browser_of("Karima")
    text = page_text(mother.get(url("thread", FAMILY, thread.uid)))
    assert "Niemand kan hier nu schrijven." in text
    assert "Eerst praten." in text
    late = mother.post(url("thread", FAMILY, thread.uid), {"text": "Nog iets", "key": str(uuid4())})
    assert late.status_code == 403
    assert "Nog iets" in late.content.decode()
    assert Message.objects.count() == 1
    assert "Dit gesprek was al bevroren." in page_text(client.get(url("freeze", STAFF, thread.uid), follow=True))
    client.post(url("reopen", STAFF, thread.uid))
    again = {"text": "Nog iets", "key": str(uuid4()), "shown": named_in(thread)}
    assert mother.post(url("thread", FAMILY, thread.uid), again).status_code == 302


def test_closing_asks_for_a_word_and_a_stale_page_does_nothing(town, browser_of):
    second_directie(town)
    thread = start(town)
    ask_in(town, thread)
    client = browser_of("Petra")
    assert client.post(url("close", STAFF, thread.uid), {"word": "  "}).status_code == 422
    steer(town, thread, "close", by="Ruud")
    for act in ("freeze", "reopen", "close"):
        done = client.post(url(act, STAFF, thread.uid), {"word": "Toch"}, follow=True)
        assert "Dit gesprek was al gesloten." in page_text(done)
    assert Thread.objects.get().state == ThreadState.CLOSED
    assert ThreadStep.objects.count() == 2


def test_the_directie_sends_photos_as_the_teacher_does(town, browser_of, settings, tmp_path):
    settings.KRING_DATA_DIR = tmp_path
    thread = start(town)
    ask_in(town, thread)
    client, page = browser_of("Petra"), url("thread", STAFF, thread.uid)
    assert 'name="photos"' in client.get(page).content.decode()
    [image] = uploads(1, by=town.user["Petra"], school=town.school, now=NOW, hat=STAFF)
    words = {"text": "Zullen we bellen?", "key": str(uuid4()), "shown": named_in(thread)}
    client.post(page, {**words, "photo": str(image.uid), "declared": "on"})
    readers = {"Karima": True, "Anna": True, "Petra": True, "Said": False, "Harm": False}
    seen = {name: Image.objects.visible_to(Actor(town.user[name], Hat.ANY, NOW)).contains(image) for name in readers}
    assert seen == readers
    said = Message.objects.get(author=town.user["Petra"])
    assert (said.author_name, said.author_function, said.published_at) == ("Petra Schuurman", "directeur", NOW)
