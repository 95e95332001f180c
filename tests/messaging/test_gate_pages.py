"""The gate on the page: what the writer is asked, what comes back when it is not right, with and without scripts."""

import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from consent.asking.domain.purposes import Says
from groups.models import Child
from groups.roles import Role
from messaging.models import Depiction, Image, Message, Placement, Post
from messaging.photos.domain import Picture
from tests.messaging.conftest import NOW
from tests.messaging.consent import answer, answer_own, begin, everybody_agrees
from tests.messaging.pages import FAMILY, STAFF, edited, message, page_text, url
from tests.messaging.photo_files import chosen, picture, uploads
from tests.messaging.talk import named_in, start


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.KRING_DATA_DIR = tmp_path


@pytest.fixture
def sent(town):
    return uploads(3, by=town.user["Anna"], school=town.school, now=NOW)


def filled(town, images, *groups, **more):
    """A message with these photos; `on` says of a photo who is on it."""
    marks = {f"wie-{image.uid}": values for image, values in (more.pop("on", None) or {}).items()}
    picked = {"photos_here": "1", "photo": [str(image.uid) for image in images], **marks, **more}
    return message(town, *(groups or ["g4"]), **picked)


def uid(town, child):
    return str(town.child[child].uid)


def ticked(response):
    """What stands ticked under the photos: photo and person, or photo and "nobody"."""
    boxes = re.findall(r'name="wie-([0-9a-f-]{36})" value="([^"]+)" (checked)?', response.content.decode())
    return {(photo, value) for photo, value, is_on in boxes if is_on}


def asked(response):
    body = response.content.decode()
    return (
        'type="radio" name="declared"' in body,
        re.search(r'id="poort" +(data-waits)?>', body) is not None,
        'type="checkbox" name="declared"' in body,
    )


def spared(response):
    """Who stands first, as those who may not be shown."""
    return sorted(set(re.findall(r'class="chip spared">.*?<span>([^<]+)</span>', response.content.decode())))


def links(response):
    """What is wrong with photos, by the place in the page it leads to: that of the very photo."""
    body = response.content.decode()
    found = dict(re.findall(r'<p class="errs"><a href="#(foto-[0-9]+)">([^<]+)</a>', body))
    assert [body.count(f'<li class="gap3" id="{anchor}"') for anchor in found] == [1] * len(found)
    return found


def look(client, town, sent, *groups, **more):
    """The page once a photo is there."""
    return client.post(url("compose", STAFF), filled(town, sent[:1], *groups, photo_act="add", **more))


def test_what_is_asked_follows_the_answers(town, browser_of, sent):
    anna = browser_of("Anna")
    assert asked(look(anna, town, sent)) == (False, False, True)
    begin(town)
    shown = look(anna, town, sent)
    assert asked(shown) == (False, True, False)
    assert spared(shown) == ["Fenna", "Mees", "Noor", "Pim"]
    everybody_agrees(town)
    shown = look(anna, town, sent)
    assert asked(shown) == (True, False, False)
    assert "Hier staan alleen kinderen van groep 4 op." in page_text(shown)


def names_on(town, response):
    said = response.content.decode()
    return {name for name in (*town.child, "juf Anna", "meester Joost", "meester Thijs") if name in said}


def test_nobody_is_named_before_a_photo_is_there(town, browser_of, sent):
    everybody_agrees(town, but=("Noor", "Ilyas"))
    anna, groups = browser_of("Anna"), {"groep": str(town.group["g4"].uid)}
    more = {"iedereen": "1", "zoek": "Ily", "ook": uid(town, "Ilyas")}
    for page in (
        anna.get(url("compose", STAFF)),
        anna.get(url("hand_in", STAFF)),
        anna.get(url("audience", STAFF), {**groups, **more}),
        anna.get(url("audience", STAFF), {**groups, **more, "foto": str(uuid4())}),
        anna.post(url("compose", STAFF), filled(town, [], photo_act="search", **more)),
        browser_of("Joost").get(url("audience", STAFF), {"groep": str(town.group["g7"].uid), "foto": str(sent[0].uid)}),
    ):
        assert (page.status_code, asked(page), spared(page)) == (200, (False, False, False), [])
        assert names_on(town, page) - {"meester Joost", "juf Anna"} == set()
        assert "chip" not in page.content.decode()


def test_who_hands_in_reads_the_names_of_the_own_group_only(town, browser_of, sent):
    """Juf Anna hands in for the whole school; of groep 7 she finds who she looks for, and reads no state."""
    everybody_agrees(town, but=("Noor", "Ilyas"))
    anna, groups = browser_of("Anna"), {"groep": str(town.group["@school"].uid), "foto": str(sent[0].uid)}
    shown = anna.get(url("audience", STAFF), groups)
    assert spared(shown) == ["Noor"]
    assert names_on(town, shown) == {"Noor", "Mees", "Fenna", "Pim", "juf Anna"}
    found = anna.get(url("audience", STAFF), {**groups, "zoek": "il"})
    chips = re.findall(
        r'<label class="([^"]*)"><input type="checkbox" name="ook" value="([^"]*)"', found.content.decode()
    )
    assert chips == [("chip", uid(town, "Ilyas"))]
    page = anna.post(url("hand_in", STAFF), filled(town, sent[:1], photo_act="search", zoek="ilyas"))
    assert re.findall(r'name="ook" value="([^"]*)"', page.content.decode()) == [uid(town, "Ilyas")]


def test_who_serves_no_group_reads_no_name(town, browser_of):
    everybody_agrees(town, but=("Noor", "Ilyas"))
    town.add_staff("Wil", "conciërge", Role.COLLEAGUE, display="Wil")
    town.sync()
    [own] = uploads(1, by=town.user["Wil"], school=town.school, now=NOW)
    wil, groups = browser_of("Wil"), {"groep": str(town.group["@school"].uid), "foto": str(own.uid)}
    shown = wil.get(url("audience", STAFF), groups)
    assert (names_on(town, shown), "Niet iedereen mag op een foto" in page_text(shown)) == (set(), True)
    assert names_on(town, wil.get(url("audience", STAFF), {**groups, "zoek": "noo"})) == {"Noor"}


@pytest.mark.parametrize("sought", ["n", "N ", "%", "__", "' OR 1=1--", "\x00\x00", "é" * 500, "Zofia"])
def test_odd_words_find_nobody(town, browser_of, sent, sought):
    begin(town)
    groups = {"groep": str(town.group["g4"].uid), "foto": str(sent[0].uid), "zoek": sought}
    shown = browser_of("Anna").get(url("audience", STAFF), groups)
    assert (shown.status_code, re.findall(r'name="ook" value="([^"]*)"', shown.content.decode())) == (200, [])


def test_another_group_is_asked_about_at_once(town, browser_of):
    everybody_agrees(town, but=("Ilyas",))
    petra, own = browser_of("Petra"), uploads(1, by=town.user["Petra"], school=town.school, now=NOW)
    photo = {"foto": str(own[0].uid)}
    both = petra.get(url("audience", STAFF), {"groep": [str(town.group[key].uid) for key in ("g4", "g7")], **photo})
    assert asked(both) == (False, True, False)
    assert spared(both) == ["Ilyas"]
    one = petra.get(url("audience", STAFF), {"groep": str(town.group["g4"].uid), **photo})
    assert asked(one) == (True, False, False)


def test_the_preferences_of_the_own_group_are_one_tap_away(town, browser_of):
    links = re.compile(r"/school/groep/[0-9a-f-]{36}/beeld/")
    anna, page = browser_of("Anna"), url("compose", STAFF)
    assert links.findall(anna.get(page).content.decode()) == []
    begin(town)
    [link] = links.findall(anna.get(page).content.decode())
    assert (str(town.group["g4"].uid) in link, anna.get(link).status_code) == (True, 200)


def test_names_are_for_who_writes_there(town, browser_of):
    begin(town)
    answer_own(town, "Petra", says=Says.NO)
    [own] = uploads(1, by=town.user["Lotte"], school=town.school, now=NOW, hat=FAMILY)
    council = {"groep": str(town.group["@mr"].uid), "zoek": "Noor", "ook": uid(town, "Noor"), "foto": str(own.uid)}
    said = page_text(browser_of("Lotte").get(url("audience", FAMILY), council))
    assert [name for name in (*town.child, "juf Anna") if name in said] == []
    assert browser_of("Joost").get(url("audience", STAFF), {"groep": str(town.group["g4"].uid)}).status_code == 200
    foreign = page_text(browser_of("Joost").get(url("audience", STAFF), {"groep": str(town.group["g4"].uid)}))
    assert "Noor" not in foreign


def test_who_may_not_be_shown_stands_first_and_nobody_after_them(town, browser_of, sent):
    everybody_agrees(town, but=("Noor", "Pim"))
    body = look(browser_of("Anna"), town, sent).content.decode()
    item = body[body.index('id="foto-1"') :]
    names = [
        "Mogen niet in beeld",
        "<span>Noor</span>",
        "<span>Pim</span>",
        "<span>Niemand</span>",
        "Anderen van groep 4",
    ]
    places = [item.index(name) for name in [*names, "<span>Fenna</span>", "<span>Mees</span>"]]
    assert places == sorted(places)


def test_nobody_on_the_rest_in_one_press(town, browser_of, sent):
    """Without scripts: what was said of a photo stays, and nothing is placed yet."""
    everybody_agrees(town, but=("Noor",))
    anna, page = browser_of("Anna"), url("compose", STAFF)
    shown = anna.post(page, filled(town, sent, photo_act="add"))
    assert "Op alle 3 foto’s niemand herkenbaar" in page_text(shown)
    said = {sent[1]: uid(town, "Mees")}
    shown = anna.post(page, filled(town, sent, photo_act="add", on=said))
    assert "Op de andere 2 niemand herkenbaar" in page_text(shown)
    pressed = anna.post(page, filled(town, sent, photo_act="nobody", on=said, title="Blijft"))
    assert (pressed.status_code, Post.objects.count(), 'value="Blijft"' in pressed.content.decode()) == (200, 0, True)
    assert ticked(pressed) == {
        (str(sent[0].uid), "nobody"), (str(sent[1].uid), uid(town, "Mees")), (str(sent[2].uid), "nobody"),
    }  # fmt: skip
    assert re.search(r"data-all-nobody hidden>", pressed.content.decode())


def test_a_photo_that_came_in_with_that_press_is_still_to_be_looked_at(town, browser_of, sent):
    everybody_agrees(town, but=("Noor",))
    form = {**filled(town, sent[:1], photo_act="nobody"), "photos": [SimpleUploadedFile("1.jpg", picture())]}
    assert ticked(browser_of("Anna").post(url("compose", STAFF), form)) == {(str(sent[0].uid), "nobody")}


def test_a_photo_that_stands_there_is_not_asked_about_again(town, browser_of, sent, place):
    post = place(pictures=chosen(sent[:1]), declared=True)
    everybody_agrees(town, but=("Noor",))
    form = edited(post, photos_here="1", photo=[str(one.uid) for one in sent[:2]], photo_act="add")
    body = browser_of("Anna").post(url("edit", STAFF, post.uid), form).content.decode()
    assert re.findall(r'<li class="gap3" id="(foto-[0-9])" data-photo="[^"]*" (data-stands)?', body) == [
        ("foto-1", "data-stands"), ("foto-2", ""),
    ]  # fmt: skip


def test_marking_places_and_keeps(town, browser_of, sent):
    everybody_agrees(town, but=("Noor",))
    on = {sent[0]: "nobody", sent[1]: [uid(town, "Mees"), uid(town, "Fenna")], sent[2]: str(town.user["Anna"].uid)}
    assert browser_of("Anna").post(url("compose", STAFF), filled(town, sent, on=on)).status_code == 302
    rows = Depiction.objects.values_list("image", "child__first_name", "adult__name")
    assert set(rows) == {
        (sent[1].pk, "Mees", None), (sent[1].pk, "Fenna", None), (sent[2].pk, None, "Anna"),
    }  # fmt: skip
    assert set(Image.objects.values_list("marking", flat=True)) == {"complete"}


def test_a_refused_form_comes_back_whole(town, browser_of, sent):
    everybody_agrees(town, but=("Noor", "Ilyas"))
    on = {sent[0]: "nobody", sent[1]: [uid(town, "Noor"), uid(town, "Ilyas"), uid(town, "Mees")]}
    more = {f"alt-{sent[1].uid}": "Een kring.", "title": "Blijft staan", "on": on}
    answer = browser_of("Anna").post(url("compose", STAFF), filled(town, sent, **more))
    said = page_text(answer)
    assert (answer.status_code, Post.objects.count(), Placement.objects.count()) == (422, 0, 0)
    assert links(answer) == {
        "foto-2": "Foto 2 kan niet mee: Ilyas en Noor mag er niet op.",
        "foto-3": "Wie staat er op foto 3?",
    }
    assert [words for words in ("nee", "weiger", "ouder") if f" {words} " in said.split("Foto 2")[1][:150]] == []
    assert 'value="Blijft staan"' in answer.content.decode()
    assert 'value="Een kring."' in answer.content.decode()
    assert ticked(answer) == {
        (str(sent[0].uid), "nobody"), *((str(sent[1].uid), uid(town, name)) for name in ("Noor", "Ilyas", "Mees")),
    }  # fmt: skip
    assert Depiction.objects.count() == 0


@pytest.mark.parametrize("whose", ["nobody's", "another school's"])
def test_a_foreign_child_in_a_mark_is_a_missing_one(town, browser_of, sent, whose, agreed):
    foreign = Child.objects.get(first_name="Zofia").uid if whose == "another school's" else uuid4()
    form = filled(town, sent[:1], on={sent[0]: str(foreign)}, declared="on", ook=str(foreign))
    answer = browser_of("Anna").post(url("compose", STAFF), form)
    assert (answer.status_code, Placement.objects.count(), Depiction.objects.count()) == (422, 0, 0)
    assert links(answer) == {"foto-1": "Wie staat er op foto 1?"}
    assert "Zofia" not in answer.content.decode()
    assert ticked(answer) == set()


@pytest.mark.parametrize("odd", ["x", "' OR 1=1--", "\x00"])
def test_odd_marks_mark_nobody(town, browser_of, sent, odd, agreed):
    form = filled(town, sent[:1], on={sent[0]: [odd]}, declared="on", ook=odd)
    assert browser_of("Anna").post(url("compose", STAFF), form).status_code == 302
    assert Depiction.objects.count() == 0


def test_others_are_on_it_too(town, browser_of, sent, agreed):
    """Without scripts: the list of the school, the name under the photos, and the mark."""
    anna, page = browser_of("Anna"), url("compose", STAFF)
    opened = anna.post(page, filled(town, sent[:2], declared="others", photo_act="search", zoek="il", title="Blijft"))
    assert (opened.status_code, 'value="Blijft"' in opened.content.decode()) == (200, True)
    offered = set(re.findall(r'name="ook" value="([^"]+)"', opened.content.decode()))
    assert offered == {uid(town, "Ilyas")}
    added = anna.post(
        page, filled(town, sent[:2], declared="others", photo_act="names", zoek="il", ook=uid(town, "Ilyas"))
    )
    assert added.content.decode().count(f'value="{uid(town, "Ilyas")}"') == 1 + 1 + 2
    on = {sent[0]: uid(town, "Ilyas")}
    refused = anna.post(page, filled(town, sent[:2], declared="others", on=on))
    assert (refused.status_code, ticked(refused)) == (422, {(str(sent[0].uid), uid(town, "Ilyas"))})
    assert anna.post(page, filled(town, sent[:2], declared="on", on=on)).status_code == 302
    assert Depiction.objects.get().child == town.child["Ilyas"]


def test_a_no_between_looking_and_placing(town, browser_of, sent, agreed):
    """The page asked for one line; by the time it comes in, every photo has to say who is on it."""
    anna, page, form = browser_of("Anna"), url("compose", STAFF), filled(town, sent, declared="on")
    assert asked(look(anna, town, sent)) == (True, False, False)
    answer(town, "Noor", Says.NO, by="Said")
    refused = anna.post(page, form)
    assert (refused.status_code, asked(refused)) == (422, (False, True, False))
    assert links(refused) == {"foto-1": "Wie staat er op de foto’s 1, 2 en 3?"}
    assert refused.content.decode().count("Zeg wie te herkennen is.") == 3
    assert refused.content.decode().count('name="photo"') == 3 + 1


def test_editing_shows_what_was_said(town, browser_of, sent, place):
    everybody_agrees(town, but=("Noor",))
    post = place(pictures=[Picture(sent[0].uid, marks=frozenset({town.child["Mees"].uid, town.child["Ilyas"].uid}))])
    anna, page = browser_of("Anna"), url("edit", STAFF, post.uid)
    shown = anna.get(page)
    assert ticked(shown) == {(str(sent[0].uid), uid(town, name)) for name in ("Mees", "Ilyas")}
    new = {"photos_here": "1", "photo": [str(one.uid) for one in sent[:2]]}
    refused = anna.post(page, edited(post, **new))
    assert (refused.status_code, links(refused)) == (422, {"foto-2": "Wie staat er op foto 2?"})
    said = {f"wie-{sent[0].uid}": uid(town, "Mees"), f"wie-{sent[1].uid}": "nobody"}
    assert anna.post(page, edited(post, **new, **said)).status_code == 302
    assert list(Depiction.objects.filter(is_on=True).values_list("child__first_name", flat=True)) == ["Mees"]


def test_in_a_conversation_one_tick_about_its_child(town, browser_of):
    [image] = uploads(1, by=town.user["Karima"], school=town.school, now=NOW, hat=FAMILY)
    thread, karima = start(town), browser_of("Karima")
    page = url("thread", FAMILY, thread.uid)
    assert "Alleen Noor is op de foto’s te herkennen, of niemand." in page_text(karima.get(page))
    form = {"text": "Kijk.", "shown": named_in(thread), "photos_here": "1", "photo": str(image.uid)}
    refused = karima.post(page, {**form, f"wie-{image.uid}": uid(town, "Noor")})
    assert (refused.status_code, Message.objects.count()) == (422, 1)
    assert "zet het vinkje: alleen Noor" in page_text(refused)
    assert refused.content.decode().count('name="photo"') == 1 + 1
    assert karima.post(page, {**form, "declared": "on"}).status_code == 302
    assert Depiction.objects.get().child == town.child["Noor"]


@pytest.mark.parametrize("count", [1, 20])
def test_questions_do_not_grow_with_the_class(town, browser_of, django_assert_num_queries, sent, count):
    begin(town)
    for number in range(count):
        town.add_child(f"Kind {number}", "g4", "@school")
    anna, page = browser_of("Anna"), url("compose", STAFF)
    form = filled(town, sent[:1], photo_act="add")
    anna.post(page, form)
    with django_assert_num_queries(17):
        assert anna.post(page, form).status_code == 200
    audience = {"groep": str(town.group["g4"].uid), "zoek": "No", "foto": str(sent[0].uid)}
    anna.get(url("audience", STAFF), audience)  # the first page of a while asks whether there are rules to confirm
    with django_assert_num_queries(12):
        assert anna.get(url("audience", STAFF), audience).status_code == 200


def test_a_photo_of_a_school_that_began_later_stays_as_it_is(town, browser_of, sent, place):
    post = place(pictures=chosen(sent[:1]), declared=True)
    begin(town)
    anna, page = browser_of("Anna"), url("edit", STAFF, post.uid)
    form = edited(post, title="Anders", photos_here="1", photo=str(sent[0].uid))
    assert anna.post(page, form).status_code == 302
    assert Image.objects.get(pk=sent[0].pk).marking == "declared"
