"""Photos over HTTP: coming in, bytes and headers, viewer and album, the form with and without scripts."""

import errno
import io
import json
import os
import re
from datetime import datetime, timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image as Pillow

from consent.asking.domain.purposes import Says
from groups.models import Enrolment
from messaging.models import ClearedPhone, Image, Placement, Post
from messaging.photos.services.placements import pictures_of
from portal.core.domain.moments import SCHOOL_ZONE
from portal.core.media import decoding, storage
from portal.core.media.folder import root
from portal.core.media.kinds import MOST_BYTES
from tests.media.corpus import CORPUS, NAMES
from tests.media.second_parser import notes_in
from tests.messaging.conftest import NOW, later
from tests.messaging.consent import answer
from tests.messaging.pages import FAMILY, STAFF, edited, message, page_text, url
from tests.messaging.photo_files import chosen, picture, uploads

MONTHS = re.compile(r"maand=[0-9-]+")


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.KRING_DATA_DIR = tmp_path
    return tmp_path / "media"


@pytest.fixture
def with_photos(town, place):
    def placed(count=1, by="Anna", *groups, **more):
        images = uploads(count, by=town.user[by], school=town.school, now=NOW)
        return place(by, *groups, pictures=chosen(images, "Een blad."), declared=True, **more)

    return placed


def file(data=None, name="foto.jpg", kind="image/jpeg"):
    return SimpleUploadedFile(name, picture() if data is None else data, kind)


def send(client, *files, hat=STAFF):
    return client.post(url("upload_photo", hat), {"photo": list(files)})


def bytes_of(client, image, side=400, **headers):
    return client.get(reverse("messaging:photo", args=[image.uid, side]), headers=headers)


def test_one_photo_comes_in(town, browser_of):
    anna = browser_of("Anna")
    answer = send(anna, file())
    image = Image.objects.get()
    assert (answer.status_code, answer.json()) == (
        201,
        {"uid": str(image.uid), "url": reverse("messaging:photo", args=[image.uid, 400])},
    )
    assert bytes_of(anna, image).status_code == 200


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_names_of_files_are_never_used(town, browser_of, folder, name):
    upload = file()
    upload._name = name
    answer = send(browser_of("Anna"), upload)
    assert answer.status_code in {201, 422}
    assert all(re.fullmatch(r"(1600|800|400)\.(webp|jpeg)", path.name) for path in folder.rglob("*") if path.is_file())
    assert "Set-Cookie" not in answer.headers


def multipart(data, *, closed=True):
    head = b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n'
    return head + data + (b"\r\n--x--\r\n" if closed else b"")


def raw(client, body, **more):
    return client.post(url("upload_photo", STAFF), body, content_type="multipart/form-data; boundary=x", **more)


REQUESTS = {
    "F3 15 MB and one byte": (lambda anna: send(anna, file(b"\xff" * 15_000_001)), 422, 0),
    "F4 no field": (lambda anna: send(anna), 422, 0),
    "F5 the field twice": (lambda anna: send(anna, file(), file()), 201, 1),
    "F6 31 files": (lambda anna: send(anna, *[file(picture(n)) for n in range(31)]), 201, 1),
    "F7 101 files": (lambda anna: send(anna, *[file(b"x") for _ in range(101)]), 400, 0),
    "F8 no end to the form": (lambda anna: raw(anna, multipart(picture()[:-300], closed=False)), 422, 0),
    "F9 shorter than it says": (lambda anna: raw(anna, multipart(picture()), CONTENT_LENGTH=200), 422, 0),
    "F9 no length": (lambda anna: raw(anna, multipart(picture()), CONTENT_LENGTH=""), 422, 0),
    "F64 a PNG called JPEG": (lambda anna: send(anna, file(picture(kind="PNG"), kind="image/jpeg")), 201, 1),
    "F64 a JPEG called PNG": (lambda anna: send(anna, file(kind="image/png")), 201, 1),
    "F65 no kind": (lambda anna: send(anna, file(kind="")), 201, 1),
    "F65 called HTML": (lambda anna: send(anna, file(kind="text/html")), 201, 1),
    "F66 the same twice": (lambda anna: [send(anna, file()) for _ in range(2)][1], 201, 2),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_an_upload_that_is_out_of_the_ordinary(town, browser_of, folder, name):
    ask, status, kept = REQUESTS[name]
    assert (ask(browser_of("Anna")).status_code, Image.objects.count()) == (status, kept)
    assert sum(path.is_file() for path in folder.rglob("*")) == 3 * kept


def test_two_people_with_the_same_file_do_not_meet(town, browser_of):
    """F67: what one person hears does not tell what another one sent."""
    told = [send(browser_of(name), file()).json() for name in ("Anna", "Joost")]
    assert told[0]["uid"] != told[1]["uid"]
    assert Image.objects.values("sha256").distinct().count() == 1


def test_every_bad_file_on_the_list_is_tried():
    named = {name.split()[0] for name in (*CORPUS, *NAMES, *REQUESTS)} | {"F67"}
    assert {f"F{number}" for number in range(1, 71)} - named == set()


@pytest.mark.parametrize(
    ("data", "word"),
    [(b"", "leeg|niet"), (b"<svg/>", "JPEG"), (b"\0\0\0\x18ftypheic", "iPhone"), (b"\xff" * 15_000_001, "15 MB")],
)
def test_a_refusal_says_what_to_do(town, browser_of, data, word, folder):
    answer = send(browser_of("Anna"), file(data))
    assert answer.status_code == 422
    assert re.search(word, answer.json()["error"])
    assert answer.json()["again"] is False
    assert (Image.objects.count(), [path for path in folder.rglob("*") if path.is_file()]) == (0, [])


def test_no_file_and_a_field_instead_of_a_file(town, browser_of):
    anna = browser_of("Anna")
    assert send(anna).status_code == 422
    assert anna.post(url("upload_photo", STAFF), {"photo": "words"}).status_code == 422
    assert anna.post(url("upload_photo", STAFF), "{", content_type="application/json").status_code == 422


@pytest.mark.parametrize("body", [b"--x\r\nContent-Disposition: form-data; name=photo; filename=a\r\n\r\nabc", b""])
def test_a_broken_form(town, browser_of, body):
    answer = browser_of("Anna").post(url("upload_photo", STAFF), body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code in {400, 422}


@pytest.fixture
def no_room(monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "full")

    def fill():
        monkeypatch.setattr(os, "fsync", full)

    return fill


def test_full_disk_is_a_sentence(town, browser_of, no_room):
    no_room()
    answer = send(browser_of("Anna"), file())
    assert (answer.status_code, answer.json()["again"], Image.objects.count()) == (422, True, 0)
    assert "geen ruimte" in answer.json()["error"]


@pytest.fixture
def no_child(monkeypatch):
    def none(*_arguments, **_options):
        raise OSError(errno.EAGAIN, "no more processes")

    def forbid():
        monkeypatch.setattr(decoding.subprocess, "Popen", none)

    return forbid


def test_without_a_child_the_photo_may_come_again(town, browser_of, folder, no_child):
    no_child()
    anna = browser_of("Anna")
    answer = send(anna, file())
    assert (answer.status_code, anna.post(answer.json()["turn"]).status_code) == (202, 202)
    answer = anna.post(answer.json()["turn"])
    assert (answer.status_code, answer.json()["again"], Image.objects.count()) == (422, True, 0)
    assert "Probeer het over een minuut opnieuw" in answer.json()["error"]
    assert not any(path.is_file() for path in folder.rglob("*"))


def test_without_a_child_the_form_comes_back_whole(town, browser_of, no_child):
    no_child()
    form = {**message(town, "g4", title="Blijft staan"), "photos": [file(), file()], "declared": "on"}
    answer = browser_of("Anna").post(url("compose", STAFF), form)
    assert (answer.status_code, Post.objects.count()) == (422, 0)
    assert 'value="Blijft staan"' in answer.content.decode()
    assert page_text(answer).count("Nog even wachten") == 1
    assert answer.content.decode().count("data-turn=") == 2


def test_without_scripts_one_reads_which_of_several_photos_did_not_come(town, browser_of):
    chosen = [file(name="blad.jpg"), file(b"", name="leeg.jpg"), file(b"\xff" * 15_000_001, name="groot.jpg"), file()]
    form = {**message(town, "g4"), "photos": [*chosen, file(b"<svg/>", name="tekening.svg")], "declared": "on"}
    answer = browser_of("Anna").post(url("compose", STAFF), form)
    told = page_text(answer)
    assert (answer.status_code, Image.objects.count()) == (422, 2)
    assert "groot.jpg: Deze foto is groter dan 15 MB" in told
    assert "tekening.svg: Dit is geen foto" in told
    assert "blad.jpg:" not in told


def test_bytes_and_their_headers(with_photos, browser_of):
    with_photos()
    image = Image.objects.get()
    answer = bytes_of(browser_of("Karima"), image, 1600, accept="image/avif,image/webp,*/*")
    assert answer["Content-Type"] == "image/webp"
    assert answer["Cache-Control"] == "private, no-cache"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["ETag"].startswith('"')
    assert Pillow.open(io.BytesIO(answer.content)).format == "WEBP"
    assert "Set-Cookie" not in answer.headers


OLD_BROWSER = "image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5"


@pytest.mark.parametrize("side", [400, 800, 1600])
def test_an_old_browser_gets_a_jpeg(with_photos, browser_of, folder, side):
    with_photos()
    karima, image = browser_of("Karima"), Image.objects.get()
    answer = bytes_of(karima, image, side, accept=OLD_BROWSER)
    assert answer["Content-Type"] == "image/jpeg"
    assert Pillow.open(io.BytesIO(answer.content)).format == "JPEG"
    assert notes_in(answer.content) == []
    assert answer["ETag"] != bytes_of(karima, image, side, accept="image/webp")["ETag"]
    assert bytes_of(karima, image, side, accept=OLD_BROWSER, if_none_match=answer["ETag"]).status_code == 304
    kept = sorted(path.name for path in folder.rglob("*") if path.is_file())
    assert kept == [f"{side}.{kind}" for side in (1600, 400, 800) for kind in ("jpeg", "webp")]


@pytest.mark.parametrize("accept", ["image/webp", OLD_BROWSER])
def test_a_photo_of_before_there_was_a_middle_size_is_sent_large(with_photos, browser_of, accept):
    with_photos()
    karima, image = browser_of("Karima"), Image.objects.get()
    (root() / storage.place_of(image.key, "webp", 800)).unlink()
    middle, large = (bytes_of(karima, image, side, accept=accept) for side in (800, 1600))
    assert (middle.content, middle["ETag"]) == (large.content, large["ETag"])


def test_jpegs_are_made_once(with_photos, browser_of, monkeypatch):
    with_photos()
    karima, image = browser_of("Karima"), Image.objects.get()
    first = bytes_of(karima, image, accept=OLD_BROWSER)
    monkeypatch.setattr(decoding.subprocess, "Popen", None)
    assert bytes_of(karima, image, accept=OLD_BROWSER).content == first.content


def test_who_says_nothing_gets_what_is_there(with_photos, browser_of):
    with_photos()
    assert bytes_of(browser_of("Karima"), Image.objects.get())["Content-Type"] == "image/webp"


@pytest.mark.parametrize("trouble", ["no_room", "no_child"])
def test_where_no_jpeg_can_be_made_the_photo_still_comes(with_photos, browser_of, request, folder, trouble):
    with_photos()
    image = Image.objects.get()
    request.getfixturevalue(trouble)()
    answer = bytes_of(browser_of("Karima"), image, accept=OLD_BROWSER)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert answer["ETag"] == bytes_of(browser_of("Karima"), image, accept="image/webp")["ETag"]
    assert sum(path.is_file() for path in folder.rglob("*")) == 3


def test_a_known_photo_is_not_sent_twice(with_photos, browser_of, django_assert_max_num_queries):
    with_photos()
    karima, image = browser_of("Karima"), Image.objects.get()
    etag = bytes_of(karima, image)["ETag"]
    with django_assert_max_num_queries(4):
        answer = bytes_of(karima, image, if_none_match=etag)
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", etag)
    assert answer["Cache-Control"] == "private, no-cache"
    assert bytes_of(karima, image, 1600, if_none_match=etag).status_code == 200


def test_leaving_ends_it_also_for_who_has_the_photo_already(town, with_photos, browser_of):
    with_photos()
    karima, image = browser_of("Karima"), Image.objects.get()
    etag = bytes_of(karima, image)["ETag"]
    Enrolment.objects.filter(child=town.child["Noor"]).update(valid_until=later(days=-1))
    town.sync()
    assert bytes_of(karima, image, if_none_match=etag).status_code == 404


@pytest.mark.parametrize("tail", ["/", ".jpg", ".css", "/x.css", "%2f..", "0", "?x.css"])
def test_other_addresses_of_a_photo(with_photos, browser_of, tail):
    with_photos()
    path = reverse("messaging:photo", args=[Image.objects.get().uid, 400])
    answer = browser_of("Karima").get(path + tail)
    assert answer.status_code == (200 if tail == "?x.css" else 404)


def test_refused_is_the_same_as_missing(town, with_photos, browser_of):
    with_photos()
    anna = browser_of("Agnieszka")
    refused = bytes_of(anna, Image.objects.get())
    missing = anna.get(reverse("messaging:photo", args=[town.group["g4"].uid, 400]))
    assert refused.status_code == missing.status_code == 404
    assert refused.headers == missing.headers
    assert re.sub(r"[0-9a-f-]{36}", "", refused.content.decode()) == re.sub(
        r"[0-9a-f-]{36}", "", missing.content.decode()
    )


def test_lost_file_is_missing_not_an_error(with_photos, browser_of):
    with_photos()
    image = Image.objects.get()
    storage.forget(image.key)
    for accept in ("image/webp", OLD_BROWSER):
        assert bytes_of(browser_of("Karima"), image, accept=accept).status_code == 404


def test_nginx_is_told_where_after_the_door(settings, with_photos, browser_of):
    settings.KRING_ACCEL = "/binnen/"
    with_photos()
    image = Image.objects.get()
    answer = bytes_of(browser_of("Karima"), image, accept="image/webp")
    assert answer["X-Accel-Redirect"] == f"/binnen/{image.key[:2]}/{image.key}/400.webp"
    assert (answer.content, answer["Content-Type"]) == (b"", "image/webp")
    refused = bytes_of(browser_of("Agnieszka"), image)
    assert (refused.status_code, "X-Accel-Redirect" in refused) == (404, False)


def test_card_shows_four_and_says_how_many_more(with_photos, browser_of):
    with_photos(12)
    page = browser_of("Karima").get(url("feed", FAMILY))
    assert page.content.decode().count("loading=lazy") == 3
    assert "Nog 8 foto’s" in page_text(page)
    assert 'alt="Een blad."' in page.content.decode()
    sizes = ", ".join(rf"/foto/[0-9a-f-]{{36}}/{side} \d+w" for side in (400, 800))
    assert re.search(f'srcset="{sizes}"', page.content.decode())


def test_how_many_stand_in_a_message_is_counted_of_that_message(photos):
    photos(3, title="Met drie")
    photos(1, title="Met een")
    photos(0, title="Met geen")
    counted = Post.objects.with_photos_told(now=NOW).values_list("title", "photos_placed")
    assert dict(counted) == {"Met drie": 3, "Met een": 1, "Met geen": 0}


def test_the_photos_of_a_message_are_numbered_and_counted_of_that_message(photos):
    photos(3, title="Met drie")
    photos(1, title="Met een")
    counted = Placement.objects.counted(most=2).values_list("writing__title", "number", "together")
    assert sorted(counted) == [("Met drie", 1, 3), ("Met drie", 2, 3), ("Met een", 1, 1)]


def test_the_first_photo_of_a_page_does_not_wait_and_has_its_room(with_photos, browser_of):
    with_photos(2)
    post = with_photos(3)
    karima = browser_of("Karima")
    for address, waiting in (
        (url("feed", FAMILY), [False, True, True, True, True]),
        (url("post", FAMILY, post.uid), [False, True, True]),
    ):
        tags = re.findall(r'<div class="photos.*?</div>', karima.get(address).content.decode(), re.DOTALL)
        images = re.findall(r"<img[^>]*>", "".join(tags))
        assert ["loading=lazy" in image for image in images] == waiting
        assert re.search(r' width="\d+" height="\d+"', images[0])


def test_viewer_goes_back_and_forth(with_photos, browser_of):
    post = with_photos(3)
    karima = browser_of("Karima")
    pages = [karima.get(url("viewer", FAMILY, post.uid, number)) for number in (1, 2, 3)]
    assert [("data-previous" in p.content.decode(), "data-following" in p.content.decode()) for p in pages] == [
        (False, True),
        (True, True),
        (True, False),
    ]
    assert karima.get(url("viewer", FAMILY, post.uid, 4)).headers["Location"] == url("viewer", FAMILY, post.uid, 3)
    assert "Deel hem niet verder" in page_text(pages[0])


def test_who_pages_onto_a_photo_that_went_meanwhile_comes_at_the_last_one_or_back(
    town, with_photos, browser_of, agreed
):
    """A page that is not there said that the photo never was."""
    post, karima = with_photos(2), browser_of("Karima")
    assert karima.get(url("viewer", FAMILY, post.uid, 3)).headers["Location"] == url("viewer", FAMILY, post.uid, 2)
    answer(town, "Noor", Says.NO)
    assert karima.get(url("viewer", FAMILY, post.uid, 3)).headers["Location"] == url("post", FAMILY, post.uid)


def test_album_is_by_month(town, with_photos, browser_of):
    with_photos(2)
    with_photos(3, now=later(days=-40))
    with_photos(0, now=later(days=-70))
    karima = browser_of("Karima")
    address = url("album", FAMILY, town.group["g4"].uid)
    newest = karima.get(address)
    assert MONTHS.findall(newest.content.decode()) == ["maand=2026-11", "maand=2026-10"]
    assert newest.content.decode().count("/foto/") == 2 * 2
    assert karima.get(address, {"maand": "2026-10"}).content.decode().count("/foto/") == 3 * 2
    for odd in ("2026-13", "x", "9999-12", "0001-01", "2026-10-01"):
        assert karima.get(address, {"maand": odd}).content == newest.content


def test_a_month_of_which_nothing_is_shown_says_so_and_counts_nothing(town, with_photos, browser_of, agreed):
    """After a no: what nobody has looked at is not shown, and no number tells how much that is (POL-44)."""
    with_photos(2, now=later(days=-40))
    with_photos(3)
    karima, address = browser_of("Karima"), url("album", FAMILY, town.group["g4"].uid)
    months = ["maand=2026-11", "maand=2026-10"]
    assert MONTHS.findall(karima.get(address).content.decode()) == months
    answer(town, "Noor", Says.NO)
    page = karima.get(address)
    assert MONTHS.findall(page.content.decode()) == months
    assert "In deze maand is er niets te zien Foto’s worden nagekeken." in page_text(page)
    assert page.content.decode().count("/foto/") == 0


def test_who_looks_after_a_no_comes_there_from_an_album_in_which_all_wait(town, with_photos, browser_of, agreed):
    with_photos(2)
    album, review = url("album", STAFF, town.group["g4"].uid), url("review", STAFF, town.group["g4"].uid)
    assert review not in browser_of("Anna").get(album).content.decode()
    answer(town, "Noor", Says.NO)
    pages = {name: browser_of(name).get(album).content.decode() for name in ("Anna", "Petra")}
    pages["Karima"] = browser_of("Karima").get(url("album", FAMILY, town.group["g4"].uid)).content.decode()
    assert {name: "/nakijken/" in page for name, page in pages.items()} == {
        "Anna": True,
        "Petra": True,
        "Karima": False,
    }


@pytest.mark.parametrize(("name", "hat"), [("Karima", FAMILY), ("Anna", STAFF), ("Petra", STAFF)])
def test_the_photos_of_a_year_go_a_month_after_it_and_its_words_stay(town, with_photos, browser_of, name, hat):
    """Until 31 August, at school; the texts until the new year (domain card, Access 7)."""
    post = with_photos(2)
    image = Image.objects.first()
    closes = datetime(2027, 9, 1, tzinfo=SCHOOL_ZONE)
    places = [
        url("post", hat, post.uid),
        url("group", hat, town.group["g4"].uid),
        url("album", hat, town.group["g4"].uid),
    ]

    def seen(at):
        with time_machine.travel(at, tick=False):
            reader = browser_of(name)
            pages = [reader.get(place) for place in places]
            large = reader.get(url("viewer", hat, post.uid, 1)).status_code
            assert [page.status_code for page in pages] == [200] * 3
            assert all("Herfst op tafel" in page_text(page) for page in pages[:2])
            assert not any("worden nagekeken" in page_text(page) for page in pages)
            photos = [page.content.decode().count(str(image.uid)) > 0 for page in pages]
            return [*photos, large == 200, bytes_of(reader, image).status_code == 200]

    assert seen(closes - timedelta(seconds=1)) == [True] * 5
    assert seen(closes) == [False] * 5


@pytest.mark.parametrize("count", [1, 10])
def test_the_months_are_found_without_asking_the_rule_of_every_photo(
    town, with_photos, browser_of, django_assert_num_queries, count
):
    """What a month costs is the same whatever was placed before it: one question for the months, one for the photos."""
    for number in range(count):
        with_photos(3, now=later(days=-40, minutes=number))
    with_photos(2)
    karima, address = browser_of("Karima"), url("album", FAMILY, town.group["g4"].uid)
    karima.get(address)
    with django_assert_num_queries(8) as asked:
        karima.get(address)
    ruled = [one["sql"] for one in asked.captured_queries if "consent_clearance" in one["sql"]]
    assert [sql.count('"published_at" < ') for sql in ruled] == [1]


def test_the_page_refuses_what_school_refuses(town, browser_of):
    assert f'data-heaviest="{MOST_BYTES}"' in browser_of("Anna").get(url("compose", STAFF)).content.decode()


def test_album_without_photos(town, browser_of):
    page = browser_of("Karima").get(url("album", FAMILY, town.group["g4"].uid))
    assert "Nog geen foto’s" in page_text(page)


def filled(town, images, **more):
    picked = {"photos_here": "1", "photo": [str(image.uid) for image in images], **more}
    return message(town, "g4", **picked)


def test_who_works_at_two_schools_reads_that_the_photos_came_in_for_the_other(town, browser_of, sent):
    """It said that they are not there any more, however often they were chosen again."""
    Image.objects.filter(pk=sent[1].pk).update(school=town.group["elders"].school)
    page = browser_of("Anna").post(url("compose", STAFF), {**filled(town, sent), "declared": "on"})
    assert page.status_code == 422
    assert "Foto 2 hoort bij een andere school. Haal hem eruit en kies hem opnieuw." in page_text(page)
    assert "Een foto is er niet meer" not in page_text(page)


@pytest.fixture
def sent(town):
    return uploads(3, by=town.user["Anna"], school=town.school, now=NOW)


def test_placing_with_photos_in_their_order(town, browser_of, sent):
    form = filled(town, [sent[2], sent[0]], declared="on", **{f"alt-{sent[2].uid}": " Een\n blad "})
    answer = browser_of("Anna").post(url("compose", STAFF), form)
    assert answer.status_code == 302
    shown = [(one.uid, one.alt) for one in pictures_of(Post.objects.get())]
    assert shown == [(sent[2].uid, "Een blad"), (sent[0].uid, "")]


def test_without_the_tick_the_page_comes_back_whole(town, browser_of, sent):
    answer = browser_of("Anna").post(url("compose", STAFF), filled(town, sent))
    assert (answer.status_code, Post.objects.count()) == (422, 0)
    assert answer.content.decode().count('name="photo"') == 3 + 1
    assert "zeg wie erop staan" in page_text(answer)


def test_double_click_places_once(town, browser_of, sent):
    form = filled(town, sent, declared="on")
    anna = browser_of("Anna")
    assert [anna.post(url("compose", STAFF), form).status_code for _ in range(2)] == [302, 302]
    assert (Post.objects.count(), Placement.objects.count()) == (1, 3)


def test_what_was_changed_since_is_not_undone_by_a_second_try(town, browser_of, sent):
    anna, form = browser_of("Anna"), message(town, "g4")
    anna.post(url("compose", STAFF), form)
    post = Post.objects.get()
    anna.post(url("edit", STAFF, post.uid), edited(post, text="In het bos."))
    anna.post(url("compose", STAFF), {**filled(town, sent[:1], declared="on"), "key": form["key"]})
    post = Post.objects.get()
    assert (post.text, len(pictures_of(post))) == ("In het bos.", 1)


def test_other_words_under_the_same_key_are_another_message(town, browser_of):
    """Back, and something else written in the same form: nothing of it is lost."""
    anna, form = browser_of("Anna"), message(town, "g4")
    anna.post(url("compose", STAFF), form)
    for _ in range(2):
        assert anna.post(url("compose", STAFF), {**form, "text": "En morgen naar zee."}).status_code == 302
    assert sorted(Post.objects.values_list("text", flat=True)) == ["En morgen naar zee.", "In het park."]


def test_a_foreign_photo_in_the_form_is_a_missing_one(town, browser_of):
    theirs = uploads(1, by=town.user["Joost"], school=town.school, now=NOW)
    anna = browser_of("Anna")
    foreign = anna.post(url("compose", STAFF), filled(town, theirs, declared="on"))
    nobodys = anna.post(url("compose", STAFF), filled(town, [town.group["g4"]], declared="on"))
    assert foreign.status_code == nobodys.status_code == 422
    assert str(theirs[0].uid) not in foreign.content.decode()
    assert Post.objects.count() == 0


def test_a_photo_that_another_tab_placed_leaves_the_form(town, browser_of, sent):
    anna = browser_of("Anna")
    assert anna.post(url("compose", STAFF), filled(town, sent[:1], declared="on")).status_code == 302
    second = anna.post(url("compose", STAFF), filled(town, sent[:2], declared="on", title="Blijft"))
    assert (second.status_code, Post.objects.count()) == (422, 1)
    found = re.findall(r'name="photo" value="([0-9a-f-]{36})"', second.content.decode())
    assert found == [str(sent[1].uid)]
    assert 'value="Blijft"' in second.content.decode()


@pytest.mark.parametrize("odd", ["x", "", "' OR 1=1--", "00000000-0000-0000-0000-000000000000x"])
def test_odd_photo_fields_are_no_photos(town, browser_of, odd):
    form = {**message(town, "g4"), "photos_here": "1", "photo": [odd, odd]}
    assert browser_of("Anna").post(url("compose", STAFF), form).status_code == 302


@pytest.mark.parametrize("same_key", [True, False])
def test_a_second_try_with_a_photo_adds_it_to_the_message(town, browser_of, sent, same_key):
    anna, first = browser_of("Anna"), message(town, "g4")
    anna.post(url("compose", STAFF), first)
    again = filled(town, sent[:2], declared="on") | ({"key": first["key"]} if same_key else {})
    for said in ("De foto’s staan er nu bij.", "Dit bericht stond er al."):
        answer = anna.post(url("compose", STAFF), again, follow=True)
        assert said in page_text(answer)
        assert [one.uid for one in pictures_of(Post.objects.get())] == [sent[0].uid, sent[1].uid]


def test_a_second_try_says_who_is_in_the_photo_and_keeps_all(town, browser_of, sent):
    anna = browser_of("Anna")
    anna.post(url("compose", STAFF), message(town, "g4"))
    answer = anna.post(url("compose", STAFF), filled(town, sent))
    assert (answer.status_code, answer.content.decode().count('name="photo"')) == (422, 3 + 1)
    assert "zeg wie erop staan" in page_text(answer)
    assert Placement.objects.count() == 0


@pytest.mark.parametrize(("first", "again"), [(["g4", "g7"], ["g4"]), (["g4"], ["g4", "g7"])])
def test_a_second_try_shows_a_photo_to_no_group_that_was_not_chosen_for_it(town, browser_of, sent, first, again):
    petra = browser_of("Petra")
    petra.post(url("compose", STAFF), message(town, *first))
    images = uploads(1, by=town.user["Petra"], school=town.school, now=NOW)
    answer = petra.post(url("compose", STAFF), filled(town, images, declared="on") | message(town, *again))
    assert (answer.status_code, Placement.objects.count(), Post.objects.count()) == (422, 0, len(first))
    assert "Dit bericht staat al in groep 4" in page_text(answer)
    assert answer.content.decode().count('name="photo"') == 1 + 1


def test_without_scripts_a_photo_that_was_taken_out_or_comes_twice_is_not_added(town, browser_of):
    anna, form = browser_of("Anna"), {**message(town, "g4"), "declared": "on"}
    for _ in range(2):
        anna.post(url("compose", STAFF), {**form, "photos": [file()]})
    assert (Image.objects.count(), Placement.objects.count()) == (2, 1)
    post = Post.objects.get()
    anna.post(url("edit", STAFF, post.uid), edited(post, photos_here="1"))
    assert pictures_of(post) == []
    anna.post(url("compose", STAFF), {**form, "photos": [file()]})
    assert pictures_of(post) == []


def test_without_scripts_files_come_with_the_form(town, browser_of):
    anna = browser_of("Anna")
    kept = anna.post(
        url("compose", STAFF), {**message(town, "g4", title=""), "photos": [file(), file(b"<svg/>"), file(picture(1))]}
    )
    assert (kept.status_code, Image.objects.count()) == (422, 2)
    assert kept.content.decode().count('name="photo"') == 2 + 1
    assert "JPEG, PNG of WebP" in page_text(kept)
    placed = anna.post(url("compose", STAFF), {**message(town, "g4"), "photos": [file()], "declared": "on"})
    assert (placed.status_code, Placement.objects.count()) == (302, 1)


def test_without_scripts_ten_at_once(town, browser_of):
    answer = browser_of("Anna").post(
        url("compose", STAFF), {**message(town, "g4"), "photos": [file() for _ in range(11)]}
    )
    assert (answer.status_code, Image.objects.count()) == (422, 10)
    assert "hooguit tien" in page_text(answer)


@pytest.mark.parametrize(
    ("act", "order"), [("later:0", [1, 0, 2]), ("earlier:2", [0, 2, 1]), ("remove:1", [0, 2]), ("earlier:0", [0, 1, 2]),
                       ("add", [0, 1, 2]), ("nonsense:1", [0, 1, 2])],
)  # fmt: skip
def test_without_scripts_buttons_order(town, browser_of, sent, act, order):
    name, _, place = act.partition(":")
    value = f"{name}:{sent[int(place)].uid}" if place else name
    answer = browser_of("Anna").post(url("compose", STAFF), filled(town, sent, photo_act=value, title="Blijft"))
    found = re.findall(r'name="photo" value="([0-9a-f-]{36})"', answer.content.decode())
    assert found == [str(sent[place].uid) for place in order]
    assert 'value="Blijft"' in answer.content.decode()
    assert Post.objects.count() == 0


def test_editing_shows_and_changes_photos(town, with_photos, browser_of):
    post = with_photos(2)
    anna = browser_of("Anna")
    first, second = pictures_of(post)
    assert anna.get(url("edit", STAFF, post.uid)).content.decode().count('name="photo"') == 2 + 1
    changed = edited(post, photos_here="1", photo=[str(second.uid)])
    assert anna.post(url("edit", STAFF, post.uid), changed).status_code == 302
    assert [one.uid for one in pictures_of(post)] == [second.uid]
    post.refresh_from_db()
    assert anna.post(url("edit", STAFF, post.uid), edited(post, photo=[str(first.uid)])).status_code == 302
    assert [one.uid for one in pictures_of(post)] == [second.uid]


def test_phone_is_asked_for_and_then_told(with_photos, browser_of):
    post = with_photos()
    anna, page = browser_of("Anna"), url("post", STAFF, post.uid)
    assert "Haal de foto’s nu van je telefoon" in page_text(anna.get(page))
    assert "Haal de foto’s" not in page_text(browser_of("Petra").get(page))
    assert anna.post(url("phone_cleared", STAFF, post.uid)).status_code == 302
    assert ClearedPhone.objects.count() == 1
    assert "van je telefoon gehaald" in page_text(anna.get(page))


@pytest.mark.parametrize("count", [1, 30])
def test_questions_do_not_grow_with_the_photos(with_photos, browser_of, django_assert_max_num_queries, town, count):
    post = with_photos(count)
    karima = browser_of("Karima")
    for address, most in [
        (url("feed", FAMILY), 9),
        (url("viewer", FAMILY, post.uid, 1), 8),
        (url("album", FAMILY, town.group["g4"].uid), 9),
    ]:
        karima.get(address)
        with django_assert_max_num_queries(most):
            assert karima.get(address).status_code == 200


def test_answer_of_an_upload_tells_nothing_more(town, browser_of):
    told = json.loads(send(browser_of("Anna"), file()).content)
    assert set(told) == {"uid", "url"}
    assert Image.objects.get().key not in json.dumps(told)
