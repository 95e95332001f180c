"""A message goes out at its moment: before it nobody reads it, and its writer can call it back with all it holds."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError

from consent.asking.domain.purposes import Says
from groups.models import ContactChoice, NewsKind, Way
from messaging.keeping.services import CALLED_BACK, COMPOSE, kept
from messaging.models import Post, WritingState
from messaging.newsletter.mail.gathering import gather
from messaging.newsletter.models import DigestEdition
from messaging.photos.models import Image
from messaging.photos.views.picking import pictures_in
from messaging.posts.services.posts import edit_post
from messaging.removing.services import removal
from messaging.removing.services.removal import TooLateToCallBackError, call_back, note_report
from messaging.writings.domain.text import CONTENT
from portal.core.actor import Actor
from portal.core.domain.moments import at_school
from portal.core.models import OutboxItem
from tests.messaging.conftest import NOW, later
from tests.messaging.consent import answer, sees
from tests.messaging.pages import FAMILY, STAFF, message, page_text, url
from tests.messaging.talk import named_in, start

SOON = timedelta(seconds=30)


@pytest.fixture
def waiting(place):
    """Anna's message to groep 4 that goes out in thirty seconds."""
    return place(at=NOW + SOON)


def reads(town, name, hat, at, post):
    return Post.objects.visible_to(Actor(town.user[name], hat, at)).filter(pk=post.pk).exists()


@pytest.mark.parametrize(
    ("name", "hat", "before"), [("Karima", FAMILY, False), ("Anna", STAFF, True), ("Petra", STAFF, True)]
)
def test_until_its_moment_only_its_writer_and_who_moderates_read_it(town, waiting, name, hat, before):
    second = timedelta(seconds=1)
    assert reads(town, name, hat, NOW + SOON - second, waiting) is before
    assert reads(town, name, hat, NOW + SOON, waiting)


def test_letters_ask_the_same(town, waiting):
    people = [town.user["Karima"], town.user["Anna"]]
    for at, readers in ((NOW, {"Anna"}), (NOW + SOON, {"Karima", "Anna"})):
        pairs = Post.objects.visible_pairs(people, now=at)
        assert {user for user, _ in pairs} == {town.user[name].pk for name in readers}


def test_nobody_answers_before_its_moment(town, waiting):
    for at, may in ((NOW, False), (NOW + SOON, True)):
        anna = Actor(town.user["Anna"], STAFF, at)
        assert Post.objects.answerable_by(anna).filter(pk=waiting.pk).exists() is may


def test_a_mail_per_message_is_of_its_moment(town, place):
    ContactChoice.objects.create(
        user=town.user["Karima"], school=town.school, kind=NewsKind.STORIES, way=Way.MESSAGE, chosen_at=NOW
    )
    post = place(at=later(days=3))
    [edition] = DigestEdition.objects.all()
    assert edition.window_from < post.placed_at <= edition.cut_at
    [mail] = OutboxItem.objects.filter(subject_uid=edition.uid)
    assert mail.due_at > post.placed_at
    call_back(post=post, by=Actor(town.user["Anna"], STAFF, NOW))
    assert gather(edition, [town.user["Karima"].pk], now=mail.due_at).entries_for(town.user["Karima"].pk) == []


def test_called_back_it_is_gone_everywhere_and_stands_in_the_form_again(town, place, photos):
    [image] = photos(1, "g4", "g7", by="Petra", title="Terug", at=NOW + SOON)
    petra = Actor(town.user["Petra"], STAFF, later(seconds=10))
    post = Post.objects.order_by("pk").first()
    call_back(post=post, by=petra)
    assert {one.state for one in Post.objects.all()} == {WritingState.RETRACTED}
    before = kept(CALLED_BACK, by=petra)
    assert before.fields["title"] == "Terug"
    assert set(before.fields.getlist("groep")) == {str(town.group[key].uid) for key in ("g4", "g7")}
    assert before.fields.getlist("photo") == [str(image.uid)]
    assert Image.objects.placeable_by(town.user["Petra"]).filter(uid=image.uid).exists()
    assert (
        not Image.objects.visible_to(Actor(town.user["Karima"], FAMILY, later(days=1))).filter(uid=image.uid).exists()
    )


def test_what_was_called_back_before_it_comes_after_it(town, place, browser_of):
    """Two that are called back one after the other are both there: nothing of the first is lost."""
    anna = Actor(town.user["Anna"], STAFF, NOW)
    for title in ("Eerst", "Daarna"):
        call_back(post=place(title=title, at=NOW + SOON), by=anna)
    browser, compose = browser_of("Anna"), url("compose", STAFF)

    def stands() -> str:
        return re.search(r'name="title"[^>]*value="([^"]*)"', browser.get(compose).content.decode())[1]

    assert stands() == "Daarna"
    browser.post(url("keep_text", STAFF, CALLED_BACK), {"title": "", "text": ""})
    browser.post(url("keep_text", STAFF, CALLED_BACK), {"title": "Daarna toch", "text": "Zo."})
    assert stands() == "Daarna toch"
    sent = message(town, "g4", title="Daarna toch", text="Zo.", kept_as=CALLED_BACK)
    assert browser.post(compose, sent).status_code == 302
    assert stands() == "Eerst"
    browser.post(url("keep_text", STAFF, CALLED_BACK), {"forget": "1"})
    assert kept(CALLED_BACK, by=anna) is None


def test_nobody_on_it_said_for_another_group_says_nothing_here(town, place, photos):
    """A no of a child of groep 7 finds the photo, as if it had never stood in groep 4 with its marks."""
    [image] = photos(1, "g4", by="Petra", marks=(), at=later(hours=12))
    petra = Actor(town.user["Petra"], STAFF, later(minutes=1))
    call_back(post=Post.objects.get(), by=petra)
    again = pictures_in(kept(CALLED_BACK, by=petra).fields)
    assert [one.marks for one in again] == [None]
    place("Petra", "g7", pictures=again, declared=True, now=later(minutes=2))
    assert sees(town, "Said", image, now=later(minutes=3))
    answer(town, "Ilyas", Says.NO, now=later(minutes=4))
    assert not sees(town, "Said", image, now=later(minutes=5))


@pytest.mark.parametrize(("marks", "is_sent"), [(["Noor"], True), (["Fenna"], False), (["Noor", "Fenna"], False)])
def test_in_a_conversation_instead_it_shows_its_child_and_nobody_who_was_marked(
    town, photos, browser_of, marks, is_sent
):
    [image] = photos(1, "g4", marks=marks, at=later(hours=12))
    call_back(post=Post.objects.get(), by=Actor(town.user["Anna"], STAFF, NOW))
    thread = start(town)
    sent = {"text": "Hier is de foto.", "photo": [str(image.uid)], "declared": "on", "shown": named_in(thread)}
    answered = browser_of("Anna").post(url("thread", STAFF, thread.uid), sent)
    assert sees(town, "Karima", image, now=later(hours=1)) is is_sent
    if is_sent:
        assert answered.status_code == 302
    else:
        assert answered.status_code == 422
        assert "Op foto 1 is iemand anders aangewezen. Laat die hier weg." in page_text(answered)
        assert "Hier is de foto." in answered.content.decode()
        assert "Fenna" not in answered.content.decode()
        assert image.depictions.filter(is_on=True).count() == len(marks)


def test_what_went_out_is_not_called_back_and_its_photos_are_not_free(town, photos):
    [image] = photos(1)
    post, anna = Post.objects.get(), Actor(town.user["Anna"], STAFF, NOW)
    with pytest.raises(TooLateToCallBackError):
        call_back(post=post, by=anna)
    post.refresh_from_db()
    assert post.state == WritingState.PUBLISHED
    assert not Image.objects.placeable_by(town.user["Anna"]).filter(uid=image.uid).exists()


def test_changed_before_its_moment_it_does_not_say_edited(town, waiting):
    content = {name: getattr(waiting, name) for name in CONTENT} | {"title": "Anders"}
    for at, edited in ((NOW, None), (NOW + SOON, NOW + SOON)):
        waiting.refresh_from_db()
        changed = edit_post(
            post=waiting, version=waiting.version, by=Actor(town.user["Anna"], STAFF, at), **content | {"text": str(at)}
        )
        assert changed[0].edited_at == edited


@time_machine.travel(NOW, tick=False)
def test_placing_waits_half_a_minute_and_the_page_offers_the_way_back(town, browser_of, settings):
    settings.KRING_UNDO_SECONDS = 30
    anna, karima = browser_of("Anna"), browser_of("Karima")
    placed = anna.post(url("compose", STAFF), message(town, "g4"), follow=True)
    post = Post.objects.get()
    assert post.published_at == NOW + SOON
    text = page_text(placed)
    assert "Groep 4 · 3 van 4 gezinnen lezen dit" in text
    assert "Staat er over 30 seconden." in text
    assert "Maak ongedaan" in text
    assert karima.get(url("post", FAMILY, post.uid)).status_code == 404
    back = anna.post(url("call_back", STAFF, post.uid), follow=True)
    assert back.redirect_chain == [(url("compose", STAFF), 302)]
    assert "Het is niet geplaatst." in page_text(back)
    assert 'value="Herfst op tafel"' in back.content.decode()


@pytest.mark.parametrize(("ahead", "keeps"), [(timedelta(days=3), True), (SOON, False)])
def test_called_back_it_keeps_the_moment_that_was_chosen(town, place, browser_of, settings, ahead, keeps):
    """Placed for now it goes now; and the day to answer that nobody typed is not typed either."""
    settings.KRING_UNDO_SECONDS = 30
    planned = place(at=NOW + ahead, ask="yes_no", ask_on=(NOW + timedelta(days=9)).date())
    with time_machine.travel(NOW, tick=False):
        page = browser_of("Anna").post(url("call_back", STAFF, planned.uid), follow=True)
    form = page.context["form"]
    assert (form.initial.get("when") == "other", "at" in form.initial) == (keeps, keeps)
    assert not form.initial["answer_by"]
    if keeps:
        assert f'value="{at_school(planned.placed_at):%Y-%m-%dT%H:%M}"' in page.content.decode()


@time_machine.travel(NOW, tick=False)
def test_called_back_twice_leads_to_its_words(town, browser_of, waiting):
    """A double click: the second one was a page that is not there."""
    anna = browser_of("Anna")
    with time_machine.travel(NOW, tick=False):
        answers = [anna.post(url("call_back", STAFF, waiting.uid), follow=True) for _ in range(2)]
    assert [answer.redirect_chain for answer in answers] == [[(url("compose", STAFF), 302)]] * 2
    assert waiting.title in answers[1].content.decode()


def test_what_was_begun_since_is_still_there_after_it(town, browser_of, waiting):
    anna = browser_of("Anna")
    anna.post(url("keep_text", STAFF, COMPOSE), {"title": "Iets nieuws"})
    page = anna.post(url("call_back", STAFF, waiting.uid), follow=True).content.decode()
    assert 'value="Herfst op tafel"' in page
    again = message(town, "g4", kept_as=CALLED_BACK)
    assert f'name="kept_as" value="{CALLED_BACK}"' in page
    anna.post(url("compose", STAFF), again)
    assert 'value="Iets nieuws"' in anna.get(url("compose", STAFF)).content.decode()


@time_machine.travel(NOW, tick=False)
def test_too_late_says_so(town, browser_of):
    anna = browser_of("Anna")
    anna.post(url("compose", STAFF), message(town, "g4"))
    response = anna.post(url("call_back", STAFF, Post.objects.get().uid), follow=True)
    assert "Het staat er al." in page_text(response)
    assert Post.objects.get().state == WritingState.PUBLISHED


@time_machine.travel(NOW, tick=False)
def test_nobody_else_calls_it_back(town, browser_of, waiting):
    assert browser_of("Petra").post(url("call_back", STAFF, waiting.uid)).status_code == 403
    assert browser_of("Karima").post(url("call_back", FAMILY, waiting.uid)).status_code == 404
    waiting.refresh_from_db()
    assert waiting.state == WritingState.PUBLISHED


@pytest.mark.parametrize(
    ("clock", "first", "goes_out"),
    [("2026-11-20T13:10:00Z", "nu", None), ("2026-11-20T19:00:00Z", "maandag 23 november", "2026-11-23T07:00:00Z")],
)
def test_outside_working_hours_the_next_working_day_comes_first(town, browser_of, clock, first, goes_out):
    """POL-27."""
    with time_machine.travel(clock, tick=False):
        anna = browser_of("Anna")
        page = anna.get(url("compose", STAFF)).content.decode()
        row = page[page.index("<b>Wanneer</b>") :]
        assert row[: row.index("</summary>")].count(first) == 1
        anna.post(url("compose", STAFF), message(town, "g4", when="work"))
    post = Post.objects.get()
    assert post.published_at.isoformat() == (goes_out or clock).replace("Z", "+00:00")


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("at", "status"),
    [("2026-11-23T08:00", 302), ("2026-11-20T08:00", 422), ("2027-11-20T08:00", 422), ("straks", 422), ("", 422)],
)
def test_another_moment_is_one_of_the_coming_month(town, browser_of, at, status):
    response = browser_of("Anna").post(url("compose", STAFF), message(town, "g4", when="other", at=at))
    assert response.status_code == status
    assert Post.objects.count() == (status == 302)
    if status == 422:
        assert "In het park." in response.content.decode()


def test_in_the_list_of_who_works_there_it_says_when(town, place, browser_of):
    with time_machine.travel(NOW, tick=False):
        place(at=later(days=3))
        assert "staat er maandag 23 november om 14.10 uur" in page_text(browser_of("Anna").get(url("feed", STAFF)))
        assert "Herfst op tafel" not in page_text(browser_of("Karima").get(url("feed", FAMILY)))


PRAISE = "Je prijst één kind: Noor."


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Noor heeft de schaakbeker gewonnen!", True),
        ("Knap van NOOR: een medaille.", True),
        ("Noor las voor uit haar boek.", False),
        ("Wat zijn wij trots op groep 4!", False),
        ("Noor en Fenna wonnen samen.", False),
    ],
)
def test_who_praises_one_child_is_asked_whether_every_child_can_reach_it(town, place, browser_of, text, asks):
    """POL-22: before anybody read it, and of its writer only."""
    post = place(at=NOW + SOON, text=text)
    with time_machine.travel(NOW, tick=False):
        page = page_text(browser_of("Anna").get(url("post", STAFF, post.uid)))
        assert (PRAISE in page) is asks
        assert PRAISE not in page_text(browser_of("Petra").get(url("post", STAFF, post.uid)))
    with time_machine.travel(NOW + SOON, tick=False):
        assert PRAISE not in page_text(browser_of("Anna").get(url("post", STAFF, post.uid)))


def test_called_back_under_report_its_writer_sees_no_difference(town, place, browser_of):
    """The page that refused it told who was reported; and the words were not in the form again (docs/adr/0015)."""
    anna, answers = browser_of("Anna"), []
    for is_reported in (False, True):
        with time_machine.travel(NOW, tick=False):
            post = place(title="Herfst op tafel", at=NOW + SOON)
            if is_reported:
                note_report(written=post, now=NOW)
            answer = anna.post(url("call_back", STAFF, post.uid), follow=True)
        state = Post.objects.get(pk=post.pk).state
        answers.append((answer.redirect_chain, 'value="Herfst op tafel"' in answer.content.decode(), state))
    assert answers == [
        ([(url("compose", STAFF), 302)], True, "retracted"),
        ([(url("compose", STAFF), 302)], True, "removed"),
    ]


def test_called_back_its_words_are_kept_or_it_stands(town, waiting, monkeypatch):
    """One transaction: gone from the group and not in the form again, they would be lost."""

    def full(**_):
        raise DatabaseError

    monkeypatch.setattr(removal, "keep_called_back", full)
    with pytest.raises(DatabaseError):
        call_back(post=waiting, by=Actor(town.user["Anna"], STAFF, NOW))
    assert Post.objects.get(pk=waiting.pk).state == WritingState.PUBLISHED
