"""Names in group messages: only with a yes of the family, and a word that is a name too can be let through."""

import re
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.test import Client

from consent.asking.domain.purposes import NAMES, Says
from consent.models import Clearance, Purpose, Reluctance
from groups.models import Child, Restriction, RestrictionKind
from groups.people.services.shields import shield_child
from groups.roles import Hat
from messaging.asks.mail import answer_url
from messaging.asks.models import AskAnswer
from messaging.asks.services.helping import sign_on
from messaging.asks.services.reminders import remind_helpers, remind_of_asks
from messaging.models import DigestEdition, DigestItem, Post, Seen
from messaging.photos.domain import Picture
from messaging.posts.services.posts import edit_post
from messaging.urgent.services.following import follow_essentials
from messaging.urgent.services.sending import UrgentDraft, send_urgent
from messaging.writings.services.names import NamesRefusedError, names_to_spare
from messaging.writings.services.read_links import read_token
from portal.core import access, outbox
from portal.core.actor import Actor
from portal.core.domain.moments import SCHOOL_ZONE
from portal.core.models import AuditEvent, OutboxItem
from tests.messaging.conftest import NOW, later
from tests.messaging.consent import PARENT_OF, answer, begin
from tests.messaging.pages import FAMILY, STAFF, edited, message, page_text, url
from tests.messaging.photo_files import uploads
from tests.messaging.weekly import weekly_mails

ROOT = Path(settings.BASE_DIR)
NO_NAMES_TO_ASK = {
    "messaging/posts/services/replies.py": "mostly parents' words, held to the rules of the school instead",
    "messaging/talks/services/threads.py": "read by the caregivers of one child",
    "messaging/writings/services/written.py": "changes the words of a reply or a message, for those two",
}


def test_whoever_keeps_words_for_a_group_asks_for_the_names_in_them():
    """A service that places a new kind of text and forgets the gate is red here."""
    texts = {str(path.relative_to(ROOT)): path.read_text() for path in (ROOT / "messaging").rglob("*.py")}
    keeping = {path for path, text in texts.items() if re.search(r"(?<!def )keep_versions\(", text)}
    assert {path for path in keeping if "check_names(" not in texts[path]} == {*NO_NAMES_TO_ASK}


@pytest.fixture
def asking(town):
    """The school asks; Noor's mother said yes to her name, the others nothing."""
    begin(town)
    answer(town, "Noor", key=NAMES)
    return town


def change(town, post, **changed):
    fields = {name: getattr(post, name) for name in ("topic", "title", "text", "replies", "version")}
    said = {"by": Actor(town.user["Anna"], Hat.STAFF, later(minutes=5))}
    return edit_post(post=post, **{**fields, **said, **changed})


def test_a_school_that_asks_nothing_blocks_nothing(town, place):
    assert place(text="Fenna en Mees hielpen.").text == "Fenna en Mees hielpen."


ALONG = {"ask": "do", "ask_on": date(2026, 11, 25), "bring": "de tas van Fenna"}


@pytest.mark.parametrize("where", [{"title": "Fenna’s feest"}, {"text": "Vandaag hielp FENNA."}, ALONG])
def test_a_name_without_a_yes_is_not_placed(asking, place, where):
    with pytest.raises(NamesRefusedError) as refused:
        place(**where)
    assert (refused.value.names, Post.objects.count()) == (["Fenna"], 0)
    assert "Fenna" not in str(refused.value)


@pytest.mark.parametrize(("roster", "typed"), [("D'Angelo", "D’Angelo"), ("D’Angelo", "D'Angelo")])
def test_a_name_is_not_placed_with_the_apostrophe_of_a_phone(asking, place, roster, typed):
    Child.objects.filter(pk=asking.child["Fenna"].pk).update(first_name=roster)
    with pytest.raises(NamesRefusedError):
        place(text=f"{typed} hielp in de tuin.")


def test_a_name_in_the_words_of_a_photo_is_not_placed(asking, place, settings, tmp_path):
    settings.KRING_DATA_DIR = tmp_path
    [image] = uploads(1, by=asking.user["Anna"], school=asking.school, now=NOW)
    with pytest.raises(NamesRefusedError):
        place(pictures=[Picture(image.uid, "Mees en een blad.", frozenset())])


def test_a_yes_lets_the_name_through_and_a_no_ends_that(asking, place):
    place(text="Noor hielp in de tuin.")
    answer(asking, "Noor", Says.NO, by="Said", key=NAMES)
    with pytest.raises(NamesRefusedError):
        place(text="Noor hielp alweer.")


def test_rather_not_on_photos_is_not_about_names(asking, place):
    Reluctance.objects.create(
        school=asking.school, child=asking.child["Noor"], recorded_by=asking.user["Anna"], recorded_at=NOW
    )
    access.reproject(only=Clearance)
    assert place(text="Noor hielp.").text == "Noor hielp."


def test_only_children_of_the_groups_it_goes_to(asking, place):
    assert place(text="Ilyas kwam voorlezen.").text
    with pytest.raises(NamesRefusedError) as refused:
        place("Petra", "@school", text="Ilyas, Fenna en Zofia zongen.")
    assert refused.value.names == ["Ilyas", "Fenna"]
    with pytest.raises(NamesRefusedError):
        place("Petra", "g4", "g7", text="Ilyas zong.")


def test_what_is_no_child_is_let_through_and_counted(asking, place):
    with pytest.raises(NamesRefusedError) as refused:
        place(text="De mees zat bij Fenna.", not_children=["mees"])
    assert refused.value.names == ["Fenna"]
    place(text="De mees zat in de tuin.", not_children=["Mees", "Fenna"])
    [event] = AuditEvent.objects.filter(verb="post.published")
    assert event.facts == {"together": 1, "photos": 0, "not_children": 1}


def test_a_full_name_is_more_than_a_word(asking, place):
    with pytest.raises(NamesRefusedError) as refused:
        place(text="De mees en Mees Bouzid.", not_children=["Mees"])
    assert refused.value.names == ["Mees Bouzid"]


def test_two_children_of_one_name_are_both_meant(asking, place):
    asking.add_child("Noor2", "g4", "@school")
    type(asking.child["Noor2"]).objects.filter(pk=asking.child["Noor2"].pk).update(first_name="Noor")
    with pytest.raises(NamesRefusedError):
        place(text="Noor hielp.")


def test_editing_asks_too(asking, place):
    post = place()
    with pytest.raises(NamesRefusedError):
        change(asking, post, text="Fenna was er ook.")
    post.refresh_from_db()
    assert post.version == 1
    change(asking, post, text="De fenna was er ook.", not_children=["Fenna"])
    assert AuditEvent.objects.get(verb="post.edited").facts["not_children"] == 1


def test_a_retired_purpose_lets_no_name_through(asking, place):
    Purpose.objects.filter(key=NAMES).update(retired_at=NOW)
    access.reproject(only=Clearance)
    with pytest.raises(NamesRefusedError):
        place(text="Noor hielp.")


@pytest.mark.parametrize("count", [1, 20])
def test_asking_costs_the_same_for_a_class(asking, django_assert_num_queries, count):
    for number in range(count):
        asking.add_child(f"Kind {number}", "g4", "@school")
    with django_assert_num_queries(2):
        names_to_spare([asking.group["g4"]], now=NOW)


def test_the_page_marks_the_names_and_offers_the_way_out(asking, browser_of):
    anna, page = browser_of("Anna"), url("compose", STAFF)
    form = message(asking, "g4", title="Mees en Fenna", text="In het park.\nEen <b>mees</b> zong.")
    refused = anna.post(page, form)
    body = refused.content.decode()
    assert (refused.status_code, Post.objects.count()) == (422, 0)
    assert re.findall(r"<mark>([^<]+)</mark>", body) == ["Mees", "Fenna", "mees"]
    assert "&lt;b&gt;<mark>mees</mark>&lt;/b&gt;" in body
    assert re.findall(r'type="checkbox" name="not_child" value="([^"]+)"', body) == ["Mees", "Fenna"]
    assert ("“Mees” is geen kind" in page_text(refused), 'value="Mees en Fenna"' in body) == (True, True)
    half = anna.post(page, {**form, "not_child": ["Mees"]})
    assert re.findall(r'name="not_child" value="([^"]+)"', half.content.decode()) == ["Fenna", "Mees"]
    assert anna.post(page, {**form, "not_child": ["Mees", "Fenna"]}).status_code == 302


def test_the_page_for_editing_does_so_too(asking, browser_of, place):
    post, anna = place(), browser_of("Anna")
    page = url("edit", STAFF, post.uid)
    refused = anna.post(page, edited(post, text="Fenna zong."))
    assert (refused.status_code, "<mark>Fenna</mark>" in refused.content.decode()) == (422, True)
    assert anna.post(page, edited(post, text="Fenna zong.", not_child=["Fenna"])).status_code == 302


def test_everybody_in_the_town_has_a_parent_who_answers(town):
    assert PARENT_OF.keys() == town.child.keys()


def shielded(town):
    shield_child(child=town.child["Noor"], reason="blijfhuis", by=Actor(town.user["Petra"], STAFF, later(minutes=15)))


def refused(town):
    answer(town, "Noor", Says.NO, key=NAMES, now=later(minutes=15))


def as_html(mail):
    return mail.alternatives[0].content


def weekly_once_more(cut, *between):
    """The same mails again, as if they had not gone."""
    DigestItem.objects.all().delete()
    DigestEdition.objects.all().delete()
    return weekly_mails(cut, *between)


@pytest.mark.parametrize("ends", [shielded, refused])
@pytest.mark.parametrize("where", [{"title": "Noor is er"}, {"text": "Noor won de finale."}])
def test_the_weekly_mail_carries_no_name_that_may_not_be_used_any_more(asking, place, cut, ends, where):
    post, other = place(**where), place(title="De moestuin", text="Er groeit al prei.")
    name = next(iter(where.values()))
    before = weekly_mails(cut)
    assert len(before) > 1
    assert all(name in one.body and name in as_html(one) for one in before)
    after = weekly_once_more(cut, lambda: ends(asking))
    assert {one.to[0] for one in after} == {one.to[0] for one in before}
    for one in after:
        for read in (one.body, as_html(one)):
            assert (name in read, "Een bericht in Kring" in read) == (False, True)
            assert url("post", FAMILY, post.uid) in read
            assert ("De moestuin" in read, "Er groeit al prei." in read) == (True, True)
    assert set(DigestItem.objects.values_list("post", flat=True)) == {other.pk}


def test_the_weekly_mail_asks_nobody_to_confirm_words_that_it_does_not_carry(asking, place, cut):
    place(text="Noor won de finale.", is_essential=True)
    before = weekly_mails(cut)
    after = weekly_once_more(cut, lambda: shielded(asking))
    assert ["Ik heb het gelezen" in one.body for one in before] == [True] * len(before)
    assert ["Ik heb het gelezen" in one.body for one in after] == [False] * len(before)


# The other mails, and what is read without signing in


TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 11, day) for day in (24, 25, 26))
ENDINGS = pytest.mark.parametrize("ends", [shielded, refused])
TITLE = "Noor gaat naar de finale"


def afternoon(day):
    return datetime(day.year, day.month, day.day, 16, 3, tzinfo=SCHOOL_ZONE)


def mailed(name, made, at, **of_lane):
    """The one mail to this person of what is made then, as text and as HTML."""
    OutboxItem.objects.all().delete()
    with time_machine.travel(at, tick=False):
        made(now=at)
        mail.outbox.clear()
        outbox.sweep(now=at + timedelta(minutes=1), **of_lane)
    [one] = [one for one in mail.outbox if one.to[0].partition("@")[0] == name]
    return one.body, as_html(one)


def told_the_way(mails, post):
    """It arrived, with the way to it in Kring and no name."""
    return [
        ("Noor" in read, "Een bericht in Kring" in read, url("post", FAMILY, post.uid) in read) for read in mails
    ] == [(False, True, True)] * 2


@ENDINGS
def test_who_did_not_read_what_every_family_has_to_hears_that_it_is_there(asking, place, ends):
    post, at = place(title=TITLE, text="Noor zingt in de hal.", is_essential=True), later(hours=25)
    ends(asking)
    mails = mailed("lotte", follow_essentials, at)
    assert told_the_way(mails, post)
    assert not any("Ik heb het gelezen" in read or "/gelezen/" in read for read in mails)


@ENDINGS
def test_who_cannot_open_it_in_kring_hears_it_from_the_school(asking, place, ends):
    place(title=TITLE, text="Noor zingt in de hal.", is_essential=True)
    limits = {"kind": RestrictionKind.SUSPENDED, "case_uid": asking.school.uid, "decided_by": asking.user["Petra"]}
    term = {"valid_from": NOW, "valid_until": later(days=30)}
    Restriction.objects.create(user=asking.user["Lotte"], school=asking.school, **term, **limits)
    asking.sync()
    ends(asking)
    for read in mailed("lotte", follow_essentials, later(hours=25)):
        assert ("Noor" in read, "Van de school hoort u wat erin staat." in read) == (False, True)
        assert "/thuis/bericht/" not in read


def test_what_cannot_wait_arrives_without_a_name_that_was_withdrawn_before_it_left(asking):
    def sent(now):
        draft = UrgentDraft(asking.group["g4"], TITLE, "Noor zingt in de hal.", "Code rood.")
        send_urgent(school=asking.school, draft=draft, by=Actor(asking.user["Petra"], STAFF, now))
        shielded(asking)

    mails = mailed("lotte", sent, later(minutes=14), lane=outbox.Lane.FAST)
    assert told_the_way(mails, Post.objects.get(title=TITLE))


@ENDINGS
def test_who_did_not_answer_is_reminded_without_the_name(asking, place, ends):
    post = place(title="Taart voor Noor", ask="yes_no", ask_on=WEDNESDAY, bring="de tas van Noor")
    other = place(title="Mee naar het bos?", ask="yes_no", ask_on=WEDNESDAY, answer_by=WEDNESDAY)
    ends(asking)
    mails = mailed("lotte", remind_of_asks, afternoon(TUESDAY))
    assert told_the_way(mails, post)
    assert all(other.title in read and "/antwoord/" in read for read in mails)


@ENDINGS
def test_who_helps_tomorrow_hears_it_without_the_name(asking, place, ends):
    tasks = {"ask": "help", "ask_on": THURSDAY, "answer_by": WEDNESDAY, "tasks": "Taart van Noor, 2"}
    post = place(title="Taart voor Noor", **tasks)
    sign_on(post=post, task=1, ask_on=THURSDAY, by=Actor(asking.user["Lotte"], FAMILY, NOW))
    ends(asking)
    mails = mailed("lotte", remind_helpers, afternoon(WEDNESDAY))
    assert told_the_way(mails, post)
    assert all("Donderdag 26 november helpt u" in read for read in mails)


def without_signing_in(town, post):
    return "/" + answer_url(user=town.user["Lotte"], post=post.uid, ask_on=post.ask_on).split("/", 3)[3]


@ENDINGS
def test_the_page_behind_a_reminder_has_no_name_and_takes_the_answer(asking, place, ends):
    post = place(title="Taart voor Noor", ask="yes_no", ask_on=WEDNESDAY, answer_by=WEDNESDAY, venue="bij Noor")
    path, stranger = without_signing_in(asking, post), Client()
    with time_machine.travel(later(minutes=10), tick=False):
        assert "Taart voor Noor" in page_text(stranger.get(path))
    ends(asking)
    with time_machine.travel(later(hours=3), tick=False):
        page = stranger.get(path)
        assert ("Noor" in page.content.decode(), url("post", FAMILY, post.uid) in page.content.decode()) == (
            False,
            True,
        )
        kept = stranger.post(path, {"answer": "yes", "on": WEDNESDAY.isoformat()}, follow=True)
    assert ("Noor" in kept.content.decode(), "Uw antwoord is bewaard." in page_text(kept)) == (False, True)
    assert AskAnswer.objects.get(writing=post.pk).answer == "yes"


@pytest.mark.parametrize(
    "asked", [{"ask": "help", "tasks": "Taart van Noor, 2"}, {"ask": "choose", "options": "Noor\nDe klas"}]
)
def test_what_there_is_to_choose_is_read_in_kring_only(asking, place, asked):
    post = place(title="Wie doet mee?", ask_on=THURSDAY, answer_by=WEDNESDAY, **asked)
    shielded(asking)
    with time_machine.travel(later(hours=3), tick=False):
        page = Client().get(without_signing_in(asking, post)).content.decode()
    assert ("Noor" in page, "<form" in page, url("post", FAMILY, post.uid) in page) == (False, False, True)


@ENDINGS
def test_the_page_that_says_it_was_read_has_no_name_and_takes_it(asking, place, ends):
    post, stranger = place(title=TITLE, is_essential=True), Client()
    path = f"/gelezen/{read_token(user=asking.user['Lotte'], post=post.uid)}/"
    with time_machine.travel(later(minutes=10), tick=False):
        assert TITLE in page_text(stranger.get(path))
    ends(asking)
    with time_machine.travel(later(hours=3), tick=False):
        page = stranger.get(path).content.decode()
        assert ("Noor" in page, "Een bericht in Kring" in page, url("post", FAMILY, post.uid) in page) == (
            False,
            True,
            True,
        )
        assert stranger.post(path).status_code == 302
    assert Seen.objects.filter(user=asking.user["Lotte"], writing=post.pk).exists()


@ENDINGS
def test_the_letters_for_who_did_not_read_carry_no_name_and_say_so_on_the_screen(asking, place, browser_of, ends):
    post = place(title=TITLE, text="Noor zingt in de hal.", is_essential=True)
    petra, path = browser_of("Petra"), f"/school/bereik/{post.uid}/brieven/"
    with time_machine.travel(later(minutes=10), tick=False):
        assert TITLE in page_text(petra.get(path))
    ends(asking)
    with time_machine.travel(later(hours=3), tick=False):
        page = page_text(petra.get(path))
    assert not any(words in page for words in (TITLE, "Noor zingt"))
    assert "Lees het in Kring, of bel de school." in page
    assert "Daarom staat de tekst niet in de brieven." in page
