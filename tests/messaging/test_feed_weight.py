"""What the feed weighs: the page of a parent with twenty messages of fifty words and fourteen photos."""

import re
from collections import Counter
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from messaging.models import Post
from portal.core.models import User
from tests.bench import schools
from tests.cast import SIGN_IN

pytestmark = pytest.mark.django_db
MOST = 24_000
"""Bytes of HTML, not compressed."""


@pytest.fixture
def feed() -> str:
    now = timezone.now()
    schools.add_photos(schools.add_school(0, schools.school_year(now), now), now)
    client = Client()
    client.force_login(User.objects.get(email=schools.address(0, 0)), backend=SIGN_IN)
    return client.get("/thuis/berichten/").content.decode()


def test_the_feed_is_light(feed: str) -> None:
    assert (feed.count("<article"), feed.count("<img")) == (20, 14)
    assert len(feed.encode()) <= MOST


@pytest.mark.parametrize("asks", [2, 5])
def test_with_asks_above_it_it_is_as_light(asks: int) -> None:
    now = timezone.now()
    schools.add_photos(schools.add_school(0, schools.school_year(now), now), now)
    client = Client()
    client.force_login(User.objects.get(email=schools.address(0, 0)), backend=SIGN_IN)
    before = client.get("/thuis/berichten/").content.decode()
    uids = re.findall(r'href="/thuis/bericht/([0-9a-f-]{36})/"', before)[:asks]
    day = now.date() + timedelta(days=3)
    Post.objects.filter(uid__in=uids).update(ask="yes_no", ask_on=day, answer_by=day)
    feed = client.get("/thuis/berichten/").content.decode()
    assert feed.count('class="ask"') == asks
    assert len(feed.encode()) <= MOST


def test_no_way_stands_twice(feed: str) -> None:
    """Neither a list nor a link: what a phone and a wide screen show in different places is one and the same."""
    ways = Counter(re.findall(r'<a [^>]*href="(/[^"]*)"', feed))
    assert {way: times for way, times in ways.items() if times > 1} == {}
    assert feed.count("<nav") == 1


def test_every_title_labels_its_own_message(feed: str) -> None:
    labels, titles = re.findall(r'aria-labelledby="(b\d+)"', feed), re.findall(r'<h3 id="(b\d+)"', feed)
    assert labels == titles == [f"b{place}" for place in range(1, 21)]
