"""Photos in conversations: who reads the message sees them, page and bytes; nobody else, and nobody afterwards."""

import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from groups.models import Enrolment
from groups.people.services.guardianships import end_guardianship
from groups.roles import Hat, Role
from groups.staff.services.staff import end_assignment
from messaging.models import Image, ImageDeclaration, Message, Placement, Thread
from messaging.photos.domain import Picture
from messaging.photos.services.images import MOST_IN_A_MESSAGE
from messaging.photos.services.placements import PictureGoneError, TooManyPicturesError
from messaging.removing.services.removal import retract_written
from messaging.talks.services.joining import hand_over
from messaging.talks.services.threads import write_message
from messaging.talks.services.threads_steering import join_directie
from portal.core.actor import Actor, clock
from portal.core.models import AuditEvent, OutboxItem
from tests import rows
from tests.messaging.conftest import NOW, later
from tests.messaging.pages import FAMILY, STAFF, page_text, url
from tests.messaging.photo_files import chosen, picture, uploads
from tests.messaging.talk import named_in, readers, say, start


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.KRING_DATA_DIR = tmp_path
    return tmp_path / "media"


def taken(town, by="Karima", count=1, hat=FAMILY):
    return uploads(count, by=town.user[by], school=town.school, now=NOW, hat=hat)


def start_with(town, by="Karima", count=1, **more):
    """A conversation whose first message has photos; by Karima with Anna about Noor unless said otherwise."""
    hat = STAFF if by == "Anna" else FAMILY
    return start(town, by, pictures=chosen(taken(town, by, count, hat), "Een arm."), **more)


def photo_in(thread):
    return Image.objects.filter(placements__writing__thread=thread).order_by("pk")[0]


def viewers(town, image, hat=None, *, now=NOW):
    return {
        name
        for name, user in town.user.items()
        if Image.objects.visible_to(Actor(user, hat, now)).filter(pk=image.pk).exists()
    }


def bytes_of(client, image, **headers):
    return client.get(reverse("messaging:photo", args=[image.uid, 400]), headers=headers)


def file(data=None):
    return SimpleUploadedFile("foto.jpg", picture() if data is None else data, "image/jpeg")


def form(town, images=(), **more):
    return {"title": "Haar arm", "text": "Zie de foto.", "key": str(uuid4()), "met": [str(town.staff["Anna"].uid)],
            "photo": [str(image.uid) for image in images], "declared": "on", **more}  # fmt: skip


def new_url(town, hat, child="Noor"):
    return f"{url('new_thread', hat)}?kind={town.child[child].uid}"


def test_a_photo_is_for_the_readers_of_its_conversation(town):
    image = photo_in(start_with(town))
    assert viewers(town, image) == {"Karima", "Anna"}
    assert (viewers(town, image, FAMILY), viewers(town, image, STAFF)) == ({"Karima"}, {"Anna"})


def test_both_parents_or_one(town):
    assert viewers(town, photo_in(start_with(town, "Anna", parents=("Karima", "Said")))) == {"Anna", "Karima", "Said"}
    assert viewers(town, photo_in(start_with(town, "Anna", parents=("Said",)))) == {"Anna", "Said"}


def test_a_parent_declares_nothing(town):
    start_with(town)
    assert ImageDeclaration.objects.count() == 0


def test_taken_back_is_gone_on_the_next_request(town, browser_of):
    thread = start_with(town)
    image, anna = photo_in(thread), browser_of("Anna")
    etag = bytes_of(anna, image)["ETag"]
    retract_written(written=thread.messages.get(), by=Actor(town.user["Karima"], FAMILY, NOW))
    assert viewers(town, image) == set()
    assert [bytes_of(browser_of(name), image, if_none_match=etag).status_code for name in ("Anna", "Karima")] == [
        404
    ] * 2


@pytest.mark.parametrize("state", ["hidden", "retracted"])
def test_a_message_that_is_not_shown_shows_no_photo(town, state):
    thread = start_with(town)
    hidden = {"hidden_at": NOW, "hidden_by": town.user["Petra"]} if state == "hidden" else {}
    Message.objects.filter(thread=thread).update(state=state, **hidden)
    assert viewers(town, photo_in(thread)) == set()


def test_the_photo_goes_with_the_authority(town):
    thread = start_with(town, "Anna", parents=("Karima", "Said"))
    end_guardianship(
        guardianship=town.caregiver["Said"].guardianships.first(), by=Actor(town.user["Petra"], Hat.ANY, NOW)
    )
    assert viewers(town, photo_in(thread)) == {"Anna", "Karima"}


def test_a_successor_sees_it_once_it_is_handed_over_and_who_left_does_not(town):
    thread = start_with(town)
    end_assignment(assignment=town.staff["Anna"].assignments.get(), by=clock(later(days=1)))
    rows.task(town.staff["Joost"], Role.TEACHER, town.group["g4"], later(days=1))
    rows.task(town.staff["Thijs"], Role.TEACHER, town.group["g4"], later(days=2), later(days=3))
    town.sync()
    image = photo_in(thread)
    seen = [viewers(town, image, STAFF, now=later(days=day)) for day in range(4)]
    assert seen == [{"Anna"}, set(), set(), set()]
    hand_over(thread=thread, staff=town.staff["Joost"], by=Actor(town.user["Karima"], FAMILY, later(days=1)))
    seen = [viewers(town, image, STAFF, now=later(days=day)) for day in range(4)]
    assert seen == [{"Anna"}, {"Joost"}, {"Joost"}, {"Joost"}]


def test_a_colleague_who_taught_all_along_does_not_see_it(town):
    rows.task(town.staff["Joost"], Role.TEACHER, town.group["g4"])
    town.sync()
    assert viewers(town, photo_in(start_with(town))) == {"Karima", "Anna"}


def test_after_the_year_the_parent_keeps_it_and_the_teacher_does_not(town):
    image = photo_in(start_with(town))
    assert viewers(town, image, now=rows.YEAR_END) == {"Karima"}


def test_a_child_that_left(town):
    image = photo_in(start_with(town))
    Enrolment.objects.filter(child=town.child["Noor"]).update(valid_until=NOW)
    town.sync()
    assert viewers(town, image) == {"Karima"}


def test_a_photo_of_a_conversation_is_in_no_album_and_no_card(town, browser_of):
    thread = start_with(town, "Anna", parents=("Karima",))
    for address in (url("album", FAMILY, town.group["g4"].uid), url("feed", FAMILY)):
        assert str(photo_in(thread).uid) not in browser_of("Karima").get(address).content.decode()


def test_a_photo_stands_in_one_message_and_goes_nowhere_else(town, place):
    [image] = taken(town, "Anna", hat=STAFF)
    thread = start(town, "Anna", parents=("Karima",), pictures=chosen([image]))
    with pytest.raises(PictureGoneError):
        place(pictures=chosen([image]), declared=True)
    with pytest.raises(PictureGoneError):
        say_with(town, thread, "Anna", [image])
    assert Placement.objects.count() == 1


def test_a_photo_of_a_post_does_not_come_into_a_conversation(town, place):
    images = taken(town, "Anna", hat=STAFF)
    place(pictures=chosen(images), declared=True)
    with pytest.raises(PictureGoneError):
        start(town, "Anna", parents=("Karima",), pictures=chosen(images))
    assert not Thread.objects.exists()


@pytest.mark.parametrize("theirs", ["somebody else's", "nobody's", "another school's"])
def test_a_foreign_photo_is_as_if_it_were_not_there(town, theirs):
    if theirs == "nobody's":
        wanted = [Picture(uuid4())]
    else:
        wanted = chosen(taken(town, "Said" if theirs == "somebody else's" else "Karima"))
    if theirs == "another school's":
        Image.objects.update(school=town.group["elders"].school)
    with pytest.raises(PictureGoneError):
        start(town, pictures=wanted)
    assert (Thread.objects.count(), Message.objects.count(), OutboxItem.objects.filter(kind="message").count()) == (
        0,
        0,
        0,
    )


def say_with(town, thread, by, images, hat=STAFF):
    return write_message(
        thread=thread, text="Kijk.", by=Actor(town.user[by], hat, NOW), pictures=chosen(images), declared=True
    )


def test_ten_fit_and_one_more_does_not(town):
    thread, images = start(town), taken(town, count=MOST_IN_A_MESSAGE + 1)
    with pytest.raises(TooManyPicturesError):
        say_with(town, thread, "Karima", images, FAMILY)
    say_with(town, thread, "Karima", images[:-1], FAMILY)
    assert Placement.objects.count() == MOST_IN_A_MESSAGE == 10


def test_the_trail_says_how_many_and_nothing_else(town):
    start_with(town, count=2)
    [event] = AuditEvent.objects.filter(verb="message.written")
    assert event.facts == {"photos": 2}


def test_mail_says_nothing_of_photos(town):
    start_with(town)
    assert {item.subject_kind for item in OutboxItem.objects.filter(kind="message")} == {"message"}


@pytest.mark.parametrize(("name", "hat"), [("Karima", FAMILY), ("Anna", STAFF)])
def test_one_photo_comes_in(town, browser_of, name, hat):
    client = browser_of(name)
    answer = client.post(url("upload_talk_photo", hat, town.child["Noor"].uid), {"photo": file()})
    assert (answer.status_code, set(answer.json())) == (201, {"uid", "url"})
    assert viewers(town, Image.objects.get()) == {name}
    assert (
        client.post(url("upload_talk_photo", hat, town.child["Noor"].uid), {"photo": file(b"<svg/>")}).status_code
        == 422
    )


@pytest.mark.parametrize(
    ("name", "hat", "child"),
    [("Karima", FAMILY, "Fenna"), ("Riet", FAMILY, "Fenna"), ("Joost", STAFF, "Noor"), ("Petra", STAFF, "Noor"),
     ("Karima", STAFF, "Noor"), ("Anna", FAMILY, "Noor"), ("Thijs", STAFF, "Mees"), ("Harm", STAFF, "Noor")],
)  # fmt: skip
def test_who_does_not_talk_about_the_child_uploads_nothing(town, browser_of, folder, name, hat, child):
    answer = browser_of(name).post(url("upload_talk_photo", hat, town.child[child].uid), {"photo": file()})
    assert (answer.status_code, Image.objects.count(), folder.exists()) == (404, 0, False)


@pytest.mark.parametrize(("name", "hat"), [("Karima", FAMILY), ("Anna", STAFF)])
def test_starting_with_photos_in_their_order(town, browser_of, name, hat):
    first, second = taken(town, name, 2, hat)
    met = [str((town.staff["Anna"] if hat == FAMILY else town.caregiver["Karima"]).uid)]
    filled = form(town, [second, first], met=met, **{f"alt-{second.uid}": " Een\n arm "})
    answer = browser_of(name).post(new_url(town, hat), filled)
    assert answer.status_code == 302
    placed = Placement.objects.order_by("position").values_list("image__uid", "alt")
    assert list(placed) == [(second.uid, "Een arm"), (first.uid, "")]


@pytest.mark.parametrize(("name", "hat", "reminded"), [("Karima", FAMILY, False), ("Anna", STAFF, True)])
def test_answering_with_a_photo_shows_it_in_the_message(town, browser_of, name, hat, reminded):
    thread, client = start(town), browser_of(name)
    page = url("thread", hat, thread.uid)
    answer = client.post(page, form(town, taken(town, name, 1, hat), shown=named_in(thread)), follow=True)
    assert str(photo_in(thread).uid) in answer.content.decode()
    assert ("Haal de foto’s nu van je telefoon" in page_text(answer)) is reminded
    other = browser_of("Anna" if name == "Karima" else "Karima")
    body = other.get(url("thread", STAFF if hat == FAMILY else FAMILY, thread.uid)).content.decode()
    assert re.findall(r'srcset="/foto/([0-9a-f-]{36})/400', body) == [str(photo_in(thread).uid)]


def test_sending_twice_is_once(town, browser_of):
    thread, client = start(town), browser_of("Karima")
    filled = form(town, taken(town, count=2), shown=named_in(thread))
    page = url("thread", FAMILY, thread.uid)
    assert [client.post(page, filled).status_code for _ in range(2)] == [302, 302]
    assert (Message.objects.count(), Placement.objects.count()) == (2, 2)


def test_the_same_words_with_another_photo_are_another_message(town, browser_of):
    """ "Kijk" with one photo, and a minute later "Kijk" with the next."""
    thread, client = start(town), browser_of("Karima")
    page = url("thread", FAMILY, thread.uid)
    for image in taken(town, count=2):
        assert client.post(page, form(town, [image], text="Kijk", shown=named_in(thread))).status_code == 302
    assert (Message.objects.filter(text="Kijk").count(), Placement.objects.count()) == (2, 2)


@pytest.mark.parametrize("key", ["the same", "another"])
def test_a_photo_that_was_forgotten_goes_along_after_back(town, browser_of, key):
    """The browser brings the words back, under the key of the first time or a new one."""
    client, page = browser_of("Karima"), new_url(town, FAMILY)
    first, then = taken(town, count=2)
    begun = form(town)
    for images in ([], [first], [first], [first, then]):
        again = form(town, images, key=begun["key"] if key == "the same" else str(uuid4()))
        assert client.post(page, again).status_code == 302
    thread = Thread.objects.get()
    placed = Placement.objects.filter(writing__thread=thread).order_by("pk")
    assert list(placed.values_list("image", flat=True)) == [first.pk, then.pk]
    assert list(thread.messages.values_list("text", flat=True)) == ["Zie de foto."] * 3
    answer = url("thread", FAMILY, thread.uid)
    third = taken(town)
    for images in ([], third, third):
        again = form(
            town, images, text="Ja", key=begun["key"] if key == "the same" else str(uuid4()), shown=named_in(thread)
        )
        assert client.post(answer, again).status_code == 302
    assert Placement.objects.count() == 3


def test_what_another_tab_sent_is_left_out_and_the_words_stay(town, browser_of):
    thread, client = start(town), browser_of("Karima")
    sent, kept = taken(town, count=2)
    page = url("thread", FAMILY, thread.uid)
    client.post(page, form(town, [sent], shown=named_in(thread)))
    answer = client.post(page, form(town, [sent, kept], text="Nog een keer.", shown=named_in(thread)))
    assert answer.status_code == 422
    assert re.findall(r'name="photo" value="([0-9a-f-]{36})"', answer.content.decode()) == [str(kept.uid)]
    assert "Nog een keer." in answer.content.decode()
    assert "Kies de foto" in page_text(answer) or "Kies hem" in page_text(answer)


@pytest.mark.parametrize("hat", [FAMILY, STAFF])
def test_without_scripts_files_come_with_the_form(town, browser_of, hat):
    name = "Karima" if hat == FAMILY else "Anna"
    client, files = browser_of(name), [file(), file(b"<svg/>")]
    refused = client.post(
        new_url(town, hat), {**form(town), "met": [str(town.caregiver["Karima"].uid)], "photos": files}
    )
    assert (refused.status_code, Thread.objects.count(), Image.objects.count()) == (422, 0, 1)
    assert "JPEG, PNG of WebP" in page_text(refused)
    added = client.post(new_url(town, hat), {**form(town, title=""), "photos": [file()], "photo_act": "add", "met": []})
    assert (added.status_code, added.content.decode().count('name="photo" value="')) == (200, 1 + 1)
    assert "Zie de foto." in added.content.decode()
    assert "errs" not in re.findall(r'class="(errs)', added.content.decode())


def test_without_scripts_a_choice_of_people_survives_the_photo_button(town, browser_of):
    met = [str(town.caregiver["Said"].uid)]
    page = browser_of("Anna").post(new_url(town, STAFF), form(town, met=met, photo_act="add", photos=[file()]))
    ticked = re.findall(r'<input[^>]*name="met" value="([0-9a-f-]+)"[^>]*checked', page.content.decode())
    assert ticked == met


def test_photos_stay_chosen_where_somebody_came_in_meanwhile(town, browser_of):
    thread, client, images = start(town), browser_of("Karima"), taken(town, count=2)
    page, filled = url("thread", FAMILY, thread.uid), form(town, images, shown=named_in(thread))
    join_directie(thread=thread, by=Actor(town.user["Anna"], STAFF, NOW))
    asked = client.post(page, filled)
    assert (asked.status_code, Placement.objects.count()) == (409, 0)
    chosen_still = re.findall(r'name="photo" value="([0-9a-f-]{36})"', asked.content.decode())
    assert chosen_still == [str(image.uid) for image in images]
    assert client.post(page, form(town, images, shown=named_in(thread))).status_code == 302
    assert Placement.objects.count() == 2


def test_without_scripts_in_an_answer(town, browser_of):
    thread, client = start(town), browser_of("Karima")
    page = url("thread", FAMILY, thread.uid)
    added = client.post(page, {**form(town), "photos": [file(), file()], "photo_act": "add"})
    found = re.findall(r'name="photo" value="([0-9a-f-]{36})"', added.content.decode())
    assert (added.status_code, len(found), Message.objects.count()) == (200, 2, 1)
    assert "Zie de foto." in added.content.decode()
    fewer = client.post(page, {**form(town), "photo": found, "photo_act": f"remove:{found[0]}"})
    assert re.findall(r'name="photo" value="([0-9a-f-]{36})"', fewer.content.decode()) == found[1:]
    assert client.post(page, {**form(town), "photo": found[1:], "shown": named_in(thread)}).status_code == 302
    assert Placement.objects.count() == 1


def test_a_foreign_photo_in_the_form_is_a_missing_one(town, browser_of):
    theirs, thread = taken(town, "Said"), start(town)
    answers = [
        browser_of("Karima").post(
            url("thread", FAMILY, thread.uid), form(town, photo=[str(uid)], shown=named_in(thread))
        )
        for uid in (theirs[0].uid, uuid4())
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert str(theirs[0].uid) not in answers[0].content.decode()
    assert Message.objects.count() == 1


def test_a_closed_conversation_takes_no_photo_and_keeps_the_words(town, browser_of):
    thread, images = start(town), taken(town, "Anna", hat=STAFF)
    end_guardianship(
        guardianship=town.caregiver["Karima"].guardianships.first(), by=Actor(town.user["Petra"], Hat.ANY, NOW)
    )
    answer = browser_of("Anna").post(url("thread", STAFF, thread.uid), form(town, images))
    assert (answer.status_code, Placement.objects.count()) == (403, 0)
    assert "Zie de foto." in answer.content.decode()


def test_viewer_goes_back_and_forth_within_the_message(town, browser_of):
    thread = start_with(town, count=3)
    say_with(town, thread, "Karima", taken(town, count=1), FAMILY)
    client, message = browser_of("Anna"), thread.messages.order_by("pk")[0]
    pages = [client.get(url("talk_viewer", STAFF, message.uid, number)) for number in (1, 2, 3)]
    found = [("data-previous" in page.content.decode(), "data-following" in page.content.decode()) for page in pages]
    assert found == [(False, True), (True, True), (True, False)]
    beyond = client.get(url("talk_viewer", STAFF, message.uid, 4))
    assert beyond.headers["Location"] == url("talk_viewer", STAFF, message.uid, 3)
    assert "Alleen voor dit gesprek." in page_text(pages[0])
    assert f"{url('thread', STAFF, thread.uid)}#bericht-{message.uid}" in pages[0].content.decode()


@pytest.mark.parametrize("name", ["Said", "Petra", "Joost", "Lotte", "Harm"])
def test_the_viewer_of_others_does_not_exist(town, browser_of, name):
    message = start_with(town).messages.get()
    for hat in (FAMILY, STAFF):
        assert browser_of(name).get(url("talk_viewer", hat, message.uid, 1)).status_code == 404


def test_the_page_for_changing_words_says_that_photos_stay(town, browser_of):
    message = start_with(town).messages.get()
    page, client = url("edit_message", FAMILY, message.uid), browser_of("Karima")
    assert "De foto’s blijven." in page_text(client.get(page))
    client.post(page, {"text": "Anders.", "version": 1})
    assert viewers(town, photo_in(message.thread)) == {"Karima", "Anna"}


@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.parametrize(("name", "hat"), [("Karima", FAMILY), ("Anna", STAFF)])
def test_a_conversation_asks_the_same_for_one_photo_and_for_thirty(
    town, browser_of, django_assert_num_queries, name, hat, count
):
    thread = start(town, "Anna", parents=("Karima", "Said"))
    images = taken(town, "Anna", count, STAFF)
    for first in range(0, count, 10):
        say_with(town, thread, "Anna", images[first : first + 10])
    client, page = browser_of(name), url("thread", hat, thread.uid)
    client.get(page)
    with django_assert_num_queries(12):
        assert client.get(page).status_code == 200
    message = thread.messages.order_by("-pk")[0]
    client.get(url("talk_viewer", hat, message.uid, 1))
    with django_assert_num_queries(8):
        assert client.get(url("talk_viewer", hat, message.uid, 1)).status_code == 200


def test_nobody_but_the_readers_of_the_thread_read_its_photos(town):
    thread = start_with(town)
    say(town, thread, "Anna")
    assert viewers(town, photo_in(thread)) == readers(town, thread)
