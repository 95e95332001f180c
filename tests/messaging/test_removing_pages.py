"""The pages of removing, and the fixed sentence that stands where something was (POL-61, 62)."""

import re
from typing import Any

import pytest
from django.urls import reverse

from groups.models import Telling
from groups.roles import Hat
from messaging.models import Message, Placement, Post, Reply
from messaging.posts.services.replies import publish_reply
from messaging.removing.domain import unpack
from messaging.removing.services import removal
from messaging.removing.services.removal import note_report, remove_written
from messaging.talks.services.threads_steering import join_directie
from messaging.writings.services.seen import mark_seen
from messaging.writings.services.written import hide_written, show_written
from portal.core.actor import Actor
from portal.core.models import DossierEntry, DossierPayload
from tests.messaging.moments import NOW
from tests.messaging.pages import FAMILY, STAFF, hidden_in, page_text, url
from tests.messaging.talk import say, start

SENTENCE = "De school heeft dit bericht weggehaald."
BUTTON = "Haal voorgoed weg"
SECOND = "Dit was al even weg. De schrijver las toen waarom; jouw woorden zijn niet verstuurd."
REASON = "Kwetsend voor een ander kind."


@pytest.fixture
def reply(town: Any, place: Any) -> Any:
    return publish_reply(post=place(), text="Wat een onzin.", by=Actor(town.user["Karima"], Hat.FAMILY, NOW))


def remove(town: Any, written: Any, by: str = "Petra") -> None:
    remove_written(written=written, reason=REASON, by=Actor(town.user[by], Hat.STAFF, NOW))


def asked(**changed: Any) -> dict[str, Any]:
    return {"reason": REASON, "told": "Dit doet pijn.", "version": 1, **changed}


def test_the_button_stands_where_the_power_is(town: Any, reply: Any, browser_of: Any) -> None:
    page = url("post", STAFF, reply.post.uid)
    text = browser_of("Anna").get(page).content.decode()
    assert {url("remove", STAFF, reply.post.uid), url("remove_reply", STAFF, reply.uid)} <= set(
        re.findall(r'href="([^"]+)"', text)
    )
    assert page_text(browser_of("Anna").get(page)).count(f"{BUTTON}, met kopie") == 2
    assert BUTTON not in page_text(browser_of("Karima").get(url("post", FAMILY, reply.post.uid)))


def test_the_page_says_what_happens_and_asks_why(town: Any, reply: Any, browser_of: Any) -> None:
    client, page = browser_of("Anna"), url("remove_reply", STAFF, reply.uid)
    text = page_text(client.get(page))
    assert "Eerst gaat een kopie in het dossier" in text
    assert "Wat een onzin." in text
    refused = client.post(page, asked(reason=" "))
    assert (refused.status_code, DossierEntry.objects.count()) == (422, 0)
    assert "Schrijf eerst op waarom." in page_text(refused)


def test_what_was_put_back_meanwhile_does_not_go_from_an_old_tab(town: Any, reply: Any, browser_of: Any) -> None:
    """It went for good, without a word: the page was of before a colleague had looked at it and put it back."""
    page, petra = url("remove_reply", STAFF, reply.uid), Actor(town.user["Petra"], Hat.STAFF, NOW)
    hide_written(written=reply, by=petra)
    client = browser_of("Petra")
    opened = hidden_in(client.get(page))
    show_written(written=reply, by=petra)
    answer = client.post(page, asked(**opened))
    assert (answer.status_code, DossierEntry.objects.count()) == (409, 0)
    assert "Het is intussen teruggezet, en weer te lezen." in page_text(answer)
    assert REASON in answer.content.decode()
    hide_written(written=reply, by=petra)
    answer = client.post(page, asked(**hidden_in(answer)))
    assert "Het is intussen voorlopig weggehaald." in page_text(answer)
    assert client.post(page, asked(**hidden_in(answer))).status_code == 302
    assert DossierEntry.objects.count() == 1


def test_who_is_second_reads_what_was_done_and_that_the_own_words_did_not_go(
    town: Any, reply: Any, browser_of: Any
) -> None:
    """It said that the reply was put away, with a tick: of the words for its writer nothing was told."""
    anna, petra = browser_of("Anna"), browser_of("Petra")
    hide, show = (url(f"{name}_reply", STAFF, reply.uid) for name in ("hide", "show"))
    anna.post(hide, {"told": "Dit doet pijn."})
    for client, said in ((petra, f"Juf Anna was je voor. {SECOND}"), (anna, SECOND)):
        answer = client.post(hide, {"told": "In andere woorden."}, follow=True)
        assert said_on(answer)[-1] == said
    assert list(Telling.objects.filter(kind="hidden").values_list("words", flat=True)) == ["Dit doet pijn."]
    anna.post(show, follow=True)
    assert said_on(petra.post(show, follow=True)) == ["Juf Anna was je voor. Dit was al teruggezet."]
    remove(town, reply)
    gone = "Dit was al weg. De kopie zit in het dossier."
    for page in (hide, show, url("remove_reply", STAFF, reply.uid)):
        for client, said in ((petra, gone), (anna, f"Petra Schuurman was je voor. {gone}")):
            assert said_on(client.post(page, asked(told="Zo."), follow=True)) == [said]
    parent = browser_of("Karima").post(url("hide_reply", FAMILY, reply.uid), {"told": "Zo."}, follow=True)
    assert said_on(parent) == [gone]


def test_taken_back_twice_is_once_and_says_so(town: Any, reply: Any, place: Any, browser_of: Any) -> None:
    """A double click, or Back: the second one was a page that is not there."""
    thread = start(town, "Anna", parents=("Karima",))
    message = say(town, thread, "Karima", hat=FAMILY)
    karima, anna, post = browser_of("Karima"), browser_of("Anna"), place()
    pages = [
        (karima, url("retract_reply", FAMILY, reply.uid)),
        (karima, url("retract_message", FAMILY, message.uid)),
        (anna, url("retract", STAFF, post.uid)),
    ]
    for client, page in pages:
        assert client.post(page).status_code == 302
        answer = client.post(page, follow=True)
        assert (answer.status_code, said_on(answer)[-1:]) == (200, ["Dit was al weggehaald."])
    assert browser_of("Said").post(pages[0][1]).status_code == 404


def said_on(answer: Any) -> list[str]:
    return [str(said) for said in answer.context["messages"]]


def test_removing_and_a_double_click_and_the_back_button(town: Any, reply: Any, browser_of: Any) -> None:
    client, page = browser_of("Anna"), url("remove_reply", STAFF, reply.uid)
    there = f"{url('post', STAFF, reply.post.uid)}?reactie={reply.uid}#reactie-{reply.uid}"
    for _ in range(2):
        answer = client.post(page, asked())
        assert (answer.status_code, answer["Location"]) == (302, there)
    back = client.get(page, follow=True)
    assert "Dit was al weg." in page_text(back)
    assert DossierEntry.objects.count() == 1


def test_a_stale_page_shows_what_stands_there_now(town: Any, place: Any, browser_of: Any) -> None:
    from messaging.posts.services.posts import edit_post  # noqa: PLC0415

    post = place()
    fields = {"topic": "update", "title": "Anders", "text": "Toch maar anders.", "replies": "on"}
    edit_post(post=post, version=1, by=Actor(town.user["Anna"], STAFF, NOW), **fields)
    client, page = browser_of("Petra"), url("remove", STAFF, post.uid)
    answer = client.post(page, asked())
    text = page_text(answer)
    assert (answer.status_code, DossierEntry.objects.count()) == (409, 0)
    assert ("Lees het opnieuw." in text, "Toch maar anders." in text, REASON in text) == (True, True, True)
    assert client.post(page, asked(version=2)).status_code == 302


def test_without_a_copy_the_page_says_so_and_hiding_still_works(town: Any, photos: Any, browser_of: Any) -> None:
    from portal.core.media import storage  # noqa: PLC0415

    [image] = photos(1)
    storage.forget(image.key)
    post = Post.objects.get()
    client = browser_of("Anna")
    answer = client.post(url("remove", STAFF, post.uid), asked())
    assert answer.status_code == 503
    assert "De kopie lukt niet, dus er is niets weggehaald." in page_text(answer)
    client.post(url("hide", STAFF, post.uid), {"told": "Even kijken."})
    post.refresh_from_db()
    assert post.state == "hidden"


def test_when_somebody_keeps_changing_it_the_page_says_so(
    town: Any, reply: Any, browser_of: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(removal, "standing", lambda content: None)
    answer = browser_of("Anna").post(url("remove_reply", STAFF, reply.uid), asked())
    assert (answer.status_code, DossierEntry.objects.count()) == (409, 0)


def test_all_three_or_this_one(town: Any, place: Any, browser_of: Any) -> None:
    first, second = place("Petra", "g4", "g7"), place("Petra", "g4", "g7")
    client = browser_of("Petra")
    assert "groep 7" in page_text(client.get(url("remove", STAFF, first.uid)))
    client.post(url("remove", STAFF, first.uid), asked())
    client.post(url("remove", STAFF, second.uid), asked(together="yes"))
    states = Post.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["removed", "published", "removed", "removed"]
    assert DossierEntry.objects.count() == 3


def test_a_photo_is_removed_where_it_stands_or_everywhere(town: Any, photos: Any, browser_of: Any) -> None:
    [image] = photos(1, "g4", "g7", by="Petra")
    post = Post.objects.order_by("pk").first()
    assert post
    client = browser_of("Petra")
    viewer = client.get(url("viewer", STAFF, post.uid, 1)).content.decode()
    page = url("remove_photo", STAFF, post.uid, image.uid)
    assert page in viewer
    assert client.get(page).status_code == 200
    client.post(page, asked(together="yes"))
    assert Placement.objects.filter(dossier_entry__isnull=False).count() == 2
    assert client.get(f"/foto/{image.uid}/1600").status_code == 404
    assert "Dit was al weg." in page_text(client.get(page, follow=True))


# What stands there afterwards


def test_everybody_meets_the_fixed_sentence_in_the_feed_and_on_the_page(town: Any, place: Any, browser_of: Any) -> None:
    post = place(title="Lelijk verhaal", text="Lelijke woorden.")
    remove(town, post)
    for name, hat in (("Karima", FAMILY), ("Anna", STAFF), ("Petra", STAFF)):
        client = browser_of(name)
        pages = [url("feed", hat), url("group", hat, town.group["g4"].uid), url("post", hat, post.uid)]
        for page in pages:
            text = page_text(client.get(page))
            assert (page, text.count(SENTENCE)) == (page, 1)
            assert [word for word in ("Lelijk", "Anna Prins", "juf Anna, ") if word in text] == []
    assert browser_of("Agnieszka").get(url("post", FAMILY, post.uid)).status_code == 404


def test_everybody_meets_it_under_a_message(town: Any, reply: Any, browser_of: Any) -> None:
    remove(town, reply)
    for name, hat in (("Karima", FAMILY), ("Lotte", FAMILY), ("Anna", STAFF)):
        text = page_text(browser_of(name).get(url("post", hat, reply.post.uid)))
        assert (SENTENCE in text, "onzin" in text, "Karima" in text.split("Reacties")[1][:60]) == (True, False, False)


def test_an_answer_to_the_teacher_leaves_its_place_to_who_could_read_it(town: Any, place: Any, browser_of: Any) -> None:
    post = place(replies="staff")
    confided = publish_reply(post=post, text="Voor de juf.", by=Actor(town.user["Karima"], Hat.FAMILY, NOW))
    remove(town, confided)
    texts = {
        name: SENTENCE in page_text(browser_of(name).get(url("post", hat, post.uid)))
        for name, hat in (("Karima", FAMILY), ("Lotte", FAMILY), ("Anna", STAFF))
    }
    assert texts == {"Karima": True, "Lotte": False, "Anna": True}


def test_in_a_conversation_the_sentence_stands_where_the_message_was(town: Any, browser_of: Any) -> None:
    thread = start(town)
    message = Message.objects.get()
    note_report(written=message, now=NOW)
    remove(town, message)
    for name, hat in (("Karima", FAMILY), ("Anna", STAFF)):
        text = page_text(browser_of(name).get(url("thread", hat, thread.uid)))
        assert (SENTENCE in text, message.text in text) == (True, False)
    assert browser_of("Petra").get(url("thread", STAFF, thread.uid)).status_code == 404


def test_a_message_of_a_conversation_is_removed_after_a_report_only(town: Any) -> None:
    from django.core.exceptions import PermissionDenied  # noqa: PLC0415

    start(town)
    message = Message.objects.get()
    with pytest.raises(PermissionDenied):
        remove(town, message)
    note_report(written=message, now=NOW)
    for name in ("Anna", "Karima", "Harm"):
        with pytest.raises(PermissionDenied):
            remove(town, message, name)
    remove(town, message)


@pytest.mark.parametrize("count", [1, 30])
def test_the_sentence_costs_no_question(
    town: Any, place: Any, browser_of: Any, django_assert_num_queries: Any, count: int
) -> None:
    posts = [place() for _ in range(count)]
    last = place("Petra", "g4", "@school")
    mark_seen(by=Actor(town.user["Karima"], Hat.ANY, NOW), uids=[last.uid])
    for post in posts:
        remove(town, post)
    client, page = browser_of("Karima"), reverse("messaging:feed", args=[FAMILY])
    client.get(page)
    with django_assert_num_queries(9):
        assert client.get(page).content.decode().count(SENTENCE) == min(count, 19)


def test_a_removed_post_takes_no_answer(town: Any, reply: Any, browser_of: Any) -> None:
    remove(town, reply.post)
    answer = browser_of("Lotte").post(url("post", FAMILY, reply.post.uid), {"text": "Nog iets."})
    assert (answer.status_code, Reply.objects.count()) == (403, 1)


def test_the_directie_that_was_asked_in_removes_a_message_with_what_stands_around_it(
    town: Any, browser_of: Any
) -> None:
    thread = start(town)
    ugly = say(town, thread, "Anna", "Lelijke woorden.")
    join_directie(thread=thread, by=Actor(town.user["Karima"], FAMILY, NOW))
    own = say(town, thread, "Petra", "Rustig aan.")
    client = browser_of("Petra")
    page = client.get(url("thread", STAFF, thread.uid)).content.decode()
    buttons = [url("remove_message", STAFF, one.uid) in page for one in (ugly, own)]
    assert buttons == [True, False]
    assert client.get(url("remove_message", STAFF, own.uid)).status_code == 403
    assert (
        url("remove_message", STAFF, ugly.uid)
        not in browser_of("Anna").get(url("thread", STAFF, thread.uid)).content.decode()
    )
    assert client.post(url("remove_message", STAFF, ugly.uid), asked()).status_code == 302
    copy = repr(unpack(bytes(DossierPayload.objects.get().content)).document)
    assert [words in copy for words in ("Lelijke woorden.", "Mag Noor eerder weg?", "Rustig aan.")] == [True] * 3
    assert SENTENCE in page_text(client.get(url("thread", STAFF, thread.uid)))


def test_a_reported_message_is_copied_without_the_conversation_around_it(town: Any) -> None:
    thread = start(town)
    ugly = say(town, thread, "Anna", "Lelijke woorden.")
    note_report(written=ugly, now=NOW)
    remove(town, ugly)
    copy = repr(unpack(bytes(DossierPayload.objects.get().content)).document)
    assert ("Lelijke woorden." in copy, "Mag Noor eerder weg?" in copy) == (True, False)


TAKEN_BACK = "De schrijver heeft dit intussen zelf weggehaald. Niemand leest het meer. Er is nu niets gedaan."


@pytest.mark.parametrize("name", ["hide", "show", "remove"])
def test_who_moderates_what_its_writer_took_back_meanwhile_reads_that(
    town: Any, reply: Any, place: Any, browser_of: Any, name: str
) -> None:
    """From the page and from the form: it was a page that is not there. Reported or not, it says the same."""
    reported, post = (
        publish_reply(post=reply.post, text="Ook dit.", by=Actor(town.user["Karima"], Hat.FAMILY, NOW)),
        place(),
    )
    karima, anna = (Actor(town.user[who], hat, NOW) for who, hat in (("Karima", Hat.FAMILY), ("Anna", Hat.STAFF)))
    for one in (reply, reported):
        if one is reported:
            note_report(written=one, now=NOW)
        removal.retract_written(written=one, by=karima)
    removal.retract_post(post=post, by=anna)
    petra = browser_of("Petra")
    there = url("post", STAFF, reply.post.uid)
    for page, back in (
        (url(f"{name}_reply", STAFF, reply.uid), there),
        (url(f"{name}_reply", STAFF, reported.uid), there),
        (url(name, STAFF, post.uid), url("feed", STAFF)),
    ):
        for answer in (petra.get(page, follow=True), petra.post(page, asked(), follow=True)):
            assert (answer.request["PATH_INFO"], said_on(answer)[-1:]) == (back, [TAKEN_BACK])
        for who in ("Joost", "Karima"):
            assert browser_of(who).post(page.replace(STAFF, FAMILY) if who == "Karima" else page).status_code == 404
    assert not Telling.objects.filter(kind__in=["hidden", "removed"]).exists()


def test_nor_is_an_answer_under_it_a_page_that_is_not_there(town: Any, reply: Any, browser_of: Any) -> None:
    removal.retract_post(post=reply.post, by=Actor(town.user["Anna"], Hat.STAFF, NOW))
    answer = browser_of("Petra").post(url("hide_reply", STAFF, reply.uid), {"told": "Zo."}, follow=True)
    assert (answer.request["PATH_INFO"], said_on(answer)) == (url("feed", STAFF), [TAKEN_BACK])


def test_nor_what_was_said_in_a_conversation(town: Any, browser_of: Any) -> None:
    thread = start(town, "Anna", parents=("Karima",))
    join_directie(thread=thread, by=Actor(town.user["Anna"], Hat.STAFF, NOW))
    message = say(town, thread, "Karima", hat=FAMILY)
    removal.retract_written(written=message, by=Actor(town.user["Karima"], Hat.FAMILY, NOW))
    page, petra = url("remove_message", STAFF, message.uid), browser_of("Petra")
    for answer in (petra.get(page, follow=True), petra.post(page, asked(), follow=True)):
        assert (answer.request["PATH_INFO"], said_on(answer)[-1:]) == (url("thread", STAFF, thread.uid), [TAKEN_BACK])
    assert browser_of("Anna").post(page, asked()).status_code == 404
    assert browser_of("Karima").post(page, asked()).status_code == 404
