"""Placing a message: to whom first, what is not right comes back full, and nothing goes twice."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from groups.roles import Role
from messaging.models import Post
from portal.core import access
from tests import rows
from tests.messaging.pages import FAMILY, STAFF, message, page_text, url


def test_compose_starts_with_the_own_class(town, browser_of):
    response = browser_of("Anna").get(url("compose", STAFF))
    text = page_text(response)
    assert "Groep 4 · 3 van 4 gezinnen lezen dit" in text
    assert f'value="{town.group["g4"].uid}"' in response.content.decode()


def test_the_button_counts_what_it_does_also_for_a_class_and_the_team(town, browser_of):
    both = [str(town.group[key].uid) for key in ("g4", "@team")]
    text = page_text(browser_of("Anna").get(url("compose", STAFF), {"groep": both}))
    assert "3 van 4 gezinnen lezen dit, en 4 collega’s" in text
    assert "Plaats in 2 groepen" in text


def test_compose_for_the_whole_school_starts_without_replies(town, browser_of):
    response = browser_of("Petra").get(url("compose", STAFF), {"groep": str(town.group["@school"].uid)})
    assert re.search(r'name="replies" value="off"[^>]* checked', response.content.decode())


@pytest.mark.parametrize(("name", "hat"), [("Karima", FAMILY), ("Karima", STAFF), ("Riet", FAMILY), ("Anna", FAMILY)])
def test_compose_is_for_who_may_write(town, browser_of, name, hat):
    client = browser_of(name)
    assert client.get(url("compose", hat)).status_code == 404
    assert client.get(url("audience", hat), {"groep": str(town.group["g4"].uid)}).status_code == 404
    assert client.post(url("compose", hat), message(town, "g4")).status_code == 404
    assert Post.objects.count() == 0


@pytest.mark.parametrize(("name", "hat"), [("Anna", STAFF), ("Petra", STAFF), ("Lotte", FAMILY)])
def test_between_two_years_who_wrote_reads_why_that_waits(town, browser_of, name, hat):
    """On 3 August, from a bookmark: "Deze pagina is er niet"."""
    why = "Er is dit schooljaar nog geen groep om voor te schrijven."
    with time_machine.travel(datetime(2027, 8, 3, 9, tzinfo=UTC), tick=False):
        client = browser_of(name)
        for ask in (client.get, client.post):
            response = ask(url("compose", hat), message(town, "g4"), follow=True)
            assert response.redirect_chain == [(url("feed", hat), 302)]
            assert why in page_text(response)
        response = client.get(url("drafts", hat), follow=True)
        assert (response.redirect_chain, why in page_text(response)) == ([(url("feed", hat), 302)], True)
        assert browser_of("Karima").get(url("compose", FAMILY)).status_code == 404
        assert browser_of("Karima").get(url("drafts", FAMILY)).status_code == 404
        response = browser_of("Lotte").get(url("hand_in", FAMILY), follow=True)
        assert (response.redirect_chain, why in page_text(response)) == ([(url("feed", FAMILY), 302)], True)
        assert browser_of("Karima").get(url("hand_in", FAMILY)).status_code == 404


@pytest.mark.parametrize("at", [datetime(2026, 10, 25, 2, 30), datetime(2027, 3, 28, 2, 30)], ids=["twice", "not"])  # noqa: DTZ001
def test_an_hour_that_the_clock_has_twice_or_not_at_all_is_said_in_plain_words(town, browser_of, at):
    with time_machine.travel(at.replace(tzinfo=UTC) - timedelta(days=5), tick=False):
        sent = {**message(town, "g4"), "when": "other", "at": f"{at:%Y-%m-%dT%H:%M}"}
        response = browser_of("Anna").post(url("compose", STAFF), sent)
    assert response.status_code == 422
    assert "Dag en tijd: In dat uur gaat de klok om. Kies een ander uur." in page_text(response)


def test_from_compose_to_placed(town, browser_of):
    client = browser_of("Anna")
    response = client.post(url("compose", STAFF), message(town, "g4"), follow=True)
    post = Post.objects.get()
    assert response.redirect_chain == [(url("post", STAFF, post.uid), 302)]
    assert "Geplaatst. 3 van de 4 gezinnen van groep 4 kunnen het lezen." in page_text(response)
    assert '<meta name="kring-kept" content="compose">' in response.content.decode()
    assert "Haal weg" in page_text(response)


def test_the_council_places_in_its_own_group(town, browser_of):
    client = browser_of("Lotte")
    response = client.post(url("compose", FAMILY), message(town, "@mr"), follow=True)
    assert "Geplaatst voor 2 personen van Medezeggenschapsraad." in page_text(response)
    assert Post.objects.get().hat == FAMILY


@pytest.mark.parametrize("key", ["g7", "elders", "@school"])
def test_a_hand_made_group_counts_as_none(town, browser_of, key):
    client = browser_of("Anna")
    for groups in ([key], ["g4", key]):
        response = client.post(url("compose", STAFF), message(town, *groups))
        assert response.status_code == 422
        assert "Kies een groep." in page_text(response)
        assert "In het park." in response.content.decode()
    assert Post.objects.count() == 0


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"title": " "}, "Geef het bericht een titel."),
        ({"text": "\u200b"}, "Schrijf eerst het bericht."),
        ({"text": "x" * 20_001}, "Dit heeft 20001 tekens. Er passen er 20000."),
        ({"text": "y" * 1_000_000}, "Dit heeft 1000000 tekens. Er passen er 20000."),
        ({"text": "\n" * 100_000}, "Schrijf eerst het bericht."),
        ({"text": "a\x00b"}, "Hier staan tekens in die Kring niet kan bewaren."),
        ({"topic": "newsletter"}, "Kies een soort."),
        ({"topic": ["update", "x"]}, "Kies een soort."),
        ({"replies": "maybe"}, "Kies of lezers mogen reageren."),
        ({"groep": ["1"]}, "Kies een groep."),
        ({"groep": []}, "Kies een groep."),
    ],
)
def test_a_form_that_is_not_right_comes_back_full(town, browser_of, changed, sentence):
    sent = message(town, "g4") | changed
    response = browser_of("Anna").post(url("compose", STAFF), sent)
    assert response.status_code == 422
    assert sentence in page_text(response)
    assert 'id="fouten"' in response.content.decode()
    if "title" not in changed:
        assert 'value="Herfst op tafel"' in response.content.decode()
    assert Post.objects.count() == 0


@pytest.mark.parametrize("key", ["", "x", "1", "\x00", "[]", None])
def test_a_key_we_did_not_give_counts_as_none(town, browser_of, key):
    sent = message(town, "g4")
    sent.pop("key") if key is None else sent.update(key=key)
    assert browser_of("Anna").post(url("compose", STAFF), sent).status_code == 302
    assert Post.objects.count() == 1


def test_a_second_press_shows_the_first_message(town, browser_of):
    client, sent = browser_of("Anna"), message(town, "g4")
    client.post(url("compose", STAFF), sent)
    again = client.post(url("compose", STAFF), sent, follow=True)
    assert Post.objects.count() == 1
    assert "Dit bericht stond er al." in page_text(again)
    assert "In het park." in page_text(again)


def test_without_scripts_another_audience_is_shown_before_it_goes(town, browser_of):
    client = browser_of("Petra")
    sent = message(town, "g4", "g7") | {"shown": [str(town.group["g4"].uid)]}
    response = client.post(url("compose", STAFF), sent)
    assert response.status_code == 422
    assert "De keuze van groepen is veranderd." in page_text(response)
    assert "Groep 4 en Groep 7" in page_text(response)
    assert client.post(url("compose", STAFF), sent | {"shown": sent["groep"]}).status_code == 302


def test_showing_the_audience_places_nothing_and_keeps_the_text(town, browser_of):
    sent = message(town, "g7") | {"show_audience": "yes", "text": "Half af", "title": ""}
    response = browser_of("Petra").post(url("compose", STAFF), sent)
    assert response.status_code == 200
    assert "Groep 7 · 1 gezin" in page_text(response)
    assert "Half af" in response.content.decode()
    assert 'id="fouten"' not in response.content.decode()
    assert Post.objects.count() == 0


def test_the_audience_fragment(town, browser_of):
    client = browser_of("Petra")
    chosen = [str(town.group[key].uid) for key in ("g4", "g7", "elders")]
    text = page_text(client.get(url("audience", STAFF), {"groep": chosen}))
    assert "Groep 4 en Groep 7 · 3 van 4 gezinnen lezen dit" in text
    assert "Nog niemand" in page_text(client.get(url("audience", STAFF), {"groep": ["x", "\x00"]}))


def test_after_signing_in_again_one_is_back_at_the_form(town, client, place):
    post = place()
    for page in (url("compose", STAFF), url("post", FAMILY, post.uid), url("edit", STAFF, post.uid)):
        response = client.post(page, message(town, "g4"))
        assert response.status_code == 302
        assert response.url == f"{reverse('account_login')}?next={page}"


@pytest.mark.parametrize("page", ["messaging:compose", "agenda:new"])
def test_who_writes_at_two_schools_reads_of_which_each_group_is(town, browser_of, page):
    """Both have a groep 4; at one school its name is enough."""
    browser, there = browser_of("Petra"), reverse(page, args=[STAFF])
    assert "Groep 4 · De Proef" not in page_text(browser.get(there))
    school = town.group["elders"].school
    rows.staff(school, "Petra", Role.DIRECTIE, user=town.user["Petra"])
    access.reproject(users=[town.user["Petra"].pk])
    chosen = page_text(browser.get(there)).partition("Voor wie is het?")[2]
    assert ("Groep 4 · De Proef" in chosen, "Groep 4 · De Verte" in chosen) == (True, True)
