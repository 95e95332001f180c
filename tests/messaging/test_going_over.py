"""Who goes over from the weekly mail to a mail at once has what stood there already in the weekly mail (POL-50)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from groups.models import NewsKind, Way
from groups.people.services.contact_choices import choose_phone, choose_way
from groups.roles import Hat
from messaging.models import Post
from messaging.newsletter.mail.editions import render_edition
from messaging.newsletter.services.editions import send_due_editions
from messaging.posts.services.posts import edit_post
from messaging.writings.domain.text import content_in
from portal.core import outbox
from portal.core.actor import Actor
from portal.core.models import OutboxItem
from portal.core.outbox import Withheld
from tests.messaging.conftest import NOW, Town, later

MINUTE = timedelta(minutes=1)


@pytest.mark.usefixtures("cut")
class TestWhoGoesOverToAMailAtOnce:
    """What was placed before was in Kring alone, and in no mail."""

    def weekly(self, cut: datetime) -> dict[str, str]:
        send_due_editions(now=cut + MINUTE)
        mail.outbox.clear()
        outbox.sweep(now=cut + 2 * MINUTE)
        return {one.to[0].partition("@")[0]: str(one.body) for one in mail.outbox if "Weeknieuws" in one.subject}

    def chooses(self, town: Town, name: str, way: Way, at: datetime, kind: NewsKind = NewsKind.STORIES) -> None:
        choose_way(user=town.user[name], school=town.school, way=way, kinds=[kind], now=at)

    def places(self, place: Callable[..., Post], title: str, at: datetime, **ask: Any) -> Post:
        post = place("Anna", "g4", title=title, now=at, **ask)
        outbox.sweep(now=at + 12 * MINUTE)
        return post

    def test_it_comes_in_the_weekly_mail_still_and_what_was_mailed_does_not(
        self, town: Town, cut: datetime, place: Callable[..., Post]
    ) -> None:
        self.places(place, "Herfst op tafel", NOW)
        self.chooses(town, "Karima", Way.MESSAGE, later(minutes=30))
        self.places(place, "Winter op tafel", later(hours=1))
        sent = self.weekly(cut)
        assert ("Herfst op tafel" in sent["karima"], "Winter op tafel" in sent["karima"]) == (True, False)
        assert ("Herfst op tafel" in sent["said"], "Winter op tafel" in sent["said"]) == (True, True)

    def test_once_and_not_for_who_chose_so_before_and_touched_the_phone_since(
        self, town: Town, cut: datetime, place: Callable[..., Post]
    ) -> None:
        self.chooses(town, "Karima", Way.MESSAGE, NOW)
        self.places(place, "Herfst op tafel", later(minutes=1))
        choose_phone(
            user=town.user["Karima"], school=town.school, kind=NewsKind.STORIES, on=True, now=later(minutes=30)
        )
        assert "karima" not in self.weekly(cut)
        assert not OutboxItem.objects.filter(kind="digest", recipient=town.user["Karima"]).exists()

    def test_who_does_not_want_it_after_all_gets_nothing(
        self, town: Town, cut: datetime, place: Callable[..., Post]
    ) -> None:
        self.places(place, "Herfst op tafel", NOW)
        self.chooses(town, "Karima", Way.MESSAGE, later(minutes=30))
        send_due_editions(now=cut + MINUTE)
        self.chooses(town, "Karima", Way.NONE, cut + MINUTE)
        assert "karima" not in self.weekly(cut)

    def test_a_mail_that_is_tried_again_still_has_it(
        self, town: Town, cut: datetime, place: Callable[..., Post]
    ) -> None:
        self.places(place, "Herfst op tafel", NOW)
        self.chooses(town, "Karima", Way.MESSAGE, later(minutes=30))
        send_due_editions(now=cut + MINUTE)
        row = OutboxItem.objects.get(kind="digest", recipient=town.user["Karima"])
        for _ in range(2):
            [answer] = render_edition([row], cut + 2 * MINUTE)
            assert not isinstance(answer, Withheld)

    def test_it_is_never_in_a_weekly_mail_again(self, town: Town, cut: datetime, place: Callable[..., Post]) -> None:
        self.places(place, "Herfst op tafel", NOW)
        self.chooses(town, "Karima", Way.MESSAGE, later(minutes=30))
        assert "karima" in self.weekly(cut)
        self.places(place, "Winter op tafel", cut + timedelta(days=1))
        assert "karima" not in self.weekly(cut + timedelta(days=7))

    def test_so_does_what_asked_something_and_asks_it_no_more(
        self, town: Town, cut: datetime, place: Callable[..., Post]
    ) -> None:
        """Who hears of questions once a week and of stories at once found it in no mail at all."""
        self.chooses(town, "Karima", Way.WEEKLY, NOW, NewsKind.ASKS)
        self.chooses(town, "Karima", Way.MESSAGE, NOW)
        post = self.places(place, "Herfst op tafel", later(minutes=1), ask="do", ask_on=later(days=9).date())
        asks_nothing = {**content_in(vars(post)), "ask": "", "ask_on": None}
        edit_post(post=post, version=1, by=Actor(town.user["Anna"], Hat.STAFF, later(minutes=20)), **asks_nothing)
        self.places(place, "Winter op tafel", later(minutes=30))
        sent = self.weekly(cut)["karima"]
        assert ("Herfst op tafel" in sent, "Winter op tafel" in sent) == (True, False)

    def test_what_was_asked_at_once_and_is_asked_no_more_does_not_come_twice(
        self, town: Town, cut: datetime, place: Callable[..., Post]
    ) -> None:
        """Who hears of questions at once and of stories once a week had it in a mail of its own."""
        self.chooses(town, "Karima", Way.MESSAGE, NOW, NewsKind.ASKS)
        self.chooses(town, "Karima", Way.WEEKLY, NOW)
        self.chooses(town, "Said", Way.WEEKLY, NOW, NewsKind.ASKS)
        post = self.places(place, "Herfst op tafel", later(minutes=1), ask="do", ask_on=later(days=9).date())
        asks_nothing = {**content_in(vars(post)), "ask": "", "ask_on": None}
        edit_post(post=post, version=1, by=Actor(town.user["Anna"], Hat.STAFF, later(minutes=20)), **asks_nothing)
        self.places(place, "Winter op tafel", later(minutes=30))
        sent = self.weekly(cut)
        assert ("Herfst op tafel" in sent["karima"], "Winter op tafel" in sent["karima"]) == (False, True)
        assert "Herfst op tafel" in sent["said"]

    def test_who_goes_back_to_the_weekly_mail_reads_nothing_twice(
        self, town: Town, cut: datetime, place: Callable[..., Post]
    ) -> None:
        """What came at once on Monday came once more on Friday, as she chose the weekly mail on Wednesday."""
        self.chooses(town, "Karima", Way.MESSAGE, NOW)
        self.places(place, "Herfst op tafel", later(minutes=1))
        self.chooses(town, "Karima", Way.WEEKLY, later(minutes=20))
        self.places(place, "Winter op tafel", later(minutes=30))
        sent = self.weekly(cut)["karima"]
        assert ("Herfst op tafel" in sent, "Winter op tafel" in sent) == (False, True)

    def test_nor_gets_a_mail_of_that_alone(self, town: Town, cut: datetime, place: Callable[..., Post]) -> None:
        self.chooses(town, "Karima", Way.MESSAGE, NOW)
        self.places(place, "Herfst op tafel", later(minutes=1))
        self.chooses(town, "Karima", Way.WEEKLY, later(minutes=20))
        assert "karima" not in self.weekly(cut)
