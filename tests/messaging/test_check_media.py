"""Every file of every photo and scan is as its row says, or is named with what to do (DR18)."""

import io
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.utils import timezone, translation

from messaging.models import Image
from messaging.photos.services import soundness
from messaging.photos.services.images import sweep_uploads
from messaging.photos.services.soundness import Flaw, Wrong, check_media, note_flaws, try_to_keep
from portal.core import doctor
from portal.core.doctor import signs
from portal.core.media import storage
from portal.core.media.decoding import Rendition
from portal.core.media.folder import root
from tests.media import s3
from tests.scene import Scene
from tests.unwritable import nothing_is_written


def kept(image: Image, kind: str, side: int) -> Path:
    return root() / storage.place_of(image.key, kind, side)


@pytest.fixture
def image(scene: Scene) -> Image:
    return scene.photo_lying


@pytest.fixture(autouse=True)
def _as_it_was(image: Image, tmp_path: Path) -> object:
    """The files of a scene are everybody's."""
    folder = kept(image, "webp", 400).parent
    shutil.copytree(folder, tmp_path / "copy")
    yield
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(tmp_path / "copy", folder)


def flaws_of(image: Image) -> list[Flaw]:
    return [flaw for flaw in check_media(now=timezone.now()) if image.key in flaw.place]


def told_of_keeping() -> tuple[str, bool]:
    try_to_keep(now=timezone.now())
    with translation.override("nl"):
        findings = doctor.examine(now=timezone.now(), kept_for=timedelta()).report().findings
    [found] = [one for one in findings if one.name == "photos"]
    return found.words, found.is_red


def test_a_folder_in_which_nothing_can_be_kept_is_red_within_the_hour(
    scene: Scene, settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A disk that only lets itself be read, or that somebody else owns: nobody else notices but who sends a photo."""
    assert told_of_keeping() == ("Foto’s kunnen bewaard worden.", False)
    (tmp_path / "media").write_text("no folder")
    settings.KRING_DATA_DIR = tmp_path
    assert told_of_keeping() == ("Foto’s kunnen niet bewaard worden. Berichten zonder foto gaan door.", True)
    assert f"nothing can be kept in {tmp_path}/media: " in caplog.text


def test_a_disk_that_is_not_there_is_red_within_the_hour(scene: Scene, settings: Any, tmp_path: Path) -> None:
    """Where it should be is an empty folder, in which writing goes well."""
    settings.KRING_DATA_DIR = tmp_path
    assert told_of_keeping() == ("De nieuwste foto is er niet. Misschien zijn ze er geen van alle.", True)


def test_every_photo_of_the_scene_is_whole(scene: Scene) -> None:
    """Each carries a token, and the hash of its row is of the very bytes that lie there."""
    assert Image.objects.count() > 10
    assert [flaw for flaw in check_media(now=timezone.now()) if flaw.wrong is not Wrong.UNNAMED] == []


def test_one_bit_is_found(image: Image) -> None:
    file = kept(image, "webp", 1600)
    data = file.read_bytes()
    for place in (0, len(data) // 2, len(data) - 1):
        file.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        assert flaws_of(image) == [Flaw(storage.place_of(image.key, "webp", 1600), Wrong.CHANGED)]


@pytest.mark.parametrize("side", [1600, 400])
def test_a_missing_size_is_found(image: Image, side: int) -> None:
    kept(image, "webp", side).unlink()
    assert flaws_of(image) == [Flaw(storage.place_of(image.key, "webp", side), Wrong.MISSING)]


@pytest.mark.parametrize(("kind", "side"), [("webp", 400), ("webp", 800), ("jpeg", 400)])
def test_a_smaller_size_that_is_no_picture_is_found(image: Image, kind: str, side: int) -> None:
    kept(image, kind, side).write_bytes(kept(image, "webp", 400).read_bytes()[:60])
    assert flaws_of(image) == [Flaw(storage.place_of(image.key, kind, side), Wrong.BROKEN)]


def test_what_no_row_names_is_found_after_a_day(image: Image) -> None:
    Image.objects.filter(pk=image.pk).delete()
    assert flaws_of(image) == []
    later = [flaw for flaw in check_media(now=timezone.now() + timedelta(days=2)) if image.key in flaw.place]
    assert later == [Flaw(f"{image.key[:2]}/{image.key}", Wrong.UNNAMED)]


def test_the_command_names_it_and_says_what_to_do_and_the_doctor_is_told(image: Image) -> None:
    kept(image, "webp", 400).unlink()
    told = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("check_media", stdout=told)
    assert ended.value.code == 1
    assert storage.place_of(image.key, "webp", 400) in told.getvalue()
    assert "from the backup" in told.getvalue()
    now = timezone.now()
    finding = soundness.CHECK.judge(signs.signs()["media"], now)
    assert finding
    assert (finding.is_red, "check_media" in finding.do) == (True, True)


def test_on_a_copy_that_only_lets_itself_be_read_it_is_said_all_the_same(image: Image) -> None:
    kept(image, "webp", 400).unlink()
    told = io.StringIO()
    with nothing_is_written(), pytest.raises(DatabaseError), transaction.atomic():
        call_command("check_media", stdout=told)
    assert storage.place_of(image.key, "webp", 400) in told.getvalue()


@pytest.mark.parametrize(("days", "is_red"), [(7, False), (9, True)])
def test_a_week_without_a_look_is_red_in_production(
    image: Image, settings: object, monkeypatch: pytest.MonkeyPatch, days: int, is_red: bool
) -> None:
    note_flaws(check_media(now=timezone.now()), now=timezone.now())
    monkeypatch.setattr(settings, "PRODUCTION", True)
    finding = soundness.CHECK.judge(signs.signs()["media"], timezone.now() + timedelta(days=days))
    assert finding
    assert finding.is_red is is_red


@pytest.mark.nightly
def test_the_same_in_a_bucket(image: Image, settings: Any) -> None:
    """Missing, changed and broken are found; what no row names goes with the night, and what a row names stays."""
    place = {side: storage.place_of(image.key, "webp", side) for side in (1600, 800, 400)}
    with s3.standing() as bucket:
        for key in Image.objects.values_list("key", flat=True):
            for path in (root() / storage.place_of(key, "webp", 0)).parent.glob("*"):
                bucket.objects[str(path.relative_to(root()))] = (path.read_bytes(), timezone.now())
        s3.use(settings, bucket)
        assert [flaw for flaw in check_media(now=timezone.now()) if flaw.wrong is not Wrong.UNNAMED] == []
        del bucket.objects[place[400]]
        for side in (1600, 800):
            bucket.objects[place[side]] = (b"RIFF", timezone.now())
        assert flaws_of(image) == [
            Flaw(place[400], Wrong.MISSING),
            Flaw(place[1600], Wrong.CHANGED),
            Flaw(place[800], Wrong.BROKEN),
        ]
        note_flaws(check_media(now=timezone.now()), now=timezone.now())
        finding = soundness.CHECK.judge(signs.signs()["media"], timezone.now())
        assert finding
        assert "bucket" in finding.do
        unnamed = storage.keep([Rendition("webp", 400, b"nobody's")])
        storage.keep_waiting("0" * 32, b"nobody's")
        sweep_uploads(now=timezone.now())
        assert (unnamed in set(storage.kept_keys()), storage.waiting_keys()) == (True, [])
        Image.objects.filter(pk=image.pk).update(created_at=timezone.now() + timedelta(days=2))
        sweep_uploads(now=timezone.now() + timedelta(days=2))
        kept = set(storage.kept_keys())
        assert (unnamed in kept, image.key in kept) == (False, True)
