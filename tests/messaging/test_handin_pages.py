"""Drafts handed in, on the pages: found in the menu, judged with what was changed in sight, and nothing for others."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from groups.models import SchoolYear
from groups.roles import Hat
from messaging.handins.mail import render_handins
from messaging.models import Handin, Placement, Post
from messaging.removing.services.removal import remove_written, retract_written
from messaging.writings.services.written import hide_written
from portal.core.actor import Actor
from portal.core.models import OutboxItem
from tests.kept import is_kept_until_it_arrived
from tests.messaging import photo_files
from tests.messaging.conftest import NOW, later
from tests.messaging.consent import begin, everybody_agrees
from tests.messaging.drafts import WORDS, act_on, add_editor, hand_in
from tests.messaging.pages import message, page_text, url
from tests.messaging.talk import FAMILY, STAFF

KINDS = ["council", "school", "advice"]


def form(**more):
    return {**WORDS, "key": str(uuid4()), "word": "", **more}


def judged(handin, act="approve", **more):
    return {**WORDS, "version": Handin.objects.get(pk=handin.pk).version, "act": act, "word": "", **more}


def test_the_council_hands_in_the_directie_changes_and_places(town, browser_of):
    lotte, petra = browser_of("Lotte"), browser_of("Petra")
    assert "namens de MR" in page_text(lotte.get(url("hand_in", FAMILY)))
    done = lotte.post(url("hand_in", FAMILY), form(), follow=True)
    assert "Er komt een mail zodra er antwoord is." in page_text(done)
    handin = Handin.objects.get()
    feed = petra.get(url("feed", STAFF))
    assert "1 wacht op jou" in page_text(feed)
    assert "De MR zoekt leden" in page_text(petra.get(reverse("desk:index")))
    page = url("handin", STAFF, handin.uid)
    assert "Lotte Bouzid, namens de MR" in page_text(petra.get(page))
    petra.post(page, judged(handin, text="Wie denkt er dit jaar met ons mee?"))
    assert Post.objects.get().state == "published"
    told = page_text(lotte.get(url("handin", FAMILY, handin.uid)))
    assert "Wat er is gewijzigd" in told
    assert "nieuw: dit jaar" in told
    read = page_text(browser_of("Karima").get(url("feed", FAMILY)))
    assert "Lotte Bouzid (namens de MR)" in read
    assert "dit jaar" in read
    again = petra.post(page, judged(handin), follow=True)
    assert "Iemand anders gaf intussen antwoord." in page_text(again)
    assert "concept wacht op jou" not in page_text(petra.get(url("feed", STAFF)))


def test_giving_back_asks_for_a_word(town, browser_of):
    handin, petra = hand_in(town), browser_of("Petra")
    page = url("handin", STAFF, handin.uid)
    assert petra.post(page, judged(handin, "return", word=" ")).status_code == 422
    proposal = judged(handin, "return", word="Noem de datum.", text="Wie denkt er met ons mee op de 3e?")
    assert petra.post(page, proposal).status_code == 302
    lotte = browser_of("Lotte")
    told = page_text(lotte.get(url("handin", FAMILY, handin.uid)))
    assert ("Noem de datum." in told, "nieuw: mee op de 3e?" in told) == (True, True)
    change = url("change_handin", FAMILY, handin.uid)
    assert "Wie denkt er met ons mee op de 3e?" in page_text(lotte.get(change))
    fields = form(version=Handin.objects.get().version, text="Op 3 december.", photos_here="1")
    assert lotte.post(change, {**fields, "version": 1}).status_code == 409
    assert lotte.post(change, fields).status_code == 302
    assert Handin.objects.get().state == "waiting"


def test_in_doubt_a_teacher_lets_the_directie_read_first(town, browser_of):
    anna, petra = browser_of("Anna"), browser_of("Petra")
    assert "Vraag eerst de directie" in page_text(anna.get(url("compose", STAFF)))
    assert "Vraag eerst de directie" not in page_text(petra.get(url("compose", STAFF)))
    sent = {**message(town, "g4"), "act": "advice", "shown": [str(town.group["g4"].uid)]}
    done = anna.post(url("compose", STAFF), sent, follow=True)
    assert "De directie leest eerst mee." in page_text(done)
    again = anna.post(url("compose", STAFF), sent, follow=True)
    assert again.redirect_chain == done.redirect_chain
    [handin] = Handin.objects.all()
    petra.post(url("handin", STAFF, handin.uid), judged(handin, word="Mooi."))
    assert Handin.objects.get().state == "agreed"
    assert Post.objects.get().state == "submitted"
    change = url("change_handin", STAFF, handin.uid)
    assert "Plaats" in page_text(anna.get(change))
    fields = form(version=2, act="place", title="Herfst op tafel", text="In het park.", topic="update")
    assert anna.post(change, fields).status_code == 302
    assert Post.objects.get().state == "published"


SUNDAY = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "at"),
    [
        ({}, SUNDAY + timedelta(seconds=30)),
        ({"when": "work"}, MONDAY),
        ({"when": "other", "at": "2026-11-24T09:30"}, datetime(2026, 11, 24, 8, 30, tzinfo=UTC)),
    ],
    ids=["now", "at work again", "another moment"],
)
@pytest.mark.parametrize("kind", ["council", "advice"])
def test_what_was_handed_in_is_placed_at_a_moment_too(town, browser_of, settings, kind, asked, at):
    """It went out at once, on a Sunday evening, without the way back that any other message has (ADR 0048)."""
    settings.KRING_UNDO_SECONDS = 30
    handin = hand_in(town, kind)
    if kind == "advice":
        act_on(town, handin, "agree")
    with time_machine.travel(SUNDAY, tick=False):
        placer = browser_of("Petra" if kind == "council" else "Anna")
        page = url("handin" if kind == "council" else "change_handin", STAFF, handin.uid)
        assert "morgen om 8.00 uur" in page_text(placer.get(page))
        act = "approve" if kind == "council" else "place"
        wrong = judged(handin, act, when="other", at="2026-11-21T09:30")
        refused = placer.post(page, wrong)
        assert (refused.status_code, "Kies een moment" in page_text(refused)) == (422, True)
        assert placer.post(page, judged(handin, act, **asked)).status_code == 302
    post = Post.objects.get()
    assert post.published_at == at
    reads = Post.objects.visible_to
    karima = [
        reads(Actor(town.user["Karima"], FAMILY, at + wait)).exists() for wait in (timedelta(seconds=-1), timedelta())
    ]
    assert karima == [False, True]


def test_what_is_placed_for_later_is_not_called_placed_before(town, browser_of):
    """On Sunday evening the writer was mailed that it was placed, and looked for it in vain."""
    handin, then = hand_in(town), "Het staat er dinsdag 24 november om 9.30 uur."
    with time_machine.travel(SUNDAY, tick=False):
        sent = judged(handin, when="other", at="2026-11-24T09:30")
        done = page_text(browser_of("Petra").post(url("handin", STAFF, handin.uid), sent, follow=True))
        own = page_text(browser_of("Lotte").get(url("handin", FAMILY, handin.uid)))
    assert f"{then} De schrijver krijgt een mail." in done
    assert "Staat er dinsdag 24 november om 9.30 uur." in own
    rows = list(OutboxItem.objects.filter(kind="handin", recipient=town.user["Lotte"]))
    subjects = [mail.subject for at in (SUNDAY, NOW + timedelta(days=5)) for mail in render_handins(rows, at)]
    assert subjects == [then.removesuffix("."), "Het bericht is geplaatst"]


@pytest.mark.parametrize(("at", "status"), [("2026-11-24T09:29", 302), ("2026-11-24T09:30", 422)])
@pytest.mark.parametrize("way", ["compose", "council", "advice"])
def test_nothing_is_planned_over_the_end_of_the_school_year(town, browser_of, way, at, status):
    """It was promised, held within a minute of the new year, and nobody could decide on it any more."""
    SchoolYear.objects.update(ends_at=datetime(2026, 11, 24, 8, 30, tzinfo=UTC))
    if way == "compose":
        sent = {**message(town, "g4"), "when": "other", "at": at}
        placed = browser_of("Anna").post(url("compose", STAFF), sent)
    else:
        handin = hand_in(town, way)
        act_on(town, handin, "agree") if way == "advice" else None
        name, route, act = ("Anna", "change_handin", "place") if way == "advice" else ("Petra", "handin", "approve")
        placed = browser_of(name).post(url(route, STAFF, handin.uid), judged(handin, act, when="other", at=at))
    refused = "De nieuwe groepen zijn er vanaf 1 augustus." in page_text(placed)
    assert (placed.status_code, refused) == (status, status == 422)
    assert Post.objects.filter(state="published").exists() is not refused


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("hat", [FAMILY, STAFF])
@pytest.mark.parametrize("name", ["Karima", "Joost", "Harm", "Thijs"])
def test_for_others_a_draft_does_not_exist(town, browser_of, kind, hat, name):
    handin, client = hand_in(town, kind), browser_of(name)
    for route in ("handin", "change_handin", "withdraw_handin"):
        for method in (client.get, client.post):
            assert method(url(route, hat, handin.uid), judged(handin)).status_code == 404
    assert client.get(url("post", hat, handin.post.uid)).status_code == 404
    assert Handin.objects.get().state == "waiting"


def test_the_post_behind_a_draft_has_no_page_of_its_own(town, browser_of):
    handin = hand_in(town)
    for name, hat in (("Lotte", FAMILY), ("Petra", STAFF)):
        for route in ("post", "edit", "retract", "hide"):
            assert browser_of(name).get(url(route, hat, handin.post.uid)).status_code == 404


def test_taking_it_back_asks_first(town, browser_of):
    handin, lotte = hand_in(town), browser_of("Lotte")
    where = url("withdraw_handin", FAMILY, handin.uid)
    assert "Dit concept intrekken?" in page_text(lotte.get(where))
    assert "Het concept is ingetrokken." in page_text(lotte.post(where, follow=True))
    for method in (lotte.post, lotte.get):
        assert "Je had dit concept al ingetrokken." in page_text(method(where, follow=True))
    for route in ("handin", "change_handin"):
        assert "Je had dit concept al ingetrokken." in page_text(lotte.get(url(route, FAMILY, handin.uid), follow=True))


@pytest.mark.parametrize("kind", KINDS)
def test_who_has_it_open_reads_that_the_writer_took_it_back(town, browser_of, kind):
    """Whoever would judge it reads that alone; for others there never was a draft."""
    handin, petra = hand_in(town, kind, title="Geheim plan"), browser_of("Petra")
    where = url("handin", STAFF, handin.uid)
    fields = judged(handin, word="Mooi.")
    act_on(town, handin, "withdraw")
    for answer in (petra.post(where, fields, follow=True), petra.get(where, follow=True)):
        assert answer.redirect_chain == [(reverse("desk:index"), 302)]
        told = page_text(answer)
        assert ("De schrijver heeft dit concept ingetrokken." in told, "Geheim plan" in told) == (True, False)
    for name in ("Karima", "Joost", "Harm", "Thijs"):
        for route, hat in product(("handin", "change_handin", "withdraw_handin"), (FAMILY, STAFF)):
            assert browser_of(name).post(url(route, hat, handin.uid), fields).status_code == 404
    assert Handin.objects.get().state == "withdrawn"


@pytest.mark.parametrize("kind", KINDS)
def test_who_moderates_where_a_draft_would_have_stood_never_hears_of_it(town, browser_of, kind):
    """What was taken back of a message that stood there is told to who was about to hide it; this stood nowhere."""
    draft = hand_in(town, kind).post
    act_on(town, draft.handin, "withdraw")
    for name, route in product(("Petra", "Anna", "Joost"), ("hide", "show", "remove")):
        for method in ("get", "post"):
            assert getattr(browser_of(name), method)(url(route, STAFF, draft.uid)).status_code == 404


def test_the_word_with_an_answer_stays_in_the_tab_until_it_is_given(town, browser_of):
    """About the next version it would be there again."""
    handin = hand_in(town)
    page, sent = url("handin", STAFF, handin.uid), judged(handin, "return", word="Korter graag.")
    assert is_kept_until_it_arrived(browser_of("Petra"), page, sent)


def test_taking_back_what_was_placed_meanwhile_leads_to_what_was_placed(town, browser_of):
    handin = hand_in(town)
    act_on(town, handin, "approve")
    told = page_text(browser_of("Lotte").post(url("withdraw_handin", FAMILY, handin.uid), follow=True))
    assert "Dit concept is al geplaatst." in told


def test_who_takes_back_the_last_draft_without_a_seat_lands_on_a_page(town, browser_of):
    handin = hand_in(town)
    town.group["@mr"].seats.update(valid_until=later(minutes=-1))
    town.sync()
    done = browser_of("Lotte").post(url("withdraw_handin", FAMILY, handin.uid), follow=True)
    assert (done.status_code, "Het concept is ingetrokken." in page_text(done)) == (200, True)


def test_what_cannot_be_placed_any_more_keeps_the_word_that_was_typed(town, browser_of):
    handin = hand_in(town)
    town.group["@mr"].seats.update(valid_until=later(minutes=-1))
    town.sync()
    answer = browser_of("Petra").post(url("handin", STAFF, handin.uid), judged(handin, word="Mooi stuk."))
    told = page_text(answer)
    assert (answer.status_code, "Mooi stuk." in told) == (409, True)
    assert "Plaatsen kan niet." in told


def test_the_word_stays_when_the_draft_was_changed_meanwhile(town, browser_of):
    """A photo came into it after Back; the directie read "lees het nog eens" above an empty field."""
    handin = hand_in(town)
    sent = judged(handin, "return", word="Noem de datum.")
    Handin.objects.update(version=handin.version + 1)
    answer = browser_of("Petra").post(url("handin", STAFF, handin.uid), sent)
    told = page_text(answer)
    assert (answer.status_code, "Dit concept is intussen gewijzigd." in told) == (409, True)
    assert "Noem de datum." in told
    assert f'name="version" value="{handin.version + 1}"' in answer.content.decode()


def test_who_finds_which_place(town, browser_of):
    add_editor(town)
    found = {
        (name, route)
        for name in ("Karima", "Lotte", "Anna", "Els", "Petra", "Riet")
        for route in ("drafts", "hand_in")
        for hat in (FAMILY, STAFF)
        if browser_of(name).get(reverse(f"messaging:{route}", args=[hat])).status_code == 200
    }
    assert found == {
        ("Lotte", "drafts"),
        ("Lotte", "hand_in"),
        ("Anna", "drafts"),
        ("Anna", "hand_in"),
        ("Els", "drafts"),
        ("Petra", "drafts"),
    }
    desks = {one: browser_of(one).get(reverse("desk:index")).status_code for one in ("Karima", "Anna", "Els", "Petra")}
    assert desks == {"Karima": 404, "Anna": 404, "Els": 200, "Petra": 200}


ENDS: dict[str, Callable[[Post, Actor], object]] = {
    "hidden": lambda post, petra: hide_written(written=post, by=petra),
    "taken back": lambda post, petra: retract_written(written=post, by=Actor(post.author, Hat.STAFF, petra.now)),
    "removed": lambda post, petra: remove_written(written=post, reason="Onjuist", by=petra),
}


@pytest.mark.parametrize("name", ["Els", "Anna", "Petra"])
@pytest.mark.parametrize("how", ENDS)
def test_a_placed_draft_tells_no_more_than_its_message(town, browser_of, how, name, settings, tmp_path):
    """Nor does the list of who wrote it. What is hidden is there for its writer and for who moderates the group."""
    settings.KRING_DATA_DIR = tmp_path
    add_editor(town)
    draft = hand_in(town, "school")
    act_on(town, draft, "approve", "Els", text="Wie doet er mee? Graag!")
    post, browser = Post.objects.get(), browser_of(name)
    pages = [url("handin", STAFF, draft.uid), url("drafts", STAFF), url("post", STAFF, post.uid)]
    assert "Graag!" in page_text(browser.get(pages[0]))
    ENDS[how](post, Actor(town.user["Petra"], Hat.STAFF, NOW))
    shown = [post.title in page_text(browser.get(page)) for page in pages]
    reads = how == "hidden" and name != "Els"
    assert shown == [reads, reads and name == "Anna", reads]


def test_a_list_costs_the_same_for_one_and_for_three(town, browser_of, django_assert_num_queries):
    petra = browser_of("Petra")
    counts = []
    for number in range(3):
        hand_in(town, title=f"Bericht {number}", now=later(minutes=number))
        petra.get(reverse("desk:index"))
        with django_assert_num_queries(10 if not counts else counts[0]) as asked:
            petra.get(reverse("desk:index"))
        counts.append(len(asked))


def test_a_writer_who_lost_the_seat_reads_why_nothing_can_be_done(town, browser_of):
    handin = hand_in(town)
    act_on(town, handin, "return")
    town.group["@mr"].seats.update(valid_until=later(minutes=-1))
    town.sync()
    text = page_text(browser_of("Lotte").get(url("handin", FAMILY, handin.uid)))
    assert "Intrekken kan nog wel." in text
    assert "Wijzig" not in text


def test_drafts_come_in_pages(town, browser_of):
    handed = [hand_in(town, now=later(minutes=number)).uid for number in range(31)]
    client, found = browser_of("Lotte"), []
    for number in (1, 2):
        page = client.get(url("drafts", FAMILY), {"pagina": number})
        assert f"Pagina {number} van 2" in page_text(page)
        found += [draft.uid for draft in page.context["page"]]
    assert found == handed[::-1]


HELP = {"ask": "help", "ask_on": "2026-12-15", "answer_by": "2026-12-14", "tasks": "Soep koken, 1\nTafels zetten, 2"}


def test_who_reads_first_reads_what_is_asked_too(town, browser_of):
    """A name, or a task that cannot be, may stand in the list as well as in the text."""
    sent = message(town, "g4", act="advice", shown=[str(town.group["g4"].uid)], is_essential="on", **HELP)
    browser_of("Anna").post(url("compose", STAFF), sent)
    handin = Handin.objects.get()
    for name in ("Petra", "Anna"):
        told = page_text(browser_of(name).get(url("handin", STAFF, handin.uid)))
        assert "Te helpen bij Soep koken, 1 Tafels zetten, 2" in told
        assert "Reageren: Ja, iedereen in de groep leest mee · Elk gezin moet dit lezen" in told


def test_the_writer_sees_what_was_changed_in_what_is_asked(town, browser_of):
    lotte, petra = browser_of("Lotte"), browser_of("Petra")
    lotte.post(url("hand_in", FAMILY), form(**HELP))
    handin = Handin.objects.get()
    other = HELP | {"ask_on": "2026-12-16", "tasks": "Soep koken, 3\nTafels zetten, 2", "replies": "staff"}
    petra.post(url("handin", STAFF, handin.uid), judged(handin, **other))
    told = page_text(lotte.get(url("handin", FAMILY, handin.uid)))
    assert "weg: di nieuw: wo" in told.replace("\xa0", " ")
    assert "Soep koken, weg: 1 nieuw: 3" in told
    assert "Reageren: weg: Nee nieuw: Ja, alleen" in told


@pytest.mark.parametrize("act", ["again", "place"])
def test_a_draft_that_went_already_keeps_other_words_and_takes_the_same_once(town, browser_of, act):
    """Two presses, Back, or another tab: no text is lost to a page that says somebody else does this."""
    handin, anna = hand_in(town, "advice"), browser_of("Anna")
    browser_of("Petra").post(url("handin", STAFF, handin.uid), judged(handin, word="Mooi."))
    change = url("change_handin", STAFF, handin.uid)
    fields = form(version=Handin.objects.get().version, act=act, text="Op 3 december.", photos_here="1")
    assert anna.post(change, fields).status_code == 302
    steps = Handin.objects.get().steps.count()
    there = url("handin", STAFF, handin.uid)
    assert [anna.post(change, fields).url, anna.get(change).url] == [there, there]
    other = anna.post(change, {**fields, "text": "Toch liever op 4 december."})
    assert (other.status_code, "Toch liever op 4 december." in page_text(other)) == (409, True)
    said = "Dit bericht is al geplaatst." if act == "place" else "Dit concept is in een ander venster gewijzigd."
    assert said in page_text(other)
    assert (Handin.objects.get().steps.count(), Post.objects.get().text) == (steps, "Op 3 december.")


@pytest.mark.parametrize("key", ["the same", "another"])
@pytest.mark.parametrize("kind", ["school", "advice"])
def test_a_photo_that_was_forgotten_comes_into_the_draft_after_back(town, browser_of, settings, tmp_path, kind, key):
    """And who was judging it looks once more at what it is now."""
    settings.KRING_DATA_DIR = tmp_path
    everybody_agrees(town)
    images = photo_files.uploads(2, by=town.user["Anna"], school=town.school, now=NOW)
    anna, petra = browser_of("Anna"), browser_of("Petra")
    page = url("hand_in" if kind == "school" else "compose", STAFF)
    sent = form(declared="on") if kind == "school" else {**message(town, "g4"), "act": "advice", "declared": "on"}

    def hand_in_with(*photos):
        again = {**sent, "photo": [str(one.uid) for one in photos]}
        again |= {} if key == "the same" else {"key": str(uuid4())}
        assert anna.post(page, again).status_code == 302

    hand_in_with()
    [handin] = Handin.objects.all()
    before = judged(handin, word="Mooi.")
    for photos in (images[:1], images[:1], images, []):
        hand_in_with(*photos)
    assert list(Handin.objects.all()) == [handin]
    standing = Placement.objects.filter(writing=handin.post).order_by("position")
    assert list(standing.values_list("image", flat=True)) == [one.pk for one in images]
    assert OutboxItem.objects.filter(kind="handin", recipient=town.user["Petra"]).count() == 3
    again = petra.post(url("handin", STAFF, handin.uid), before, follow=True)
    assert "Dit concept is intussen gewijzigd. Lees het nog eens." in page_text(again)
    petra.post(url("handin", STAFF, handin.uid), judged(handin, photo=[str(one.uid) for one in images]))
    assert Handin.objects.get().state == ("placed" if kind == "school" else "agreed")


def test_a_parent_reads_first_that_no_photo_can_go(town, browser_of):
    """Whoever sat in the council chose photos, wrote, and read at the end that none may come along."""
    lotte, shut = browser_of("Lotte"), "Niet iedereen op school mag op een foto. Dien het in zonder foto’s."
    begin(town)
    page = page_text(lotte.get(url("hand_in", FAMILY)))
    assert (shut in page, "Kies foto" in page) == (True, False)
