"""Finding and reading: the feed, a group, a message, and the beacon that says what was read."""

import re
from uuid import uuid4

import pytest
from django.urls import reverse

from groups.models import CouncilSeat, Enrolment
from groups.roles import Hat
from messaging.models import Post, Reply, Seen
from messaging.posts.services.replies import publish_reply
from messaging.writings.services.written import hide_written
from portal.core.actor import Actor
from tests.messaging.conftest import NOW, later
from tests.messaging.pages import FAMILY, STAFF, page_text, url


def test_feed_shows_the_message_with_group_author_and_child(place, browser_of):
    place(title="Kastanjes")
    text = page_text(browser_of("Karima").get(url("feed", FAMILY)))
    for words in ("Kastanjes", "Groep 4", "juf Anna", "Noor", "We waren in het park."):
        assert words in text


def test_feed_of_one_child(town, place, browser_of):
    place(title="Kastanjes")
    place("Joost", "g7", title="Breuken")
    place("Petra", "@school", title="Studiedag")
    client = browser_of("Karima")
    for child, there, gone in [("Noor", "Kastanjes", "Breuken"), ("Ilyas", "Breuken", "Kastanjes")]:
        text = page_text(client.get(url("feed", FAMILY), {"kind": str(town.child[child].uid)}))
        assert there in text
        assert "Studiedag" in text
        assert gone not in text


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "x"},
        {"kind": "5f1c7e0a-9d3b-4c52-8a6e-1f2d3c4b5a69"},
        {"kind": "\x00"},
        {"voor": "-1"},
        {"voor": "9" * 4000},
    ],
)
def test_garbage_in_the_address_is_no_filter(place, browser_of, query):
    place(title="Kastanjes")
    response = browser_of("Karima").get(url("feed", FAMILY), query)
    assert response.status_code == 200
    assert "Kastanjes" in page_text(response)


def test_somebody_elses_child_is_no_filter(town, place, browser_of):
    place(title="Kastanjes")
    response = browser_of("Karima").get(url("feed", FAMILY), {"kind": str(town.child["Fenna"].uid)})
    assert "Kastanjes" in page_text(response)


def test_older_messages_stand_behind_a_link(place, browser_of):
    for number in range(25):
        place(title=f"Bericht {number}.", now=later(days=-number))
    client = browser_of("Karima")
    first = client.get(url("feed", FAMILY))
    [older] = re.findall(r'class="btn older" href="([^"]+)"', first.content.decode())
    assert "Bericht 19." in page_text(first)
    assert "Bericht 20." not in page_text(first)
    second = page_text(client.get(older.replace("&amp;", "&")))
    assert "Bericht 20." in second
    assert "Bericht 24." in second
    assert "Bericht 19." not in second


def test_feed_of_a_hat_one_does_not_have(browser_of):
    assert browser_of("Karima").get(url("feed", STAFF)).status_code == 404
    assert browser_of("Anna").get(url("feed", FAMILY)).status_code == 404
    assert browser_of("Thijs").get(url("feed", FAMILY)).status_code == 200
    assert browser_of("Thijs").get(url("feed", STAFF)).status_code == 200


def test_who_is_in_no_group_reads_so(town, browser_of):
    town.add_user("Niemand")
    response = browser_of("Niemand").get(url("feed", FAMILY))
    assert response.status_code == 200
    assert "Nog geen groep" in page_text(response)


def test_who_left_reads_so(town, browser_of):
    """As if the child was still to come: "no group yet", and "no child in Kring yet"."""
    Enrolment.objects.filter(child=town.child["Fenna"]).update(valid_until=NOW)
    CouncilSeat.objects.filter(caregiver=town.caregiver["Lotte"]).update(valid_until=NOW)
    town.sync()
    lotte = browser_of("Lotte")
    for page in (url("feed", FAMILY), url("weeks", FAMILY), reverse("groups:contact")):
        said = page_text(lotte.get(page))
        assert "hier nu niets van school" in said
        assert "Nog geen" not in said


def test_an_empty_group_says_the_next_step(town, browser_of):
    mine = url("group", STAFF, town.group["g4"].uid)
    compose = url("compose", STAFF)
    assert f"{compose}?groep={town.group['g4'].uid}" in browser_of("Anna").get(mine).content.decode()
    text = page_text(browser_of("Karima").get(url("group", FAMILY, town.group["g4"].uid)))
    assert "De kring is nog leeg" in text


EMPTY = re.compile(r'class="sheet empty">(.*?)\n</div>', re.S)


def test_an_empty_page_offers_no_step_to_who_has_none(town, browser_of):
    """A button needs an address and a word: an empty one is a link to nowhere."""
    for page in (reverse("messaging:feed", args=[FAMILY]), url("group", FAMILY, town.group["g4"].uid)):
        [empty] = EMPTY.findall(browser_of("Karima").get(page).content.decode())
        assert "De kring is nog leeg" in empty
        assert "<a " not in empty


@pytest.mark.parametrize(
    ("name", "hat", "key"),
    [
        ("Karima", FAMILY, "@team"),
        ("Karima", STAFF, "g4"),
        ("Lotte", FAMILY, "g7"),
        ("Anna", STAFF, "g7"),
        ("Anna", STAFF, "elders"),
        ("Harm", STAFF, "g4"),
    ],
)
def test_a_group_one_is_not_in_does_not_exist(town, browser_of, name, hat, key):
    assert browser_of(name).get(url("group", hat, town.group[key].uid)).status_code == 404


def test_the_page_of_a_message(town, place, browser_of):
    post = place("Petra", "g4", "g7", topic="notice")
    publish_reply(post=post, text="Gezellig!", by=Actor(town.user["Lotte"], FAMILY, NOW))
    text = page_text(browser_of("Karima").get(url("post", FAMILY, post.uid)))
    for words in ("Gezellig!", "Lotte Bouzid", "Mededeling", "Groep 4 en Groep 7", "Plaats de reactie"):
        assert words in text
    assert "Fenna" not in text
    assert "lotte@post.example" not in text


def test_reach_is_for_staff(place, browser_of):
    post = place()
    browser_of("Karima").post(reverse("messaging:seen"), {"uid": str(post.uid)})
    assert "1 van 4 gezinnen bereikt" in page_text(browser_of("Anna").get(url("post", STAFF, post.uid)))
    assert "bereikt" not in page_text(browser_of("Karima").get(url("post", FAMILY, post.uid)))


@pytest.mark.parametrize("uid", ["00000000-0000-0000-0000-000000000000", "5f1c7e0a-9d3b-4c52-8a6e-1f2d3c4b5a69"])
def test_a_uid_of_nothing_is_missing(town, browser_of, uid):
    client = browser_of("Anna")
    for name in ("post", "edit", "retract", "hide", "show", "group", "edit_reply", "retract_reply", "hide_reply"):
        assert client.get(url(name, STAFF, uid)).status_code == 404
        assert client.post(url(name, STAFF, uid)).status_code in (404, 405)


def test_a_uid_of_another_model_is_missing(town, place, browser_of):
    post = place()
    client = browser_of("Anna")
    assert client.get(url("group", STAFF, post.uid)).status_code == 404
    assert client.get(url("post", STAFF, town.group["g4"].uid)).status_code == 404
    assert client.get(url("edit_reply", STAFF, post.uid)).status_code == 404


@pytest.mark.parametrize("written", ["{uid!s:.8}", "{{{uid}}}", "{pk}", "{upper}", "{uid}%20", "{uid}/../{uid}"])
def test_a_uid_written_otherwise_is_missing(place, browser_of, written):
    post = place()
    word = written.format(uid=post.uid, pk=post.pk, upper=str(post.uid).upper())
    assert browser_of("Karima").get(f"/thuis/bericht/{word}/").status_code == 404


def test_the_beacon_is_silent(place, browser_of):
    mine, hidden = place(), place("Joost", "g7")
    client = browser_of("Lotte")
    uids = [str(mine.uid), str(hidden.uid), str(uuid4()), "x", "\x00", ""]
    response = client.post(reverse("messaging:seen"), {"uid": uids})
    assert (response.status_code, response.content) == (204, b"")
    assert list(Seen.objects.values_list("writing", flat=True)) == [mine.pk]
    assert client.post(reverse("messaging:seen")).status_code == 204
    assert client.get(reverse("messaging:seen")).status_code == 405


def test_the_beacon_takes_a_hundred_at_once(place, browser_of):
    late = place()
    uids = [*(str(uuid4()) for _ in range(100)), str(late.uid)]
    browser_of("Lotte").post(reverse("messaging:seen"), {"uid": uids})
    assert Seen.objects.count() == 0


def test_nothing_is_written_by_looking(town, place, browser_of):
    post = place()
    hide_written(written=place(), by=Actor(town.user["Anna"], Hat.STAFF, NOW))
    before = Post.objects.values_list("state", "version").count(), Seen.objects.count(), Reply.objects.count()
    client = browser_of("Anna")
    for name in ("post", "edit", "retract", "hide", "show"):
        assert client.get(url(name, STAFF, post.uid)).status_code == 200
        assert client.head(url(name, STAFF, post.uid)).status_code == 200
    assert (Post.objects.values_list("state", "version").count(), Seen.objects.count(), Reply.objects.count()) == before


STANDING = re.compile(r'id="reactie-([0-9a-f-]+)"')
OLDER = re.compile(r'href="([^"]*voor=[^"]*)#reacties"')


@pytest.fixture
def answered(town, place):
    """A message with seventy answers, the first one of long ago; some of them came in the same moment."""
    post = place()
    lotte = town.user["Lotte"]
    moments = [later(minutes=at // 3) for at in range(70)]
    return [
        publish_reply(post=post, text=f"Antwoord {at}.", by=Actor(lotte, FAMILY, moment))
        for at, moment in enumerate(moments)
    ]


def standing(page):
    return STANDING.findall(page.content.decode())


def test_older_replies_stand_behind_a_link_and_each_stands_once(answered, browser_of):
    client, address = browser_of("Karima"), url("post", FAMILY, answered[0].post.uid)
    pages = [client.get(address)]
    while older := OLDER.search(pages[-1].content.decode()):
        pages.append(client.get(older[1]))
    assert [uid for page in reversed(pages) for uid in standing(page)] == [str(reply.uid) for reply in answered]
    assert [len(standing(page)) for page in pages] == [30, 30, 10]
    assert ['id="reageer"' in page.content.decode() for page in pages] == [True, False, False]
    assert ["Naar de nieuwste reacties" in page_text(page) for page in pages] == [False, True, True]


@pytest.mark.parametrize(("number", "shown"), [(69, (40, 70)), (40, (40, 70)), (39, (10, 40)), (0, (0, 1))])
def test_a_link_to_one_reply_opens_the_page_it_stands_on(answered, browser_of, number, shown):
    address = url("post", FAMILY, answered[0].post.uid)
    page = browser_of("Karima").get(address, {"reactie": str(answered[number].uid)})
    assert standing(page) == [str(reply.uid) for reply in answered[slice(*shown)]]


@pytest.mark.parametrize("query", [{"reactie": "x"}, {"reactie": str(uuid4())}, {"voor": "x"}])
def test_what_names_no_reply_opens_the_newest(answered, browser_of, query):
    client, address = browser_of("Karima"), url("post", FAMILY, answered[0].post.uid)
    assert standing(client.get(address, query)) == standing(client.get(address))


def test_a_link_to_a_reply_of_somewhere_else_tells_nothing(town, place, answered, browser_of):
    """Said reads neither what staff only read, nor where it would stand (POL-01)."""
    confided = publish_reply(post=place(replies="staff"), text="Vertrouwd.", by=Actor(town.user["Lotte"], FAMILY, NOW))
    client, address = browser_of("Karima"), url("post", FAMILY, answered[0].post.uid)
    assert standing(client.get(address, {"reactie": str(confided.uid)})) == standing(client.get(address))


def test_before_the_first_reply_the_page_says_so(answered, browser_of):
    address = url("post", FAMILY, answered[0].post.uid)
    page = page_text(browser_of("Karima").get(address, {"voor": f"1-{answered[0].uid.hex}"}))
    assert "Hier staat niets meer." in page
    assert "Naar de nieuwste reacties" in page


def test_who_reads_it_on_paper_next_week_knows_of_when_it_is(town, place, browser_of):
    """A reply says "vandaag 14.10"; the paper says which day that was, and no screen says it."""
    post = place(title="Kastanjes")
    publish_reply(post=post, text="Mooi!", by=Actor(town.user["Karima"], FAMILY, NOW))
    page = browser_of("Karima").get(url("post", FAMILY, post.uid))
    assert "vandaag 14.10" in page_text(page)
    [paper] = re.findall(r'<p class="only-paper hint">([^<]+)</p>', page.content.decode())
    assert paper == "Zo stond het er op vrijdag 20 november 2026, 14.10."
