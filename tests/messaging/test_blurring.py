"""Making somebody on a photo unrecognisable: who may, what becomes of the rows and files, and what a page says."""

import errno
import io
import json
import os
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.urls import reverse
from django.utils import timezone
from PIL import Image as Pillow

from groups.roles import Hat
from messaging.models import Image, Placement
from messaging.photos.policies import can_blur
from messaging.photos.services import blurring
from messaging.photos.services.blurring import ChangedMeanwhileError, NotBlurredError, blur_image
from messaging.photos.services.images import orphans, sweep_uploads, upload_images
from messaging.photos.services.soundness import named_keys
from messaging.removing.domain import unpack
from messaging.removing.services.removal import clear_report, note_report, remove_written
from portal.core import dossier
from portal.core.actor import Actor
from portal.core.media import decoding, kinds, storage
from portal.core.media.decoding import Refused
from portal.core.media.spots import BadSpotsError
from portal.core.models import AuditEvent
from tests.messaging.conftest import NOW, later
from tests.messaging.drafts import act_on, hand_in
from tests.messaging.pages import FAMILY, STAFF, page_text, url
from tests.messaging.photo_files import chosen, uploads

FACE = [(0.5, 0.5, 0.2, 0.2)]


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.KRING_DATA_DIR = tmp_path
    return tmp_path / "media"


@pytest.fixture
def lying(town):
    [image] = uploads(1, by=town.user["Anna"], school=town.school, now=NOW)
    return image


@pytest.fixture
def standing(place, lying):
    """A photo in a message to groep 4."""
    place("Anna", "g4", pictures=chosen([lying]), declared=True)
    return lying


def colourful(town, name="Anna"):
    """A photo of some size, of which the pixels tell."""
    file = io.BytesIO()
    Pillow.linear_gradient("L").resize((500, 400)).convert("RGB").save(file, "PNG")
    [image] = upload_images(pictures=[file.getvalue()], school=town.school, by=Actor(town.user[name], STAFF, NOW))
    return image


def blurred(town, image, by="Anna", hat=STAFF, spots=FACE):
    return blur_image(image=image, spots=spots, by=Actor(town.user[by], hat, NOW))


def pixel(image, side, kind="webp"):
    picture = Pillow.open(io.BytesIO(storage.read(image.key, kind, side)))
    return picture.convert("RGB").getpixel((picture.width // 2, picture.height // 4))


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_the_spot_is_gone_in_every_size_and_kind(town, folder, django_capture_on_commit_callbacks):
    image = colourful(town)
    kinds.kind_for("image/jpeg", key=image.key, side=400)
    old, before = image.key, pixel(image, 400)
    with django_capture_on_commit_callbacks(execute=True):
        after = blurred(town, image, spots=[(0.5, 0.25, 0.2, 0.2)])
    image.refresh_from_db()
    assert (image.key, image.sha256) == (after.key, after.sha256)
    assert {one.split("/")[1] for one in files(folder)} == {image.key} != {old}
    assert kinds.kind_for("image/jpeg", key=image.key, side=400) == "jpeg"
    seen = [pixel(image, side, kind) for side in (400, 800, 1600) for kind in ("webp", "jpeg")]
    assert all(abs(part - 128) <= 4 for colour in seen for part in colour)
    assert not any(abs(part - 128) <= 4 for part in before)


def test_the_old_files_go_only_after_the_commit(town, lying, folder):
    """In this test's transaction nothing is committed yet: who reads the old row still finds its files."""
    old = lying.key
    new = blurred(town, lying)
    assert (storage.has(old, "webp", 1600), storage.has(new.key, "webp", 1600)) == (True, True)


def test_a_crash_before_the_commit_leaves_all_old_and_the_new_files_are_swept(town, lying, folder, monkeypatch):
    def crash(*args, **facts):
        raise DatabaseError

    monkeypatch.setattr(blurring.audit, "record", crash)
    before = (lying.key, lying.sha256)
    with pytest.raises(DatabaseError):
        blurred(town, lying)
    lying.refresh_from_db()
    assert (lying.key, lying.sha256) == before
    monkeypatch.undo()
    assert len(files(folder)) == 6
    Image.objects.filter(pk=lying.pk).update(created_at=later(days=3650))
    sweep_uploads(now=later(days=3650))
    assert {one.split("/")[1] for one in files(folder)} == {lying.key}


def test_what_a_crash_after_the_commit_left_is_swept(town, lying, folder):
    new = blurred(town, lying)
    Image.objects.filter(pk=lying.pk).update(created_at=later(days=3650))
    sweep_uploads(now=later(days=3650))
    assert {one.split("/")[1] for one in files(folder)} == {new.key}


@pytest.mark.parametrize("reason", ["broken", "later", "large"])
def test_a_child_that_fails_leaves_the_photo_as_it_was(town, lying, folder, monkeypatch, reason):
    before = files(folder)
    monkeypatch.setattr(blurring, "blur", lambda picture, spots: Refused(reason))
    with pytest.raises(NotBlurredError) as refused:
        blurred(town, lying)
    assert (refused.value.reason, files(folder)) == (reason, before)
    assert Image.objects.get().key == lying.key


def test_where_no_child_starts_the_photo_is_as_it_was(town, lying, folder, monkeypatch):
    before = files(folder)
    monkeypatch.setattr(decoding.subprocess, "Popen", lambda *args, **more: (_ for _ in ()).throw(OSError))
    with pytest.raises(NotBlurredError):
        blurred(town, lying)
    assert files(folder) == before


def test_a_full_disk_leaves_the_photo_as_it_was(town, lying, folder, monkeypatch):
    before = files(folder)
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
    with pytest.raises(NotBlurredError) as refused:
        blurred(town, lying)
    assert (refused.value.reason, files(folder)) == ("room", before)


def test_who_comes_second_hears_that_the_photo_changed(town, lying, folder, django_capture_on_commit_callbacks):
    """Two people at once: the work of the first is never undone by the pixels that the second one read."""
    second = Image.objects.get(pk=lying.pk)
    with django_capture_on_commit_callbacks(execute=True):
        first = blurred(town, lying)
    with pytest.raises(ChangedMeanwhileError):
        blurred(town, second)
    assert (Image.objects.get().key, len(files(folder))) == (first.key, 3)


def test_changed_while_decoding(town, lying, folder, monkeypatch):
    plain = blurring.blur

    def slow(picture, spots):
        made = plain(picture, spots)
        Image.objects.filter(pk=lying.pk).update(sha256="0" * 64)
        return made

    monkeypatch.setattr(blurring, "blur", slow)
    with pytest.raises(ChangedMeanwhileError):
        blurred(town, lying)
    assert {one.split("/")[1] for one in files(folder)} == {lying.key}


def test_a_right_that_ends_while_decoding_ends_it(town, lying, folder, place, monkeypatch):
    plain = blurring.blur

    def slow(picture, spots):
        place("Anna", pictures=chosen([lying]), declared=True)
        return plain(picture, spots)

    monkeypatch.setattr(blurring, "blur", slow)
    with pytest.raises(PermissionDenied):
        blurred(town, lying, hat=FAMILY)
    assert {one.split("/")[1] for one in files(folder)} == {lying.key}


@pytest.mark.parametrize("spots", [[], [(0.5, 0.5, 0, 0.1)], [(float("nan"), 0.5, 0.1, 0.1)], FACE * 51])
def test_spots_that_are_none_change_nothing(town, lying, folder, spots):
    before = files(folder)
    with pytest.raises(BadSpotsError):
        blurred(town, lying, spots=spots)
    assert files(folder) == before


def may(town, image):
    return {(name, str(hat)) for name in town.user for hat in Hat if can_blur(Actor(town.user[name], hat, NOW), image)}


def test_an_upload_is_blurred_by_its_uploader_only(town, lying):
    assert may(town, lying) == {("Anna", "staff"), ("Anna", "family")}


def test_a_photo_in_a_group_by_who_manages_the_group_in_the_staff_hat(town, standing):
    assert may(town, standing) == {("Anna", "staff"), ("Petra", "staff")}


def test_a_photo_in_a_draft_by_its_writer_once_it_came_back(town, lying):
    handin = hand_in(town, "school", pictures=chosen([lying]))
    assert may(town, lying) == set()
    act_on(town, handin, "return")
    assert {name for name, _hat in may(town, lying)} == {"Anna"}


def test_a_photo_that_was_taken_out_by_nobody(town, standing):
    image = standing
    image.placements.update(removed_at=NOW)
    assert may(town, image) == set()


def test_nobody_blurs_what_somebody_else_may(town, standing):
    image = standing
    for name in sorted(set(town.user) - {"Anna", "Petra"}):
        with pytest.raises(PermissionDenied):
            blurred(town, image, by=name)
    assert Image.objects.get().key == image.key


def test_the_audit_trail_knows_who_and_how_many(town, lying):
    blurred(town, lying)
    [event] = AuditEvent.objects.filter(verb="image.blurred")
    assert (event.actor_uid, event.subject_uid, event.facts) == (town.user["Anna"].uid, lying.uid, {"spots": 1})


def test_phones_fetch_the_new_photo(town, standing, browser_of, django_capture_on_commit_callbacks):
    image = standing
    karima = browser_of("Karima")
    address = reverse("messaging:photo", args=[image.uid, 400])
    before = karima.get(address)
    with django_capture_on_commit_callbacks(execute=True):
        blurred(town, image)
    after = karima.get(address, headers={"If-None-Match": before["ETag"]})
    assert (after.status_code, after["ETag"] != before["ETag"]) == (200, True)
    assert after.content != before.content


def send(client, image, hat=STAFF, script=False, **data):
    headers = {"Accept": "application/json"} if script else {}
    return client.post(url("blur", hat, image.uid), data, headers=headers)


def test_the_script_hears_a_new_address(town, lying, browser_of):
    anna = browser_of("Anna")
    answer = send(anna, lying, script=True, spots=json.dumps(FACE))
    assert answer.status_code == 200
    assert anna.get(answer.json()["url"]).status_code == 200
    assert Image.objects.get().sha256 != lying.sha256


BAD = [
    "",
    "[]",
    "{",
    "null",
    "7",
    '"x"',
    "[[NaN,0.5,0.1,0.1]]",
    "[[1e999,0,1,1]]",
    "[" * 9000,
    "[[0.5,0.5,0.1]]",
    "[{}]",
]


@pytest.mark.parametrize("spots", BAD)
@pytest.mark.parametrize("script", [True, False])
def test_spots_that_are_none_are_answered_in_words(town, lying, browser_of, spots, script):
    answer = send(browser_of("Anna"), lying, script=script, spots=spots)
    assert (answer.status_code, Image.objects.get().key) == (422, lying.key)
    assert "Kies eerst" in (answer.json()["error"] if script else page_text(answer))


@pytest.mark.parametrize("ticked", [["36"], ["-1"], ["x"], ["9" * 5000], ["²"], []])
def test_cells_that_are_none_are_answered_in_words(town, lying, browser_of, ticked):
    answer = send(browser_of("Anna"), lying, cell=ticked)
    assert (answer.status_code, "Kies eerst" in page_text(answer)) == (422, True)


def test_ticked_cells_without_scripts(town, lying, browser_of):
    anna = browser_of("Anna")
    answer = send(anna, lying, cell=["0", "7"], terug="/school/berichten/")
    assert (answer.status_code, answer["Location"]) == (302, "/school/berichten/")
    assert Image.objects.get().sha256 != lying.sha256


@pytest.mark.parametrize(
    "elsewhere", ["//kwaad.example/", "https://kwaad.example/", "/\\kwaad.example", "javascript:1"]
)
def test_nobody_is_sent_away(town, lying, browser_of, elsewhere):
    anna = browser_of("Anna")
    assert elsewhere not in anna.get(url("blur", STAFF, lying.uid), {"terug": elsewhere}).content.decode()
    assert send(anna, lying, cell=["0"], terug=elsewhere)["Location"] == url("blur", STAFF, lying.uid)


def test_the_page_says_where_else_it_changes(town, place, browser_of):
    [image] = uploads(1, by=town.user["Petra"], school=town.school, now=NOW)
    place("Petra", "g4", "g7", pictures=chosen([image]), declared=True)
    page = page_text(browser_of("Petra").get(url("blur", STAFF, image.uid)))
    assert "verandert in 2 berichten" in page


def test_what_went_wrong_is_said(town, lying, browser_of, monkeypatch):
    monkeypatch.setattr(blurring, "blur", lambda picture, spots: Refused("later"))
    answer = send(browser_of("Anna"), lying, cell=["3"])
    assert (answer.status_code, "Probeer het zo nog eens." in page_text(answer)) == (
        422,
        True,
    )


def test_who_sees_a_photo_but_may_not_change_it(town, standing, browser_of):
    image = standing
    assert send(browser_of("Karima"), image, FAMILY, cell=["3"]).status_code == 403
    assert send(browser_of("Joost"), image, STAFF, cell=["3"]).status_code == 404
    assert send(browser_of("Harm"), image, STAFF, cell=["3"]).status_code == 404
    assert Image.objects.get().key == image.key


def test_a_jpeg_that_is_being_made_finds_no_place_once_the_photo_is_forgotten(town, lying, folder, monkeypatch):
    """The old folder goes in one step: nothing of the old photo can be added to it afterwards."""
    plain = kinds.develop

    def slow(*args, **more):
        storage.forget(lying.key)
        return plain(*args, **more)

    monkeypatch.setattr(kinds, "develop", slow)
    assert kinds.kind_for("image/jpeg", key=lying.key, side=400) == "webp"
    assert files(folder) == []


def test_of_a_reported_photo_what_was_reported_is_kept_until_the_case_closes(
    town, folder, place, django_capture_on_commit_callbacks
):
    """Who placed it could take the proof away by making it grey; the case then judged a grey picture."""
    image = colourful(town)
    post, before = place("Anna", "g4", pictures=chosen([image]), declared=True), image.key
    note_report(written=post, now=NOW)
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            image = blurred(town, image)
    [placement] = Placement.objects.select_related("image")
    assert placement.as_reported[0] == before != image.key
    assert pixel(placement.image, 400) != Pillow.open(io.BytesIO(storage.read(before, "webp", 400))).getpixel((200, 80))
    assert named_keys().keys() == {before, image.key}
    assert (orphans(now=timezone.now() + timedelta(days=9)), set(storage.kept_keys())) == ([], {before, image.key})
    with django_capture_on_commit_callbacks(execute=True):
        clear_report(written=post)
    assert set(storage.kept_keys()) == {image.key}
    assert Placement.objects.get().as_reported[0] == image.key


def test_the_hard_copy_is_of_what_was_reported(town, folder, place, django_capture_on_commit_callbacks):
    image = colourful(town)
    post = place("Anna", "g4", pictures=chosen([image]), declared=True)
    as_it_was = storage.read(image.key, "webp", 1600)
    note_report(written=post, now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        image = blurred(town, image)
    with django_capture_on_commit_callbacks(execute=True):
        entry = remove_written(written=post, reason="Gemeld.", by=Actor(town.user["Petra"], STAFF, NOW))
    assert list(unpack(dossier.read(entry)).photos.values()) == [as_it_was]
    assert set(storage.kept_keys()) == {image.key}
