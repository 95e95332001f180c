"""What is being written is kept at school: for its writer alone, until it is sent, and thirty days at most."""

import re
import timeit
from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
import time_machine
from django.http import QueryDict

from messaging.keeping.models import KeptText
from messaging.keeping.services import (
    COMPOSE,
    HAND_IN,
    IN_TALK,
    KEPT_FOR,
    MOST,
    MOST_FORMS,
    NEW_TALK,
    UNDER_POST,
    TooMuchError,
    forget,
    forget_old,
    keep,
    kept,
    kept_about,
    name_of,
)
from messaging.models import Post
from messaging.removing.services.removal import retract_post
from messaging.talks.services.threads_steering import freeze_thread, join_directie
from messaging.writings.models import Writing
from messaging.writings.services.names import LIKE_A_FULL_NAME
from portal.core import submissions
from portal.core.actor import Actor
from tests import rows
from tests.messaging.conftest import NOW
from tests.messaging.pages import FAMILY, STAFF, hidden_in, message, page_text, url
from tests.messaging.photo_files import uploads
from tests.messaging.talk import start


@pytest.fixture
def anna(town):
    return Actor(town.user["Anna"], STAFF, NOW)


def sent(**fields):
    return QueryDict(urlencode(fields, doseq=True))


def test_the_last_words_stand_and_only_their_writer_finds_them(town, anna):
    for title in ("Eerst", "Later"):
        assert keep(form=COMPOSE, sent=sent(title=title, groep=["a", "b"]), by=anna)
    assert KeptText.objects.count() == 1
    there = kept(COMPOSE, by=anna)
    assert (there.fields["title"], there.fields.getlist("groep"), there.at) == ("Later", ["a", "b"], NOW)
    assert kept(HAND_IN, by=anna) is None
    assert kept(COMPOSE, by=anna.wearing(FAMILY)) is None
    assert kept(COMPOSE, by=Actor(town.user["Petra"], STAFF, NOW)) is None


def test_only_what_the_form_asks_is_kept(anna):
    photo = uuid4()
    keep(
        form=COMPOSE,
        sent=sent(title="A\0", csrfmiddlewaretoken="x", declared="on", **{f"wie-{photo}": "2", f"alt-{photo}": "b"}),
        by=anna,
    )
    assert dict(kept(COMPOSE, by=anna).fields.lists()) == {
        "title": ["A"],
        f"alt-{photo}": ["b"],
        "came_with": [NOW.isoformat()],
    }


@pytest.mark.parametrize("name", ["alt-\0", "alt-1", f"alt-{UUID(int=0)}\0", "alt-" + "x" * 9000])
def test_words_of_no_photo_are_not_kept_under_any_name(anna, name):
    """PostgreSQL takes no NUL in what is kept, and the length of a name is counted nowhere."""
    assert keep(form=COMPOSE, sent=sent(title="A", **{name: "b"}), by=anna)
    assert {*kept(COMPOSE, by=anna).fields} == {"title", "came_with"}


def test_an_emptied_form_is_forgotten(anna):
    keep(form=COMPOSE, sent=sent(title="A"), by=anna)
    assert not keep(form=COMPOSE, sent=sent(title=" ", groep="a", topic="update"), by=anna)
    assert kept(COMPOSE, by=anna) is None


def test_more_than_a_form_holds_is_refused_and_what_was_kept_stands(anna):
    keep(form=COMPOSE, sent=sent(title="A"), by=anna)
    with pytest.raises(TooMuchError):
        keep(form=COMPOSE, sent=sent(text="é" * (MOST + 1)), by=anna)
    assert kept(COMPOSE, by=anna).fields["title"] == "A"


def test_it_goes_after_thirty_days(anna):
    keep(form=COMPOSE, sent=sent(title="A"), by=anna)
    second = timedelta(seconds=1)
    assert forget_old(now=NOW + KEPT_FOR - second) == 0
    assert forget_old(now=NOW + KEPT_FOR) == 1


@time_machine.travel(NOW, tick=False)
def test_on_another_device_one_goes_on_and_placing_ends_it(town, browser_of):
    phone, desk = browser_of("Anna"), browser_of("Anna")
    form = message(town, "g4", title="Half", text="Nog niet af")
    answer = phone.post(url("keep_text", STAFF, COMPOSE), form)
    assert answer.json() == {"at": "14.10"}
    page = desk.get(url("compose", STAFF))
    assert 'value="Half"' in page.content.decode()
    assert "Dit stond hier nog. Bewaard vandaag 14.10." in page_text(page)
    desk.post(url("compose", STAFF), form)
    assert Post.objects.get().title == "Half"
    assert KeptText.objects.count() == 0
    phone.post(url("keep_text", STAFF, COMPOSE), form)
    assert KeptText.objects.count() == 0, "the last words of a page that arrived after the message"


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("group", "text", "is_advised"),
    [("g4", "{} won.", True), ("g4", "Noor won. Bravo!", False), ("g4", "{}", False), ("g7", "{} won.", False)],
)
def test_a_child_named_in_full_is_said_to_who_writes_in_its_group(town, browser_of, group, text, is_advised):
    if group == "g7":
        rows.enrolment(town.child["Noor"], town.group["g7"])
        town.sync()
    name = town.child["Noor"].full_name
    sent = message(town, group, text=text.format(name if "won" in text else name.lower().replace(" ", "")))
    answer = browser_of("Anna").post(url("keep_text", STAFF, COMPOSE), sent).json()
    assert answer.get("name", False) is is_advised


@pytest.mark.parametrize("letters", ["y", "y-", "ay'"])
def test_one_long_word_is_read_once_and_not_once_a_letter(letters):
    """A message of one word took five seconds of the processor, at each time it was kept: ten times as long, a hundred
    times the work."""

    def least(length: int) -> float:
        word = letters * (length // len(letters))
        return min(timeit.repeat(lambda: LIKE_A_FULL_NAME.search(word), number=3, repeat=5))

    assert least(20_000) < 40 * least(2_000)


@time_machine.travel(NOW, tick=False)
def test_beginning_anew_empties_the_form(town, browser_of):
    anna = browser_of("Anna")
    anna.post(url("keep_text", STAFF, COMPOSE), {"title": "Half"})
    response = anna.post(url("keep_text", STAFF, COMPOSE), {"title": "Half", "forget": "yes"}, follow=True)
    assert response.redirect_chain == [(url("compose", STAFF) + "?opnieuw=1", 302)]
    assert "Dit stond hier nog" not in page_text(response)


def test_of_many_forms_those_left_longest_go(anna):
    uids = [uuid4() for _ in range(MOST_FORMS + 1)]
    for uid in uids:
        keep(form=name_of(UNDER_POST, uid), sent=sent(text="A"), by=anna)
    keep(form=COMPOSE, sent=sent(title="A"), by=anna.wearing(FAMILY))
    assert [kept_about(UNDER_POST, uid, by=anna) is None for uid in uids] == [True] + [False] * MOST_FORMS
    assert kept(COMPOSE, by=anna.wearing(FAMILY))


def test_no_other_form_and_no_reading_of_it(town, browser_of):
    anna = browser_of("Anna")
    for name in (f"brief-{uuid4()}", f"{UNDER_POST}-1", f"{UNDER_POST}-{uuid4()}-x"):
        assert anna.post(url("keep_text", STAFF, name), {"text": "A"}).status_code == 404
    assert anna.post(url("keep_text", STAFF, "iets"), {"title": "A"}).status_code == 404
    assert anna.get(url("keep_text", STAFF, COMPOSE)).status_code == 405


@time_machine.travel(NOW, tick=False)
def test_a_group_one_left_is_not_chosen_any_more(town, browser_of):
    anna = browser_of("Anna")
    anna.post(url("keep_text", STAFF, COMPOSE), message(town, "g7", "elders"))
    page = page_text(anna.get(url("compose", STAFF)))
    assert "Groep 7" not in page
    assert "Nog niemand" in page or "Groep 4" in page


@time_machine.travel(NOW, tick=False)
def test_what_is_handed_in_is_kept_the_same_way(town, browser_of):
    lotte, form = browser_of("Lotte"), {"topic": "notice", "title": "Schoolfeest", "text": "In juni.", "replies": "off"}
    lotte.post(url("keep_text", FAMILY, HAND_IN), form)
    assert 'value="Schoolfeest"' in lotte.get(url("hand_in", FAMILY)).content.decode()
    assert lotte.post(url("hand_in", FAMILY), form).status_code == 302
    assert KeptText.objects.count() == 0


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("where", [UNDER_POST, IN_TALK, NEW_TALK])
def test_an_answer_is_there_on_another_device_for_its_writer_alone(town, place, browser_of, where):
    thread, post = start(town, "Anna", parents=("Karima", "Said")), place("Anna", "g4", title="Kleien")
    talk, reply = url("thread", FAMILY, thread.uid), url("post", FAMILY, post.uid)
    new = f"{url('new_thread', FAMILY)}?kind={town.child['Noor'].uid}"
    page, uid = {IN_TALK: (talk, thread.uid), UNDER_POST: (reply, post.uid), NEW_TALK: (new, town.child["Noor"].uid)}[
        where
    ]
    karima, form = browser_of("Karima"), {"text": "Half geschreven", "title": "Half"}
    address = url("keep_text", FAMILY, name_of(where, uid))
    assert address in karima.get(page).content.decode()
    assert karima.post(address, form).json() == {"at": "14.10"}
    assert "Half geschreven" in browser_of("Karima").get(page).content.decode()
    assert "Half geschreven" not in browser_of("Said").get(page).content.decode()
    told = hidden_in(karima.get(page))
    assert karima.post(page, form | told).status_code == 302
    assert KeptText.objects.count() == 0
    assert ">Half geschreven</textarea>" not in karima.get(page).content.decode()


def page_and_form(town, place, where):
    """Where one writes, and under what name it is kept: of who is in Noor's class, in the family hat."""
    if where == NEW_TALK:
        return f"{url('new_thread', FAMILY)}?kind={town.child['Noor'].uid}", name_of(where, town.child["Noor"].uid)
    if where == IN_TALK:
        thread = start(town, "Anna", parents=("Karima", "Said"))
        return url("thread", FAMILY, thread.uid), name_of(where, thread.uid)
    post = place("Anna", "g4", title="Kleien")
    return url("post", FAMILY, post.uid), name_of(where, post.uid)


@pytest.mark.parametrize("where", [UNDER_POST, IN_TALK, NEW_TALK])
def test_what_another_tab_typed_stays_when_this_one_is_sent(town, place, browser_of, where):
    """The one sent first took the other along: that tab had given its words to school, and found an empty box."""
    one, other = str(uuid4()), str(uuid4())
    with time_machine.travel(NOW, tick=False) as clock:
        page, name = page_and_form(town, place, where)
        karima, address = browser_of("Karima"), url("keep_text", FAMILY, name)
        opened = hidden_in(karima.get(page))
        sent = {"title": "Een", "text": "Van dit tabblad", "tab": one}
        karima.post(address, opened | sent)
        clock.shift(1)
        karima.post(address, {"title": "Twee", "text": "Van het andere", "tab": other})
        clock.shift(1)
        assert karima.post(page, opened | sent).status_code == 302
        assert "Van het andere" in karima.get(page).content.decode()
        again = hidden_in(karima.get(page))
        assert karima.post(page, again | {"title": "Twee", "text": "Van het andere"}).status_code == 302
        assert ">Van het andere</textarea>" not in karima.get(page).content.decode(), "what the page came with is sent"


@time_machine.travel(NOW, tick=False)
def test_each_tab_keeps_its_own_words_and_a_new_page_goes_on_with_the_last(anna):
    def typed(title, tab, seconds, **more):
        keep(form=COMPOSE, sent=sent(title=title, tab=tab, **more), by=at(anna, seconds))

    one, other, third = uuid4(), uuid4(), uuid4()
    typed("Een", one, 0)
    typed("Twee", other, 1)
    typed("Een en meer", one, 2)
    assert kept(COMPOSE, by=anna, tab=other).fields["title"] == "Twee"
    goes_on = kept(COMPOSE, by=anna).fields
    assert goes_on["title"] == "Een en meer"
    typed("Een en nog meer", third, 3, came_with=goes_on["came_with"])
    assert kept(COMPOSE, by=anna, tab=one).fields["title"] == "Een en nog meer", "the new page goes on with it"
    typed("Een, hier verder", one, 4)
    forget(form=COMPOSE, sent=sent(tab=third, came_with=goes_on["came_with"]), by=anna)
    assert kept(COMPOSE, by=anna).fields["title"] == "Een, hier verder", "typed since the new page came"
    forget(form=COMPOSE, sent=sent(tab=one, came_with="2026"), by=anna)
    assert kept(COMPOSE, by=anna).fields["title"] == "Twee"


def at(actor, seconds):
    return Actor(actor.user, actor.hat, actor.now + timedelta(seconds=seconds))


def test_what_is_sent_while_it_is_being_kept_is_not_kept(anna, monkeypatch):
    """The words were on their way when the form was sent, and are written after it was."""
    tab, key = uuid4(), uuid4()
    claimed = iter([False, True])
    monkeypatch.setattr(submissions, "is_claimed", lambda **_: next(claimed))
    assert not keep(form=COMPOSE, sent=sent(title="A", tab=tab, key=key), by=anna)
    assert kept(COMPOSE, by=anna) is None


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("where", [COMPOSE, UNDER_POST, IN_TALK, NEW_TALK])
def test_a_tab_finds_its_own_words_again_and_after_them_the_last(town, place, browser_of, where):
    page, name = (url("compose", STAFF), COMPOSE) if where == COMPOSE else page_and_form(town, place, where)
    writer, tab = browser_of("Anna" if where == COMPOSE else "Karima"), str(uuid4())
    address = url("keep_text", STAFF if where == COMPOSE else FAMILY, name)
    writer.post(address, {"title": "Een", "text": "Van dit tabblad", "tab": tab})
    writer.post(address, {"title": "Twee", "text": "Van het andere", "tab": str(uuid4())})
    mark = "&" if "?" in page else "?"
    assert "Van het andere" in writer.get(page).content.decode()
    assert "Van dit tabblad" in writer.get(f"{page}{mark}tab={tab}").content.decode()
    for unknown in (uuid4(), "x"):
        assert "Van het andere" in writer.get(f"{page}{mark}tab={unknown}").content.decode()


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("where", [UNDER_POST, IN_TALK, NEW_TALK])
def test_other_words_from_a_page_that_was_sent_before_are_not_swallowed(town, place, browser_of, where):
    """Send, stop on a slow line, and write on: the first words had come in, and of the others it said so too."""
    page, _name = page_and_form(town, place, where)
    karima = browser_of("Karima")
    opened = hidden_in(karima.get(page))
    words = ("Ja.", "Ja, en graag om vier uur.")
    for text in (*words, *words[::-1]):
        assert karima.post(page, {**opened, "title": "Ophalen", "text": text}).status_code == 302
    assert sorted(Writing.objects.filter(author=town.user["Karima"]).values_list("text", flat=True)) == sorted(words)


MOOT = "Graag wil ik hier nog iets over zeggen."


@time_machine.travel(NOW, tick=False)
def test_what_was_typed_is_there_still_where_nobody_writes_any_more(town, place, browser_of):
    """School kept it, and no page had it: with the box the words were gone from sight."""
    karima, thread, post = browser_of("Karima"), start(town, "Anna", parents=("Karima",)), place(replies="off")
    directie = Actor(town.user["Petra"], STAFF, NOW)
    join_directie(thread=thread, by=Actor(town.user["Karima"], FAMILY, NOW))
    freeze_thread(thread=thread, by=directie)
    for page, name in ((url("thread", FAMILY, thread.uid), IN_TALK), (url("post", FAMILY, post.uid), UNDER_POST)):
        uid = thread.uid if name == IN_TALK else post.uid
        assert "Wat er geschreven was" not in page_text(karima.get(page))
        karima.post(url("keep_text", FAMILY, name_of(name, uid)), {"text": MOOT, "tab": str(uuid4())})
        shown = karima.get(page).content.decode()
        assert f"readonly>{MOOT}</textarea>" in shown
        assert "Wat er geschreven was" in shown


def test_what_was_typed_under_a_message_that_is_gone_is_given_back(town, place, browser_of):
    """The page that says so had nothing of it; nor had any page after that."""
    post = place()
    retract_post(post=post, by=Actor(town.user["Anna"], STAFF, NOW))
    sent = {"text": MOOT, "key": str(uuid4()), "shown": "all"}
    answer = browser_of("Karima").post(url("post", FAMILY, post.uid), sent)
    assert answer.status_code == 404
    assert re.findall(r"readonly>([^<]*)</textarea>", answer.content.decode()) == [MOOT]
    assert "readonly" not in browser_of("Karima").get(url("post", FAMILY, post.uid)).content.decode()


@pytest.mark.parametrize("where", [COMPOSE, HAND_IN])
def test_who_begins_anew_finds_an_empty_form_and_not_what_another_tab_is_writing(town, browser_of, where):
    writer, hat = (browser_of("Anna"), STAFF) if where == COMPOSE else (browser_of("Lotte"), FAMILY)
    address, page = url("keep_text", hat, where), url("compose" if where == COMPOSE else "hand_in", hat)
    one, other = str(uuid4()), str(uuid4())
    writer.post(address, {"title": "Een", "text": "Van het andere tabblad", "tab": other})
    writer.post(address, {"title": "Twee", "text": "Van dit tabblad", "tab": one})
    began = writer.post(address, {"title": "Twee", "tab": one, "forget": "yes"})
    assert began["Location"].startswith(page)
    for anew in (began["Location"], f"{began['Location']}&tab={one}"):
        assert "tabblad" not in writer.get(anew).content.decode()
    assert "Van het andere tabblad" in writer.get(page).content.decode()
    assert "Van het andere tabblad" in writer.get(f"{began['Location']}&tab={other}").content.decode()
    writer.post(address, {"title": "Drie", "text": "Nieuwe woorden van dit tabblad", "tab": one})
    assert "Nieuwe woorden" in writer.get(f"{began['Location']}&tab={one}").content.decode()


@pytest.mark.parametrize("came_with", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "gisteren"])
def test_a_moment_outside_the_calendar_is_none(town, browser_of, came_with):
    """The message was placed, and its writer read that something had gone wrong."""
    answer = browser_of("Anna").post(url("keep_text", STAFF, COMPOSE), {"title": "Herfst", "came_with": came_with})
    assert answer.status_code == 200


def test_photos_that_went_meanwhile_are_missed_in_words(town, browser_of, settings, tmp_path):
    """The page said that everything stood there, and the message was placed without them."""
    settings.KRING_DATA_DIR, anna = tmp_path, browser_of("Anna")
    lying = uploads(2, by=town.user["Anna"], school=town.school, now=NOW)
    anna.post(url("keep_text", STAFF, COMPOSE), {"title": "Herfst", "photo": [str(one.uid) for one in lying]})
    lying[0].delete()
    assert "1 foto is weg: wat niet is verstuurd, blijft een dag." in page_text(anna.get(url("compose", STAFF)))
