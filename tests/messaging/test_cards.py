"""A card is drawn once for all who see the same; whoever sees something else gets another one.

Each test lets somebody read first, so that what was drawn then is at hand when it should not be.
"""

import re
from datetime import date

import pytest
import time_machine
from django.urls import reverse

from groups.roles import Hat
from messaging.models import Placement, Post, Seen
from messaging.photos.services.placements import pictures_of
from messaging.posts.services.posts import edit_post
from messaging.posts.views.cards import KEPT, _drawn
from messaging.removing.services.removal import retract_post
from messaging.writings.services.written import hide_written, show_written
from portal.core import access
from portal.core.actor import Actor
from tests import rows
from tests.messaging.conftest import NOW, later
from tests.messaging.pages import FAMILY, STAFF, url
from tests.messaging.photo_files import chosen, uploads


@pytest.fixture(autouse=True)
def _nothing_drawn_before():
    _drawn.cache_clear()


@pytest.fixture
def read(browser_of):
    """The feed of somebody, as it arrives."""

    def page(name, hat=FAMILY):
        return browser_of(name).get(url("feed", hat)).content.decode()

    return page


def words(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def speak_english(user):
    user.language = "en"
    user.save()


def changed(town, post, **fields):
    content = {name: getattr(post, name) for name in ("topic", "title", "text", "replies", "version")}
    return edit_post(post=post, **{**content, **fields}, by=Actor(town.user["Anna"], STAFF, NOW))


def test_who_sees_the_same_gets_the_same_card(place, read):
    place()
    before = _drawn.cache_info()
    read("Lotte"), read("Riet"), read("Said")
    after = _drawn.cache_info()
    assert (after.misses - before.misses, after.hits - before.hits) == (1, 2)
    assert after.maxsize == KEPT


def test_each_reader_has_the_own_language(town, place, read):
    place(now=later(minutes=-1))
    speak_english(town.user["Riet"])
    assert "vandaag\xa014.09" in read("Lotte")
    assert "today\xa014:09" in read("Riet")
    assert "vandaag" not in words(read("Riet"))


def test_each_hat_has_its_own_addresses(place, read):
    post = place("Petra", "@school")
    assert url("post", FAMILY, post.uid) in read("Thijs", FAMILY)
    staff = read("Thijs", STAFF)
    assert url("post", STAFF, post.uid) in staff
    assert url("post", FAMILY, post.uid) not in staff


def test_every_reader_finds_the_own_children_only(place, read):
    place()
    assert "Noor" in words(read("Karima"))
    lotte = words(read("Lotte"))
    assert "Fenna" in lotte
    assert "Noor" not in lotte
    assert "Fenna" not in words(read("Karima"))


def test_only_the_groups_one_is_in_are_named(place, read):
    place("Petra", "g4", "g7")
    assert "Groep 4 en Groep 7" in words(read("Karima"))
    card = re.search(r"<article.*?</article>", read("Lotte"), re.S)[0]
    assert "Groep 4" in card
    assert "Groep 7" not in card


def test_a_changed_message_is_read_at_once(town, place, read):
    post = place(title="Kastanjes", text="In het park.")
    assert "Kastanjes" in read("Lotte")
    changed(town, post, title="Bladeren", text="In het bos.")
    page = words(read("Lotte"))
    assert "Bladeren" in page
    assert "In het bos." in page
    assert "bewerkt" in page
    assert "Kastanjes" not in page


def test_replies_that_were_put_off_are_off_at_once(town, place, read):
    post = place()
    assert "Reacties" in words(read("Lotte"))
    changed(town, post, replies="off")
    assert "Reacties" not in words(read("Lotte"))


def test_a_photo_that_was_taken_out_is_gone_at_once(town, place, read, settings, tmp_path):
    settings.KRING_DATA_DIR = tmp_path
    images = uploads(2, by=town.user["Anna"], school=town.school, now=NOW)
    post = place(pictures=chosen(images, "Een blad."), declared=True)
    addresses = [reverse("messaging:photo", args=[image.uid, 400]) for image in images]
    assert [address in read("Lotte") for address in addresses] == [True, True]
    [first, _] = pictures_of(post)
    changed(town, post, pictures=[first])
    assert [address in read("Lotte") for address in addresses] == [True, False]


def test_a_photo_that_may_not_be_shown_any_more_is_gone_at_once(town, place, read, settings, tmp_path):
    """Whatever the reason, and whether or not its message was changed: consent will be one."""
    settings.KRING_DATA_DIR = tmp_path
    images = uploads(2, by=town.user["Anna"], school=town.school, now=NOW)
    place(pictures=chosen(images), declared=True)
    addresses = [reverse("messaging:photo", args=[image.uid, 400]) for image in images]
    assert [address in read("Lotte") for address in addresses] == [True, True]
    Placement.objects.filter(image=images[0]).update(removed_at=NOW)
    assert [address in read("Lotte") for address in addresses] == [False, True]


def test_hidden_and_shown_again(town, place, read):
    post = place()
    tag = "even weg: ouders zien dit niet"
    assert tag not in words(read("Anna", STAFF))
    hide_written(written=post, by=Actor(town.user["Petra"], Hat.STAFF, NOW))
    assert tag in words(read("Anna", STAFF))
    assert post.title not in read("Lotte")
    show_written(written=post, by=Actor(town.user["Petra"], Hat.STAFF, NOW))
    assert tag not in words(read("Anna", STAFF))
    assert post.title in read("Lotte")


def test_what_was_drawn_opens_nothing(town, place, read):
    post = place()
    assert post.title in read("Lotte")
    assert post.title not in read("Joost", STAFF)
    retract_post(post=post, by=Actor(town.user["Anna"], STAFF, NOW))
    assert post.title not in read("Lotte")


def test_a_group_has_its_new_name_at_once(town, place, read):
    place()
    assert "Groep 4" in words(read("Lotte"))
    group = town.group["g4"]
    group.name, group.label = "De Bevers", "B"
    group.save()
    page = words(read("Lotte"))
    assert "De Bevers" in page
    assert "Groep 4" not in page


def test_yesterday_is_another_day(place, read):
    place(now=later(hours=-1))
    assert "vandaag\xa013.10" in read("Lotte")
    with time_machine.travel(later(days=1), tick=False):
        page = read("Lotte")
        assert "gisteren\xa013.10" in page
        assert "vandaag" not in page


@pytest.mark.parametrize("name", ["Anna", "Petra"])
def test_a_list_holds_nobodys_powers(place, read, name):
    place()
    for html in (read(name, STAFF), read("Lotte")):
        card = re.search(r"<article.*?</article>", html, re.S)[0]
        assert "<form" not in card
        assert "csrf" not in card
        assert not re.search(r"/(bewerken|haal-weg|verberg|toon)/", card)


def test_the_frame_speaks_the_readers_language_too(town, place, read):
    dutch = read("Lotte")
    speak_english(town.user["Lotte"])
    english = read("Lotte")
    for words_there in ('aria-label="Hoofdmenu"', "Berichten", "Uitloggen", "gegevens en instellingen", "Schrijf de"):
        assert words_there in dutch
        assert words_there not in english


def test_the_frame_is_the_readers_own(town, read):
    assert "Karima" in read("Karima")
    lotte = read("Lotte")
    assert "Karima" not in lotte
    assert "Groep 7" not in lotte


@pytest.mark.parametrize(
    ("first", "second", "sheets"),
    [
        ({}, {}, 1),
        ({"now": later(days=-1)}, {}, 2),
        ({"text": "Een regel.\n\n" * 6}, {}, 2),
        ({}, {"ask": "do", "ask_on": later(days=3).date()}, 2),
        ({}, {"groups": ["g7"], "by": "Joost"}, 2),
    ],
)
def test_short_texts_of_one_day_in_one_group_share_a_sheet(place, read, first, second, sheets):
    for told in (first, second):
        place(told.pop("by", "Anna"), *told.pop("groups", ["g4"]), **({"now": later(minutes=-5)} | told))
    page = read("Karima")
    assert page.count('<article class="sheet post') == 2
    assert page.count('<article class="sheet post"') == sheets


def test_what_is_new_stands_on_no_sheet_with_what_was_read(town, place, read):
    for minutes in (-9, -5):
        place(now=later(minutes=minutes))
    old = Post.objects.order_by("published_at").first()
    Seen.objects.create(user=town.user["Karima"], writing=old, seen_at=later(minutes=-6))
    assert "post same" not in read("Karima")


def test_who_reads_at_two_schools_reads_of_which_a_message_is_where_no_child_says_it(town, place, browser_of):
    """A study day of one school is not one of the other; below the own child it is clear."""
    posts = [place("Petra", "@school", title="Studiedag"), place(title="Bladeren")]
    there, user = town.group["elders"].school, town.user["Karima"]
    browser = browser_of("Karima")

    def said():
        lists = words(browser.get(url("feed", FAMILY)).content.decode())
        pages = [words(browser.get(url("post", FAMILY, post.uid)).content.decode()) for post in posts]
        return ["De Proef Petra" in lists, "De Proef juf Anna" in lists, *(" · De Proef " in page for page in pages)]

    assert said() == [False] * 4
    child = rows.child(there, "Saar", town.group["elders"])
    rows.caregiver(there, "Karima", child, user=user)
    access.reproject(users=[user.pk], children=[child.pk])
    assert said() == [True, False, True, False]
    page = words(browser.get(url("group", FAMILY, posts[0].group.uid)).content.decode())
    assert ("· De Proef" in page, "De Proef Petra" in page, "Petra" in page) == (True, False, True)


def test_the_days_of_an_ask_say_their_year_once_it_is_another(place, read, browser_of):
    """In January, and in the archive until the next summer, "wo 9 dec" was of no year."""
    days = {"ask": "yes_no", "ask_on": date(2026, 12, 9), "answer_by": date(2026, 12, 2)}
    post = place(**days)

    def said():
        pages = (read("Lotte"), browser_of("Lotte").get(url("post", FAMILY, post.uid)).content.decode())
        return [
            re.findall(r"Ja of nee voor (.*?) ?(?:</|$)", page, re.MULTILINE)[0].replace("\xa0", " ") for page in pages
        ]

    assert said() == ["wo 9 dec. Antwoord uiterlijk wo 2 dec"] * 2
    with time_machine.travel(later(days=60), tick=False):
        assert said() == ["wo 9 dec 2026. Antwoord uiterlijk wo 2 dec 2026"] * 2
