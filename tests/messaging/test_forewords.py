"""The directie's word above the weekly mail, a week without one, and a trial to oneself (POL-51)."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.test import Client

from agenda.events.domain.days import tidy_days
from agenda.events.services.events import Written, make_event
from groups.models import NewsKind, Way
from groups.people.services.contact_choices import choose_way
from groups.people.services.shields import shield_child
from groups.schools.services import change_school, set_holiday
from messaging.models import Post
from messaging.newsletter.domain import IsoWeek
from messaging.newsletter.models import Foreword
from messaging.newsletter.services.editions import coming_week
from messaging.newsletter.services.forewords import WeekIsOverError, moment_of, write_foreword
from messaging.newsletter.services.trial import send_trial, weekly_so_far
from portal.core import outbox
from portal.core.actor import Actor, clock
from portal.core.models import AuditEvent, OutboxItem
from tests.kept import is_kept_until_it_arrived
from tests.messaging.conftest import NOW, Town, later
from tests.messaging.pages import STAFF, hidden_in, page_text, url
from tests.messaging.talk import start
from tests.messaging.weekly import weekly_mails

PAGE = "/school/weeknieuws/"
WORDS = "Beste ouders,\n\nFijne <b>herfst</b>."
MINUTE = timedelta(minutes=1)


@pytest.fixture
def week(town: Town, cut: datetime) -> IsoWeek:
    return moment_of(town.school).week_to_come(NOW)


@pytest.fixture
def petra(town: Town) -> Actor:
    return Actor(town.user["Petra"], STAFF, NOW)


def weekly(cut: datetime) -> dict[str, str]:
    """By address, as text and as HTML."""
    return {one.to[0]: str(one.body) + str(one.alternatives[0][0]) for one in weekly_mails(cut)}  # type: ignore[attr-defined]


def test_it_stands_above_everybodys_mail_of_that_week_and_of_no_other(
    town: Town, cut: datetime, week: IsoWeek, petra: Actor, place: Callable[..., Post]
) -> None:
    write_foreword(school=town.school, week=week, text=WORDS, is_quiet=False, by=petra)
    place("Anna", "g4", title="Herfst op tafel")
    sent = weekly(cut)
    assert len(sent) > 2
    for whole in sent.values():
        assert 0 < whole.index("Fijne <b>herfst</b>.") < whole.index("Herfst op tafel")
        assert "Fijne &lt;b&gt;herfst&lt;/b&gt;." in whole
    place("Anna", "g4", title="Winter op tafel", now=cut + timedelta(days=2))
    again = weekly(cut + timedelta(days=7))
    assert again
    assert not any("herfst" in whole for whole in again.values())


def test_who_wrote_it_last_stands_with_it_and_what_stands_there_already_changes_nothing(
    town: Town, cut: datetime, week: IsoWeek, petra: Actor
) -> None:
    later_on = Actor(petra.user, STAFF, NOW + MINUTE)
    write_foreword(school=town.school, week=week, text="", is_quiet=False, by=petra)
    assert not Foreword.objects.exists()
    write_foreword(school=town.school, week=week, text=WORDS, is_quiet=False, by=petra)
    written = Foreword.objects.get()
    assert (written.written_by, written.author_name, written.author_function) == (
        petra.user,
        "Petra Schuurman",
        "directeur",
    )
    write_foreword(school=town.school, week=week, text=WORDS, is_quiet=False, by=later_on)
    assert (Foreword.objects.get().written_at, Foreword.objects.get().version) == (NOW, 1)
    Foreword.objects.update(author_name="Petra de Vries")
    write_foreword(school=town.school, week=week, text="Nog iets.", version=1, is_quiet=False, by=later_on)
    written.refresh_from_db()
    assert (written.written_at, written.version, written.author_name) == (later_on.now, 2, "Petra Schuurman")
    assert AuditEvent.objects.filter(verb="digest.foreword").count() == 2


def test_nobody_gets_a_mail_for_a_word_alone(town: Town, cut: datetime, week: IsoWeek, petra: Actor) -> None:
    write_foreword(school=town.school, week=week, text=WORDS, is_quiet=False, by=petra)
    assert weekly(cut) == {}


def test_it_does_not_stand_above_a_line_about_conversations_alone(
    town: Town, cut: datetime, week: IsoWeek, petra: Actor, place: Callable[..., Post]
) -> None:
    write_foreword(school=town.school, week=week, text=WORDS, is_quiet=False, by=petra)
    for name in ("Karima", "Said"):
        choose_way(user=town.user[name], school=town.school, way=Way.WEEKLY, kinds=[NewsKind.TALKS], now=NOW)
    choose_way(user=town.user["Karima"], school=town.school, way=Way.NONE, now=NOW)
    start(town, "Anna", parents=("Karima", "Said"))
    place("Anna", "g4", title="Herfst op tafel")
    sent = weekly(cut)
    has_line = {name for name, whole in sent.items() if "iets wat u nog niet gelezen hebt" in whole}
    assert has_line == {"karima@post.example", "said@post.example"}
    assert [("herfst" in sent[f"{name}@post.example"]) for name in ("karima", "said")] == [False, True]


def test_what_was_placed_in_a_quiet_week_stands_in_the_next(
    town: Town, cut: datetime, week: IsoWeek, petra: Actor, place: Callable[..., Post]
) -> None:
    place("Anna", "g4", title="Herfst op tafel")
    write_foreword(school=town.school, week=week, text="", is_quiet=True, by=petra)
    assert weekly(cut) == {}
    assert all("Herfst op tafel" in whole for whole in weekly(cut + timedelta(days=7)).values())


@pytest.mark.parametrize("name", ["Anna", "Karima", "Ad"])
def test_only_the_directie_writes_it_reads_it_and_has_a_trial(
    town: Town, week: IsoWeek, name: str, browser_of: Callable[[str], Client]
) -> None:
    if name not in town.user:
        pytest.skip("nobody of that name lives here")
    by = Actor(town.user[name], STAFF, NOW)
    for deed in (
        lambda: write_foreword(school=town.school, week=week, text=WORDS, is_quiet=False, by=by),
        lambda: weekly_so_far(town.school, actor=by),
        lambda: send_trial(town.school, by=by),
    ):
        with pytest.raises(PermissionDenied):
            deed()
    assert browser_of(name).get(PAGE).status_code == 404
    assert not Foreword.objects.exists()


def test_a_week_that_closed_takes_no_word(town: Town, cut: datetime, week: IsoWeek, petra: Actor) -> None:
    late = Actor(petra.user, STAFF, cut + MINUTE)
    with pytest.raises(WeekIsOverError):
        write_foreword(school=town.school, week=week, text=WORDS, is_quiet=False, by=late)


@pytest.mark.usefixtures("cut")
def test_the_page_keeps_what_was_typed_and_writes_it_down_without_words(
    town: Town, week: IsoWeek, browser_of: Callable[[str], Client], place: Callable[..., Post]
) -> None:
    place("Anna", "g4", title="Herfst op tafel")
    petra = browser_of("Petra")
    page = page_text(petra.get(PAGE))
    assert ["Herfst op tafel" in page, "vrijdag 20 november" in page] == [True, True]
    answer = petra.post(PAGE, {"week": str(week), "text": WORDS, "is_quiet": "on"})
    assert (answer.status_code, answer.url) == (302, PAGE)
    page = petra.get(PAGE).content.decode()
    assert "Fijne &lt;b&gt;herfst&lt;/b&gt;." in page
    assert "gaat er geen uit" in page
    event = AuditEvent.objects.get(verb="digest.foreword")
    assert event.facts == {"week": str(week), "quiet": True}


def test_a_week_has_one_mail_also_when_its_day_becomes_a_later_one(
    town: Town, cut: datetime, week: IsoWeek, petra: Actor, place: Callable[..., Post]
) -> None:
    """A second one was promised that never went, and its word changed what stood above the one that had."""
    write_foreword(school=town.school, week=week, text=WORDS, is_quiet=False, by=petra)
    place("Anna", "g4", title="Herfst op tafel")
    assert weekly(cut)
    later_on = Actor(petra.user, STAFF, cut + timedelta(hours=1))
    change_school(school=town.school, by=later_on, digest_weekday=6)
    town.school.refresh_from_db()
    assert weekly_so_far(town.school, actor=later_on).edition.name == str(week.following)
    with pytest.raises(WeekIsOverError):
        write_foreword(school=town.school, week=week, text="Nog iets.", is_quiet=False, by=later_on)
    write_foreword(school=town.school, week=week.following, text="Nog iets.", is_quiet=False, by=later_on)
    place("Anna", "g4", title="Winter op tafel", now=cut + timedelta(hours=2))
    assert weekly(cut + timedelta(days=1)) == {}
    assert all("Nog iets." in whole for whole in weekly(cut + timedelta(days=8)).values())


def test_the_word_is_for_the_first_mail_on_a_day_with_school(
    town: Town, cut: datetime, week: IsoWeek, browser_of: Callable[[str], Client], place: Callable[..., Post]
) -> None:
    """It was saved for a week in which none goes."""
    first, second = week.day(5), week.following.day(5)
    set_holiday(school=town.school, name="Vrij", first_day=first, last_day=second, by=clock(NOW))
    petra = browser_of("Petra")
    page = petra.get(PAGE)
    assert "op: vrijdag 20 november, vrijdag 27 november." in page_text(page)
    assert "gaat op vrijdag 4 december, na 16.00 uur." in page_text(page)
    petra.post(PAGE, {"week": hidden_in(page)["week"], "text": WORDS})
    for days in (0, 13):
        place("Anna", "g4", title="Herfst op tafel", now=later(days=days))
    mails = [weekly(cut + timedelta(weeks=number)) for number in range(3)]
    assert mails[:2] == [{}, {}]
    assert ["herfst" in whole for whole in mails[2].values()] == [True] * len(mails[2])
    assert len(mails[2]) > 2


def test_where_no_school_is_to_be_seen_a_later_week_is_the_next(town: Town, cut: datetime, week: IsoWeek) -> None:
    until = week.monday + timedelta(weeks=30)
    set_holiday(school=town.school, name="Vrij", first_day=week.monday, last_day=until, by=clock(NOW))
    coming = coming_week(town.school, now=NOW)
    assert (len(coming.off), coming.week.monday) == (10, week.monday + timedelta(weeks=10))


def test_after_the_mail_went_the_words_are_kept_for_the_next(
    town: Town, cut: datetime, week: IsoWeek, browser_of: Callable[[str], Client]
) -> None:
    petra = browser_of("Petra")
    with time_machine.travel(cut + 2 * MINUTE, tick=False):
        answer = petra.post(PAGE, {"week": str(week), "text": WORDS})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "Dat weeknieuws is al weg." in page
        assert "Fijne &lt;b&gt;herfst&lt;/b&gt;." in page
        following = str(IsoWeek.of(week.monday + timedelta(days=7)))
        assert f'value="{following}"' in page
        assert petra.post(PAGE, {"week": following, "text": WORDS}).status_code == 302
    assert Foreword.objects.get().week == following


def test_of_two_that_write_the_second_reads_the_first_and_chooses(
    town: Town, week: IsoWeek, browser_of: Callable[[str], Client]
) -> None:
    petra, again = browser_of("Petra"), browser_of("Petra")
    opened = hidden_in(petra.get(PAGE))
    assert again.post(PAGE, {**hidden_in(again.get(PAGE)), "text": "Een ander woord."}).status_code == 302
    answer = petra.post(PAGE, {**opened, "text": WORDS})
    assert answer.status_code == 409
    assert "Een ander woord." in page_text(answer)
    assert "Fijne &lt;b&gt;herfst&lt;/b&gt;." in answer.content.decode()
    assert Foreword.objects.get().text == "Een ander woord."
    assert petra.post(PAGE, {**hidden_in(answer), "text": WORDS}).status_code == 302
    assert (Foreword.objects.get().text, Foreword.objects.get().version) == (WORDS, 2)
    assert petra.post(PAGE, {**opened, "text": WORDS}).status_code == 302, "the same words are no change"
    assert Foreword.objects.get().version == 2


def test_the_words_that_came_too_late_meet_those_for_the_next(
    town: Town, cut: datetime, week: IsoWeek, petra: Actor, browser_of: Callable[[str], Client]
) -> None:
    write_foreword(school=town.school, week=week.following, text="Voor straks.", is_quiet=False, by=petra)
    with time_machine.travel(cut + 2 * MINUTE, tick=False):
        answer = browser_of("Petra").post(PAGE, {"week": str(week), "version": 4, "text": WORDS})
        assert answer.status_code == 422
        assert "Voor straks." in page_text(answer)
        sent = {**hidden_in(answer), "text": WORDS}
        assert (sent["week"], sent["version"]) == (str(week.following), "1")
        assert browser_of("Petra").post(PAGE, sent).status_code == 302


def test_what_is_in_it_so_far_is_read_in_pages_in_the_order_of_the_mail(
    browser_of: Callable[[str], Client], cut: datetime, week: IsoWeek, place: Callable[..., Post]
) -> None:
    for n in range(33):
        place("Anna", "g4", title=f"Blad {n:02}", now=NOW - (33 - n) * MINUTE)
    pages = [browser_of("Petra").get(PAGE, {"pagina": number}).context["page"] for number in (1, 2)]
    assert [[post.title for post in page] for page in pages] == [
        [f"Blad {n:02}" for n in range(30)],
        ["Blad 30", "Blad 31", "Blad 32"],
    ]


def test_a_trial_goes_to_oneself_alone_as_it_is_now(
    town: Town, week: IsoWeek, petra: Actor, place: Callable[..., Post], browser_of: Callable[[str], Client]
) -> None:
    place("Anna", "g4", title="Herfst op tafel")
    write_foreword(school=town.school, week=week, text=WORDS, is_quiet=False, by=petra)
    OutboxItem.objects.all().delete()
    browser = browser_of("Petra")
    for _ in range(2):
        assert browser.post(f"{PAGE}proef/").status_code == 302
    mail.outbox.clear()
    outbox.sweep(now=later(minutes=1))
    [one] = mail.outbox
    assert one.to == ["petra@post.example"]
    assert one.subject.startswith("Proef: Weeknieuws")
    assert ["herfst" in str(one.body), "Herfst op tafel" in str(one.body)] == [True, True]
    assert "List-Unsubscribe" not in one.extra_headers


@pytest.mark.usefixtures("cut")
def test_a_trial_of_another_word_comes_in_the_same_minute_too(town: Town, week: IsoWeek, petra: Actor) -> None:
    for version, words in enumerate((WORDS, "Nog een woord.")):
        write_foreword(school=town.school, week=week, text=words, version=version, is_quiet=False, by=petra)
        for _ in range(2):
            send_trial(town.school, by=petra)
    assert OutboxItem.objects.filter(kind="digest_trial").count() == 2


@pytest.mark.usefixtures("cut")
def test_a_trial_leads_to_what_the_directie_reads(town: Town, petra: Actor, place: Callable[..., Post]) -> None:
    """Its links were those of a family, and led nowhere; what is in the agenda was left out."""
    post = place("Anna", "g4", title="Herfst op tafel", is_essential=True)
    day = NOW.date() + timedelta(days=4)
    trip = make_event(
        groups=[town.group["g4"]],
        written=Written("Naar het bos", tidy_days(first_day=day)),
        by=Actor(town.user["Anna"], STAFF, NOW),
    )
    send_trial(town.school, by=petra)
    mail.outbox.clear()
    outbox.sweep(now=later(minutes=1))
    [one] = [one for one in mail.outbox if one.subject.startswith("Proef")]
    for whole in (str(one.body), str(one.alternatives[0][0])):  # type: ignore[attr-defined]
        links = {path for path in re.findall(r"https?://[^/\s\"]+(/[^\s\"<]+)", whole)}
        assert {url("post", STAFF, post.uid), f"/school/agenda/{trip.uid}/"} <= links
        assert [path for path in links if not path.startswith("/school/")] == []


def test_a_name_that_may_not_be_used_any_more_does_not_go_out(
    town: Town, place: Callable[..., Post], week: IsoWeek, petra: Actor, cut: datetime
) -> None:
    place()
    write_foreword(school=town.school, week=week, text="Noor won de finale.", is_quiet=False, by=petra)
    shield_child(child=town.child["Noor"], reason="blijfhuis", by=Actor(petra.user, STAFF, NOW + MINUTE))
    mails = weekly(cut)
    assert len(mails) > 2
    assert not [html for html in mails.values() if "Noor won" in html]
    assert Foreword.objects.get().text == "Noor won de finale."


def test_the_words_stay_in_the_tab_until_they_are_saved(
    town: Town, week: IsoWeek, browser_of: Callable[[str], Client]
) -> None:
    assert is_kept_until_it_arrived(browser_of("Petra"), PAGE, {"week": str(week), "text": WORDS})
