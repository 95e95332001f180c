"""What a message asks stands on a parent's board until it is answered, and each child has one answer (POL-28)."""

import html
import re
from datetime import date, datetime, time, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from groups.accounts.services.hats import hats_of
from groups.models import Guardianship, Holiday, Level, RestrictionKind
from groups.people.services.restrictions import restrict_person
from messaging.asks.domain import DONE, NO, NOT_YET, YES, AskRefusedError, NotAsked, stands, tidy_ask
from messaging.asks.models import AskAnswer
from messaging.asks.services.answering import answer_ask, forget_answers, heard_from
from messaging.asks.services.board import board_of
from messaging.asks.services.holding import AskedOtherwiseError
from messaging.models import AskKind, Post, WritingState
from messaging.posts.forms import content_of
from messaging.posts.services.posts import edit_post
from messaging.writings.domain.text import CONTENT
from messaging.writings.services.written import hide_written
from portal.core import access
from portal.core.actor import Actor
from portal.core.domain.moments import SCHOOL_ZONE
from tests.messaging.conftest import NOW, later
from tests.messaging.pages import FAMILY, STAFF, message, page_text, url

TODAY = date(2026, 11, 20)
MONDAY, WEDNESDAY = date(2026, 11, 23), date(2026, 11, 25)
LONG, DAY = "Woensdag 9 december van 8.30 tot 10.15 uur in het lokaal van groep 4", timedelta(days=1)
APRON = {"ask": AskKind.DO, "ask_on": MONDAY}
WOOD = {"ask": AskKind.YES_NO, "ask_on": WEDNESDAY, "answer_by": MONDAY}


@pytest.fixture
def wood(place):
    """Petra asks groep 4 and groep 7 whether the child comes along to the wood."""
    return place("Petra", "g4", "g7", title="Mee naar het bos?", **WOOD)


def board(town, name, at=NOW, child=None):
    user = town.user[name]
    return board_of(actor=Actor(user, FAMILY, at), hats=hats_of(user, now=at), child=child)


def says(town, name, post, answer, *children, at=NOW, on=None):
    chosen = [town.child[child].uid for child in children] or None
    by = Actor(town.user[name], FAMILY, at)
    return answer_ask(post=post, answer=answer, ask_on=on or post.ask_on, children=chosen, by=by)


def standing(town, name, at=NOW):
    """What stands for each child on somebody's board."""
    asks = board(town, name, at)
    return {one.child.first_name: one.answer for ask in (*asks.waiting, *asks.settled) for one in ask.children}


def test_it_stands_on_the_board_of_the_families_asked_once_for_siblings(town, wood):
    [ask] = board(town, "Karima").waiting
    assert [one.child.first_name for one in ask.children] == ["Ilyas", "Noor"]
    assert [one.child.first_name for one in board(town, "Lotte").waiting[0].children] == ["Fenna"]
    assert board(town, "Agnieszka").waiting == []
    assert board(town, "Thijs").waiting[0].children[0].child.first_name == "Mees"
    noor = town.child["Noor"].uid
    assert [one.child.first_name for one in board(town, "Karima", child=noor).waiting[0].children] == ["Noor"]


def test_an_answer_for_siblings_says_of_whom_it_is(town, wood, browser_of):
    says(town, "Karima", wood, "yes")
    assert "Mee naar het bos? Ilyas en Noor ja" in page_text(browser_of("Karima").get(url("feed", FAMILY)))
    says(town, "Karima", wood, "no", "Noor")
    assert "Mee naar het bos? Ilyas ja, Noor nee" in page_text(browser_of("Karima").get(url("feed", FAMILY)))


def test_what_the_writer_asks_carries_its_language_where_the_page_speaks_another(town, wood, place, browser_of):
    """A phone reads aloud and translates by it; what Kring itself says around it is in that of the page."""
    dish = {"ask": AskKind.CHOOSE, "ask_on": MONDAY, "answer_by": MONDAY, "options": "Soep\nPasta"}
    place("Anna", "g4", title="Wat eten we?", **dish)
    says(town, "Karima", wood, YES)
    type(town.user["Karima"]).objects.filter(pk=town.user["Karima"].pk).update(language="en")
    page = browser_of("Karima").get(url("feed", FAMILY)).content.decode()
    assert "On the board" in page
    assert page.count('<h3 lang="nl"><a') == 1
    assert page.count('lang="nl" name="chosen"') == 2
    assert '<b lang="nl">Mee naar het bos?</b>' in page
    days = browser_of("Karima").get(reverse("agenda:coming", args=[FAMILY])).content.decode()
    assert re.search(r'<a lang="nl" href="[^"]*">Mee naar het bos\?</a>', days)


def test_the_soonest_to_act_on_stands_first(town, place, wood):
    place("Anna", "g4", title="Schort mee", ask=AskKind.DO, ask_on=date(2026, 11, 24))
    place("Anna", "g4", title="Boek mee", ask=AskKind.DO, ask_on=date(2026, 11, 21))
    assert [ask.row.title for ask in board(town, "Karima").waiting] == ["Boek mee", "Mee naar het bos?", "Schort mee"]


@pytest.mark.parametrize(
    ("mother", "father", "comes"), [(YES, None, YES), (None, YES, YES), (YES, NO, NO), (NO, YES, NO), (NO, NO, NO)]
)
def test_either_parent_answers_and_a_no_stays(town, wood, mother, father, comes):
    for name, answer in (("Karima", mother), ("Said", father)):
        if answer:
            says(town, name, wood, answer)
    assert standing(town, "Karima") == standing(town, "Said") == {"Noor": comes, "Ilyas": comes}


def test_a_no_stays_until_its_giver_changes_it(town, wood):
    says(town, "Said", wood, NO)
    says(town, "Karima", wood, YES)
    [ask] = board(town, "Karima").settled
    assert all(one.is_overruled for one in ask.children)
    assert not any(one.is_overruled for one in board(town, "Said").settled[0].children)
    says(town, "Said", wood, YES)
    assert standing(town, "Karima") == {"Noor": YES, "Ilyas": YES}


BACK = "Zet terug op het bord"


def test_an_answer_is_taken_back_where_it_is_the_own_alone(town, wood, browser_of):
    """Who tapped by mistake could only say something else."""
    karima, said = browser_of("Karima"), browser_of("Said")
    page = url("post", FAMILY, wood.uid)
    assert BACK not in page_text(karima.get(page))
    says(town, "Karima", wood, NO)
    assert page_text(karima.get(page)).count(BACK) == 2
    assert BACK not in page_text(said.get(page))
    form = {"answer": "", "on": "2026-11-25", "kind": str(town.child["Noor"].uid)}
    back = karima.post(url("answer", FAMILY, wood.uid), form, follow=True)
    assert "Het staat weer op het bord." in page_text(back)
    assert standing(town, "Said") == {"Noor": NOT_YET, "Ilyas": NO}
    assert len(board(town, "Karima").waiting) == 1
    says(town, "Said", wood, YES, "Noor")
    says(town, "Karima", wood, YES, "Noor")
    assert page_text(karima.get(page)).count(BACK) == 1  # of Ilyas


def test_a_form_that_says_no_answer_takes_none_back(town, wood, browser_of):
    says(town, "Karima", wood, NO)
    said = browser_of("Karima").post(url("answer", FAMILY, wood.uid), {"on": "2026-11-25"}, follow=True)
    assert "Uw antwoord kwam niet aan." in page_text(said)
    assert standing(town, "Karima") == {"Noor": NO, "Ilyas": NO}


def test_after_the_last_day_nothing_is_taken_back(town, wood, browser_of):
    says(town, "Karima", wood, YES)
    with pytest.raises(PermissionDenied):
        says(town, "Karima", wood, NOT_YET, at=later(days=4))
    with time_machine.travel(later(days=4), tick=False):
        assert BACK not in page_text(browser_of("Karima").get(url("post", FAMILY, wood.uid)))


def test_staff_read_it_once_among_who_did_not_answer(town, wood, browser_of):
    says(town, "Lotte", wood, YES)
    says(town, "Lotte", wood, NOT_YET)
    text = page_text(browser_of("Anna").get(url("answers", STAFF, wood.uid)))
    assert text.count("Nog niets beantwoord") == 1


def test_siblings_may_differ(town, wood):
    says(town, "Karima", wood, YES, "Noor")
    [ask] = board(town, "Karima").waiting
    assert not ask.is_answered
    says(town, "Karima", wood, NO, "Ilyas")
    assert standing(town, "Said") == {"Noor": YES, "Ilyas": NO}


def test_a_tick_folds_away_in_one_home_only(town, place):
    apron = place("Anna", "g4", title="Schort mee", **APRON)
    says(town, "Karima", apron, DONE)
    assert [len(board(town, name).waiting) for name in ("Karima", "Said")] == [0, 1]
    says(town, "Karima", apron, NOT_YET)
    assert len(board(town, "Karima").waiting) == 1
    assert heard_from(apron, actor=Actor(town.user["Anna"], STAFF, NOW)) == []


def test_who_only_reads_along_answers_nothing(town, wood):
    assert board(town, "Riet").waiting == []
    assert [one.child.first_name for one in board(town, "Riet").settled[0].children] == ["Fenna"]
    with pytest.raises(PermissionDenied):
        says(town, "Riet", wood, YES)


@pytest.fixture
def reads_along(town):
    """Karima answers for Noor, and was only let in to read about Ilyas."""
    rows = Guardianship.objects.filter(caregiver=town.caregiver["Karima"], child=town.child["Ilyas"])
    rows.update(level=Level.ADMITTED_READER)
    access.reproject(users=[town.user["Karima"].pk])


@pytest.mark.usefixtures("reads_along")
def test_who_answers_for_one_child_and_reads_along_with_another_is_done_with_the_one(town, place, wood, browser_of):
    """It stood on the board for good, and was reminded of: what was said for the other such a reader does not find."""
    place("Petra", "g4", "g7", title="Schort mee", **APRON)
    assert [[one.child.first_name for one in ask.children] for ask in board(town, "Karima").waiting] == [["Noor"]] * 2
    says(town, "Said", wood, YES)
    says(town, "Karima", Post.objects.filter(title="Schort mee")[0], DONE)
    assert board(town, "Karima").waiting == []
    page = page_text(browser_of("Karima").get(url("post", FAMILY, wood.uid)))
    assert "Nog niets beantwoord" not in page


def test_who_only_reads_along_is_not_told_that_nobody_answered(town, wood, browser_of):
    says(town, "Lotte", wood, YES)
    riet = browser_of("Riet")
    with time_machine.travel(later(days=4), tick=False):
        pages = [page_text(riet.get(one)) for one in (url("post", FAMILY, wood.uid), url("feed", FAMILY))]
    assert not any("Nog niets beantwoord" in page or "geen antwoord gegeven" in page for page in pages)


@pytest.mark.parametrize("name", ["Agnieszka", "Anna", "Petra"])
def test_for_whom_nobody_is_asked_nobody_answers(town, wood, name):
    with pytest.raises(PermissionDenied):
        says(town, name, wood, YES)
    assert AskAnswer.objects.count() == 0


def test_who_finds_an_answer(town, wood):
    says(town, "Karima", wood, YES)
    found = {
        name: AskAnswer.objects.visible_to(Actor(town.user[name], FAMILY, NOW)).count()
        for name in ("Karima", "Said", "Lotte", "Riet", "Thijs", "Agnieszka", "Anna")
    }
    assert found == {"Karima": 2, "Said": 2} | dict.fromkeys(["Lotte", "Riet", "Thijs", "Agnieszka", "Anna"], 0)


def test_nobody_answers_for_another_s_child(town, wood):
    with pytest.raises(PermissionDenied):
        says(town, "Karima", wood, YES, "Fenna")


def test_a_no_of_who_has_no_say_any_more_counts_no_more(town, wood):
    says(town, "Said", wood, NO)
    says(town, "Karima", wood, YES)
    Guardianship.objects.filter(caregiver=town.caregiver["Said"]).update(valid_until=later(seconds=5))
    access.reproject(users=[town.user["Said"].pk])
    for at, comes in ((later(seconds=4), NO), (later(seconds=5), YES)):
        assert standing(town, "Karima", at) == {"Noor": comes, "Ilyas": comes}


@pytest.mark.parametrize(("kind", "asked"), [(RestrictionKind.LIMITED, 1), (RestrictionKind.SUSPENDED, 0)])
def test_who_is_limited_answers_for_the_own_child_and_who_is_suspended_finds_nothing(town, wood, kind, asked):
    petra = Actor(town.user["Petra"], STAFF, NOW)
    until = later(days=9)
    restrict_person(person=town.user["Karima"], school=town.school, kind=kind, until=until, case_uid=uuid4(), by=petra)
    assert len(board(town, "Karima").waiting) == asked
    if asked:
        says(town, "Karima", wood, YES)
        assert standing(town, "Said") == {"Noor": YES, "Ilyas": YES}
    else:
        with pytest.raises(AskedOtherwiseError):
            says(town, "Karima", wood, YES)


def test_staff_of_the_group_read_each_child_and_nobody_else_does(town, wood):
    says(town, "Karima", wood, YES)
    says(town, "Lotte", wood, NO)
    first = Post.objects.get(group=town.group["g4"])
    petra = Actor(town.user["Petra"], STAFF, NOW)
    assert {one.child.first_name: one.answer for one in heard_from(first, actor=petra)} == {
        **{"Noor": YES, "Fenna": NO},
        **{"Pim": NOT_YET, "Mees": NOT_YET},
    }
    for name, hat in (("Joost", STAFF), ("Karima", FAMILY), ("Thijs", FAMILY), ("Thijs", STAFF)):
        assert heard_from(first, actor=Actor(town.user[name], hat, NOW)) == []


def test_it_is_answered_until_the_end_of_the_day_and_leaves_the_board_after_its_own(town, wood):
    last = later(days=3, hours=9, minutes=49)
    assert board(town, "Karima", last).waiting
    says(town, "Lotte", wood, YES, at=last)
    over = last + timedelta(minutes=1)
    assert [len(half) for half in (board(town, "Karima", over).waiting, board(town, "Karima", over).settled)] == [0, 1]
    with pytest.raises(AskedOtherwiseError):
        says(town, "Karima", wood, YES, at=over)
    gone = over + timedelta(days=2)
    assert board(town, "Karima", gone - timedelta(seconds=1)).settled
    assert board(town, "Karima", gone).settled == []


@pytest.mark.parametrize("ask", [{"ask_on": date(2026, 11, 26), "answer_by": MONDAY}, {"ask": "do", "answer_by": None}])
def test_another_day_or_question_is_answered_anew(town, wood, ask):
    says(town, "Karima", wood, YES)
    words = {name: getattr(wood, name) for name in ("topic", "title", "text", "replies")}
    by = Actor(town.user["Petra"], STAFF, later(minutes=5))
    edit_post(post=wood, version=wood.version, together=True, by=by, **words, **(WOOD | ask))
    [again] = board(town, "Karima", later(minutes=6)).waiting
    assert again.is_anew
    with pytest.raises(AskedOtherwiseError):
        says(town, "Karima", wood, YES, at=later(minutes=6), on=date(2026, 11, 24))


def test_a_yes_while_the_day_is_being_changed_is_no_yes_to_the_new_day(town, wood):
    """Petra's change began before Karima answered, and was kept after it."""
    says(town, "Karima", wood, YES, at=later(minutes=6))
    words = {name: getattr(wood, name) for name in ("topic", "title", "text", "replies")}
    by = Actor(town.user["Petra"], STAFF, later(minutes=5))
    thursday = {"ask_on": date(2026, 11, 26)}
    edit_post(post=wood, version=wood.version, together=True, by=by, **words, **(WOOD | thursday))
    assert standing(town, "Karima", later(minutes=7)) == {"Noor": "", "Ilyas": ""}


def test_other_words_keep_the_answers(town, wood):
    says(town, "Karima", wood, YES)
    words = {name: getattr(wood, name) for name in ("topic", "title", "replies")}
    by = Actor(town.user["Petra"], STAFF, later(minutes=5))
    edit_post(post=wood, version=wood.version, together=True, text="Laarzen aan.", by=by, **words, **WOOD)
    assert standing(town, "Karima", later(minutes=6)) == {"Noor": YES, "Ilyas": YES}


def test_hidden_it_is_on_no_board_and_shown_again_with_its_answers(town, place):
    post = place("Anna", "g4", title="Mee?", **WOOD)
    says(town, "Karima", post, YES)
    hide_written(written=post, by=Actor(town.user["Petra"], STAFF, NOW))
    assert board(town, "Karima").settled == []
    with pytest.raises(PermissionDenied):
        says(town, "Lotte", post, YES)
    Post.objects.filter(pk=post.pk).update(state=WritingState.PUBLISHED, hidden_at=None, hidden_by=None)
    assert standing(town, "Karima") == {"Noor": YES}


def test_before_its_moment_it_is_on_no_board(town, place):
    post = place("Anna", "g4", title="Mee?", at=NOW + timedelta(seconds=30), **WOOD)
    assert board(town, "Karima").waiting == []
    with pytest.raises(AskedOtherwiseError):
        says(town, "Karima", post, YES)


def test_answers_are_forgotten_a_year_after_the_day(town, wood):
    says(town, "Karima", wood, YES)
    assert forget_answers(now=later(days=360)) == 0
    assert forget_answers(now=later(days=372)) == 2


@pytest.mark.parametrize(
    ("asked", "field", "why"),
    [
        ({"ask": "dance", "ask_on": MONDAY}, "ask", NotAsked.UNKNOWN),
        ({"ask": "do"}, "ask_on", NotAsked.NO_DAY),
        ({"ask": "do", "ask_on": TODAY - timedelta(days=1)}, "ask_on", NotAsked.PAST),
        ({"ask": "do", "ask_on": TODAY + timedelta(days=400)}, "ask_on", NotAsked.FAR),
        ({"ask": "yes_no", "ask_on": MONDAY, "answer_by": WEDNESDAY}, "answer_by", NotAsked.ANSWER_AFTER),
        (
            {"ask": "yes_no", "ask_on": MONDAY, "answer_by": TODAY - timedelta(days=1)},
            "answer_by",
            NotAsked.ANSWER_PAST,
        ),
    ],
)
def test_what_cannot_be_asked_is_refused_where_it_is_wrong(place, asked, field, why):
    with pytest.raises(AskRefusedError) as refused:
        place("Anna", "g4", **asked)
    assert (refused.value.field, refused.value.why) == (field, why)
    assert Post.objects.count() == 0


@pytest.mark.parametrize(
    ("asked", "at", "field"),
    [
        ({"ask": "do", "ask_on": WEDNESDAY}, WEDNESDAY, None),
        ({"ask": "do", "ask_on": WEDNESDAY}, WEDNESDAY + DAY, "ask_on"),
        ({"ask": "yes_no", "ask_on": WEDNESDAY, "answer_by": WEDNESDAY - DAY}, WEDNESDAY, "answer_by"),
        ({"ask": "yes_no", "ask_on": WEDNESDAY, "answer_at": time(9)}, WEDNESDAY, None),
        ({"ask": "yes_no", "ask_on": WEDNESDAY, "answer_at": time(8)}, WEDNESDAY, "answer_at"),
    ],
)
def test_what_is_over_before_it_is_read_is_not_asked(town, place, asked, at, field):
    """Also where its moment is planned, and where a planned one is changed."""
    moment = datetime.combine(at, time(8), SCHOOL_ZONE)
    if field is None:
        assert place("Anna", "g4", at=moment, **asked).ask
        return
    with pytest.raises(AskRefusedError) as refused:
        place("Anna", "g4", at=moment, **asked)
    assert refused.value.field == field
    post = place("Anna", "g4", at=moment)
    content = {name: getattr(post, name) for name in CONTENT} | asked
    with pytest.raises(AskRefusedError) as refused:
        edit_post(post=post, version=post.version, by=Actor(town.user["Anna"], STAFF, NOW), **content)
    assert refused.value.field == field


def test_where_no_children_are_nothing_is_asked(town, place):
    with pytest.raises(AskRefusedError) as refused:
        place("Petra", "@team", **APRON)
    assert refused.value.why == NotAsked.NO_CHILDREN


def test_a_day_after_the_school_year_is_asked_about_in_the_groups_of_then(town, place):
    """From 1 August on nobody is in this group: what was answered before stands on no list any more."""
    ends = town.year.ends_at.astimezone(SCHOOL_ZONE).date()
    place("Anna", "g4", **{**APRON, "ask_on": ends - timedelta(days=1)})
    with pytest.raises(AskRefusedError) as refused:
        place("Anna", "g4", **{**APRON, "ask_on": ends + timedelta(days=1)})
    assert (refused.value.field, refused.value.why) == ("ask_on", NotAsked.NEXT_YEAR)


def test_without_a_day_to_answer_it_is_the_day_itself():
    asked = tidy_ask({"topic": "", "title": "", "text": "", "replies": "", "ask": "yes_no", "ask_on": MONDAY})
    assert (asked["ask"], asked["ask_on"], asked["answer_by"]) == ("yes_no", MONDAY, MONDAY)


@given(st.lists(st.sampled_from([YES, NO])))
def test_a_no_always_wins(answers):
    assert stands(answers) == (NO if NO in answers else YES if answers else NOT_YET)


def test_the_same_message_on_a_page(town, browser_of):
    anna, karima, lotte = (browser_of(name) for name in ("Anna", "Karima", "Lotte"))
    sent = message(town, "g4", title="Mee naar het bos?", ask="yes_no", ask_on="2026-11-25", answer_by="23-11-2026")
    placed = anna.post(url("compose", STAFF), sent, follow=True)
    post = Post.objects.get()
    assert (post.ask, post.ask_on, post.answer_by) == ("yes_no", WEDNESDAY, MONDAY)
    assert "Op het bord van ouders" in page_text(placed)
    feed = karima.get(url("feed", FAMILY))
    assert "Antwoord uiterlijk ma 23 nov." in page_text(feed)
    form = {"answer": "yes", "on": "2026-11-25", "van": "bord"}
    back = karima.post(url("answer", FAMILY, post.uid), form)
    assert back.url == f"{url('feed', FAMILY)}#bord"
    assert "Mee naar het bos? ja" in page_text(karima.get(url("feed", FAMILY)))
    lotte.post(url("answer", FAMILY, post.uid), form | {"answer": "no", "kind": str(town.child["Fenna"].uid)})
    assert "1 ja · 1 nee · 2 nog niets" in page_text(anna.get(url("post", STAFF, post.uid)))
    names = page_text(anna.get(url("answers", STAFF, post.uid)))
    assert names.index("Noor") < names.index("Fenna") < names.index("Mees")


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"answer": "maybe", "on": "2026-11-25"},
        {"answer": "done", "on": "2026-11-25"},
        {"answer": "yes"},
        {"answer": "yes", "van": "bord"},
    ],
)
def test_what_is_no_answer_is_said_and_nothing_is_kept(town, wood, browser_of, form):
    """At the top of the page, where the sentence is: below it a refusal was not in sight."""
    page = url("feed" if "van" in form else "post", FAMILY, *([] if "van" in form else [wood.uid]))
    said = browser_of("Karima").post(url("answer", FAMILY, wood.uid), form, follow=True)
    assert said.redirect_chain == [(page, 302)]
    assert "Uw antwoord kwam niet aan." in page_text(said)
    assert AskAnswer.objects.count() == 0


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"ask": "do"}, "Kies de dag waar het om gaat."),
        ({"ask": "choose", "ask_on": WEDNESDAY, "options": f"Ja\n{LONG}"}, "Op een regel passen zestig tekens."),
        ({"ask": "help", "ask_on": WEDNESDAY, "tasks": LONG}, "Op een regel passen zestig tekens."),
    ],
)
def test_a_refused_ask_keeps_what_was_typed(town, browser_of, asked, why):
    refused = browser_of("Anna").post(url("compose", STAFF), message(town, "g4", **asked))
    assert refused.status_code == 422
    assert why in page_text(refused)
    assert "Herfst op tafel" in refused.content.decode()
    assert asked.get("options", "") in html.unescape(refused.content.decode())


def test_the_day_to_answer_that_was_not_typed_is_not_shown_as_if_it_was(town, wood, place):
    """It moves along with the day of the question."""
    trip = place("Anna", "g4", ask="yes_no", ask_on=WEDNESDAY)
    assert (trip.answer_by, content_of(trip)["answer_by"]) == (WEDNESDAY, None)
    assert content_of(wood)["answer_by"] == wood.answer_by != wood.ask_on


def test_sent_again_with_a_question_or_to_one_more_group_nothing_of_it_is_lost(town, browser_of):
    """After Back the form says more than it did: that is no second click."""
    petra = browser_of("Petra")
    sent = message(town, "g4", title="Mee naar het bos?")
    petra.post(url("compose", STAFF), sent)
    petra.post(url("compose", STAFF), sent)
    assert [(post.group.name, post.ask) for post in Post.objects.order_by("pk")] == [("Groep 4", "")]
    both = {**sent, "groep": [*sent["groep"], str(town.group["g7"].uid)]}
    both.pop("shown", None)
    petra.post(url("compose", STAFF), both)
    petra.post(url("compose", STAFF), both)
    assert [post.group.name for post in Post.objects.order_by("pk")] == ["Groep 4", "Groep 7"]
    petra.post(url("compose", STAFF), {**sent, "ask": "yes_no", "ask_on": "2026-11-25"})
    assert [(post.group.name, post.ask) for post in Post.objects.order_by("pk")][2:] == [("Groep 4", "yes_no")]


def test_what_is_asked_about_a_day_is_found_by_its_day(town, place, wood):
    place("Anna", "g4", title="Schort mee", **APRON)
    reader, day = Actor(town.user["Karima"], FAMILY, NOW), timedelta(days=1)

    def found(first, last):
        return {post.title for post in Post.objects.asking_between(reader, first, last)}

    assert found(MONDAY, MONDAY) == {"Schort mee"}
    assert found(MONDAY + day, WEDNESDAY) == {"Mee naar het bos?"}
    assert found(MONDAY, WEDNESDAY) == {"Schort mee", "Mee naar het bos?"}
    assert found(WEDNESDAY + day, WEDNESDAY + 9 * day) == found(TODAY, MONDAY - day) == set()


def test_a_day_ends_what_is_answered_until_then_and_what_is_brought_then(town, place, wood):
    place("Anna", "g4", title="Schort mee", **APRON)
    place("Anna", "g4", title="Gymtas mee", ask=AskKind.DO, ask_on=WEDNESDAY)
    ends = {day: {post.title for post in Post.objects.to_answer_by(day)} for day in (TODAY, MONDAY, WEDNESDAY)}
    assert ends == {TODAY: set(), MONDAY: {"Schort mee", "Mee naar het bos?"}, WEDNESDAY: {"Gymtas mee"}}


def test_an_answer_counts_where_its_giver_still_talks_about_that_child(town, wood):
    says(town, "Karima", wood, "yes")
    bonds = Guardianship.objects.filter(caregiver__user=town.user["Karima"])
    bonds.filter(child=town.child["Noor"]).update(valid_until=later(minutes=1))
    counted = AskAnswer.objects.counted(now=later(minutes=2)).values_list("child__first_name", flat=True)
    assert set(counted) == {"Ilyas"}


def test_who_asks_about_a_day_off_reads_that(town, place, browser_of):
    """Who helps on the study day, and nobody at school. Who may not change it is told nothing."""
    Holiday.objects.create(school=town.school, name="Studiedag", first_day=MONDAY, last_day=MONDAY)
    said = "Op maandag 23 november is er geen school. Klopt dat?"
    sent = message(town, "g4") | {"ask": "help", "ask_on": f"{MONDAY}", "tasks": "Soep maken, 3"}
    assert said in page_text(browser_of("Anna").post(url("compose", STAFF), sent, follow=True))
    post = Post.objects.get()
    for name, hat in (("Karima", FAMILY), ("Petra", STAFF)):
        assert said not in page_text(browser_of(name).get(url("post", hat, post.uid)))
    other = place(**{**APRON, "ask_on": WEDNESDAY})
    assert said not in page_text(browser_of("Anna").get(url("post", STAFF, other.uid)))
