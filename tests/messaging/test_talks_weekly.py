"""Who wants no mail of its own about a conversation reads in the weekly mail that something was said (POL-50, 54)."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client

from groups.models import NewsKind, Way
from groups.people.services.contact_choices import choose_way
from groups.people.services.guardianships import end_guardianship
from messaging.talks.services.threads import mark_messages_read
from portal.core.actor import Actor
from tests.messaging.conftest import NOW, later
from tests.messaging.talk import FAMILY, STAFF, say, start
from tests.messaging.weekly import weekly_mails

LINE = "In één gesprek staat iets wat u nog niet gelezen hebt."


@pytest.fixture
def cut(town, cut):
    """The weekly mail closes after what is said here; Karima wants nothing else by mail."""
    choose_way(user=town.user["Karima"], school=town.school, way=Way.NONE, now=NOW)
    choose_way(user=town.user["Karima"], school=town.school, way=Way.WEEKLY, kinds=[NewsKind.TALKS], now=NOW)
    return cut


def karimas_mails(cut, *between):
    """What the weekly mail brings Karima, when this happens between its rows and its leaving."""
    return [one for one in weekly_mails(cut, *between) if one.to == ["karima@post.example"]]


def test_it_says_in_how_many_conversations_and_nothing_of_them(town, cut):
    thread = start(town, "Anna", parents=("Karima",), title="Over Noor", text="Noor leest goed.")
    say(town, thread, "Anna")
    [one] = karimas_mails(cut)
    whole = one.subject + one.body + one.alternatives[0][0]
    assert whole.count(LINE) == 2
    assert "/thuis/gesprekken/" in one.body
    assert not any(words in whole for words in ("Noor", "juf Anna", "leest goed"))


def test_two_conversations_are_counted(town, cut):
    for title in ("Over Noor", "Iets anders"):
        start(town, "Anna", parents=("Karima",), title=title)
    [one] = karimas_mails(cut)
    assert "In 2 gesprekken" in one.body


def test_read_or_said_by_oneself_or_of_before_there_is_nothing(town, cut):
    start(town, "Anna", parents=("Karima",), now=later(days=-30))
    mine = start(town)
    assert mine.messages.count() == 1
    assert karimas_mails(cut) == []


@pytest.mark.parametrize("how", ["read", "ended", "chose"])
def test_it_is_asked_again_as_the_mail_leaves(town, cut, how):
    karima = town.user["Karima"]
    thread = start(town, "Anna", parents=("Karima",))
    by = Actor(town.user["Petra"], STAFF, cut)
    deeds = {
        "read": lambda: mark_messages_read(
            uids=[one.uid for one in thread.messages.all()], by=Actor(karima, FAMILY, cut)
        ),
        "ended": lambda: [
            end_guardianship(guardianship=one, by=by) for one in town.caregiver["Karima"].guardianships.all()
        ],
        "chose": lambda: choose_way(user=karima, school=town.school, way=Way.NONE, kinds=[NewsKind.TALKS], now=cut),
    }
    assert karimas_mails(cut, deeds[how]) == []


def test_who_is_mailed_at_once_does_not_read_it_again(town, cut):
    start(town, "Anna", parents=("Karima", "Said"))
    assert len(karimas_mails(cut)) == 1
    assert not any("said@post.example" in one.to and LINE in str(one.body) for one in mail.outbox)


def test_the_link_in_a_weekly_mail_stops_the_weekly_mail(town, cut):
    """It came for a conversation alone, and came again every week: the link stopped what was stopped already."""
    thread = start(town, "Anna", parents=("Karima",))
    [one] = karimas_mails(cut)
    stop = one.extra_headers["List-Unsubscribe"].strip("<>").removeprefix(settings.KRING_BASE_URL)
    assert Client().post(stop, {"List-Unsubscribe": "One-Click"}).status_code == 200
    say(town, thread, "Anna", now=cut + timedelta(days=1))
    assert karimas_mails(cut + timedelta(days=7)) == []
