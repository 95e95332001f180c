"""Changing, taking back and hiding a message."""

import re

import pytest

from messaging.models import Post
from messaging.posts.services.posts import edit_post
from portal.core.actor import Actor
from tests.messaging.conftest import NOW
from tests.messaging.pages import FAMILY, STAFF, edited, page_text, url


def test_editing_says_so_to_readers(place, browser_of):
    post = place()
    sent = {**edited(post, text="Beter."), "kept": f"edit-{post.uid}"}
    response = browser_of("Anna").post(url("edit", STAFF, post.uid), sent, follow=True)
    assert "De veranderingen staan in het bericht." in page_text(response)
    assert f'content="kept:edit-{post.uid}"'.replace("kept:", "") in response.content.decode()
    assert "bewerkt" in page_text(browser_of("Karima").get(url("post", FAMILY, post.uid)))


def test_a_stale_edit_shows_both_texts_and_then_goes_through(town, place, browser_of):
    post = place()
    sent = edited(post, text="Mijn tekst.")
    edit_post(post=post, by=Actor(town.user["Anna"], STAFF, NOW), **edited(post, text="Haar tekst."))
    client = browser_of("Anna")
    response = client.post(url("edit", STAFF, post.uid), sent)
    assert response.status_code == 409
    assert "Haar tekst." in page_text(response)
    assert "Mijn tekst." in response.content.decode()
    [version] = re.findall(r'name="version" value="(\d+)"', response.content.decode())
    assert client.post(url("edit", STAFF, post.uid), sent | {"version": version}).status_code == 302
    post.refresh_from_db()
    assert (post.text, post.version) == ("Mijn tekst.", 3)


@pytest.mark.parametrize("version", ["", "x", "-1", "0", "99999999999999999999", "NaN"])
def test_a_version_that_is_none_changes_nothing(place, browser_of, version):
    post = place()
    response = browser_of("Anna").post(url("edit", STAFF, post.uid), edited(post, text="Anders.", version=version))
    assert response.status_code in (409, 422)
    assert Post.objects.get().text == "We waren in het park."


def test_editing_all_groups_at_once(place, browser_of):
    post = place("Petra", "g4", "g7")
    client = browser_of("Petra")
    assert "Verander het in al deze groepen Groep 4, Groep 7" in page_text(client.get(url("edit", STAFF, post.uid)))
    client.post(url("edit", STAFF, post.uid), edited(post, text="Samen.", together="on"))
    assert set(Post.objects.values_list("text", flat=True)) == {"Samen."}


@pytest.mark.parametrize("name", ["edit", "retract", "hide", "show"])
def test_an_insider_without_the_power_is_refused(place, browser_of, name):
    post = place()
    client = browser_of("Karima")
    assert client.get(url(name, FAMILY, post.uid)).status_code == 403
    assert client.post(url(name, FAMILY, post.uid), edited(post, text="x")).status_code == 403
    assert browser_of("Joost").post(url(name, STAFF, post.uid)).status_code == 404
    assert Post.objects.get().state == "published"


def test_taking_back_asks_first_and_then_it_is_gone(place, browser_of):
    post = place("Petra", "g4", "g7")
    client = browser_of("Petra")
    page = url("retract", STAFF, post.uid)
    assert "groep 4 en groep 7" in page_text(client.get(page))
    assert Post.objects.filter(state="published").count() == 2
    assert client.post(page).status_code == 200
    assert Post.objects.filter(state="published").count() == 2
    sure = {"sure": "yes", "together": "yes"}
    assert "Het bericht is weggehaald." in page_text(client.post(page, sure, follow=True))
    assert browser_of("Karima").get(url("post", FAMILY, post.uid)).status_code == 404
    assert client.get(url("post", STAFF, post.uid)).status_code == 404
    assert Post.objects.filter(state="retracted").count() == 2


def test_taking_back_one_of_several(place, browser_of):
    post = place("Petra", "g4", "g7")
    browser_of("Petra").post(url("retract", STAFF, post.uid), {"sure": "yes"})
    assert list(Post.objects.filter(state="retracted")) == [post]


def test_hiding_and_showing(place, browser_of):
    post = place()
    client = browser_of("Petra")
    assert client.get(url("hide", STAFF, post.uid)).status_code == 200
    assert "even weg" in page_text(client.post(url("hide", STAFF, post.uid), {"told": "Even kijken."}, follow=True))
    assert browser_of("Karima").get(url("post", FAMILY, post.uid)).status_code == 404
    assert "even weg" in page_text(browser_of("Anna").get(url("feed", STAFF)))
    client.post(url("show", STAFF, post.uid))
    assert browser_of("Karima").get(url("post", FAMILY, post.uid)).status_code == 200
