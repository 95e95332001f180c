"""Who helps: each place once, a line that waits in order, a number for who helps too until the day (POL-20)."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from groups.accounts.services.hats import hats_of
from groups.models import Enrolment, Guardianship, Level, RestrictionKind, Way
from groups.people.services.contact_choices import choose_way
from groups.people.services.guardianships import decide_guardianship
from groups.people.services.restrictions import restrict_person
from groups.people.services.shields import shield_child
from messaging.asks.domain import PASS, AskRefusedError, HelpTask, NotAsked, moved_tasks, tasks_in, tidy_tasks
from messaging.asks.mail import answer_url
from messaging.asks.models import AskAnswer, Helper
from messaging.asks.services.answering import answer_ask, forget_answers
from messaging.asks.services.board import BoardAsk, board_of
from messaging.asks.services.helping import (
    export_helpers,
    forget_phones,
    helpers_of,
    shown_phones,
    sign_off,
    sign_on,
)
from messaging.asks.services.holding import AskedOtherwiseError
from messaging.asks.services.news import A_PLACE, CHANGED, GONE, OTHERWISE
from messaging.asks.services.reminders import HELPER, remind_helpers, remind_of_asks
from messaging.models import Post
from messaging.posts.services.posts import edit_post
from messaging.removing.services.hard_copy import CopyFailedError
from messaging.removing.services.removal import note_report, remove_written, retract_post
from messaging.writings.services.written import hide_written
from portal.core import access, outbox
from portal.core.actor import Actor
from portal.core.domain.moments import SCHOOL_ZONE
from portal.core.models import AuditEvent, OutboxItem
from tests.messaging.conftest import NOW, Town, later
from tests.messaging.pages import FAMILY, STAFF, edited, message, on_page, page_text, url
from tests.messaging.test_removal import Refusing

WEDNESDAY, THURSDAY = date(2026, 11, 25), date(2026, 11, 26)
BEFORE = datetime(2026, 11, 25, 16, 3, tzinfo=SCHOOL_ZONE)
"""The afternoon of the Wednesday before."""
DINNER: dict[str, Any] = {
    "ask": "help",
    "ask_on": THURSDAY,
    "answer_by": WEDNESDAY,
    "tasks": "Soep koken, 1, 8.30\nTafels zetten, 2",
}
PHONE = "06-12 34 56 78"


@pytest.fixture
def dinner(town: Town, place: Callable[..., Post]) -> Post:
    post = place("Petra", "g4", "g7", title="Wie helpt?", **DINNER)
    OutboxItem.objects.all().delete()
    return post


def of_g4() -> Post:
    return Post.objects.get(group__name="Groep 4")


def by(town: Town, name: str, at: datetime = NOW) -> Actor:
    return Actor(town.user[name], FAMILY, at)


def test_who_helps_reads_until_when_one_signs_off_and_then_whom_to_call(
    town: Town, dinner: Post, browser_of: Callable[[str], Client]
) -> None:
    """The mail said so; on the page there was no button any more, and "answering is over"."""
    post, until, call = of_g4(), "Afmelden kan uiterlijk wo 25 nov", "Kunt u toch niet? Bel de school."
    sign_on(post=post, task=1, ask_on=THURSDAY, by=by(town, "Karima"))
    by_mail = (
        "/antwoord" + answer_url(user=town.user["Karima"], post=post.uid, ask_on=THURSDAY).partition("/antwoord")[2]
    )

    def pages(name: str) -> list[str]:
        own = [page_text(browser_of(name).get(url("post", FAMILY, post.uid)))]
        return [*own, page_text(Client().get(by_mail))] if name == "Karima" else own

    assert [(until in page, call in page) for page in pages("Karima")] == [(True, False)] * 2
    assert [(until in page, call in page) for page in pages("Lotte")] == [(False, False)]
    with time_machine.travel(datetime(2026, 11, 26, 8, tzinfo=SCHOOL_ZONE), tick=False):
        closed = "Antwoorden kan niet meer."
        assert [(until in page, call in page, closed in page) for page in pages("Karima")] == [(False, True, False)] * 2
        assert [(call in page, closed in page) for page in pages("Lotte")] == [(False, True)]


def on(town: Town, name: str, task: int = 1, phone: str = "", at: datetime = NOW) -> bool:
    post = Post.objects.visible_to(by(town, name, at)).filter(ask="help").order_by("pk")[0]
    return sign_on(post=post, task=task, ask_on=THURSDAY, phone=phone, by=by(town, name, at))


def off(town: Town, name: str, task: int = 1, at: datetime = NOW) -> None:
    post = Post.objects.visible_to(by(town, name, at)).filter(ask="help").order_by("pk")[0]
    sign_off(post=post, task=task, ask_on=THURSDAY, by=by(town, name, at))


def line(task: int = 1) -> list[tuple[str, int | None]]:
    """Who is on the list of a task, in order, with the place."""
    rows = Helper.objects.filter(task=task).in_line().select_related("user")
    return [(row.user.email.partition("@")[0], row.place) for row in rows]


def ask_of(town: Town, name: str, at: datetime = NOW) -> BoardAsk:
    user = town.user[name]
    board = board_of(actor=Actor(user, FAMILY, at), hats=hats_of(user, now=at))
    [ask] = (*board.waiting, *board.settled)
    return ask


def waits_on_board(town: Town, name: str, at: datetime = NOW) -> bool:
    user = town.user[name]
    return bool(board_of(actor=Actor(user, FAMILY, at), hats=hats_of(user, now=at)).waiting)


def told(kind: str, at: datetime) -> dict[str, str]:
    """By first name what each reads in the mail of this kind."""
    wanted = set(OutboxItem.objects.filter(kind=kind).values_list("recipient__email", flat=True))
    mail.outbox.clear()
    outbox.sweep(now=at)
    return {one.to[0].partition("@")[0]: one.body for one in mail.outbox if one.to[0] in wanted}


# The list


def test_places_are_given_once_and_who_comes_later_waits_in_order(town: Town, dinner: Post) -> None:
    assert [on(town, name) for name in ("Said", "Karima", "Thijs")] == [True, False, False]
    assert line() == [("said", 1), ("karima", None), ("thijs", None)]
    off(town, "Said")
    assert line() == [("karima", 1), ("thijs", None)]
    assert on(town, "Said") is False
    assert line() == [("karima", 1), ("thijs", None), ("said", None)]
    assert list(told(A_PLACE, later(minutes=1))) == ["karima"]


def test_who_waits_in_another_group_hears_of_the_place_by_the_message_there(town: Town, dinner: Post) -> None:
    """Karima reads it in both groups, and hears it once."""
    town.add_child("Bram", "g7", "@school")
    town.add_parent("Bea", "Bram")
    town.sync()
    for name in ("Lotte", "Bea", "Karima"):
        on(town, name)
    off(town, "Lotte")
    heard = told(A_PLACE, later(minutes=1))
    assert ("Soep koken" in heard["bea"], list(heard)) == (True, ["bea"])
    assert OutboxItem.objects.get(kind=A_PLACE).subject_uid == Post.objects.get(group=town.group["g7"]).uid
    off(town, "Bea", at=later(minutes=2))
    assert list(told(A_PLACE, later(minutes=3))) == ["karima"]


def test_a_place_is_told_where_the_first_message_of_the_list_is_hidden(town: Town, dinner: Post) -> None:
    for name in ("Said", "Karima"):
        on(town, name)
    hide_written(written=dinner, by=petra(town))
    off(town, "Said")
    assert list(told(A_PLACE, later(minutes=1))) == ["karima"]


def test_who_waits_reads_as_which_in_line(town: Town, dinner: Post) -> None:
    for name in ("Said", "Karima", "Thijs"):
        on(town, name)
    names = ("Said", "Karima", "Thijs")
    assert {name: [task.waits for task in ask_of(town, name).tasks] for name in names} == {
        "Said": [0, 0],
        "Karima": [1, 0],
        "Thijs": [2, 0],
    }
    off(town, "Said")
    assert [ask_of(town, name).tasks[0].waits for name in names] == [0, 0, 1]


def test_signing_on_twice_is_once_and_other_tasks_stand_apart(town: Town, dinner: Post) -> None:
    assert on(town, "Karima")
    assert on(town, "Karima")
    assert on(town, "Karima", task=2)
    assert (line(1), line(2)) == ([("karima", 1)], [("karima", 1)])
    with pytest.raises(ValueError, match="3"):
        on(town, "Karima", task=3)


def test_each_adult_helps_by_itself_and_the_board_says_so(town: Town, dinner: Post) -> None:
    assert waits_on_board(town, "Karima")
    on(town, "Karima")
    assert [waits_on_board(town, name) for name in ("Karima", "Said")] == [False, True]
    assert [one.task.name for one in ask_of(town, "Karima").own_tasks] == ["Soep koken"]
    assert [one.left for one in ask_of(town, "Said").tasks] == [0, 2]


def test_who_cannot_this_time_says_so_for_the_own_home_only(town: Town, dinner: Post) -> None:
    answer_ask(post=dinner, answer=PASS, ask_on=THURSDAY, by=by(town, "Karima"))
    assert [waits_on_board(town, name) for name in ("Karima", "Said")] == [False, True]
    on(town, "Karima")
    assert AskAnswer.objects.count() == 0


def test_with_help_enough_nobody_is_asked_any_more_but_may_wait(town: Town, dinner: Post) -> None:
    for name, task in (("Said", 1), ("Said", 2), ("Karima", 2)):
        on(town, name, task)
    assert not waits_on_board(town, "Lotte")
    assert on(town, "Lotte", 2) is False


@pytest.mark.parametrize("name", ["Riet", "Agnieszka", "Anna"])
def test_who_answers_for_no_child_here_signs_on_to_nothing(town: Town, dinner: Post, name: str) -> None:
    with pytest.raises(PermissionDenied):
        sign_on(post=dinner, task=1, ask_on=THURSDAY, by=by(town, name))
    assert Helper.objects.count() == 0


def test_until_the_hour_of_the_last_day(town: Town, place: Callable[..., Post]) -> None:
    place("Petra", "g4", **{**DINNER, "answer_at": time(18)})
    at = datetime(2026, 11, 25, 17, 59, 59, tzinfo=SCHOOL_ZONE)
    assert on(town, "Karima", at=at)
    for late in (
        lambda: off(town, "Karima", at=at + timedelta(seconds=1)),
        lambda: on(town, "Lotte", 2, at=BEFORE + timedelta(hours=2)),
    ):
        with pytest.raises(AskedOtherwiseError):
            late()
    assert line() == [("karima", 1)]


def test_who_has_no_child_here_any_more_leaves_the_place(town: Town, dinner: Post) -> None:
    on(town, "Said")
    on(town, "Karima")
    Guardianship.objects.filter(caregiver=town.caregiver["Said"]).update(valid_until=later(seconds=5))
    access.reproject(users=[town.user["Said"].pk])
    assert on(town, "Lotte", at=later(minutes=1)) is False
    assert line() == [("karima", 1), ("lotte", None)]


# A number


def test_a_number_is_seen_by_who_helps_with_the_same_and_by_staff(
    town: Town, dinner: Post, browser_of: Callable[[str], Client]
) -> None:
    on(town, "Karima", 2, PHONE)
    on(town, "Said", 2)
    on(town, "Lotte", 2, "06-87 65 43 21")
    on(town, "Thijs", 1)

    def seen(name: str, at: datetime = NOW) -> dict[int, list[tuple[str, str]]]:
        return shown_phones(dinner, actor=by(town, name, at))

    assert [list(seen(name)) for name in ("Said", "Karima", "Thijs", "Lotte", "Riet")] == [[2], [], [], [], []]
    assert [phone for _, phone in seen("Said")[2]] == [PHONE]
    page = page_text(browser_of("Said").get(url("post", FAMILY, Post.objects.get(group=town.group["g7"]).uid)))
    assert PHONE in page
    for name in ("Thijs", "Lotte", "Riet"):
        assert PHONE not in page_text(browser_of(name).get(url("post", FAMILY, of_g4().uid)))
    assert PHONE in page_text(browser_of("Anna").get(url("answers", STAFF, of_g4().uid)))
    friday = later(days=7)
    assert seen("Said", friday) == {}
    [_, tables] = helpers_of(of_g4(), actor=Actor(town.user["Anna"], STAFF, friday))
    assert [one.phone for one in tables.helpers] == ["", "", ""]


def test_no_number_is_seen_by_who_helps_with_something_else(
    town: Town, dinner: Post, place: Callable[..., Post]
) -> None:
    """The second of its tasks is not the second of another's."""
    on(town, "Karima", 2, PHONE)
    other = place("Petra", "g4", "g7", title="En wie komt er zingen?", **DINNER)
    sign_on(post=other, task=2, ask_on=THURSDAY, phone="", by=by(town, "Said"))
    assert shown_phones(dinner, actor=by(town, "Said")) == {}
    assert not Helper.objects.visible_to(by(town, "Said")).filter(user=town.user["Karima"]).exists()


def test_a_number_is_of_a_group_in_which_its_helper_speaks(town: Town, place: Callable[..., Post]) -> None:
    """Ilyas keeps Karima in groep 7; what groep 4 asked is about Noor, who is there no more."""
    of_four = place("Anna", "g4", title="Wie helpt?", **DINNER)
    for name in ("Karima", "Lotte"):
        sign_on(post=of_four, task=2, ask_on=THURSDAY, phone=PHONE, by=by(town, name))
    at = later(seconds=5)
    assert shown_phones(of_four, actor=by(town, "Lotte", NOW)) != {}
    Enrolment.objects.filter(child=town.child["Noor"], group=town.group["g4"]).update(valid_until=at)
    town.sync(at)
    assert shown_phones(of_four, actor=by(town, "Lotte", at)) == {}


def test_the_day_after_no_number_is_left(town: Town, dinner: Post) -> None:
    on(town, "Karima", 2, PHONE)
    midnight = datetime(2026, 11, 27, tzinfo=SCHOOL_ZONE)
    assert forget_phones(now=midnight - timedelta(seconds=1)) == 0
    assert forget_phones(now=midnight) == 1
    assert Helper.objects.get().phone == ""
    assert forget_answers(now=later(days=400)) == 1


def test_who_gave_a_number_reads_that_it_is_shown_and_takes_it_back_by_leaving_out_the_tick(
    town: Town, dinner: Post, browser_of: Callable[[str], Client]
) -> None:
    lotte, there = browser_of("Lotte"), url("answer", FAMILY, of_g4().uid)
    helps = {"on": "2026-11-26", "task": "2", "answer": "on"}

    def says(**fold: str) -> str:
        return page_text(lotte.post(there, helps | fold, follow=True))

    def fold() -> list[bool]:
        page = lotte.get(url("post", FAMILY, of_g4().uid)).content.decode()
        filled = (f'name="phone" value="{PHONE}"', 'name="shares" value="on" checked', 'name="had_phone" value="on"')
        return [one in page for one in filled]

    assert "U helpt mee. Dank u wel!" in says()
    assert fold() == [False, False, False]
    assert "Uw nummer staat erbij." in says(shares="on", phone=PHONE)
    assert fold() == [True, True, True]
    assert "Mijn nummer staat erbij: 06-12 34 56 78" in page_text(lotte.get(url("post", FAMILY, of_g4().uid)))
    assert "Typ een nummer in cijfers" in says(shares="on", phone="bel maar", had_phone="on")
    assert "U helpt mee. Dank u wel!" in says()
    assert Helper.objects.get().phone == PHONE
    assert "Uw nummer is weg." in says(phone="bel maar", had_phone="on")
    assert Helper.objects.get().phone == ""
    assert "Uw nummer staat er niet bij. Zet ook het vinkje, of laat het nummer weg." in says(phone=PHONE)
    assert (Helper.objects.get().phone, fold()) == ("", [False, False, False])
    assert "U bent afgemeld." in says(phone="bel maar", answer="off")


def test_a_number_that_was_refused_is_typed_again_where_its_field_stands_open(
    town: Town, dinner: Post, browser_of: Callable[[str], Client]
) -> None:
    """The sentence stood above, and its field under a fold that one had to find again."""
    lotte, there = browser_of("Lotte"), url("answer", FAMILY, of_g4().uid)
    helps = {"on": "2026-11-26", "task": "2", "answer": "on"}
    lotte.post(there, helps)
    unfolded = "<details open><summary>Mijn telefoonnummer laten zien"

    def page(**fold: str) -> str:
        return lotte.post(there, helps | fold, follow=True).content.decode()

    assert unfolded in page(shares="on", phone="bel maar")
    assert unfolded in page(phone=PHONE)
    assert unfolded not in page()
    assert unfolded not in lotte.get(f"{url('post', FAMILY, of_g4().uid)}?nummer=1").content.decode()
    assert unfolded not in page(shares="on", phone="bel maar", task="schort")


def test_who_speaks_with_nobody_and_who_has_a_shielded_child_shows_no_number(town: Town, dinner: Post) -> None:
    petra = Actor(town.user["Petra"], STAFF, NOW)
    case = dinner.uid
    restrict_person(
        person=town.user["Thijs"],
        school=town.school,
        kind=RestrictionKind.LIMITED,
        until=later(days=9),
        case_uid=case,
        by=petra,
    )
    shield_child(child=town.child["Fenna"], reason="Geheim adres", by=petra)
    for name in ("Thijs", "Lotte"):
        assert on(town, name, 2, PHONE)
    assert {row.phone for row in Helper.objects.all()} == {""}


def petra(town: Town) -> Actor:
    return Actor(town.user["Petra"], STAFF, NOW)


def shielded(town: Town) -> None:
    shield_child(child=town.child["Noor"], reason="De rechter zei het.", by=petra(town))


def suspended(town: Town) -> None:
    order: dict[str, Any] = {"kind": RestrictionKind.SUSPENDED, "until": later(days=10), "case_uid": uuid4()}
    restrict_person(person=town.user["Karima"], school=town.school, **order, by=petra(town))


def without_authority(town: Town) -> None:
    for row in Guardianship.objects.filter(caregiver=town.caregiver["Karima"]):
        how = {"level": Level.WITHOUT_AUTHORITY, "evidence": "besluit"}
        decide_guardianship(guardianship=row, **how, by=petra(town))


def limited(town: Town) -> None:
    order: dict[str, Any] = {"kind": RestrictionKind.LIMITED, "until": later(days=10), "case_uid": uuid4()}
    restrict_person(person=town.user["Said"], school=town.school, **order, by=petra(town))


def reading_only(town: Town) -> None:
    for row in Guardianship.objects.filter(caregiver=town.caregiver["Said"]):
        decide_guardianship(guardianship=row, level=Level.ADMITTED_READER, evidence="besluit", by=petra(town))


@pytest.mark.parametrize("ends", [limited, reading_only])
def test_who_speaks_with_nobody_any_more_reads_no_number_of_others(
    town: Town, dinner: Post, browser_of: Callable[[str], Client], ends: Callable[[Town], None]
) -> None:
    on(town, "Karima", 2, PHONE)
    on(town, "Said", 2)
    there = url("post", FAMILY, of_g4().uid)
    assert PHONE in page_text(browser_of("Said").get(there))
    ends(town)
    page = page_text(browser_of("Said").get(there))
    assert ("Wie helpt?" in page, PHONE in page) == (True, False)


@pytest.mark.parametrize("ends", [shielded, suspended, without_authority])
@pytest.mark.parametrize("name", ["Said", "Lotte"])
def test_a_number_goes_with_the_right_to_give_it(
    town: Town, dinner: Post, browser_of: Callable[[str], Client], ends: Callable[[Town], None], name: str
) -> None:
    on(town, name, task=2)
    on(town, "Karima", task=2, phone=PHONE)
    page = url("post", FAMILY, of_g4().uid)
    assert PHONE in page_text(browser_of(name).get(page))
    ends(town)
    assert PHONE not in page_text(browser_of(name).get(page))


def test_who_helps_in_another_group_is_named_only_where_the_child_may_be(town: Town, dinner: Post) -> None:
    petra = Actor(town.user["Petra"], STAFF, NOW)
    shield_child(child=town.child["Fenna"], reason="Geheim adres", by=petra)
    on(town, "Lotte")
    names = {}
    for name, group in (("Anna", "g4"), ("Joost", "g7"), ("Petra", "g7")):
        post = Post.objects.get(group=town.group[group])
        [soup, _] = helpers_of(post, actor=Actor(town.user[name], STAFF, NOW))
        names[name] = bool(soup.helpers[0].name)
    assert names == {"Anna": True, "Joost": False, "Petra": True}


# What staff read


def test_staff_read_who_helps_and_take_it_along_without_numbers(
    town: Town, dinner: Post, browser_of: Callable[[str], Client]
) -> None:
    on(town, "Karima", 1, PHONE)
    on(town, "Lotte", 1)
    anna = browser_of("Anna")
    assert "Soep koken 1/1 · Tafels zetten 0/2" in page_text(anna.get(url("post", STAFF, of_g4().uid)))
    page = page_text(anna.get(url("answers", STAFF, of_g4().uid)))
    assert re.search(r"Soep koken, 8\.30 \(1/1\) .*Karima.*Lotte.* · wachtlijst", page)
    sheet = anna.post(url("answers_csv", STAFF, of_g4().uid)).content.decode("utf-8-sig")
    assert ("Karima" in sheet, "Lotte" in sheet, "34 56" in sheet) == (True, True, False)
    assert AuditEvent.objects.get(verb="answers.exported").facts == {"children": 0, "adults": 2}
    for name, hat in (("Joost", STAFF), ("Karima", FAMILY), ("Thijs", FAMILY)):
        assert helpers_of(of_g4(), actor=Actor(town.user[name], hat, NOW)) == []
        with pytest.raises(PermissionDenied):
            export_helpers(of_g4(), actor=Actor(town.user[name], hat, NOW))


# Pages


def test_it_is_asked_and_answered_on_pages_and_from_the_mail(town: Town, browser_of: Callable[[str], Client]) -> None:
    anna, karima = browser_of("Anna"), browser_of("Karima")
    sent = message(town, "g4", title="Wie helpt?", **{**DINNER, "ask_on": "2026-11-26", "answer_by": "2026-11-25"})
    refused = anna.post(url("compose", STAFF), {**sent, "tasks": "Soep koken, 0"})
    assert "Zet elke taak op een eigen regel" in page_text(refused)
    anna.post(url("compose", STAFF), {**sent, "answer_at": "18.00"})
    post = Post.objects.get()
    feed = page_text(karima.get(url("feed", FAMILY)))
    assert re.search(r"Soep koken, 8\.30 · nog 1 plek .*Tafels zetten · nog 2 plekken", feed)
    form = {"answer": "on", "task": "1", "on": "2026-11-26", "van": "bord"}
    done = karima.post(url("answer", FAMILY, post.uid), form, follow=True)
    assert "U helpt mee." in page_text(done)
    assert "Wie helpt? Soep koken" in page_text(done)
    link = answer_url(user=town.user["Lotte"], post=post.uid, ask_on=THURSDAY).partition("/antwoord")[2]
    stranger = Client()
    page = page_text(stranger.get(f"/antwoord{link}"))
    assert "vol, er is een wachtlijst" in page
    assert not any(words in page for words in ("Karima", "Fenna", "telefoonnummer"))
    waits = stranger.post(f"/antwoord{link}", {**form, "shares": "on", "phone": PHONE}, follow=True)
    assert "u bent nummer 1 op de wachtlijst" in page_text(waits)
    assert line() == [("karima", 1), ("lotte", None)]
    assert Helper.objects.get(user=town.user["Lotte"]).phone == ""
    sign_on(post=post, task=1, ask_on=THURSDAY, phone=PHONE, by=by(town, "Lotte"))
    assert PHONE not in stranger.get(f"/antwoord{link}").content.decode()
    stranger.post(f"/antwoord{link}", form)
    assert Helper.objects.get(user=town.user["Lotte"]).phone == PHONE
    karima.post(url("answer", FAMILY, post.uid), form | {"answer": "off"})
    assert line() == [("lotte", 1)]


# Mails


def test_the_day_before_who_has_a_place_hears_it_and_who_has_none_not(town: Town, dinner: Post) -> None:
    for name in ("Karima", "Said", "Lotte"):
        on(town, name)
    on(town, "Thijs", 2)
    choose_way(user=town.user["Thijs"], school=town.school, way=Way.NONE, now=NOW)
    assert remind_helpers(now=BEFORE - timedelta(hours=1)) == 0
    assert (remind_helpers(now=BEFORE), remind_helpers(now=BEFORE)) == (1, 0)
    with time_machine.travel(BEFORE, tick=False):
        heard = told(HELPER, BEFORE + timedelta(minutes=1))
    assert list(heard) == ["karima"]
    assert "Soep koken, 8.30" in heard["karima"]
    assert "/antwoord/" in heard["karima"]


@pytest.mark.parametrize("is_closed", [False, True])
def test_the_mail_of_the_day_before_says_sign_off_where_that_can_still_be(
    town: Town, place: Callable[..., Post], *, is_closed: bool
) -> None:
    last = WEDNESDAY - timedelta(days=2) if is_closed else WEDNESDAY
    place("Petra", "g4", "g7", title="Wie helpt?", **{**DINNER, "answer_by": last})
    OutboxItem.objects.all().delete()
    on(town, "Karima")
    remind_helpers(now=BEFORE)
    with time_machine.travel(BEFORE, tick=False):
        read = told(HELPER, BEFORE + timedelta(minutes=1))["karima"]
        page = page_text(Client().get(re.findall(r"/antwoord/\S+/", read)[0]))
    assert ("Kunt u toch niet? Bel de school." in read) is is_closed
    assert ("Meld u af" in read) is not is_closed
    assert ("Meld me af" in page) is not is_closed


@pytest.mark.parametrize(("hours", "hear"), [(12, ["karima"]), (33, [])])
def test_a_mail_that_waited_says_which_day_and_after_it_nothing(
    town: Town, dinner: Post, hours: int, hear: list[str]
) -> None:
    """The mail server was away for the night, or for two."""
    on(town, "Karima")
    remind_helpers(now=BEFORE)
    with time_machine.travel(BEFORE + timedelta(hours=hours), tick=False):
        heard = told(HELPER, BEFORE + timedelta(hours=hours))
    assert list(heard) == hear
    assert all("Donderdag 26 november helpt u" in read for read in heard.values())


def test_who_waits_has_the_place_of_who_left_before_the_day_and_hears_it(town: Town, dinner: Post) -> None:
    """Else a place is kept for nobody, and who would help is not asked."""
    on(town, "Said")
    on(town, "Lotte")
    Guardianship.objects.filter(caregiver=town.caregiver["Said"]).update(valid_until=later(seconds=5))
    access.reproject(users=[town.user["Said"].pk])
    with time_machine.travel(BEFORE, tick=False):
        assert (remind_helpers(now=BEFORE), remind_helpers(now=BEFORE)) == (1, 0)
        assert line() == [("lotte", 1)]
        heard = told(A_PLACE, BEFORE + timedelta(minutes=1))
    assert list(heard) == ["lotte"]


def test_who_signed_off_meanwhile_hears_nothing(town: Town, dinner: Post) -> None:
    on(town, "Karima")
    remind_helpers(now=BEFORE)
    off(town, "Karima", at=BEFORE)
    assert told(HELPER, BEFORE + timedelta(minutes=1)) == {}


def test_who_helps_or_cannot_is_not_reminded(town: Town, dinner: Post) -> None:
    on(town, "Karima")
    answer_ask(post=dinner, answer=PASS, ask_on=THURSDAY, by=by(town, "Said"))
    tuesday = BEFORE - timedelta(days=1)
    with time_machine.travel(tuesday, tick=False):
        remind_of_asks(now=tuesday)
        mail.outbox.clear()
        outbox.sweep(now=tuesday + timedelta(minutes=1))
    assert sorted(one.to[0].partition("@")[0] for one in mail.outbox) == ["lotte", "thijs"]


def change(town: Town, post: Post, **changed: Any) -> None:
    actor = Actor(town.user["Petra"], STAFF, later(minutes=5))
    edit_post(by=actor, post=post, **edited(post, **{**DINNER, **changed}))


def test_a_task_with_another_name_or_place_in_the_list_keeps_who_helps(town: Town, dinner: Post) -> None:
    on(town, "Karima", 1)
    on(town, "Lotte", 2)
    change(town, dinner, tasks="Stoelen halen, 4\nTafels zetten, 2\nErwtensoep koken, 1, 8.30")
    assert (line(1), line(2), line(3)) == ([], [("lotte", 1)], [])
    heard = told(OTHERWISE, later(minutes=20))
    assert "Tafels zetten" in heard["lotte"]
    assert "U staat nu nergens meer bij." in heard["karima"]


def test_as_many_tasks_with_one_other_name_are_the_same_tasks(town: Town, dinner: Post) -> None:
    on(town, "Karima", 1)
    change(town, dinner, tasks="Tafels zetten, 2\nSoep koken en warm houden, 1, 8.30")
    assert (line(1), line(2)) == ([], [("karima", 1)])


def test_with_fewer_places_who_came_last_waits_and_with_more_who_waited_helps(town: Town, dinner: Post) -> None:
    for name in ("Karima", "Lotte", "Thijs"):
        on(town, name, 2)
    change(town, dinner, tasks="Soep koken, 1, 8.30\nTafels zetten, 1")
    assert line(2) == [("karima", 1), ("lotte", None), ("thijs", None)]
    heard = told(OTHERWISE, later(minutes=20))
    assert "Hiermee helpt u nu." in heard["karima"]
    assert "U staat nu op de wachtlijst." in heard["lotte"]
    change(town, Post.objects.get(pk=dinner.pk), tasks="Soep koken, 1, 8.30\nTafels zetten, 3")
    assert line(2) == [("karima", 1), ("lotte", 2), ("thijs", 3)]
    assert sorted(told(A_PLACE, later(minutes=21))) == ["lotte", "thijs"]


def test_another_day_empties_the_list(town: Town, dinner: Post) -> None:
    on(town, "Karima")
    change(town, dinner, ask_on=date(2026, 11, 27))
    assert Helper.objects.count() == 0


@pytest.mark.parametrize(
    ("changed", "kind"),
    [({"ask_on": date(2026, 11, 27)}, CHANGED), ({"tasks": "Soep koken, 1, 8.30"}, OTHERWISE)],
    ids=["another day", "a task less"],
)
def test_who_helps_in_the_second_group_hears_too_what_is_otherwise(
    town: Town, place: Callable[..., Post], changed: dict[str, Any], kind: str
) -> None:
    of_g7 = place("Petra", "g7", "g4", title="Wie helpt?", **DINNER)
    on(town, "Lotte", 2)
    OutboxItem.objects.all().delete()
    change(town, of_g7, **changed)
    assert "lotte" in told(kind, later(minutes=20))


@pytest.mark.parametrize("changed", [{"ask_on": date(2026, 11, 27)}, {"tasks": "Tafels zetten, 2"}])
def test_the_list_follows_a_change_where_the_first_message_of_it_is_taken_back(
    town: Town, dinner: Post, changed: dict[str, Any]
) -> None:
    """Who helped with another task, or on another day, does not help with this."""
    on(town, "Karima", 1)
    [other] = Post.objects.together_with(dinner).exclude(pk=dinner.pk)
    retract_post(post=dinner, by=Actor(town.user["Petra"], STAFF, later(minutes=4)))
    change(town, other, **changed)
    assert line(1) == []


@pytest.mark.parametrize("reported", [0, 1, 2])
def test_taken_back_who_helps_hears_it(town: Town, dinner: Post, reported: int) -> None:
    """Also where it was reported in some of its groups, of which nobody sees a difference (POL-62)."""
    on(town, "Karima")
    on(town, "Lotte", 2)
    for post in Post.objects.together_with(dinner).order_by("pk")[:reported]:
        note_report(written=post, now=NOW)
    retract_post(post=dinner, together=True, by=Actor(town.user["Petra"], STAFF, later(minutes=5)))
    assert sorted(told(GONE, later(minutes=20))) == ["karima", "lotte"]


def test_what_could_not_be_taken_back_is_told_to_nobody(town: Town, dinner: Post) -> None:
    on(town, "Karima")
    note_report(written=dinner, now=NOW)
    with Refusing(AuditEvent._meta.db_table), pytest.raises(CopyFailedError):
        retract_post(post=dinner, together=True, by=Actor(town.user["Petra"], STAFF, later(minutes=5)))
    assert told(GONE, later(minutes=20)) == {}


def test_the_list_goes_on_where_the_first_message_of_it_is_removed(town: Town, dinner: Post) -> None:
    on(town, "Karima")
    remove_written(written=dinner, reason="Verkeerde groep", by=Actor(town.user["Petra"], STAFF, NOW))
    assert Helper.objects.get().writing.group_id == Post.objects.get(ask="help", state="published").group_id
    dinner.refresh_from_db()
    assert dinner.tasks == ""


# What a line says


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Soep koken", HelpTask("Soep koken", 1, None)),
        (" Soep  koken , 3 ", HelpTask("Soep koken", 3, None)),
        ("Soep koken, 3 ouders, 8.30 uur", HelpTask("Soep koken", 3, time(8, 30))),
        ("Soep, brood en kaas, 12, 17:05", HelpTask("Soep, brood en kaas", 12, time(17, 5))),
        ("Rijden, 8.30", HelpTask("Rijden", 1, time(8, 30))),
        ("Soep koken, 2, 15 uur", HelpTask("Soep koken", 2, time(15))),
        ("Tafels zetten, om 14u", HelpTask("Tafels zetten", 1, time(14))),
        ("Rijden, 3 ouders, 8 Uur", HelpTask("Rijden", 3, time(8))),
    ],
)
def test_a_line_is_a_task(typed: str, kept: HelpTask) -> None:
    assert tasks_in(tidy_tasks(typed)) == [kept]


@pytest.mark.parametrize(
    "typed",
    ["", "Soep, 0", "Soep, 51", "Soep, 2, 25.00", ", 3", "Soep, 2, 15", "\n".join(f"Taak {n}" for n in range(9))],
)
def test_what_is_no_task_is_refused(typed: str) -> None:
    with pytest.raises(AskRefusedError) as refused:
        tidy_tasks(typed)
    assert (refused.value.field, refused.value.why) == ("tasks", NotAsked.TASKS)


@pytest.mark.parametrize(
    ("typed", "why"),
    [("a" * 61 + ", 2", NotAsked.LONG), ("a " * 70, NotAsked.LONG), ("Soep\x07", NotAsked.UNREADABLE)],
)
def test_a_line_that_cannot_be_kept_is_refused_where_it_stands(typed: str, why: NotAsked) -> None:
    with pytest.raises(AskRefusedError) as refused:
        tidy_tasks(f"Brood\n{typed}")
    assert (refused.value.field, refused.value.why) == ("tasks", why)


TASKS = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=6, unique=True).map(
    lambda names: [HelpTask(name, 1, None) for name in names]
)


@given(TASKS, TASKS)
def test_no_two_tasks_become_one_and_a_name_stays_where_it_is(was: list[HelpTask], now: list[HelpTask]) -> None:
    moved = moved_tasks(was, now)
    assert len(set(moved.values())) == len(moved)
    kept = {one.name for one in was} & {one.name for one in now}
    assert {was[old - 1].name for old, new in moved.items() if was[old - 1].name == now[new - 1].name} == kept


@pytest.mark.parametrize("answer", ["on", "off"])
def test_a_task_of_a_page_of_before_is_no_other_task_of_now(
    town: Town, dinner: Post, browser_of: Callable[[str], Client], answer: str
) -> None:
    karima, there = browser_of("Karima"), url("answer", FAMILY, of_g4().uid)
    if answer == "off":
        on(town, "Karima", 1)
        on(town, "Karima", 2)
    form = on_page(karima.get(url("post", FAMILY, of_g4().uid))) | {"task": "1", "answer": answer}
    turned = edited(dinner, **{**DINNER, "tasks": "Tafels zetten, 2\nSoep koken, 1, 8.30"})
    edit_post(by=Actor(town.user["Petra"], STAFF, later(minutes=5)), post=dinner, **turned)
    before = (line(1), line(2))
    said = karima.post(there, form, follow=True)
    assert (line(1), line(2)) == before
    assert "De vraag is veranderd, of antwoorden kan niet meer." in page_text(said)
    karima.post(there, form | on_page(said))
    assert (line(1), line(2)) != before


def leaves(town: Town, name: str) -> None:
    Guardianship.objects.filter(caregiver=town.caregiver[name]).update(valid_until=later(seconds=5))
    access.reproject(users=[town.user[name].pk])


def test_a_place_is_not_given_to_who_left_while_waiting(town: Town, dinner: Post) -> None:
    """Who left would not hear of it, and who waits behind would neither."""
    for name in ("Said", "Lotte", "Karima"):
        on(town, name)
    leaves(town, "Lotte")
    off(town, "Said", at=later(minutes=1))
    assert dict(line())["karima"] == 1
    assert list(told(A_PLACE, later(minutes=2))) == ["karima"]


@pytest.mark.parametrize("tasks", ["Soep koken, 1", "Soep koken, 2"])
def test_a_list_of_fewer_or_more_places_is_first_for_who_is_there(town: Town, dinner: Post, tasks: str) -> None:
    change_tasks(town, dinner, "Soep koken, 2" if tasks.endswith("1") else "Soep koken, 1")
    for name in ("Said", "Lotte", "Karima")[: 2 if tasks.endswith("1") else 3]:
        on(town, name)
    gone, stays = ("Said", "lotte") if tasks.endswith("1") else ("Lotte", "karima")
    leaves(town, gone)
    change_tasks(town, dinner, tasks, at=later(minutes=6))
    assert dict(line())[stays] is not None


def change_tasks(town: Town, post: Post, tasks: str, at: datetime = NOW) -> None:
    current = Post.objects.get(pk=post.pk)
    edit_post(by=Actor(town.user["Petra"], STAFF, at), post=current, **edited(current, **{**DINNER, "tasks": tasks}))


def test_who_wants_no_mail_is_not_promised_one(town: Town, dinner: Post, browser_of: Callable[[str], Client]) -> None:
    on(town, "Said")
    choose_way(user=town.user["Lotte"], school=town.school, way=Way.NONE, now=NOW)
    form, there = {"answer": "on", "task": "1", "on": "2026-11-26"}, url("answer", FAMILY, of_g4().uid)
    told = {name: page_text(browser_of(name).post(there, form, follow=True)) for name in ("Karima", "Lotte")}
    assert ["krijgt u een mail" in told[name] for name in told] == [True, False]
    assert "U wilt hierover geen mail. Kijk dus zelf of er een plek is." in told["Lotte"]


def test_who_says_not_this_time_on_a_page_of_before_helps_no_more(town: Town, dinner: Post) -> None:
    """It was answered that this was kept, and the day before that one helps tomorrow."""
    for name, task in (("Karima", 1), ("Karima", 2), ("Said", 1)):
        on(town, name, task)
    answer_ask(post=dinner, answer=PASS, ask_on=THURSDAY, by=by(town, "Karima"))
    assert (line(1), line(2)) == ([("said", 1)], [])
    assert list(told(A_PLACE, later(minutes=1))) == ["said"]
