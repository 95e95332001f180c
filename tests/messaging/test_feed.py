"""The feed: in order of time, once, with the groups and children named, page by page, new ones marked."""

import pytest

from groups.accounts.services.hats import hats_of
from groups.roles import Hat
from messaging.models import Post
from messaging.posts.services.feed import NO_FAMILY, family_in, feed_of
from messaging.removing.services.removal import retract_post
from messaging.writings.domain.cursor import Cursor
from messaging.writings.services.seen import mark_seen
from messaging.writings.services.written import hide_written
from portal.core.actor import Actor
from tests.messaging.conftest import NOW, later

pytestmark = pytest.mark.engines


@pytest.fixture
def feed(town):
    def read(name="Karima", hat=Hat.FAMILY, now=NOW, **more):
        hats = hats_of(town.user[name], now=now)
        family = family_in(hats) if hat == Hat.FAMILY else NO_FAMILY
        return feed_of(actor=Actor(town.user[name], hat, now), hats=hats, family=family, **more)

    return read


def titles(page):
    return [entry.post.title for entry in page.entries]


def test_newest_first_over_all_own_groups(feed, place):
    place(title="een", now=later(hours=-3))
    place("Joost", "g7", title="twee", now=later(hours=-2))
    place("Petra", "@school", title="drie", now=later(hours=-1))
    assert titles(feed()) == ["drie", "twee", "een"]
    assert titles(feed("Lotte")) == ["drie", "een"]
    assert titles(feed("Anna", Hat.STAFF)) == ["drie", "een"]
    assert titles(feed("Thijs")) == ["drie", "een"]
    assert titles(feed("Thijs", Hat.STAFF)) == ["drie", "twee"]


def test_written_together_stands_once_with_the_readers_groups(feed, place, town):
    place("Petra", "g4", "g7", "@school", title="Studiedag")
    for name, groups in [("Karima", ["Groep 4", "Groep 7", "Hele school"]), ("Lotte", ["Groep 4", "Hele school"])]:
        [entry] = feed(name).entries
        assert [group.name for group in entry.groups] == groups
    [entry] = feed("Joost", Hat.STAFF).entries
    assert [group.name for group in entry.groups] == ["Groep 7", "Hele school"]
    [entry] = feed(groups=[town.group["g7"].pk]).entries
    assert entry.group.pk == town.group["g7"].pk


def test_of_posts_together_one_may_go_and_the_rest_stays(feed, place, town):
    post = place("Petra", "g4", "g7", title="Studiedag")
    retract_post(post=post, by=Actor(town.user["Petra"], Hat.STAFF, NOW))
    [entry] = feed().entries
    assert [group.name for group in entry.groups] == ["Groep 7"]
    assert titles(feed("Lotte")) == []


def test_every_message_says_which_child_it_is_about(feed, place):
    place("Petra", "g4", "g7", title="beide", now=later(hours=-1))
    place("Joost", "g7", title="Ilyas", now=later(hours=-2))
    place("Petra", "@school", title="school", now=later(hours=-3))
    children = [[child.first_name for child in entry.children] for entry in feed().entries]
    assert children == [["Ilyas", "Noor"], ["Ilyas"], []]


def test_a_hidden_message_keeps_its_place_for_who_moderates(feed, place, town):
    hide_written(written=place(), by=Actor(town.user["Petra"], Hat.STAFF, NOW))
    assert len(feed("Anna", Hat.STAFF).entries) == len(feed("Petra", Hat.STAFF).entries) == 1
    assert feed().entries == []


def test_page_by_page_without_gap_or_double(feed, place):
    for number in range(7):
        place(title=str(number), now=later(minutes=number // 3 - 9))
    seen, cursor = [], None
    for _ in range(4):
        page = feed(before=cursor, size=2)
        seen += titles(page)
        cursor = page.older
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]
    assert cursor is None


def test_a_page_goes_on_where_its_last_message_was(feed, place, town):
    for number in range(4):
        place(title=str(number), now=later(minutes=number - 9))
    page = feed(size=2)
    retract_post(post=Post.objects.get(uid=page.entries[-1].post.uid), by=Actor(town.user["Anna"], Hat.STAFF, NOW))
    assert titles(feed(before=page.older)) == ["1", "0"]


def test_a_cursor_of_something_one_may_not_read_is_only_a_moment(feed, place):
    place(title="oud", now=later(minutes=-1))
    foreign = place("Petra", "@team")
    assert titles(feed("Lotte", before=Cursor(foreign.placed_at, foreign.uid))) == ["oud"]


def test_at_the_first_visit_nothing_is_called_new(feed, place):
    place()
    page = feed()
    assert [entry.is_unread for entry in page.entries] == [False]
    assert page.lines == (None, None)


def test_the_line_stands_before_the_first_new_one(feed, place, town):
    first = place(now=later(days=-3))
    mark_seen(by=Actor(town.user["Karima"], Hat.ANY, later(days=-2)), uids=[first.uid])
    place(now=later(hours=-2))
    place(now=later(hours=-1))
    page = feed()
    assert (page.lines, page.since) == ((0, 2), later(days=-2))
    mark_seen(by=Actor(town.user["Karima"], Hat.ANY, NOW), uids=[page.entries[0].post.uid])
    page = feed()
    assert (page.lines, page.since) == ((1, 2), None)


def test_what_was_there_at_the_first_visit_does_not_stay_new(feed, place, town):
    place(title="oud", now=later(days=-9))
    newer = place(now=later(days=-3))
    mark_seen(by=Actor(town.user["Karima"], Hat.ANY, later(days=-2)), uids=[newer.uid])
    assert feed().lines == (None, None)


def test_own_and_hidden_messages_are_not_new(feed, place, town):
    first = place(now=later(days=-3))
    mark_seen(by=Actor(town.user["Anna"], Hat.ANY, later(days=-2)), uids=[first.uid])
    place(now=later(days=-1))
    hide_written(written=place("Petra", "g4", now=later(days=-1)), by=Actor(town.user["Petra"], Hat.STAFF, NOW))
    assert feed("Anna", Hat.STAFF).lines == (None, None)
    assert Post.objects.count() == 3
