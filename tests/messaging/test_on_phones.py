"""What phones show of school: the group and who wrote, to whom may read it when it leaves and wants it there."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from groups.models import NewsKind, Way
from groups.people.services.contact_choices import choose_way
from groups.people.services.guardianships import end_guardianship
from groups.roles import Hat
from messaging.asks.domain import DONE
from messaging.asks.services.answering import answer_ask
from messaging.asks.services.helping import sign_off, sign_on
from messaging.asks.services.reminders import remind_helpers, remind_of_asks
from messaging.models import AskKind, Post
from messaging.posts.services.posts import edit_post
from messaging.removing.services.removal import retract_post, retract_written
from messaging.talks.domain.bundles import closes
from messaging.talks.services.threads import mark_messages_read
from messaging.urgent.services.sending import UrgentDraft, send_urgent
from messaging.writings.services.seen import mark_seen
from portal.core.actor import Actor
from portal.core.domain.moments import SCHOOL_ZONE
from portal.core.models import OutboxItem, OutboxState
from tests.core.push_service import PushService
from tests.messaging.conftest import NOW, Town, later
from tests.messaging.pages import FAMILY, STAFF, edited
from tests.messaging.phones import Phones, choose
from tests.messaging.steering import ask_in
from tests.messaging.talk import say, start
from tests.messaging.test_newcomers import give

pytestmark = pytest.mark.engines
BUNDLE = NOW + timedelta(minutes=12)
SLOT = closes(NOW)
WEDNESDAY = date(2026, 11, 25)
BEFORE = datetime(2026, 11, 24, 16, 3, tzinfo=SCHOOL_ZONE)
STEP = ("De Proef", "Er is iets veranderd in een gesprek.")
SOUP: dict[str, Any] = {"ask": "help", "ask_on": WEDNESDAY, "answer_by": date(2026, 11, 24), "tasks": "Soep koken, 2"}
APRON: dict[str, Any] = {"ask": AskKind.DO, "ask_on": WEDNESDAY}


class TestMessages:
    def test_what_is_asked_shows_group_and_writer_and_no_word_of_it(
        self, town: Town, phones: Phones, place: Callable[..., Post]
    ) -> None:
        post = place("Anna", "g4", title="Schort mee", **APRON)
        assert phones.shown(NOW + timedelta(minutes=5)) == {}
        assert phones.shown(BUNDLE) == {"Karima": [("Groep 4", "juf Anna")], "Said": [("Groep 4", "juf Anna")]}
        assert {one["navigate"] for one in phones.last} == {f"http://localhost:8000/thuis/bericht/{post.uid}/"}  # type: ignore[index]
        assert "Schort" not in str(phones.last)
        assert "Noor" not in str(phones.last)
        assert phones.shown(BUNDLE) == {}

    def test_stories_and_news_of_the_school_wait_for_who_wants_them_there(
        self, town: Town, phones: Phones, place: Callable[..., Post]
    ) -> None:
        choose(town, "Said", NewsKind.STORIES, on=True)
        place("Anna", "g4", title="Herfst op tafel")
        assert phones.shown(BUNDLE) == {"Said": [("Groep 4", "juf Anna")]}

    def test_the_mail_is_another_choice(self, town: Town, phones: Phones, place: Callable[..., Post]) -> None:
        choose_way(user=town.user["Said"], school=town.school, kinds=[NewsKind.ASKS], way=Way.NONE, now=NOW)
        choose(town, "Karima", NewsKind.ASKS, on=False)
        place("Anna", "g4", title="Schort mee", **APRON)
        assert phones.shown(BUNDLE) == {"Said": [("Groep 4", "juf Anna")]}

    def test_several_in_ten_minutes_are_one_notice(
        self, town: Town, phones: Phones, place: Callable[..., Post]
    ) -> None:
        place("Anna", "g4", title="Schort mee", **APRON)
        with time_machine.travel(later(minutes=4)):
            place("Petra", "g4", "g7", title="Laarzen mee", now=later(minutes=4), **APRON)
        assert phones.shown(BUNDLE)["Said"] == [(town.school.name, "juf Anna en Petra Schuurman")]
        assert phones.last[0]["navigate"] == "http://localhost:8000/thuis/berichten/"  # type: ignore[index]

    @pytest.mark.parametrize("how", ["access ended", "retracted", "chose otherwise", "read"])
    def test_who_may_not_or_need_not_see_it_a_second_earlier_gets_nothing(
        self, town: Town, phones: Phones, place: Callable[..., Post], how: str
    ) -> None:
        post = place("Anna", "g4", title="Schort mee", **APRON)
        second = BUNDLE - timedelta(seconds=1)
        left = {"Karima"}
        if how == "access ended":
            held = town.user["Said"].caregivers.get().guardianships.get(child__first_name="Noor")
            end_guardianship(guardianship=held, by=Actor(town.user["Petra"], STAFF, second))
        elif how == "retracted":
            retract_post(post=post, by=Actor(town.user["Anna"], STAFF, second))
            left = set()
        elif how == "read":
            mark_seen(by=Actor(town.user["Said"], Hat.ANY, second), uids=[post.uid])
        else:
            choose(town, "Said", NewsKind.ASKS, on=False)
        assert set(phones.shown(BUNDLE)) == left

    def test_without_a_phone_there_is_no_row(
        self, town: Town, service: PushService, place: Callable[..., Post]
    ) -> None:
        place("Anna", "g4", title="Schort mee", **APRON)
        assert not OutboxItem.objects.exclude(device=None).exists()


class TestConversations:
    def test_a_new_message_shows_from_whom(self, town: Town, phones: Phones) -> None:
        thread = start(town, "Anna", parents=("Karima", "Said"), title="Over Noor", text="Noor leest goed.")
        assert phones.shown(SLOT) == {
            "Karima": [(town.school.name, "juf Anna")],
            "Said": [(town.school.name, "juf Anna")],
        }
        assert {one["navigate"] for one in phones.last} == {f"http://localhost:8000/thuis/gesprek/{thread.uid}/"}  # type: ignore[index]
        assert "Noor" not in str(phones.last)

    def test_staff_see_it_when_they_work(self, town: Town, phones: Phones) -> None:
        saturday, monday = later(days=1), datetime(2026, 11, 23, 7, tzinfo=UTC)
        with time_machine.travel(saturday):
            thread = start(town, "Anna", parents=("Karima",), now=saturday)
            say(town, thread, "Karima", "En nog iets.", hat=FAMILY, now=saturday)
        assert "Anna" not in phones.shown(monday - timedelta(minutes=1))
        assert phones.shown(monday)["Anna"] == [(town.school.name, "Karima Bouzid")]

    @pytest.mark.parametrize("how", ["read", "retracted", "chose otherwise", "access ended"])
    def test_it_is_asked_again_when_it_leaves(self, town: Town, phones: Phones, how: str) -> None:
        thread = start(town, "Anna", parents=("Karima",), title="Over Noor", text="Noor leest goed.")
        message = thread.messages.get()
        if how == "read":
            mark_messages_read(by=Actor(town.user["Karima"], FAMILY, NOW), uids=[message.uid])
        elif how == "retracted":
            retract_written(written=message, by=Actor(town.user["Anna"], STAFF, NOW))
        elif how == "access ended":
            held = town.user["Karima"].caregivers.get().guardianships.get(child__first_name="Noor")
            end_guardianship(guardianship=held, by=Actor(town.user["Petra"], STAFF, SLOT - timedelta(seconds=1)))
        else:
            choose(town, "Karima", NewsKind.TALKS, on=False)
        assert phones.shown(SLOT) == {}
        assert set(OutboxItem.objects.exclude(device=None).values_list("state", flat=True)) <= {OutboxState.WITHHELD}

    def test_what_happened_to_one_shows_at_which_school_and_not_what(self, town: Town, phones: Phones) -> None:
        thread = start(town, "Anna", parents=("Karima", "Said"), title="Over Noor", text="Noor leest goed.")
        phones.shown(SLOT)
        ask_in(town, thread, "Karima", now=SLOT)
        assert phones.shown(SLOT) == {"Said": [STEP], "Anna": [STEP]}
        pages = {one["navigate"] for one in phones.last}
        assert pages == {f"http://localhost:8000/{where}/gesprek/{thread.uid}/" for where in ("thuis", "school")}
        assert not any(words in str(phones.last) for words in ("Noor", "Petra", "directie"))

    def test_who_comes_in_and_reads_in_many_sees_one_notice(self, town: Town, service: PushService) -> None:
        phones = Phones(service, town, "Karima", "Joost")
        for _ in range(2):
            start(town, "Anna", parents=("Karima",), text="Noor leest goed.")
        phones.shown(SLOT)
        give(town, "Joost", at=SLOT)
        assert phones.shown(SLOT + timedelta(seconds=1)) == {"Karima": [STEP], "Joost": [STEP]}
        assert {one["navigate"] for one in phones.last} == {
            f"http://localhost:8000/{where}/gesprekken/" for where in ("thuis", "school")
        }

    def test_a_step_waits_for_the_hours_of_staff_and_ends_after_a_day(self, town: Town, phones: Phones) -> None:
        thread = start(town, "Anna", parents=("Karima", "Said"))
        phones.shown(SLOT)
        saturday, monday = later(days=1), datetime(2026, 11, 23, 7, tzinfo=UTC)
        with time_machine.travel(saturday):
            ask_in(town, thread, "Karima", now=saturday)
        assert phones.shown(saturday) == {"Said": [STEP]}
        row = OutboxItem.objects.get(recipient=town.user["Anna"], kind="thread_step_phone")
        assert (row.due_at, row.expires_at) == (monday, monday + timedelta(days=1))
        assert phones.shown(monday) == {"Anna": [STEP]}

    @pytest.mark.parametrize("how", ["access ended", "chose otherwise"])
    def test_who_may_not_or_need_not_hear_of_a_step_a_second_earlier_gets_nothing(
        self, town: Town, phones: Phones, how: str
    ) -> None:
        thread = start(town, "Anna", parents=("Karima", "Said"))
        phones.shown(SLOT)
        ask_in(town, thread, "Karima", now=SLOT)
        if how == "access ended":
            held = town.caregiver["Said"].guardianships.get(child__first_name="Noor")
            end_guardianship(guardianship=held, by=Actor(town.user["Petra"], STAFF, SLOT + timedelta(seconds=1)))
        else:
            choose(town, "Said", NewsKind.TALKS, on=False)
        assert phones.shown(SLOT + timedelta(seconds=2)).keys() == {"Anna"}
        row = OutboxItem.objects.get(recipient=town.user["Said"], kind="thread_step_phone")
        assert row.state == OutboxState.WITHHELD

    def test_who_wants_no_conversations_on_a_phone_has_no_row_of_a_step(self, town: Town, phones: Phones) -> None:
        thread = start(town, "Anna", parents=("Karima", "Said"))
        choose(town, "Said", NewsKind.TALKS, on=False)
        ask_in(town, thread, "Karima")
        assert not OutboxItem.objects.filter(recipient=town.user["Said"], kind="thread_step_phone").exists()


class TestAsks:
    def test_who_did_not_answer_is_reminded_until_the_day_is_over(
        self, town: Town, service: PushService, place: Callable[..., Post]
    ) -> None:
        """A phone that was off for the night shows it on the day itself."""
        apron = place("Anna", "g4", title="Schort mee", **APRON)
        phones = Phones(service, town, "Karima", "Said")
        answer_ask(post=apron, answer=DONE, ask_on=WEDNESDAY, by=Actor(town.user["Said"], FAMILY, NOW))
        with time_machine.travel(BEFORE):
            remind_of_asks(now=BEFORE)
            remind_of_asks(now=BEFORE)
        rows = OutboxItem.objects.exclude(device=None)
        assert set(rows.values_list("expires_at", flat=True)) == {datetime(2026, 11, 25, 23, tzinfo=UTC)}
        words = "Nog niet beantwoord. De laatste dag is woensdag 25 november."
        assert phones.shown(BEFORE + timedelta(minutes=1)) == {"Karima": [(town.school.name, words)]}

    @pytest.mark.parametrize("how", [{}, {"ask_on": date(2026, 11, 26)}, {"bring": "een oude doek"}])
    def test_who_answered_hears_that_it_is_gone_or_otherwise(
        self, town: Town, phones: Phones, place: Callable[..., Post], how: dict[str, Any]
    ) -> None:
        """Of what changed no phone ever heard: its row was read as one of a mail."""
        apron = place("Anna", "g4", title="Schort mee", **APRON)
        phones.shown(BUNDLE)
        answer_ask(post=apron, answer=DONE, ask_on=WEDNESDAY, by=Actor(town.user["Said"], FAMILY, NOW))
        by = Actor(town.user["Anna"], STAFF, BUNDLE)
        if how:
            edit_post(post=apron, by=by, **edited(apron, **{**APRON, **how}))
        else:
            retract_post(post=apron, by=by)
        assert phones.shown(BUNDLE) == {"Said": [("Groep 4", "juf Anna")]}
        page = f"bericht/{apron.uid}" if how else "berichten"
        assert phones.last[0]["navigate"] == f"http://localhost:8000/thuis/{page}/"  # type: ignore[index]

    @pytest.fixture
    def helping(self, town: Town, service: PushService, place: Callable[..., Post]) -> Phones:
        post = place("Anna", "g4", title="Soep koken met Noor", **SOUP)
        for name in ("Karima", "Said"):
            sign_on(post=post, task=1, ask_on=WEDNESDAY, phone="", by=Actor(town.user[name], FAMILY, NOW))
        OutboxItem.objects.all().delete()
        with time_machine.travel(BEFORE):
            return Phones(service, town, "Karima", "Said", "Lotte")

    def test_who_helps_tomorrow_sees_that_and_not_with_what(self, town: Town, helping: Phones) -> None:
        remind_helpers(now=BEFORE)
        remind_helpers(now=BEFORE)
        rows = OutboxItem.objects.exclude(device=None)
        assert set(rows.values_list("expires_at", flat=True)) == {datetime(2026, 11, 25, 23, tzinfo=UTC)}
        words = [("Groep 4", "Woensdag 25 november helpt u.")]
        assert helping.shown(BEFORE + timedelta(minutes=1)) == {"Karima": words, "Said": words}
        assert not any(words in str(helping.last) for words in ("Soep", "Noor"))

    @pytest.mark.parametrize("how", ["signed off", "access ended", "chose otherwise", "retracted", "no mail"])
    def test_who_does_not_help_or_may_not_read_it_a_second_earlier_sees_nothing(
        self, town: Town, helping: Phones, how: str
    ) -> None:
        """That somebody wants no mail of it says nothing about a phone."""
        post, left = Post.objects.get(), {"Karima"}
        remind_helpers(now=BEFORE)
        if how == "signed off":
            sign_off(post=post, task=1, ask_on=WEDNESDAY, by=Actor(town.user["Said"], FAMILY, BEFORE))
        elif how == "access ended":
            held = town.caregiver["Said"].guardianships.get(child__first_name="Noor")
            end_guardianship(guardianship=held, by=Actor(town.user["Petra"], STAFF, BEFORE))
        elif how == "chose otherwise":
            choose(town, "Said", NewsKind.ASKS, on=False)
        elif how == "retracted":
            retract_post(post=post, by=Actor(town.user["Anna"], STAFF, BEFORE))
            OutboxItem.objects.filter(kind="ask_gone_phone").delete()
            left = set()
        else:
            choose_way(user=town.user["Said"], school=town.school, kinds=[NewsKind.ASKS], way=Way.NONE, now=BEFORE)
            left = {"Karima", "Said"}
        assert set(helping.shown(BEFORE + timedelta(seconds=1))) == left


class TestUrgent:
    def test_it_shows_at_once_whatever_was_chosen_and_says_who_sends_it(self, town: Town, phones: Phones) -> None:
        for kind in NewsKind:
            choose(town, "Karima", kind, on=False)
        words = UrgentDraft(town.group["@school"], "Storm", "Haal uw kind om twaalf uur.", "Code rood.")
        send_urgent(school=town.school, draft=words, by=Actor(town.user["Petra"], STAFF, NOW))
        shown = phones.shown(NOW + timedelta(seconds=5))
        assert shown.keys() == {"Karima", "Said"}
        assert shown["Karima"] == [("Spoed: Hele school", "Petra Schuurman")]
        assert "Storm" not in str(phones.last)

    def test_who_may_not_read_it_a_second_later_sees_nothing(self, town: Town, phones: Phones) -> None:
        words = UrgentDraft(town.group["@school"], "Storm", "Haal uw kind om twaalf uur.", "Code rood.")
        send_urgent(school=town.school, draft=words, by=Actor(town.user["Petra"], STAFF, NOW))
        by = Actor(town.user["Petra"], STAFF, later(seconds=1))
        for one in town.caregiver["Said"].guardianships.all():
            end_guardianship(guardianship=one, by=by)
        assert phones.shown(later(seconds=5)).keys() == {"Karima"}
