"""Choosing: one answer a child from what the writer gave, or a vote of each adult that nobody can trace (POL-28)."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import models
from django.test import Client

from groups.accounts.services.hats import hats_of
from groups.models import StaffAssignment
from groups.roles import Role
from messaging.asks.domain import CHOSE, SHOWN_FROM, YES, AskRefusedError, NotAsked, tidy_options
from messaging.asks.mail import answer_url
from messaging.asks.models import AskAnswer, Voter, VoteTally
from messaging.asks.services.answering import answer_ask, forget_answers, heard_from
from messaging.asks.services.board import BoardAsk, board_of
from messaging.asks.services.holding import AskedOtherwiseError
from messaging.asks.services.news import CHANGED
from messaging.asks.services.reminders import remind_of_asks
from messaging.asks.services.voting import VotedError, VoteOutcome, export_votes, outcome_of
from messaging.models import Post
from messaging.posts.services.posts import edit_post
from messaging.removing.services.removal import retract_post
from portal.core import outbox
from portal.core.actor import Actor
from portal.core.domain.moments import SCHOOL_ZONE
from portal.core.models import AuditEvent, OutboxItem
from tests.messaging.conftest import NOW, Town, later
from tests.messaging.pages import FAMILY, STAFF, edited, message, on_page, page_text, url
from tests.rows import account

WEDNESDAY, THURSDAY = date(2026, 11, 25), date(2026, 11, 26)
BEFORE = datetime(2026, 11, 24, 16, 3, tzinfo=SCHOOL_ZONE)
SOUPS = "Tomaat\nPompoen\nErwten"
SOUP: dict[str, Any] = {"ask": "choose", "ask_on": THURSDAY, "answer_by": WEDNESDAY, "options": SOUPS}
VOTE = {**SOUP, "is_anonymous": True}
CLOSED = later(days=6)


@pytest.fixture
def soup(place: Callable[..., Post]) -> Post:
    return place("Petra", "g4", "g7", title="Welke soep?", **SOUP)


@pytest.fixture
def poll(place: Callable[..., Post]) -> Post:
    return place("Petra", "g4", "g7", title="Welke dag?", **VOTE)


def chooses(town: Town, name: str, post: Post, *chosen: int, child: str = "", at: datetime = NOW) -> None:
    of = [town.child[child].uid] if child else None
    by = Actor(town.user[name], FAMILY, at)
    answer_ask(post=post, answer=CHOSE, chosen=chosen, ask_on=THURSDAY, children=of, by=by)


def board_ask(town: Town, name: str, at: datetime = NOW) -> BoardAsk:
    user = town.user[name]
    board = board_of(actor=Actor(user, FAMILY, at), hats=hats_of(user, now=at))
    [ask] = (*board.waiting, *board.settled)
    return ask


def words(town: Town, name: str, at: datetime = NOW) -> dict[str, str]:
    return {one.child.first_name: one.words for one in board_ask(town, name, at).children}


def test_either_parent_chooses_and_the_last_choice_stands(town: Town, soup: Post) -> None:
    chooses(town, "Karima", soup, 2)
    assert words(town, "Said") == {"Noor": "Pompoen", "Ilyas": "Pompoen"}
    chooses(town, "Said", soup, 3, child="Noor", at=later(minutes=1))
    assert words(town, "Karima") == {"Noor": "Erwten", "Ilyas": "Pompoen"}
    chooses(town, "Karima", soup, 1, at=later(minutes=2))
    assert words(town, "Said") == {"Noor": "Tomaat", "Ilyas": "Tomaat"}


@pytest.mark.parametrize("takes_more", [True, False])
def test_a_choice_is_taken_back_from_the_mail(town: Town, place: Callable[..., Post], takes_more: bool) -> None:
    soup = place("Petra", "g4", "g7", title="Welke soep?", **SOUP, takes_more=takes_more)
    path = "/antwoord" + answer_url(user=town.user["Karima"], post=soup.uid, ask_on=THURSDAY).partition("/antwoord")[2]
    assert "Zet terug op het bord" not in page_text(Client().get(path))
    chooses(town, "Karima", soup, 2)
    assert "Zet terug op het bord" in page_text(Client().get(path))
    back = Client().post(path, {"answer": ["chose", ""], "chosen": "2", "on": "2026-11-26"}, follow=True)
    assert "Het staat weer op het bord." in page_text(back)
    assert words(town, "Said") == {"Noor": "", "Ilyas": ""}


def test_a_vote_without_a_name_is_not_taken_back(town: Town, poll: Post) -> None:
    by = Actor(town.user["Karima"], FAMILY, NOW)
    with pytest.raises(ValueError):  # noqa: PT011
        answer_ask(post=poll, answer="", ask_on=THURSDAY, by=by)
    assert not Voter.objects.exists()


def test_more_may_be_chosen_where_the_writer_says_so(town: Town, place: Callable[..., Post]) -> None:
    soup = place("Anna", **SOUP, takes_more=True)
    chooses(town, "Karima", soup, 3, 1)
    assert words(town, "Karima") == {"Noor": "Tomaat, Erwten"}


@pytest.mark.parametrize("chosen", [(), (4,), (0,), (1, 2)])
def test_what_was_not_to_be_chosen_is_no_answer(town: Town, soup: Post, chosen: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=CHOSE):
        chooses(town, "Karima", soup, *chosen)
    with pytest.raises(ValueError, match=YES):
        answer_ask(post=soup, answer=YES, ask_on=THURSDAY, by=Actor(town.user["Karima"], FAMILY, NOW))
    assert AskAnswer.objects.count() == 0


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("Een", NotAsked.OPTIONS),
        ("", NotAsked.OPTIONS),
        ("\n".join("abcdefghi"), NotAsked.OPTIONS),
        ("Soep\nsoep", NotAsked.TWICE),
        ("Soep\n" + "a" * 61, NotAsked.LONG),
        ("Soep\nBro\x07d", NotAsked.UNREADABLE),
    ],
)
def test_there_are_two_to_eight_different_things_to_choose(raw: str, why: NotAsked) -> None:
    with pytest.raises(AskRefusedError) as refused:
        tidy_options(raw)
    assert (refused.value.field, refused.value.why) == ("options", why)


def test_empty_lines_and_space_are_no_choice() -> None:
    assert tidy_options("  Soep \r\n\n\u200b\nBrood  met kaas\n") == "Soep\nBrood met kaas"


def test_other_options_are_another_question_and_who_chose_hears(town: Town, soup: Post) -> None:
    OutboxItem.objects.all().delete()
    chooses(town, "Karima", soup, 2)
    by = Actor(town.user["Petra"], STAFF, later(minutes=5))
    edit_post(by=by, post=soup, **edited(soup, **{**SOUP, "options": "Tomaat\nLinzen"}), together=True)
    assert words(town, "Karima", later(minutes=6)) == {"Noor": "", "Ilyas": ""}
    assert OutboxItem.objects.get(kind=CHANGED).recipient == town.user["Karima"]


def test_staff_read_who_chose_what_and_take_it_along(
    town: Town, soup: Post, browser_of: Callable[[str], Client]
) -> None:
    chooses(town, "Karima", soup, 2)
    of_g4 = Post.objects.get(group=town.group["g4"])
    heard = heard_from(of_g4, actor=Actor(town.user["Anna"], STAFF, NOW))
    assert {one.child.first_name: one.said.chosen for one in heard if one.answer} == {"Noor": (2,)}
    anna = browser_of("Anna")
    assert "1 gekozen · 3 nog niets" in page_text(anna.get(url("post", STAFF, of_g4.uid)))
    page = page_text(anna.get(url("answers", STAFF, of_g4.uid)))
    assert "Pompoen (1)" in page
    assert "Karima" not in page
    sheet = anna.post(url("answers_csv", STAFF, of_g4.uid)).content.decode("utf-8-sig")
    assert [line.partition("Noor")[2] for line in sheet.splitlines() if "Pompoen" in line]


def test_it_is_placed_answered_and_read_on_pages(town: Town, browser_of: Callable[[str], Client]) -> None:
    anna, karima = browser_of("Anna"), browser_of("Karima")
    sent = message(town, "g4", title="Welke soep?", **{**SOUP, "ask_on": "2026-11-26", "answer_by": "2026-11-25"})
    refused = anna.post(url("compose", STAFF), {**sent, "options": "Soep"})
    assert refused.status_code == 422
    assert "Zet elke keuze op een eigen regel." in page_text(refused)
    anna.post(url("compose", STAFF), sent)
    post = Post.objects.get()
    for page in (url("feed", FAMILY), url("post", FAMILY, post.uid)):
        assert re.search("Tomaat .*Pompoen .*Erwten", page_text(karima.get(page)))
    form = {"answer": CHOSE, "chosen": "2", "on": "2026-11-26", "van": "bord"}
    karima.post(url("answer", FAMILY, post.uid), form)
    assert "Welke soep? Pompoen" in page_text(karima.get(url("feed", FAMILY)))


def link(town: Town, name: str, post: Post) -> str:
    return answer_url(user=town.user[name], post=post.uid, ask_on=THURSDAY).partition("/antwoord")[2]


@pytest.mark.parametrize("asked", [SOUP, VOTE])
def test_it_is_answered_from_the_mail(town: Town, place: Callable[..., Post], asked: dict[str, Any]) -> None:
    post, stranger = place("Petra", "g4", "g7", **asked), Client()
    address = f"/antwoord{link(town, 'Karima', post)}"
    page = stranger.get(address)
    assert "Pompoen" in page_text(page)
    assert "Noor" not in page_text(page)
    form = {"answer": CHOSE, "chosen": "2", "on": "2026-11-26"}
    assert "Uw antwoord is bewaard." in page_text(stranger.post(address, form, follow=True))
    assert (AskAnswer.objects.count(), Voter.objects.count()) == ((2, 0) if asked is SOUP else (0, 1))
    assert stranger.post(address, form).status_code == (302 if asked is SOUP else 422)


def test_who_chose_is_not_reminded_and_who_voted_neither(town: Town, soup: Post, place: Callable[..., Post]) -> None:
    chooses(town, "Karima", soup, 2)
    poll = place("Petra", "g4", "g7", title="Welke dag?", **VOTE)
    OutboxItem.objects.all().delete()
    chooses(town, "Said", poll, 1)
    with time_machine.travel(BEFORE, tick=False):
        remind_of_asks(now=BEFORE)
        outbox.sweep(now=BEFORE + timedelta(minutes=1))
    asked = {one.to[0].partition("@")[0]: one.body for one in mail.outbox}
    assert sorted(asked) == ["karima", "lotte", "thijs"]
    assert ("Welke soep?" in asked["karima"], "Welke dag?" in asked["karima"]) == (False, True)


@pytest.mark.parametrize("asked", [SOUP, VOTE])
def test_who_ticks_nothing_reads_that_something_is_to_be_chosen(
    town: Town, place: Callable[..., Post], asked: dict[str, Any], browser_of: Callable[[str], Client]
) -> None:
    post, form = place("Petra", "g4", **asked | {"takes_more": True}), {"answer": CHOSE, "on": "2026-11-26"}
    pages = (
        (browser_of("Karima"), url("answer", FAMILY, post.uid)),
        (Client(), f"/antwoord{link(town, 'Karima', post)}"),
    )
    for browser, address in pages:
        assert "Kies er minstens één." in page_text(browser.post(address, form, follow=True))
    assert (AskAnswer.objects.count(), Voter.objects.count()) == (0, 0)


# Without names


def test_each_adult_votes_once(town: Town, poll: Post) -> None:
    for name in ("Karima", "Said"):
        assert board_ask(town, name).may_answer
        chooses(town, name, poll, 1)
        assert (board_ask(town, name).is_answered, board_ask(town, name).may_answer) == (True, False)
        with pytest.raises(VotedError):
            chooses(town, name, poll, 2)
    assert {row.option: row.count for row in VoteTally.objects.all()} == {1: 2, 2: 0, 3: 0}
    with pytest.raises(PermissionDenied):
        chooses(town, "Riet", poll, 1)


def test_who_voted_and_what_was_chosen_are_never_brought_together(town: Town, poll: Post) -> None:
    audited = AuditEvent.objects.count()
    chooses(town, "Karima", poll, 2)
    assert AskAnswer.objects.count() == 0
    assert AuditEvent.objects.count() == audited
    columns = {model: {one.name for one in model._meta.concrete_fields} for model in (Voter, VoteTally)}
    assert columns == {Voter: {"id", "writing", "user"}, VoteTally: {"id", "writing", "option", "count"}}
    moments = [one for model in columns for one in model._meta.fields if isinstance(one, models.DateField)]
    assert moments == []
    own = {name: Voter.objects.visible_to(Actor(town.user[name], FAMILY, NOW)).count() for name in ("Karima", "Petra")}
    assert own == {"Karima": 1, "Petra": 0}


def many_votes(poll: Post, number: int) -> None:
    first = Post.objects.together_with(poll).order_by("pk")[0]
    for one in range(number):
        Voter.objects.create(writing=first, user=account(f"stem{one}@elders.example"))
    VoteTally.objects.filter(writing=first, option=3).update(count=number)


@pytest.mark.parametrize(
    ("votes", "at", "shown"),
    [(SHOWN_FROM, CLOSED, True), (SHOWN_FROM - 1, CLOSED, False), (SHOWN_FROM, later(days=5), False)],
)
def test_what_was_chosen_is_read_after_the_last_day_from_eight_votes_on(
    town: Town, poll: Post, votes: int, at: datetime, shown: bool
) -> None:
    chooses(town, "Karima", poll, 1)
    many_votes(poll, votes - 1)
    of_g4 = Post.objects.get(group=town.group["g4"])
    outcome = outcome_of(of_g4, actor=Actor(town.user["Anna"], STAFF, at))
    counts = (("Tomaat", 1), ("Pompoen", 0), ("Erwten", votes - 1))
    assert outcome == VoteOutcome(votes, counts if shown else None)
    assert heard_from(of_g4, actor=Actor(town.user["Anna"], STAFF, at)) == []
    for name, hat in (("Joost", STAFF), ("Karima", FAMILY), ("Thijs", FAMILY)):
        assert outcome_of(of_g4, actor=Actor(town.user[name], hat, at)) is None


def test_the_page_and_the_file_say_the_numbers_and_no_name(
    town: Town, poll: Post, browser_of: Callable[[str], Client]
) -> None:
    chooses(town, "Karima", poll, 1)
    many_votes(poll, SHOWN_FROM - 1)
    of_g4, anna = Post.objects.get(group=town.group["g4"]), browser_of("Anna")
    early = page_text(anna.get(url("answers", STAFF, of_g4.uid)))
    assert "De uitslag komt na de laatste dag" in early
    assert export_votes(of_g4, actor=Actor(town.user["Anna"], STAFF, NOW)) == ()
    with pytest.raises(PermissionDenied):
        export_votes(of_g4, actor=Actor(town.user["Joost"], STAFF, NOW))
    with time_machine.travel(CLOSED, tick=False):
        anna = browser_of("Anna")
        page = page_text(anna.get(url("answers", STAFF, of_g4.uid)))
        sheet = anna.post(url("answers_csv", STAFF, of_g4.uid)).content.decode("utf-8-sig")
    assert re.search(r"8 stemmen .*Tomaat: 1 .*Pompoen: 0 .*Erwten: 7", page)
    assert "Erwten;7" in sheet.replace(",", ";")
    assert not any(name in page + sheet for name in ("Noor", "Fenna"))


@pytest.mark.parametrize("later_end", [{"answer_by": THURSDAY}, {"answer_at": time(13)}])
def test_a_vote_that_goes_on_after_all_begins_anew(town: Town, poll: Post, later_end: dict[str, Any]) -> None:
    """Reading how it stands, having it go on and reading again would tell the votes that came in between."""
    OutboxItem.objects.all().delete()
    chooses(town, "Said", poll, 1)
    by = Actor(town.user["Petra"], STAFF, later(minutes=5))
    edit_post(by=by, post=poll, **edited(poll, **{**VOTE, **later_end}))
    assert (Voter.objects.count(), VoteTally.objects.count()) == (0, 0)
    assert OutboxItem.objects.get(kind=CHANGED).recipient == town.user["Said"]


def test_what_is_counted_once_is_changed_for_all_groups(town: Town, poll: Post) -> None:
    by = Actor(town.user["Petra"], STAFF, later(minutes=5))
    last = Post.objects.order_by("pk").last()
    assert last
    edit_post(by=by, post=last, **edited(last, **VOTE, title="Welke dag is het?"))
    assert set(Post.objects.values_list("title", "written_together")) == {("Welke dag is het?", poll.written_together)}
    chooses(town, "Thijs", poll, 1, at=later(minutes=6))
    chooses(town, "Karima", last, 1, at=later(minutes=6))
    assert VoteTally.objects.get(option=1).count == 2


def test_votes_on_other_options_are_gone_where_the_first_message_was_taken_back(town: Town, poll: Post) -> None:
    chooses(town, "Karima", poll, 2)
    by = Actor(town.user["Petra"], STAFF, later(minutes=5))
    [other] = Post.objects.together_with(poll).exclude(pk=poll.pk)
    retract_post(post=poll, by=by)
    edit_post(by=by, post=other, **edited(other, **{**VOTE, "options": "Maandag\nDinsdag"}))
    assert (Voter.objects.count(), VoteTally.objects.count()) == (0, 0)
    chooses(town, "Karima", other, 1, at=later(minutes=6))


def test_who_writes_in_one_of_the_groups_only_changes_not_what_counts_once_for_all(
    town: Town, place: Callable[..., Post], browser_of: Callable[[str], Client]
) -> None:
    """Else the votes on the one would count for the other, and one list would be read while it is still filled."""
    town.add_staff("Vera", "leerkracht", Role.TEACHER, "g4", "g7")
    town.sync()
    poll = place("Vera", "g4", "g7", title="Welke dag?", **VOTE)
    StaffAssignment.objects.filter(staff=town.staff["Vera"], group=town.group["g4"]).update(valid_until=NOW)
    town.sync()
    by = Actor(town.user["Vera"], STAFF, later(minutes=5))
    [of_g7] = Post.objects.together_with(poll).exclude(pk=poll.pk)
    with pytest.raises(AskRefusedError) as refused:
        edit_post(by=by, post=of_g7, **edited(of_g7, **{**VOTE, "answer_by": THURSDAY}))
    assert (refused.value.field, refused.value.why) == ("ask", NotAsked.ELSEWHERE)
    edit_post(by=by, post=of_g7, **edited(of_g7, **VOTE, title="Welke dag is het?"))
    sent = message(town, "g7", title="Welke dag is het?", **{**VOTE, "ask_on": "2026-11-26", "answer_by": "2026-11-26"})
    page = browser_of("Vera").post(url("edit", STAFF, of_g7.uid), sent | {"version": 2})
    assert page.status_code == 422
    assert "Daarom kun je niet veranderen wat er gevraagd wordt." in page_text(page)


def test_after_the_last_day_nobody_votes_and_votes_are_forgotten(town: Town, poll: Post) -> None:
    chooses(town, "Karima", poll, 1)
    with pytest.raises(AskedOtherwiseError):
        chooses(town, "Said", poll, 1, at=later(days=5, hours=10))
    assert forget_answers(now=later(days=400)) == 1
    assert Voter.objects.count() == 0


@pytest.mark.parametrize(
    ("was", "now"), [({}, {"options": "Erwten\nTomaat\nPompoen"}), ({}, {"is_anonymous": True}), (VOTE, SOUP)]
)
@pytest.mark.parametrize("mailed", [False, True])
def test_what_was_chosen_on_a_page_of_before_is_no_answer_to_what_is_asked_now(
    town: Town,
    place: Callable[..., Post],
    browser_of: Callable[[str], Client],
    was: dict[str, Any],
    now: dict[str, Any],
    mailed: bool,
) -> None:
    """The first of another list is another soup; and a vote is never kept with a name."""
    content = {**SOUP, **was}
    post = place("Anna", "g4", title="Welke soep?", **content)
    link = answer_url(user=town.user["Lotte"], post=post.uid, ask_on=THURSDAY).partition("/antwoord")[2]
    client, there = browser_of("Lotte"), f"/antwoord{link}" if mailed else url("answer", FAMILY, post.uid)
    form = on_page(client.get(there if mailed else url("post", FAMILY, post.uid))) | {"answer": CHOSE, "chosen": "1"}
    changed = edited(post, **{**content, "is_anonymous": False, **now})
    edit_post(by=Actor(town.user["Anna"], STAFF, later(minutes=5)), post=post, **changed)
    said = client.post(there, form, follow=True)
    assert (AskAnswer.objects.count(), Voter.objects.count()) == (0, 0)
    assert mailed or "De vraag is veranderd, of antwoorden kan niet meer." in page_text(said)
    client.post(there, form | on_page(said))
    assert AskAnswer.objects.count() + Voter.objects.count() == 1
