"""What a page of a grown school computes: nothing that it does not show, and no question composed anew."""

import re

import pytest
from django.db import connection
from django.db.models.sql import Query
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from groups.models import Group
from groups.roles import Hat
from messaging.photos.views.photos import ON_A_PAGE
from messaging.posts.services.posts import publish_post
from messaging.talks.services.conversations import conversations_of
from portal.core.actor import Actor
from tests.messaging.moments import NOW
from tests.messaging.pages import FAMILY, STAFF, page_text, url
from tests.messaging.photo_files import chosen, uploads
from tests.messaging.talk import say, start

WORDS = {"topic": "update", "title": "Voor allemaal", "text": "Morgen is er geen school.", "replies": "on"}
PHOTO = re.compile(r"/foto/[0-9a-f-]{36}/400")


@pytest.fixture
def with_photos(town, place, settings, tmp_path):
    settings.KRING_DATA_DIR = tmp_path

    def placed(count):
        images = uploads(count, by=town.user["Anna"], school=town.school, now=NOW)
        return place(pictures=chosen(images), declared=True)

    return placed


def asked_by(act):
    with CaptureQueriesContext(connection) as captured:
        act()
    return [query["sql"] for query in captured.captured_queries]


def test_of_one_photo_no_text_is_read_but_its_own(town, with_photos, browser_of):
    """As an "in", the database read every text of the school to find the one in which the photo stands."""
    post = with_photos(1)
    image = post.placements.get().image
    page = reverse("messaging:remove_photo", args=[STAFF, post.uid, image.uid])
    client = browser_of("Petra")
    assert client.get(page).status_code == 200
    [found, *_] = [sql for sql in asked_by(lambda: client.get(page)) if 'FROM "messaging_placement"' in sql]
    assert '"messaging_placement"."writing_id" IN (SELECT' not in found


def test_only_where_the_number_is_shown_new_messages_are_counted(town):
    """Of a conversation in which nothing is new it is enough that there is none."""
    read, unread = start(town, "Anna"), start(town, "Anna", title="Morgen")
    say(town, unread, "Karima", hat=Hat.FAMILY)
    anna = Actor(town.user["Anna"], STAFF, NOW)
    assert [(row.thread.pk, row.new) for row in conversations_of(actor=anna).entries] == [(unread.pk, 1), (read.pk, 0)]
    lists = [sql for sql in asked_by(lambda: conversations_of(actor=anna)) if 'FROM "messaging_thread" ' in sql]
    assert [sql.count("COUNT(") for sql in lists] == [1, 0]


def test_an_album_is_read_in_pages_of_the_month(town, place, with_photos, browser_of):
    many = ON_A_PAGE // 20 + 1
    for _ in range(many):
        with_photos(20)
    karima, address = browser_of("Karima"), url("album", FAMILY, town.group["g4"].uid)
    pages = [karima.get(address, {"maand": f"{NOW:%Y-%m}", "pagina": number}) for number in (1, 2)]
    assert [len(PHOTO.findall(page.content.decode())) for page in pages] == [ON_A_PAGE, 20]
    assert f"?maand={NOW:%Y-%m}&amp;pagina=2" in pages[0].content.decode()
    assert "Pagina 2 van 2" in page_text(pages[1])


def test_placing_asks_as_much_for_thirty_groups_as_for_three(town, place):
    """A name, a school and a year were asked for every group."""
    counts = []
    for count in (3, 30):
        keys = [f"{count}x{number}" for number in range(count)]
        groups = [town.add_group(key, f"Groep {key}") for key in keys]
        town.sync()
        again = list(Group.objects.filter(pk__in=[group.pk for group in groups]))
        asked = asked_by(lambda: publish_post(groups=again, **WORDS, by=Actor(town.user["Petra"], STAFF, NOW)))  # noqa: B023
        counts.append(len([sql for sql in asked if sql.startswith("SELECT")]))
    assert counts[0] == counts[1]


def test_who_would_rather_not_be_on_it_and_whom_to_talk_about_is_composed_once(
    town, with_photos, browser_of, monkeypatch
):
    """But for the session, its account and the group; composing took longer than the answers."""
    image = with_photos(1).placements.get().image
    anna, karima = browser_of("Anna"), browser_of("Karima")
    place = reverse("messaging:rather_not", args=[STAFF, town.group["g4"].uid, image.uid])
    about, talk = {"kind": town.child["Noor"].uid}, start(town, "Anna")
    visits = {
        "rather not": (lambda: anna.get(place), 15),
        "whom about": (lambda: anna.get(url("new_thread", STAFF)), 3),
        "to whom": (lambda: karima.get(url("new_thread", FAMILY), about), 3),
        "whom to ask": (lambda: anna.get(url("ask_in", STAFF, talk.uid)), 3),
    }
    composed, plain = [], Query.build_filter
    for visit, _ in visits.values():
        assert visit().status_code == 200

    def counting(*args, **more):
        composed.append(args)
        return plain(*args, **more)

    monkeypatch.setattr(Query, "build_filter", counting)
    for name, (visit, most) in visits.items():
        composed.clear()
        visit()
        assert len(composed) <= most, name


@pytest.mark.parametrize(
    ("page", "most"),
    [
        ("messaging:urgent", 15),
        ("messaging:urgent_deputies", 3),
        ("groups:overview", 12),
        ("groups:help", 3),
        ("moderation:figures", 36),
    ],
)
def test_of_a_page_so_many_conditions_are_composed_at_each_visit(town, browser_of, monkeypatch, page, most):
    """This only becomes less: composing costs many times what the database needs to answer."""
    client, composed, plain = browser_of("Petra"), [], Query.build_filter
    client.get(reverse(page))

    def counting(*args, **more):
        composed.append(page)
        return plain(*args, **more)

    monkeypatch.setattr(Query, "build_filter", counting)
    assert client.get(reverse(page)).status_code == 200
    assert len(composed) <= most
