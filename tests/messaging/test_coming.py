"""Who comes: where and when, with how many, and for how many there is room (POL-20)."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client

from groups.accounts.services.hats import hats_of
from groups.models import Enrolment, Guardianship
from messaging.asks.domain import NO, NOT_YET, YES, AskRefusedError, NotAsked
from messaging.asks.mail import answer_url
from messaging.asks.models import AskAnswer, EventSeat
from messaging.asks.services.answering import KEPT_FOR, answer_ask, forget_answers, heard_from
from messaging.asks.services.board import BoardAsk, board_of
from messaging.asks.services.coming import NoRoomLeftError, taken_of
from messaging.asks.services.news import CHANGED, OTHERWISE
from messaging.models import Post
from messaging.posts.services.posts import edit_post
from portal.core import access, outbox
from portal.core.actor import Actor
from portal.core.domain.moments import SCHOOL_ZONE
from portal.core.models import OutboxItem
from tests.messaging.conftest import NOW, Town, later
from tests.messaging.pages import FAMILY, STAFF, edited, message, page_text, url

WEDNESDAY, THURSDAY = date(2026, 11, 25), date(2026, 11, 26)
SOON, LATER = later(seconds=5), later(minutes=10)
PLAY: dict[str, Any] = {
    "ask": "come",
    "ask_on": THURSDAY,
    "answer_by": WEDNESDAY,
    "venue": "de aula",
    "begins_at": time(19),
    "capacity": 6,
}


@pytest.fixture
def play(town: Town, place: Callable[..., Post]) -> Post:
    post = place("Petra", "g4", "g7", title="Komt u kijken?", **PLAY)
    OutboxItem.objects.all().delete()
    return post


def says(town: Town, name: str, answer: str, heads: int = 0, child: str = "", at: Any = NOW) -> None:
    by = Actor(town.user[name], FAMILY, at)
    post = Post.objects.visible_to(by).filter(ask="come").order_by("pk")[0]
    of = [town.child[child].uid] if child else None
    answer_ask(post=post, answer=answer, heads=heads, ask_on=THURSDAY, children=of, by=by)


def taken(post: Post, at: datetime = NOW) -> int | None:
    return taken_of(post, now=at)


def ask_of(town: Town, name: str, at: Any = NOW) -> BoardAsk:
    user = town.user[name]
    board = board_of(actor=Actor(user, FAMILY, at), hats=hats_of(user, now=at))
    [ask] = (*board.waiting, *board.settled)
    return ask


def test_who_comes_together_is_counted_once_and_a_place_is_taken_for_each(town: Town, play: Post) -> None:
    assert (ask_of(town, "Karima").heads, ask_of(town, "Lotte").room_left) == (3, 6)
    says(town, "Karima", YES, 4)
    assert {one.child.first_name: (one.answer, one.heads) for one in ask_of(town, "Said").children} in (
        {"Noor": (YES, 4), "Ilyas": (YES, 0)},
        {"Noor": (YES, 0), "Ilyas": (YES, 4)},
    )
    assert (taken(play), ask_of(town, "Lotte").room_left) == (4, 2)
    says(town, "Said", YES, 2)
    assert taken(play) == 2


def test_where_more_come_than_there_is_room_nothing_is_kept_and_it_is_said(
    town: Town, play: Post, browser_of: Callable[[str], Client]
) -> None:
    says(town, "Karima", YES, 4)
    says(town, "Lotte", YES, 1)
    with pytest.raises(NoRoomLeftError) as full:
        says(town, "Lotte", YES, 3)
    assert full.value.left == 2
    assert (taken(play), ask_of(town, "Lotte").heads) == (5, 1)
    form = {"answer": YES, "heads": "3", "on": "2026-11-26"}
    mine = Post.objects.get(group=town.group["g4"])
    said = browser_of("Thijs").post(url("answer", FAMILY, mine.uid), form, follow=True)
    assert "Niet bewaard: u kunt met hoogstens 1 komen." in page_text(said)
    says(town, "Thijs", YES, 1)
    address = answer_url(user=town.user["Lotte"], post=mine.uid, ask_on=THURSDAY).partition("/antwoord")[2]
    refused = Client().post(f"/antwoord{address}", form)
    assert (refused.status_code, "Niet bewaard: u kunt met hoogstens 1 komen." in page_text(refused)) == (422, True)
    assert EventSeat.objects.count() == 6


def test_a_no_gives_the_places_back_and_wins(town: Town, play: Post) -> None:
    says(town, "Karima", YES, 4)
    says(town, "Said", NO)
    assert (taken(play), ask_of(town, "Karima").answer) == (0, NO)
    says(town, "Lotte", YES, 6)


def test_an_answer_is_taken_back(town: Town, play: Post) -> None:
    """Who tapped no by mistake could only say yes. A number typed for two stays with the other."""
    says(town, "Karima", NO)
    assert [one.is_own for one in ask_of(town, "Karima").children] == [True, True]
    says(town, "Karima", NOT_YET, at=SOON)
    assert ask_of(town, "Karima", SOON).waits
    says(town, "Karima", YES, 4, at=SOON)
    for child, places in (("Noor", 4), ("Ilyas", 0)):
        says(town, "Karima", NOT_YET, child=child, at=LATER)
        assert taken(play, LATER) == places
    assert not AskAnswer.objects.exists()


def test_a_no_taken_back_leaves_what_the_other_parent_said(town: Town, play: Post) -> None:
    says(town, "Said", YES, 4)
    says(town, "Karima", NO, at=SOON)
    assert taken(play, SOON) == 0
    says(town, "Karima", NOT_YET, at=LATER)
    assert (taken(play, LATER), ask_of(town, "Said", LATER).said_heads) == (4, 4)


@pytest.mark.parametrize("name", ["Karima", "Said"])
def test_the_number_typed_for_all_stands_with_who_comes_when_one_of_them_does_not(
    town: Town, play: Post, browser_of: Callable[[str], Client], name: str
) -> None:
    """Four are on their way, and no list may say that nobody is."""
    says(town, "Karima", YES, 4)
    [first] = AskAnswer.objects.filter(heads=4).select_related("child")
    answer = {"answer": NO, "kind": first.child.uid, "on": "2026-11-26"}
    browser_of(name).post(url("answer", FAMILY, first.writing.uid), answer)
    comes = [
        (one.child.pk == first.child_id, one.heads) for one in ask_of(town, "Karima").children if one.answer == YES
    ]
    assert (comes, taken(play)) == ([(False, 4)], 4)


@pytest.mark.parametrize("child", ["Noor", "Ilyas"])
@pytest.mark.parametrize("is_first", [True, False])
def test_the_number_typed_for_all_stands_with_who_comes_where_the_other_parent_said_no_for_one(
    town: Town, play: Post, child: str, is_first: bool
) -> None:
    """It stood with the first child, for whom the no of the other counted: three came, and no place was taken."""
    given = [("Said", NO, 0, child), ("Karima", YES, 3, "")]
    for second, one in enumerate(given if is_first else reversed(given)):
        says(town, *one, at=later(seconds=second))
    ask = ask_of(town, "Karima", LATER)
    comes = [(one.child.first_name != child, one.heads) for one in ask.children if one.answer == YES]
    assert (comes, taken(play, LATER), ask.room_left) == ([(True, 3)], 3, 3)


def test_the_number_given_from_a_mail_stands_with_who_comes(town: Town, play: Post) -> None:
    says(town, "Said", NO, child="Noor")
    mine = Post.objects.get(group=town.group["g4"])
    address = answer_url(user=town.user["Karima"], post=mine.uid, ask_on=THURSDAY).partition("/antwoord")[2]
    Client().post(f"/antwoord{address}", {"answer": YES, "heads": "3", "on": "2026-11-26"})
    assert (taken(play), ask_of(town, "Karima").heads) == (3, 3)


def told_off(at: datetime) -> list[Any]:
    with time_machine.travel(at, tick=False):
        outbox.sweep(now=at)
    found = [one for one in mail.outbox if one.subject.startswith("U staat niet meer op de lijst voor donderdag 26")]
    mail.outbox.clear()
    return found


def test_who_is_not_counted_any_more_hears_it_and_not_by_whom(town: Town, play: Post) -> None:
    """The places of a mother were given back without a word."""
    says(town, "Karima", YES, 3)
    says(town, "Said", NO, child="Noor", at=later(seconds=1))
    assert told_off(later(minutes=2)) == []
    says(town, "Said", NO, child="Ilyas", at=later(minutes=3))
    [one] = told_off(later(minutes=5))
    assert one.to == ["karima@post.example"]
    assert "Voor uw kind staat nu een nee." in one.body
    assert not any("Said" in words for words in (one.subject, one.body, one.alternatives[0][0]))
    says(town, "Said", NO, at=later(minutes=6))
    assert told_off(later(minutes=8)) == []


def test_who_comes_again_meanwhile_hears_nothing(town: Town, play: Post) -> None:
    says(town, "Karima", YES, 3)
    says(town, "Said", NO, at=later(seconds=1))
    says(town, "Said", YES, 2, at=later(seconds=2))
    assert told_off(later(minutes=2)) == []


def test_full_nobody_is_asked_any_more(town: Town, play: Post) -> None:
    says(town, "Karima", YES, 6)
    user = town.user["Lotte"]
    assert board_of(actor=Actor(user, FAMILY, NOW), hats=hats_of(user, now=NOW)).waiting == []


def test_who_has_no_say_any_more_makes_room(town: Town, play: Post) -> None:
    says(town, "Said", YES, 5)
    Guardianship.objects.filter(caregiver=town.caregiver["Said"]).update(valid_until=later(seconds=5))
    access.reproject(users=[town.user["Said"].pk])
    says(town, "Lotte", YES, 5, at=later(minutes=1))
    assert taken(play) == 5


def moves(town: Town, child: str, group: str = "") -> None:
    """This child leaves its class, and school where it comes into no other."""
    rows = Enrolment.objects.filter(child=town.child[child], valid_until=None)
    (rows.exclude(group=town.group["@school"]) if group else rows).update(valid_until=SOON)
    if group:
        Enrolment.objects.create(child=town.child[child], group=town.group[group], valid_from=SOON)
    town.sync(SOON)


def room_for(town: Town, name: str) -> tuple[int | None, bool]:
    """For how many a parent reads that there is room, and whether it is asked of that parent."""
    ask = ask_of(town, name, LATER)
    return ask.room_left, not ask.is_enough


@pytest.mark.parametrize(("group", "room"), [("", 6), ("g5", 6), ("g7", 0)])
def test_a_child_that_is_asked_no_more_makes_room(town: Town, play: Post, group: str, room: int) -> None:
    """From groep 4 into groep 7 it is asked as before."""
    town.add_group("g5", "Groep 5")
    says(town, "Thijs", YES, 6)
    moves(town, "Mees", group)
    assert (taken(play, LATER), room_for(town, "Lotte")) == (6 - room, (room, bool(room)))
    if room:
        says(town, "Lotte", YES, 5, at=LATER)
        assert (taken(play, LATER), EventSeat.objects.count()) == (5, 5)


def comes_back(town: Town, child: str) -> None:
    Enrolment.objects.filter(child=town.child[child]).update(valid_until=None)
    town.sync(LATER)


def test_who_comes_back_has_the_place_while_nobody_took_it(town: Town, play: Post) -> None:
    says(town, "Thijs", YES, 4)
    moves(town, "Mees")
    says(town, "Lotte", YES, 2, at=LATER)
    comes_back(town, "Mees")
    assert (taken(play, LATER), ask_of(town, "Thijs", LATER).answer) == (6, YES)


def test_who_comes_back_when_others_have_the_places_answers_anew(town: Town, play: Post) -> None:
    says(town, "Thijs", YES, 4)
    moves(town, "Mees")
    says(town, "Lotte", YES, 3, at=LATER)
    comes_back(town, "Mees")
    assert (taken(play, LATER), ask_of(town, "Thijs", LATER).answer) == (3, "")
    with pytest.raises(NoRoomLeftError) as full:
        says(town, "Thijs", YES, 4, at=LATER)
    assert full.value.left == 3
    says(town, "Thijs", YES, 3, at=LATER)
    assert taken(play, LATER) == 6


@pytest.mark.parametrize(("leaves", "stays"), [("Noor", "Ilyas"), ("Ilyas", "Noor")])
def test_who_comes_along_with_a_brother_or_sister_that_left_keeps_the_place(
    town: Town, play: Post, leaves: str, stays: str
) -> None:
    says(town, "Karima", YES, 4)
    moves(town, leaves)
    assert (taken(play, LATER), room_for(town, "Lotte")) == (4, (2, True))
    says(town, "Karima", YES, 2, at=LATER)
    assert taken(play, LATER) == 2
    says(town, "Lotte", YES, 4, at=LATER)
    moves(town, stays)
    assert taken(play, LATER) == 4


def shown_at_school(town: Town, at: Any) -> dict[str, int]:
    """With how many each child that comes stands in the list of its group's staff."""
    posts = Post.objects.filter(ask="come").select_related("group")
    heard = [one for post in posts for one in heard_from(post, actor=Actor(town.user["Petra"], STAFF, at))]
    return {one.child.first_name: one.said.heads for one in heard if one.answer == YES}


@pytest.mark.parametrize(("name", "heads"), [("Karima", 4), ("Said", 5)])
def test_the_number_of_who_left_stands_with_one_brother_or_sister(
    town: Town, play: Post, name: str, heads: int
) -> None:
    """Said comes with five for Noor, Ilyas and Fenna: they are counted once, whoever of them left."""
    says(town, name, YES, heads)
    before = shown_at_school(town, NOW)
    [carrier] = [child for child, number in before.items() if number]
    moves(town, carrier)
    after = shown_at_school(town, LATER)
    assert (set(after), sum(after.values())) == (set(before) - {carrier}, heads)
    ask = ask_of(town, name, LATER)
    assert (taken(play, LATER), ask.heads, sum(one.heads for one in ask.children)) == (heads, heads, heads)


@pytest.mark.parametrize(("leaves", "stays"), [("Noor", "Ilyas"), ("Ilyas", "Noor")])
def test_the_number_that_one_parent_said_for_who_left_stands_with_who_comes_of_the_other(
    town: Town, play: Post, leaves: str, stays: str
) -> None:
    """Karima comes with four, for both children; then Said says those four for one of them, and that one leaves."""
    says(town, "Karima", YES, 4)
    says(town, "Said", YES, 4, leaves, at=later(seconds=1))
    moves(town, leaves)
    assert (shown_at_school(town, LATER), taken(play, LATER)) == ({stays: 4}, 4)
    assert ask_of(town, "Karima", LATER).heads == 4


def ends_for(town: Town, name: str, child: str) -> None:
    rows = Guardianship.objects.filter(caregiver=town.caregiver[name], child=town.child[child])
    rows.update(valid_until=SOON)
    access.reproject(users=[town.user[name].pk])


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ([("Karima", 4, ""), ("Said", 3, "Noor")], {"Noor": 3, "Ilyas": 0}),
        ([("Said", 3, "Noor"), ("Karima", 4, "")], {"Noor": 3, "Ilyas": 1}),
        ([("Said", 5, "Noor"), ("Karima", 4, "")], {"Noor": 5, "Ilyas": 0}),
        ([("Karima", 4, "")], {"Ilyas": 4}),
    ],
)
def test_a_family_counts_once_where_one_of_its_parents_has_no_say_about_a_child_any_more(
    town: Town, play: Post, said: list[tuple[str, int, str]], shown: dict[str, int]
) -> None:
    """The four of Karima went along with Ilyas, and stood beside the three that Said comes with for Noor."""
    for second, (name, heads, child) in enumerate(said):
        says(town, name, YES, heads, child, at=later(seconds=second))
    ends_for(town, "Karima", "Noor")
    assert shown_at_school(town, LATER) == shown
    assert ask_of(town, "Karima", LATER).said_heads == shown["Ilyas"]


def test_the_list_of_one_child_makes_up_no_number(town: Town, play: Post, browser_of: Callable[[str], Client]) -> None:
    """It stands with the brother or sister, who is not in this list."""
    says(town, "Karima", YES, 4)
    numbers = shown_at_school(town, NOW)
    for name in ("Noor", "Ilyas"):
        feed = page_text(browser_of("Karima").get(url("feed", FAMILY), {"kind": str(town.child[name].uid)}))
        assert f"Komt u kijken? ja{' (4)' if numbers[name] else ''} Verander" in feed


def test_a_number_of_its_own_stays_beside_that_of_who_left(town: Town, play: Post) -> None:
    says(town, "Karima", YES, 4, child="Noor")
    says(town, "Karima", YES, 2, child="Ilyas")
    moves(town, "Noor")
    assert (shown_at_school(town, LATER), taken(play, LATER)) == ({"Ilyas": 2}, 2)


def test_a_place_given_back_is_nobodys_while_more_come_than_there_is_room_for(town: Town, play: Post) -> None:
    says(town, "Karima", YES, 1)
    says(town, "Thijs", YES, 2)
    change(town, play, capacity=2)
    says(town, "Karima", NO, at=LATER)
    assert taken(Post.objects.get(pk=play.pk), LATER) == 2
    with pytest.raises(NoRoomLeftError):
        says(town, "Lotte", YES, 1, at=LATER)


def test_a_year_after_its_day_nobody_knows_who_had_a_place(town: Town, play: Post) -> None:
    says(town, "Karima", YES, 4)
    last = datetime.combine(THURSDAY, time(12), tzinfo=SCHOOL_ZONE) + KEPT_FOR
    assert (forget_answers(now=last), EventSeat.objects.count()) == (0, 4)
    forget_answers(now=last + timedelta(days=1))
    assert (EventSeat.objects.count(), AskAnswer.objects.count()) == (0, 0)


@pytest.mark.parametrize(("answer", "heads"), [(YES, 0), (YES, 21), (NO, 2), ("maybe", 0)])
def test_what_is_no_answer_is_not_kept(town: Town, play: Post, answer: str, heads: int) -> None:
    with pytest.raises(ValueError, match=f"{answer}|{heads}"):
        says(town, "Karima", answer, heads)
    assert AskAnswer.objects.count() == 0


@pytest.mark.parametrize("room", [0, 2001])
def test_room_is_for_somebody(place: Callable[..., Post], room: int) -> None:
    with pytest.raises(AskRefusedError) as refused:
        place("Anna", **{**PLAY, "capacity": room})
    assert refused.value.why == NotAsked.ROOM


def test_where_all_fit_no_places_are_counted(town: Town, place: Callable[..., Post]) -> None:
    post = place("Anna", **{**PLAY, "capacity": None})
    says(town, "Karima", YES, 20)
    assert (taken(post), EventSeat.objects.count()) == (None, 0)
    [noor] = [one for one in heard_from(post, actor=Actor(town.user["Anna"], STAFF, NOW)) if one.answer]
    assert noor.said.heads == 20


def change(town: Town, post: Post, **changed: Any) -> None:
    actor = Actor(town.user["Petra"], STAFF, later(minutes=5))
    edit_post(by=actor, post=post, **edited(post, **{**PLAY, **changed}))


def test_another_room_or_hour_keeps_the_answers_and_is_told(town: Town, play: Post) -> None:
    says(town, "Karima", YES, 4)
    change(town, play, venue="de gymzaal", begins_at=time(19, 30))
    outbox.sweep(now=later(minutes=20))
    [told] = [one for one in mail.outbox if "karima" in one.to[0]]
    assert "Om 19.30 uur · de gymzaal" in told.body
    assert "Eerst was het donderdag 26 november om 19.00 uur." in told.body
    assert PLAY["venue"] not in told.body
    assert "Uw antwoord blijft staan." in told.body
    assert OutboxItem.objects.filter(kind=OTHERWISE).count() == 1
    assert taken(Post.objects.get(pk=play.pk)) == 4


def test_what_did_not_move_is_not_said_to_have_been_otherwise(town: Town, play: Post) -> None:
    says(town, "Karima", YES, 4)
    change(town, play, venue="de gymzaal")
    outbox.sweep(now=later(minutes=20))
    [told] = [one for one in mail.outbox if "karima" in one.to[0]]
    assert "de gymzaal" in told.body
    assert "Dit was" not in told.body


def test_who_comes_keeps_the_place_when_there_is_less_room(town: Town, play: Post) -> None:
    says(town, "Karima", YES, 4)
    change(town, play, capacity=2)
    small = Post.objects.get(pk=play.pk)
    assert taken(small) == 4
    with pytest.raises(NoRoomLeftError):
        says(town, "Lotte", YES, 1, at=later(minutes=6))
    change(town, small, capacity=5)
    says(town, "Lotte", YES, 1, at=later(minutes=6))
    assert taken(Post.objects.get(pk=play.pk)) == 5


def ties_end(town: Town, name: str, child: str) -> None:
    """This adult has no say about this child any more."""
    ties = Guardianship.objects.filter(caregiver=town.caregiver[name], child=town.child[child])
    ties.update(valid_until=SOON)
    access.reproject(users=[town.user[name].pk])


@pytest.mark.parametrize("capacity", [6, None])
@pytest.mark.parametrize("leaves", [moves, lambda town, child: ties_end(town, "Karima", child)])
def test_another_room_keeps_the_places_of_who_comes_with_a_brother_or_sister_that_left(
    town: Town, place: Callable[..., Post], leaves: Callable[[Town, str], None], capacity: int | None
) -> None:
    post = place("Petra", "g4", "g7", title="Komt u kijken?", **{**PLAY, "capacity": capacity})
    says(town, "Karima", YES, 4)
    says(town, "Thijs", YES, 1)
    leaves(town, next(child for child, heads in shown_at_school(town, NOW).items() if heads == 4))
    change(town, post, capacity=5)
    assert (taken(Post.objects.get(pk=post.pk), LATER), sum(shown_at_school(town, LATER).values())) == (5, 5)
    with pytest.raises(NoRoomLeftError):
        says(town, "Lotte", YES, 1, at=LATER)


def test_another_day_frees_every_place(town: Town, play: Post) -> None:
    says(town, "Karima", YES, 4)
    change(town, play, ask_on=date(2026, 11, 27))
    assert (EventSeat.objects.count(), AskAnswer.objects.count()) == (0, 0)
    assert OutboxItem.objects.get(kind=CHANGED).recipient == town.user["Karima"]
    outbox.sweep(now=later(minutes=20))
    [told] = [one for one in mail.outbox if "karima" in one.to[0]]
    assert "Wie komt er op vr 27 nov?" in told.body.replace("\xa0", " ")
    assert "Eerst was het donderdag 26 november om 19.00 uur." in told.body


def test_it_is_asked_answered_and_read_on_pages(town: Town, browser_of: Callable[[str], Client]) -> None:
    anna, karima = browser_of("Anna"), browser_of("Karima")
    typed = {"ask_on": "2026-11-26", "answer_by": "2026-11-25", "begins_at": "19.00", "capacity": "30"}
    sent = message(town, "g4", title="Komt u kijken?", **{**PLAY, **typed})
    refused = anna.post(url("compose", STAFF), {**sent, "capacity": "veel"})
    assert "Typ voor hoeveel mensen er plek is" in page_text(refused)
    anna.post(url("compose", STAFF), sent)
    post = Post.objects.get()
    feed = page_text(karima.get(url("feed", FAMILY)))
    assert "Om 19.00 uur · de aula" in feed
    assert "Er is nog plek voor 30." in feed
    form = {"answer": YES, "heads": "3", "on": "2026-11-26", "van": "bord"}
    karima.post(url("answer", FAMILY, post.uid), form)
    assert "Komt u kijken? ja (3)" in page_text(karima.get(url("feed", FAMILY)))
    own = page_text(karima.get(url("post", FAMILY, post.uid)))
    assert "U kunt met hoogstens 30 komen." in own
    assert "Er is nog plek" not in own
    assert "3 van 30 plekken bezet" in page_text(anna.get(url("post", STAFF, post.uid)))
    page = page_text(anna.get(url("answers", STAFF, post.uid)))
    assert "Ja (1)" in page
    assert "· met 3" in page
    sheet = anna.post(url("answers_csv", STAFF, post.uid)).content.decode("utf-8-sig")
    assert next(line for line in sheet.splitlines() if "Noor" in line).endswith("3")


@pytest.mark.parametrize("by_mail", [False, True])
def test_a_no_is_a_no_whatever_number_stands_beside_it(
    town: Town, play: Post, browser_of: Callable[[str], Client], by_mail: bool
) -> None:
    """With a yes what is typed has to be a number, and it is said which."""
    mine = Post.objects.get(group=town.group["g4"])
    link = answer_url(user=town.user["Lotte"], post=mine.uid, ask_on=THURSDAY).partition("/antwoord")[2]
    there = f"/antwoord{link}" if by_mail else url("answer", FAMILY, mine.uid)
    browser = Client() if by_mail else browser_of("Lotte")
    for heads in ("0", "", "21", "veel"):
        browser.post(there, {"on": "2026-11-26", "answer": YES, "heads": "2"})
        assert taken(play) == 2
        if heads:
            refused = browser.post(there, {"on": "2026-11-26", "answer": YES, "heads": heads}, follow=True)
            assert "Typ een getal van 1 tot 20." in page_text(refused)
        kept = browser.post(there, {"on": "2026-11-26", "answer": NO, "heads": heads}, follow=True)
        assert "Uw antwoord is bewaard." in page_text(kept)
        assert taken(play) == 0


def test_where_there_is_less_room_by_now_one_may_come_with_fewer_or_not(town: Town, play: Post) -> None:
    """Places that are given back come to nobody, and are given back all the same."""
    says(town, "Karima", YES, 4)
    says(town, "Lotte", YES, 2)
    change(town, play, capacity=3)
    says(town, "Karima", YES, 4, at=LATER)
    with pytest.raises(NoRoomLeftError) as full:
        says(town, "Karima", YES, 5, at=LATER)
    assert (full.value.left, taken(Post.objects.get(pk=play.pk), LATER)) == (4, 6)
    says(town, "Karima", YES, 3, at=LATER)
    assert (taken(Post.objects.get(pk=play.pk), LATER), ask_of(town, "Karima", LATER).heads) == (5, 3)
    for child in ("Noor", "Ilyas"):
        says(town, "Karima", NO, child=child, at=LATER)
    assert taken(Post.objects.get(pk=play.pk), LATER) == 2
    with pytest.raises(NoRoomLeftError):
        says(town, "Thijs", YES, 2, at=LATER)


def test_the_number_is_of_all_together_also_where_each_child_is_answered_for(
    town: Town, play: Post, browser_of: Callable[[str], Client]
) -> None:
    """The page asks it beside each of them, and has what was typed before: four who come are not eight."""
    karima, there = browser_of("Karima"), url("answer", FAMILY, Post.objects.get(group=town.group["g4"]).uid)

    def answers(child: str, answer: str) -> int | None:
        form = {"answer": answer, "kind": str(town.child[child].uid), "on": "2026-11-26"}
        karima.post(there, form | ({"heads": "4"} if answer == YES else {}))
        return taken(play)

    given = [("Noor", YES), ("Ilyas", YES), ("Noor", NO), ("Noor", YES), ("Ilyas", NO), ("Noor", NO)]
    assert [answers(*one) for one in given] == [4, 4, 4, 4, 4, 0]


def test_the_number_of_all_together_is_of_both_parents(town: Town, play: Post) -> None:
    """Karima comes with four, for both children. Said reads those four beside each child, and says them for one."""
    given = [("Karima", YES, 4, ""), ("Said", YES, 4, "Ilyas"), ("Karima", YES, 4, "Noor"), ("Said", YES, 3, "Noor")]
    counted = []
    for minute, (name, answer, heads, child) in enumerate(given):
        says(town, name, answer, heads, child, at=later(minutes=minute))
        counted.append((taken(play, LATER), ask_of(town, "Said", LATER).heads))
    assert counted == [(4, 4), (4, 4), (4, 4), (3, 3)]


@pytest.mark.parametrize("name", ["Karima", "Said"])
@pytest.mark.parametrize("child", ["Noor", "Ilyas"])
def test_the_number_of_both_parents_stands_with_who_still_comes(town: Town, play: Post, name: str, child: str) -> None:
    says(town, "Karima", YES, 4)
    says(town, "Said", YES, 4, child, at=later(minutes=1))
    says(town, name, NO, child=child, at=later(minutes=2))
    assert (taken(play, LATER), ask_of(town, "Karima", LATER).said_heads) == (4, 4)


def test_two_parents_who_each_come_with_another_child_come_with_both_numbers(town: Town, play: Post) -> None:
    says(town, "Karima", YES, 2, "Noor")
    says(town, "Said", YES, 3, "Ilyas", at=later(seconds=1))
    assert taken(play, LATER) == 5
    moves(town, "Ilyas")
    assert (shown_at_school(town, LATER), taken(play, LATER)) == ({"Noor": 2}, 2)
