"""Photos that wait for their turn: kept once, looked at once, whoever asks and whoever dies in the middle (door 5)."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse

from groups.models import StaffAssignment
from groups.roles import Hat
from messaging.models import Image, Upload
from messaging.photos.services import images as service
from messaging.photos.services.images import (
    ASKS_AGAIN,
    MOST_AN_HOUR,
    MOST_WAITING,
    TooManyAnHourError,
    TooManyWaitingError,
    Waits,
    look_at_uploads,
    sweep_uploads,
    upload_images,
)
from portal.core.actor import Actor
from portal.core.media import decoding, storage, turns
from portal.core.media.decoding import Refused
from portal.core.media.turns import turn_of
from tests.media import hostile
from tests.messaging.conftest import NOW, later
from tests.messaging.pages import STAFF, message, page_text, url
from tests.messaging.photo_files import picture
from tests.messaging.test_photo_pages import file, send


@pytest.fixture(autouse=True)
def folder(settings, tmp_path, monkeypatch):
    settings.KRING_DATA_DIR = tmp_path
    monkeypatch.setattr(turns, "places", lambda: 1)
    monkeypatch.setattr(service, "places", lambda: 1)
    return tmp_path / "media"


@pytest.fixture
def sends(town):
    def sent(count=1, by="Anna", now=NOW):
        drawn = [picture(number) for number in range(count)]
        return upload_images(pictures=drawn, school=town.school, by=Actor(town.user[by], Hat.STAFF, now))

    return sent


@pytest.fixture
def asks(town):
    def asked(answers, by="Anna", now=NOW, **more):
        found = look_at_uploads(uids=[answer.uid for answer in answers], by=Actor(town.user[by], Hat.ANY, now), **more)
        return [found.get(answer.uid) for answer in answers]

    return asked


@pytest.fixture
def busy(town):
    """Somebody else's photo is being looked at."""
    with turn_of(town.user["Joost"], now=NOW):
        yield


@pytest.fixture
def waiting(town, sends):
    with turn_of(town.user["Joost"], now=NOW):
        return sends(2)


def files(folder: Path) -> list[str]:
    return sorted(path.parent.name for path in folder.rglob("*") if path.is_file())


def test_whoever_has_no_turn_waits_with_the_bytes_sent(waiting, folder):
    assert all(isinstance(answer, Waits) for answer in waiting)
    assert (files(folder), Image.objects.count()) == (["waiting"] * 2, 0)


def test_the_turn_comes_without_sending_again(waiting, asks, folder):
    found = asks(waiting)
    assert [type(one) for one in found] == [Image, Image]
    assert [one.uid for one in found] == [answer.uid for answer in waiting]
    assert files(folder) == sorted([found[0].key] * 3 + [found[1].key] * 3)
    assert asks(waiting) == found
    assert Image.objects.count() == 2


def test_a_turn_that_is_not_there_yet_costs_nothing(busy, sends, asks, monkeypatch):
    sent = sends()
    monkeypatch.setattr(decoding.subprocess, "Popen", None)
    assert asks(sent) == sent


def test_only_as_long_as_there_is_time(sends, asks, town):
    with turn_of(town.user["Joost"], now=NOW):
        sent = sends(3)
    assert [type(one) for one in asks(sent, at_a_time=0.0)] == [Image, Waits, Waits]
    assert [type(one) for one in asks(sent, at_a_time=0.0)] == [Image, Image, Waits]
    assert [type(one) for one in asks(sent)] == [Image, Image, Image]


def test_who_was_served_lately_lets_others_go_first(town, sends, asks):
    """Ten photos of one person do not stand before the first of another."""
    sends()
    with turn_of(town.user["Joost"], now=NOW):
        many = sends(10, now=later(seconds=1))
        one = sends(by="Petra", now=later(seconds=2))
    assert asks(many, now=later(seconds=3)) == many
    assert [type(each) for each in asks(one, by="Petra", now=later(seconds=3))] == [Image]
    assert Image.objects.count() == 2
    assert {type(each) for each in asks(many, now=later(seconds=4))} == {Image}


def test_who_does_not_ask_any_more_stands_in_nobodys_way(town, sends, asks):
    with turn_of(town.user["Joost"], now=NOW):
        left, one = sends(), sends(by="Petra", now=later(seconds=1))
    assert asks(one, by="Petra", now=later(seconds=2)) == one
    gone = NOW + ASKS_AGAIN
    assert [type(each) for each in asks(one, by="Petra", now=gone)] == [Image]
    assert [type(each) for each in asks(left, now=gone)] == [Image]


def test_somebody_elses_is_not_there(waiting, asks):
    assert asks(waiting, by="Petra") == [None, None]
    assert Upload.objects.waiting().count() == 2


def test_a_right_that_ended_meanwhile_ended_for_what_waits(town, waiting, asks):
    StaffAssignment.objects.filter(staff__user=town.user["Anna"]).update(valid_until=later(days=-1))
    town.sync()
    assert asks(waiting) == [None, None]
    assert Image.objects.count() == 0


def test_a_crash_in_the_middle_gives_the_photo_back(waiting, asks, folder, monkeypatch):
    """The whole process goes down: nothing is half done and nothing lost, the photo is tried again."""

    def goes_down(_renditions):
        raise SystemExit

    with monkeypatch.context() as once:
        once.setattr(storage, "keep", goes_down)
        with pytest.raises(SystemExit):
            asks(waiting)
    assert list(Upload.objects.waiting().values_list("tries", flat=True)) == [1, 0]
    assert (files(folder), Image.objects.count()) == (["waiting"] * 2, 0)
    assert [type(one) for one in asks(waiting)] == [Image, Image]


def test_after_three_tries_it_was_enough(waiting, asks, folder, monkeypatch):
    def none(*_arguments, **_options):
        raise OSError

    monkeypatch.setattr(decoding.subprocess, "Popen", none)
    assert [asks(waiting) for _ in range(3)] == [waiting, waiting, [Refused("later")] * 2]
    assert (files(folder), Image.objects.count()) == ([], 0)


def test_a_quota_an_hour_for_a_person(town, sends, monkeypatch):
    monkeypatch.setattr(service, "MOST_AN_HOUR", 3)
    sends(2)
    with pytest.raises(TooManyAnHourError):
        sends(2, now=later(minutes=59))
    sends(1, now=later(minutes=59))
    sends(2, by="Petra", now=later(minutes=59))
    sends(2, now=later(minutes=61))
    assert Image.objects.count() == 7


def test_what_was_refused_counts_too(town, monkeypatch):
    monkeypatch.setattr(service, "MOST_AN_HOUR", 2)
    told = {"school": town.school, "by": Actor(town.user["Anna"], Hat.STAFF, NOW)}
    assert upload_images(pictures=[b"<svg/>", b""], **told) == [Refused("kind"), Refused("empty")]
    with pytest.raises(TooManyAnHourError):
        upload_images(pictures=[picture()], **told)


def test_bytes_that_wait_do_not_fill_the_disk(busy, sends, folder):
    for _ in range(MOST_WAITING // 10):
        sends(10)
    with pytest.raises(TooManyWaitingError):
        sends()
    assert len(files(folder)) == MOST_WAITING


def test_what_nobody_waits_for_goes(waiting, sends, folder, town):
    with turn_of(town.user["Joost"], now=later(minutes=30)):
        fresh = sends(now=later(minutes=30))
    assert sweep_uploads(now=later(minutes=61)) == 2
    assert (files(folder), [one.uid for one in Upload.objects.all()]) == (["waiting"], [fresh[0].uid])
    assert sweep_uploads(now=later(minutes=61)) == 0


def test_who_stopped_looking_and_comes_back_is_not_swept_under_the_feet(waiting, asks, folder, monkeypatch):
    """The rows went while a child was at work: no image, no file."""
    monkeypatch.setattr(service, "_write_down", _after_the_sweep(service._write_down))
    assert asks(waiting) == [None, None]
    assert (files(folder), Image.objects.count()) == ([], 0)


def _after_the_sweep(write_down):
    def swept(*arguments):
        Upload.objects.all().delete()
        return write_down(*arguments)

    return swept


def test_page_says_where_to_ask_again(busy, town, browser_of):
    anna = browser_of("Anna")
    answer = send(anna, file())
    upload = Upload.objects.get()
    turn = reverse("messaging:photo_turn", args=[upload.uid])
    assert (answer.status_code, answer.json()) == (202, {"uid": str(upload.uid), "turn": turn})
    assert (anna.post(turn).status_code, browser_of("Petra").post(turn).status_code) == (202, 404)
    assert anna.get(turn).status_code == 405


def test_page_asks_until_it_is_there(waiting, browser_of):
    answer = browser_of("Anna").post(reverse("messaging:photo_turn", args=[waiting[0].uid]))
    url = reverse("messaging:photo", args=[waiting[0].uid, 400])
    assert (answer.status_code, answer.json()) == (201, {"uid": str(waiting[0].uid), "url": url})


def test_without_scripts_the_form_waits_and_goes_on(town, browser_of):
    anna = browser_of("Anna")
    form = {**message(town, "g4", title="Blijft staan"), "declared": "on"}
    with turn_of(town.user["Joost"], now=NOW):
        page = anna.post(url("compose", STAFF), {**form, "photos": [file()], "photo_act": "add"})
        [upload] = Upload.objects.all()
        assert "even wachten" in page_text(page)
        assert f'src="{reverse("messaging:photo", args=[upload.uid, 400])}"' not in page.content.decode()
        placed = anna.post(url("compose", STAFF), {**form, "photo": [str(upload.uid)]})
        assert (placed.status_code, "Nog even wachten" in page_text(placed)) == (422, True)
        assert 'value="Blijft staan"' in placed.content.decode()
    looked = anna.post(url("compose", STAFF), {**form, "photo": [str(upload.uid)], "photo_act": "look"})
    assert f'src="{reverse("messaging:photo", args=[upload.uid, 400])}"' in looked.content.decode()
    assert anna.post(url("compose", STAFF), {**form, "photo": [str(upload.uid)]}).status_code == 302


def test_without_scripts_a_refused_photo_says_so_and_goes(town, browser_of):
    anna = browser_of("Anna")
    form = message(town, "g4", title="Blijft staan")
    with turn_of(town.user["Joost"], now=NOW):
        anna.post(url("compose", STAFF), {**form, "photos": [file(b"<svg/>")], "photo_act": "add"})
    [upload] = Upload.objects.all()
    page = anna.post(url("compose", STAFF), {**form, "photo": [str(upload.uid)], "photo_act": "look"})
    assert (page.status_code, "JPEG, PNG of WebP" in page_text(page)) == (422, True)
    assert str(upload.uid) not in page.content.decode()


def test_too_many_an_hour_is_a_sentence(town, browser_of, monkeypatch):
    monkeypatch.setattr(service, "MOST_AN_HOUR", 1)
    anna = browser_of("Anna")
    send(anna, file())
    answer = send(anna, file())
    assert (answer.status_code, answer.json()["again"]) == (422, True)
    assert "Dit uur stuurde je veel foto’s" in answer.json()["error"]


def test_scans_are_counted_before_anything_is_decoded(town, browser_of):
    answer = send(browser_of("Anna"), file(hostile.scans(3000)))
    assert (answer.status_code, answer.json()["again"]) == (422, False)
    assert "te lang duurt" in answer.json()["error"]


def test_limits_are_those_of_a_school():
    """A camp in five messages of thirty is within the hour; a day's worth of them is not."""
    assert (MOST_AN_HOUR, timedelta(hours=1)) == (150, service.HOUR)


def test_on_a_disk_that_only_lets_itself_be_read_a_photo_is_refused_in_words(sends, folder):
    """As a file system goes that found a fault in itself; it was an error of Kring's own."""
    folder.mkdir(parents=True)
    options = ["-t", "tmpfs", "-o", "ro", "tmpfs", str(folder)]
    if subprocess.run(["mount", *options], check=False, capture_output=True).returncode:
        pytest.skip("this system lets nobody mount a disk")
    try:
        assert sends(1) == [Refused("room")]
    finally:
        subprocess.run(["umount", str(folder)], check=True)
