"""Answering under a message, and what may be done with an answer."""

from uuid import uuid4

import pytest

from groups.models import StaffAssignment
from messaging.models import Reply
from messaging.posts.services.posts import edit_post
from messaging.posts.services.replies import publish_reply
from messaging.removing.services.removal import retract_post
from messaging.writings.domain.text import content_in
from portal.core.actor import Actor
from tests.messaging.conftest import NOW, later
from tests.messaging.pages import FAMILY, STAFF, hidden_in, page_text, url


def reply_to(client, post, text="Dank u wel.", hat=FAMILY, **more):
    return client.post(
        url("post", hat, post.uid), {"text": text, "key": str(uuid4()), "shown": "all", **more}, follow=True
    )


def test_answering(place, browser_of):
    post = place()
    response = reply_to(browser_of("Karima"), post)
    reply = Reply.objects.get()
    assert response.redirect_chain == [(f"{url('post', FAMILY, post.uid)}#reactie-{reply.uid}", 302)]
    assert "De reactie staat erbij." in page_text(response)
    assert f'<meta name="kring-kept" content="reply-{post.uid}">' in response.content.decode()


def test_a_second_press_is_one_reply(place, browser_of):
    post, client, key = place(), browser_of("Karima"), str(uuid4())
    for _ in range(2):
        assert reply_to(client, post, key=key).status_code == 200
    assert Reply.objects.count() == 1


def test_an_empty_answer_comes_back(place, browser_of):
    response = reply_to(browser_of("Karima"), place(), text=" ")
    assert response.status_code == 422
    assert "Schrijf eerst een reactie." in page_text(response)


@pytest.mark.parametrize(("name", "replies"), [("Karima", "off"), ("Riet", "on")])
def test_where_one_may_not_answer_the_text_stays(place, browser_of, name, replies):
    response = reply_to(browser_of(name), place(replies=replies), text="Toch graag dit zeggen.")
    assert response.status_code == 403
    assert "Reageren staat hier uit." in page_text(response)
    assert "Toch graag dit zeggen." in response.content.decode()
    assert Reply.objects.count() == 0


def test_an_answer_to_a_message_that_is_gone(town, place, browser_of):
    post = place()
    retract_post(post=post, by=Actor(town.user["Anna"], STAFF, NOW))
    assert reply_to(browser_of("Karima"), post).status_code == 404
    assert Reply.objects.count() == 0


def test_who_reads_the_answer_stands_above_the_box(place, browser_of):
    everybody, confided = place(), place(replies="staff")
    mother, teacher = browser_of("Karima"), browser_of("Anna")
    assert "Iedereen in groep 4 leest uw reactie, met uw naam." in page_text(
        mother.get(url("post", FAMILY, everybody.uid))
    )
    assert "Alleen juf Anna, de leerkrachten van groep 4 en de directie lezen uw reactie." in page_text(
        mother.get(url("post", FAMILY, confided.uid))
    )
    assert "Wat jij schrijft, leest iedereen in groep 4." in page_text(teacher.get(url("post", STAFF, confided.uid)))


def let_reply(town, post, replies):
    """Anna changes who reads what is answered under her message."""
    anna = Actor(town.user["Anna"], STAFF, NOW)
    edit_post(post=post, version=post.version, by=anna, **{**content_in(vars(post)), "replies": replies})


def test_what_was_meant_for_staff_goes_to_all_only_after_a_second_look(town, place, browser_of):
    post, karima = place(replies="staff"), browser_of("Karima")
    page = url("post", FAMILY, post.uid)
    filled = {**hidden_in(karima.get(page)), "text": "Noor plast weer in bed."}
    let_reply(town, post, "on")
    asked = karima.post(page, filled)
    assert (asked.status_code, Reply.objects.count()) == (409, 0)
    assert "Iedereen in groep 4 leest nu mee. Is dat goed?" in page_text(asked)
    assert "Noor plast weer in bed.</textarea>" in asked.content.decode()
    assert karima.post(page, {**filled, **hidden_in(asked)}).status_code == 302
    assert Reply.objects.get().to_staff is False


def test_what_was_meant_for_all_goes_to_staff_at_once(town, place, browser_of):
    post, karima = place(), browser_of("Karima")
    page = url("post", FAMILY, post.uid)
    filled = {**hidden_in(karima.get(page)), "text": "Dank u wel."}
    let_reply(town, post, "staff")
    assert karima.post(page, filled).status_code == 302
    assert Reply.objects.get().to_staff is True


def test_a_form_that_does_not_say_who_reads_it_is_meant_for_staff(place, browser_of):
    told = {"text": "Dank u wel.", "key": str(uuid4())}
    answers = [browser_of("Karima").post(url("post", FAMILY, place(replies=to).uid), told) for to in ("on", "staff")]
    assert [answer.status_code for answer in answers] == [409, 302]


def test_a_form_that_came_back_for_something_else_still_says_what_was_told(town, place, browser_of):
    post, karima = place(replies="staff"), browser_of("Karima")
    page = url("post", FAMILY, post.uid)
    told = hidden_in(karima.get(page))
    let_reply(town, post, "on")
    empty = karima.post(page, {**told, "text": " "})
    assert empty.status_code == 422
    assert karima.post(page, {**hidden_in(empty), "text": "Noor plast weer in bed."}).status_code == 409


def test_a_second_press_after_it_was_opened_to_all_is_the_first_reply(town, place, browser_of):
    post, karima = place(replies="staff"), browser_of("Karima")
    page = url("post", FAMILY, post.uid)
    filled = {**hidden_in(karima.get(page)), "text": "Noor plast weer in bed."}
    assert karima.post(page, filled).status_code == 302
    let_reply(town, post, "on")
    assert karima.post(page, filled).status_code == 302
    assert Reply.objects.get().to_staff is True


def test_changing_an_answer_for_a_quarter(town, place, browser_of):
    post, client = place(), browser_of("Karima")
    reply_to(client, post)
    reply = Reply.objects.get()
    page = url("edit_reply", FAMILY, reply.uid)
    assert client.get(page).status_code == 200
    assert client.post(page, {"text": "Beter.", "version": 1}).status_code == 302
    stale = client.post(page, {"text": "Anders.", "version": 1})
    assert stale.status_code == 409
    assert "Beter." in page_text(stale)
    assert "Anders." in stale.content.decode()
    Reply.objects.update(published_at=later(minutes=-15))
    late = client.post(page, {"text": "Te laat.", "version": 2})
    assert late.status_code == 403
    assert "Te laat." in late.content.decode()
    reply.refresh_from_db()
    assert reply.text == "Beter."


@pytest.mark.parametrize("name", ["edit_reply", "retract_reply", "hide_reply", "show_reply"])
def test_what_others_may_not_do_with_an_answer(town, place, browser_of, name):
    reply = publish_reply(post=place(), text="Dag.", by=Actor(town.user["Karima"], FAMILY, NOW))
    assert browser_of("Said").post(url(name, FAMILY, reply.uid), {"text": "x", "version": 1}).status_code == 403
    assert browser_of("Joost").post(url(name, STAFF, reply.uid), {"text": "x", "version": 1}).status_code == 404
    reply.refresh_from_db()
    assert (reply.text, reply.state) == ("Dag.", "published")


def test_taking_back_and_hiding_an_answer(town, place, browser_of):
    post = place()
    first = publish_reply(post=post, text="Weg ermee.", by=Actor(town.user["Karima"], FAMILY, NOW))
    second = publish_reply(post=post, text="Onaardig.", by=Actor(town.user["Said"], FAMILY, NOW))
    browser_of("Karima").post(url("retract_reply", FAMILY, first.uid))
    browser_of("Anna").post(url("hide_reply", STAFF, second.uid), {"told": "Even kijken."})
    others = page_text(browser_of("Lotte").get(url("post", FAMILY, post.uid)))
    assert "Weg ermee." not in others
    assert "Onaardig." not in others
    author = page_text(browser_of("Said").get(url("post", FAMILY, post.uid)))
    assert "Onaardig." in author
    assert "Alleen de schrijver en de beheerders zien dit." in author
    browser_of("Anna").post(url("show_reply", STAFF, second.uid))
    assert "Onaardig." in page_text(browser_of("Lotte").get(url("post", FAMILY, post.uid)))


def test_answers_whose_page_is_never_opened_leave_one_sentence(town, place, browser_of):
    """A script that sends and does not follow: the session holds no more for the tenth answer than for the first."""
    post, lotte = place(), browser_of("Lotte")
    for number in range(10):
        answer = lotte.post(
            url("post", FAMILY, post.uid), {"text": f"Dank {number}.", "key": str(uuid4()), "shown": "all"}
        )
        assert answer.status_code == 302
    page = lotte.get(url("feed", FAMILY)).content.decode()
    assert page.count("De reactie staat erbij.") == 1


def test_who_left_is_not_named_among_who_reads_an_answer(town, place, browser_of):
    """ "Only juf Anna and the teachers": she had left, and nobody of that name read it."""
    post, karima = place("Anna", replies="staff"), browser_of("Karima")
    StaffAssignment.objects.filter(staff=town.staff["Anna"]).update(valid_until=NOW)
    town.sync()
    feed = page_text(karima.get(url("feed", FAMILY)))
    assert ("Antwoord de leerkracht" in feed, "Antwoord juf Anna" in feed) == (True, False)
    assert "Alleen de leerkrachten van groep 4 en de directie lezen mee." in feed
    page = page_text(karima.get(url("post", FAMILY, post.uid)))
    assert "Alleen de leerkrachten van groep 4 en de directie lezen uw reactie." in page


def test_who_only_reads_is_not_sent_to_a_page_without_a_box(town, place, browser_of):
    """ "Antwoord juf Anna", read a grandmother who was let in to read; behind it was nothing to write in."""
    post = place("Anna", replies="staff")
    mother, grandmother = (page_text(browser_of(name).get(url("feed", FAMILY))) for name in ("Karima", "Riet"))
    assert ("Antwoord juf Anna" in mother, "Antwoord juf Anna" in grandmother) == (True, False)
    assert "Alleen juf Anna" not in grandmother
    assert "Open : Herfst op tafel" in grandmother
    pages = [page_text(browser_of(name).get(url("post", FAMILY, post.uid))) for name in ("Karima", "Riet")]
    assert ["U leest hier mee. Reageren kan niet." in page for page in pages] == [False, True]


def test_nobody_of_school_is_asked_to_answer_the_own_message(town, place, browser_of):
    post = place("Anna", replies="staff")
    feed = page_text(browser_of("Anna").get(url("feed", STAFF)))
    assert ("Antwoord juf Anna" in feed, f"Reacties : {post.title}" in feed) == (False, True)
