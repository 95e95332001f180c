"""A page asks the database the same number of questions for one message and for thirty, one group and twenty."""

import pytest
from django.urls import reverse

from groups.roles import Hat
from messaging.posts.services.replies import publish_reply
from messaging.writings.services.seen import mark_seen
from portal.core.actor import Actor
from tests import rows
from tests.messaging.conftest import NOW, later
from tests.messaging.photo_files import chosen, uploads

pytestmark = pytest.mark.engines("postgresql")


def fill(town, place, count):
    """`count` messages and one written together, so that every question has something to ask about."""
    for number in range(count):
        place(now=later(minutes=-1 - number))
    return place("Petra", "g4", "@school", now=NOW)


def more_groups(town, name, count):
    """The family's child in `count` more groups."""
    for number in range(count):
        group = town.add_group(f"extra{number}", f"Groep extra {number}")
        rows.enrolment(town.child["Noor"], group)
    town.sync()


@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.parametrize(("name", "hat", "queries"), [("Karima", Hat.FAMILY, 9), ("Anna", Hat.STAFF, 9)])
def test_feed(town, place, browser_of, django_assert_num_queries, name, hat, queries, count):
    mark_seen(by=Actor(town.user[name], Hat.ANY, NOW), uids=[fill(town, place, count).uid])
    client, url = browser_of(name), reverse("messaging:feed", args=[hat])
    client.get(url)
    with django_assert_num_queries(queries):
        assert client.get(url).status_code == 200


@pytest.mark.parametrize("count", [1, 30])
def test_feed_with_photos(town, place, browser_of, django_assert_num_queries, settings, tmp_path, count):
    settings.KRING_DATA_DIR = tmp_path
    images = uploads(count, by=town.user["Anna"], school=town.school, now=NOW)
    place(pictures=chosen(images), declared=True)
    client, url = browser_of("Lotte"), reverse("messaging:feed", args=[Hat.FAMILY])
    client.get(url)
    with django_assert_num_queries(9):
        assert b"/foto/" in client.get(url).content


def test_a_photo_the_browser_has(town, place, browser_of, django_assert_num_queries, settings, tmp_path):
    """Two questions beside session and user, nothing written, nothing sent (P5)."""
    settings.KRING_DATA_DIR = tmp_path
    [image] = uploads(1, by=town.user["Anna"], school=town.school, now=NOW)
    place(pictures=chosen([image]), declared=True)
    client, url = browser_of("Lotte"), reverse("messaging:photo", args=[image.uid, 400])
    etag = client.get(url).headers["ETag"]
    with django_assert_num_queries(4):
        answer = client.get(url, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.content) == (304, b"")


@pytest.mark.parametrize("count", [1, 20, 200])
def test_feed_over_many_groups(town, place, browser_of, django_assert_num_queries, count):
    fill(town, place, 3)
    more_groups(town, "Karima", count)
    client, url = browser_of("Karima"), reverse("messaging:feed", args=[Hat.FAMILY])
    client.get(url)
    with django_assert_num_queries(9):
        assert client.get(url).status_code == 200


@pytest.mark.parametrize("count", [1, 300])
@pytest.mark.parametrize(("name", "hat", "queries"), [("Karima", Hat.FAMILY, 11), ("Anna", Hat.STAFF, 13)])
def test_post_with_replies(town, place, browser_of, django_assert_num_queries, name, hat, queries, count):
    post = fill(town, place, 1)
    for _ in range(count):
        publish_reply(post=post, text="Dank u wel.", by=Actor(town.user["Lotte"], Hat.FAMILY, NOW))
    client, url = browser_of(name), reverse("messaging:post", args=[hat, post.uid])
    client.get(url)
    with django_assert_num_queries(queries):
        assert len(client.get(url).content) <= 60_000


@pytest.mark.parametrize("count", [1, 30])
def test_group_page(town, place, browser_of, django_assert_num_queries, count):
    fill(town, place, count)
    client, url = browser_of("Anna"), reverse("messaging:group", args=[Hat.STAFF, town.group["g4"].uid])
    client.get(url)
    with django_assert_num_queries(12):
        assert client.get(url).status_code == 200


@pytest.mark.parametrize("count", [1, 20])
def test_compose(town, browser_of, django_assert_num_queries, count):
    for number in range(count):
        town.add_group(f"extra{number}", f"Groep extra {number}")
    town.sync()
    client, url = browser_of("Petra"), reverse("messaging:compose", args=[Hat.STAFF])
    client.get(url)
    with django_assert_num_queries(11):
        assert client.get(url).status_code == 200


@pytest.mark.parametrize("count", [1, 9])
def test_a_feed_with_a_board(town, place, browser_of, django_assert_num_queries, count):
    """One question for what is asked, and one for what stands, however much is asked."""
    for _ in range(count):
        place(ask="yes_no", ask_on=later(days=3).date())
    client, url = browser_of("Karima"), reverse("messaging:feed", args=[Hat.FAMILY])
    client.get(url)
    with django_assert_num_queries(9):
        assert client.get(url).content.count(b'class="ask"') == count
