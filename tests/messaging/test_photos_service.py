"""Photos coming in, standing in messages, and going again: rows and files together."""

import errno
import os
from pathlib import Path

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError

from groups.roles import Hat
from messaging.models import ClearedPhone, Image, ImageDeclaration, Placement, Upload
from messaging.photos.domain import Picture
from messaging.photos.services import images as images_service
from messaging.photos.services.gate import NotDeclaredError
from messaging.photos.services.images import TooManyLyingError, sweep_uploads, upload_images
from messaging.photos.services.photos import photos_of
from messaging.photos.services.placements import PictureGoneError, TooManyPicturesError, clear_phone, pictures_of
from messaging.posts.services.posts import edit_post, publish_post
from messaging.removing.services.removal import retract_post
from portal.core.actor import Actor
from portal.core.media import storage
from portal.core.media.decoding import Refused
from portal.core.media.kinds import MOST_BYTES
from tests.messaging.conftest import NOW, later
from tests.messaging.photo_files import chosen, picture, uploads


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.KRING_DATA_DIR = tmp_path
    return tmp_path / "media"


@pytest.fixture
def images_of(town):
    def images(count, by="Anna", now=NOW):
        return uploads(count, by=town.user[by], school=town.school, now=now)

    return images


def files(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def visible(town, name, image, hat=Hat.ANY):
    return Image.objects.visible_to(Actor(town.user[name], hat, NOW)).filter(pk=image.pk).exists()


def test_every_answer_in_order_and_the_good_ones_kept(town, folder):
    sent = [picture(), b"<svg/>", b"\xff" * (MOST_BYTES + 1), picture(1)]
    kept = upload_images(pictures=sent, school=town.school, by=Actor(town.user["Anna"], Hat.STAFF, NOW))
    assert isinstance(kept[0], Image)
    assert kept[1:3] == [Refused("kind"), Refused("heavy")]
    assert isinstance(kept[3], Image)
    assert (Image.objects.count(), files(folder)) == (2, 6)


def test_same_photo_twice_is_two_photos(images_of, town):
    """No register of contents that would tell one person what another one sent."""
    one = uploads(1, by=town.user["Anna"], school=town.school, now=NOW)[0]
    other = uploads(1, by=town.user["Joost"], school=town.school, now=NOW)[0]
    assert (one.key != other.key, one.sha256 == other.sha256) == (True, True)


@pytest.mark.parametrize("name", ["Karima", "Harm"])
def test_who_may_not_write_here_uploads_nothing(town, folder, name):
    with pytest.raises(PermissionDenied):
        uploads(1, by=town.user[name], school=town.school, now=NOW)
    assert (Image.objects.count(), files(folder)) == (0, 0)


def test_one_person_cannot_fill_the_disk(town, images_of, monkeypatch):
    monkeypatch.setattr(images_service, "MOST_LYING", 3)
    images_of(2)
    with pytest.raises(TooManyLyingError):
        images_of(2)


def test_what_was_called_back_fills_no_disk_for_ever(images_of, monkeypatch):
    """It is swept with its message only: who called back a few messages could send no photo any more."""
    monkeypatch.setattr(images_service, "MOST_LYING", 3)
    images_of(3, now=later(days=-2))
    assert len(images_of(3)) == 3


def test_full_disk_costs_the_photos_that_did_not_fit(town, folder, monkeypatch):
    """No row without its files, no half file; what came before is kept, and what fits after it too."""
    written, fsync = [], os.fsync

    def full(descriptor):
        written.append(descriptor)
        if len(written) in {4, 5}:
            raise OSError(errno.ENOSPC, "full")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    sent = [picture(number) for number in range(4)]
    kept = upload_images(pictures=sent, school=town.school, by=Actor(town.user["Anna"], Hat.STAFF, NOW))
    assert [isinstance(one, Image) for one in kept] == [True, False, False, True]
    assert kept[1:3] == [Refused("room")] * 2
    assert (Image.objects.count(), files(folder)) == (2, 6)


def test_no_file_without_a_row(images_of, folder, monkeypatch):
    def refuse(**fields):
        raise DatabaseError

    monkeypatch.setattr(Image.objects, "create", refuse, raising=False)
    with pytest.raises(DatabaseError):
        images_of(1)
    assert [path.parent.name for path in folder.rglob("*") if path.is_file()] == ["waiting"]
    assert Upload.objects.waiting().count() == 1


def test_an_upload_is_its_uploaders_until_it_is_placed(town, images_of):
    [image] = images_of(1)
    assert [name for name in town.user if visible(town, name, image)] == ["Anna"]


def test_a_photo_is_for_the_readers_of_its_post(town, images_of, place):
    images = images_of(2)
    post = place(pictures=chosen(images), declared=True)
    readers = {name for name in town.user if visible(town, name, images[0])}
    assert readers == {"Karima", "Said", "Lotte", "Riet", "Thijs", "Anna", "Petra"}
    assert not visible(town, "Thijs", images[0], hat=Hat.STAFF)
    retract_post(post=post, by=Actor(town.user["Anna"], Hat.STAFF, NOW))
    assert {name for name in town.user if visible(town, name, images[0])} == set()


def test_written_together_shares_the_photos(town, images_of, place):
    images = images_of(2)
    place(
        "Petra",
        "g4",
        "g7",
        pictures=chosen(uploads(1, by=town.user["Petra"], school=town.school, now=NOW)),
        declared=True,
    )
    assert Placement.objects.count() == 2
    assert Placement.objects.values("image").distinct().count() == 1
    assert ImageDeclaration.objects.count() == 2
    assert not Placement.objects.filter(image__in=images).exists()


def test_without_the_declaration_nothing_is_placed(town, images_of, place):
    with pytest.raises(NotDeclaredError):
        place(pictures=chosen(images_of(1)))
    assert Placement.objects.count() == 0


def test_declaration_says_who_when_and_in_which_words(town, images_of, place):
    post = place(pictures=chosen(images_of(1)), declared=True)
    said = ImageDeclaration.objects.get(post=post)
    assert (said.declared_by, said.declared_at, said.wording, said.post_version) == (
        town.user["Anna"],
        NOW,
        "2026-11",
        1,
    )
    with pytest.raises(DatabaseError):
        ImageDeclaration.objects.update(wording="other")


@pytest.mark.parametrize("theirs", ["somebody else's", "nobody's", "placed already", "another school's"])
def test_a_foreign_photo_is_as_if_it_were_not_there(town, images_of, place, theirs):
    if theirs == "somebody else's":
        wanted = chosen(images_of(1, by="Joost"))
    elif theirs == "nobody's":
        wanted = [Picture(images_of(1)[0].school.foundation_id and town.group["g4"].uid)]
    elif theirs == "placed already":
        wanted = chosen(images_of(1))
        place(pictures=wanted, declared=True)
    else:
        wanted = chosen(images_of(1))
        Image.objects.update(school=town.group["elders"].school)
    with pytest.raises(PictureGoneError):
        place(pictures=wanted, declared=True)


def test_thirty_fit_and_one_more_does_not(town, images_of, place):
    images = images_of(31)
    with pytest.raises(TooManyPicturesError):
        place(pictures=chosen(images), declared=True)
    assert len(pictures_of(place(pictures=chosen(images[:30]), declared=True))) == 30


def change(town, post, pictures, **more):
    fields = {name: getattr(post, name) for name in ("topic", "title", "text", "replies", "version")}
    said = {"by": Actor(town.user["Anna"], Hat.STAFF, later(minutes=5)), **more}
    return edit_post(post=post, pictures=pictures, **{**fields, **said})[0]


def test_editing_orders_and_leaves_out(town, images_of, place):
    images = images_of(3)
    post = place(pictures=chosen(images), declared=True)
    edited = change(town, post, [Picture(images[2].uid, "Een blad."), Picture(images[0].uid)])
    assert [one.uid for one in pictures_of(post)] == [images[2].uid, images[0].uid]
    assert pictures_of(post)[0].alt == "Een blad."
    first_of_two = photos_of([post], actor=Actor(town.user["Karima"], Hat.FAMILY, NOW), most=1)[post.pk]
    assert [(one.uid, one.number, one.together) for one in first_of_two] == [(images[2].uid, 1, 2)]
    assert edited.version == 2
    assert not visible(town, "Karima", images[1])
    assert not visible(town, "Anna", images[1])
    assert Placement.objects.filter(writing=post).count() == 3


def test_a_new_photo_asks_for_the_declaration_again(town, images_of, place):
    post = place(pictures=chosen(images_of(1)), declared=True)
    wanted = [*pictures_of(post), *chosen(images_of(1))]
    with pytest.raises(NotDeclaredError):
        change(town, post, wanted)
    change(town, post, wanted, declared=True)
    assert ImageDeclaration.objects.filter(post=post).count() == 2


def test_editing_words_alone_leaves_the_photos(town, images_of, place):
    post = place(pictures=chosen(images_of(2)), declared=True)
    change(town, post, None, title="Anders")
    assert len(pictures_of(post)) == 2
    post.refresh_from_db()
    assert change(town, post, pictures_of(post)).version == post.version


def test_nobody_places_anothers_photo_by_editing(town, images_of, place):
    post = place()
    with pytest.raises(PictureGoneError):
        change(town, post, chosen(images_of(1, by="Joost")), declared=True)


def test_uploads_nobody_placed_go_after_a_day(town, images_of, place, folder):
    kept, lying, fresh = images_of(1), images_of(1), images_of(1, now=later(hours=20))
    place(pictures=chosen(kept), declared=True)
    storage.keep([])
    with time_machine.travel(later(days=3), tick=False):
        assert sweep_uploads(now=later(hours=30)) >= 1
        assert sweep_uploads(now=later(hours=30)) == 0
    assert set(Image.objects.all()) == {*kept, *fresh}
    assert lying[0].key not in set(storage.kept_keys())
    assert {kept[0].key, fresh[0].key} <= set(storage.kept_keys())


def test_phone_is_told_once_and_by_its_writer_only(town, images_of, place):
    post = place(pictures=chosen(images_of(1)), declared=True)
    for moment in (NOW, later(days=1)):
        clear_phone(post=post, by=Actor(town.user["Anna"], Hat.STAFF, moment))
    assert ClearedPhone.objects.get().cleared_at == NOW
    for name in ("Petra", "Karima", "Harm"):
        with pytest.raises(PermissionDenied):
            clear_phone(post=post, by=Actor(town.user[name], Hat.STAFF, NOW))


def test_no_photos_no_phone_to_clear(town, place):
    with pytest.raises(PermissionDenied):
        clear_phone(post=place(), by=Actor(town.user["Anna"], Hat.STAFF, NOW))


def test_everything_or_nothing(town, images_of):
    images = images_of(1)
    with pytest.raises(PermissionDenied):
        publish_post(
            groups=[town.group["g4"], town.group["g7"]],
            topic="update",
            title="Titel",
            text="Tekst",
            replies="on",
            by=Actor(town.user["Anna"], Hat.STAFF, NOW),
            pictures=chosen(images),
            declared=True,
        )
    assert Placement.objects.count() == 0
