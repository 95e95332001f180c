"""Photos lie complete under unguessable names, or not at all: in a folder, and in a bucket."""

import errno
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings

from portal.core.media import storage
from portal.core.media.bucket import SIGNED_FOR_SECONDS, BucketError
from portal.core.media.decoding import Rendition
from portal.core.media.folder import ASIDE_FOR_SECONDS
from tests.media import s3

RENDITIONS = [Rendition("webp", 1600, b"large"), Rendition("webp", 400, b"small")]
NEITHER = "0" * 32


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.KRING_DATA_DIR = tmp_path
    return tmp_path / "media"


@pytest.fixture(scope="module")
def stand_in() -> Iterator[s3.Bucket]:
    with s3.standing() as bucket:
        yield bucket


@pytest.fixture
def bucket(settings: Any, stand_in: s3.Bucket) -> s3.Bucket:
    s3.use(settings, stand_in)
    return s3.emptied(stand_in)


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest) -> Any:
    """Each of the two in turn."""
    return request.getfixturevalue(request.param)


def files(store: Path | s3.Bucket) -> list[str]:
    if isinstance(store, s3.Bucket):
        return sorted(store.objects)
    return sorted(str(path.relative_to(store)) for path in store.rglob("*") if path.is_file())


def test_every_size_is_there_under_a_random_name(store: Any) -> None:
    key, other = storage.keep(RENDITIONS), storage.keep(RENDITIONS)
    assert re.fullmatch(r"[0-9a-f]{32}", key)
    assert key != other
    assert storage.read(key, "webp", 1600) == b"large"
    assert sorted(storage.kept_keys()) == sorted([key, other])
    assert storage.places(key) == [storage.place_of(key, "webp", side) for side in (1600, 400)]
    assert files(store) == sorted([*storage.places(key), *storage.places(other)])
    assert abs(storage.written_at(key) - time.time()) < 60


def test_what_is_not_there_is_said_in_the_same_words(store: Any) -> None:
    for ask in (lambda: storage.read(NEITHER, "webp", 400), lambda: storage.written_at(NEITHER)):
        with pytest.raises(FileNotFoundError):
            ask()
    assert not storage.has(NEITHER, "webp", 400)
    assert (storage.places(NEITHER), list(storage.kept_keys()), storage.waiting_keys()) == ([], [], [])


def test_what_waits_lies_apart_until_it_was_looked_at(store: Any) -> None:
    for number in range(5):
        storage.keep_waiting(f"{number}" * 32, b"as it came")
    assert sorted(storage.waiting_keys()) == [f"{number}" * 32 for number in range(5)]
    assert (storage.read_waiting("1" * 32), storage.read_waiting("9" * 32)) == (b"as it came", b"")
    assert list(storage.kept_keys()) == []
    for _ in range(2):
        storage.forget_waiting("1" * 32)
    assert "1" * 32 not in storage.waiting_keys()


def test_more_photos_than_a_list_holds(store: Any) -> None:
    keys = [storage.keep(RENDITIONS) for _ in range(4)]
    assert sorted(storage.kept_keys()) == sorted(keys)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("call", ["fsync", "rename"])
def test_full_disk_leaves_nothing(monkeypatch: pytest.MonkeyPatch, folder: Path, number: int, call: str) -> None:
    def full(*_: object) -> None:
        raise OSError(number, "full")

    monkeypatch.setattr(*((os, "fsync") if call == "fsync" else (Path, "rename")), full)
    with pytest.raises(storage.NoRoomError):
        storage.keep(RENDITIONS)
    assert files(folder) == []


FILL = """
import django
django.setup()
from portal.core.media import storage
from portal.core.media.decoding import Rendition
from portal.core.media.folder import ASIDE, root
while True:
    try:
        storage.keep([Rendition("webp", side, b"x" * 300_000) for side in (1600, 400)])
    except storage.NoRoomError:
        break
print(len(list(storage.kept_keys())), len(list((root() / ASIDE).iterdir())))
"""


@pytest.mark.skipif(not shutil.which("unshare"), reason="no unshare on this machine: a really full disk was not tried")
def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    """On two megabytes photos are kept until one does not fit, and that one leaves nothing behind."""
    (tmp_path / "fill.py").write_text(FILL)
    small, run = tmp_path / "disk", f"{sys.executable} {tmp_path / 'fill.py'}"
    small.mkdir()
    environment = {"KRING_DATA_DIR": str(small), "KRING_MODE": "test", "DJANGO_SETTINGS_MODULE": "portal.settings",
                   "PYTHONPATH": str(settings.BASE_DIR)}  # fmt: skip
    command = f"mount -t tmpfs -o size=2m tmpfs {small} || exit 77; {run}"
    tried = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", command], env={**os.environ, **environment}, capture_output=True, text=True
    )
    if tried.returncode == 77 or tried.stderr.startswith("unshare"):
        pytest.skip("this system gives nobody a disk of their own: a really full one was not tried")
    assert tried.stdout.split() == ["3", "0"], tried.stderr


def test_another_kind_lies_beside_the_first(store: Any) -> None:
    key = storage.keep(RENDITIONS)
    for _ in range(2):
        storage.add(key, [Rendition("jpeg", 400, b"old")])
    assert [storage.has(key, "jpeg", side) for side in (400, 1600)] == [True, False]
    assert storage.read(key, "jpeg", 400) == b"old"
    assert len(files(store)) == 3
    storage.forget(key)
    with pytest.raises(FileNotFoundError):
        storage.add(key, [Rendition("jpeg", 400, b"old")])
    assert files(store) == []


def test_another_trouble_is_not_called_a_full_disk(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    def broken(*_: object) -> None:
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="broken"):
        storage.keep(RENDITIONS)
    assert files(folder) == []


def test_what_was_never_finished_is_cleared(folder: Path) -> None:
    for name, age in [("old", 2 * ASIDE_FOR_SECONDS), ("new", 0)]:
        (folder / "aside" / name).mkdir(parents=True)
        os.utime(folder / "aside" / name, (time.time() - age,) * 2)
    assert storage.sweep_aside() == 1
    assert [path.name for path in (folder / "aside").iterdir()] == ["new"]


def test_forgetting_twice_is_forgetting_once(store: Any) -> None:
    key, other = storage.keep(RENDITIONS), storage.keep(RENDITIONS)
    storage.forget(key)
    storage.forget(key)
    assert files(store) == sorted(storage.places(other))


@pytest.mark.parametrize("key", ["", "..", "../../etc/passwd", "a" * 31, "A" * 32, "a" * 32 + "/.."])
def test_a_name_that_is_no_key_leads_nowhere(key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        storage.place_of(key, "webp", 400)


# The bucket


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        ((507, "XMinioStorageFull"), storage.NoRoomError),
        ((403, "QuotaExceeded"), storage.NoRoomError),
        ((403, "AccessDenied"), BucketError),
        ((404, "NoSuchBucket"), BucketError),
    ],
)
@pytest.mark.parametrize("before", [0, 1])
def test_a_bucket_that_takes_no_more_keeps_nothing_of_it(
    bucket: s3.Bucket, refusal: tuple[int, str], error: type[Exception], before: int
) -> None:
    bucket.refuses, bucket.lets_in = {"PUT": refusal}, before
    with pytest.raises(error):
        storage.keep(RENDITIONS)
    with pytest.raises(error):
        storage.keep_waiting(NEITHER, b"as it came")
    assert files(bucket) == []


def test_a_bucket_that_does_not_answer_is_trouble_like_that_of_a_disk(bucket: s3.Bucket, settings: Any) -> None:
    settings.KRING_BUCKET = "http://127.0.0.1:9/nobody"
    for ask in (lambda: storage.keep(RENDITIONS), lambda: storage.read(NEITHER, "webp", 400)):
        with pytest.raises(BucketError):
            ask()


def test_what_was_forgotten_while_it_was_added_to_is_gone(bucket: s3.Bucket) -> None:
    """Forgotten after the first look of who adds, and before what is added arrives."""
    key = storage.keep(RENDITIONS)
    bucket.before["PUT"] = lambda: [bucket.objects.pop(place) for place in list(bucket.objects)]
    with pytest.raises(FileNotFoundError):
        storage.add(key, [Rendition("jpeg", 400, b"old")])
    assert files(bucket) == []


def test_what_comes_while_it_is_forgotten_is_taken_away_too(bucket: s3.Bucket) -> None:
    """Put after the list was made of what has to go."""
    key = storage.keep(RENDITIONS)
    late = storage.place_of(key, "jpeg", 400)
    bucket.before["DELETE"] = lambda: bucket.objects.update({late: (b"old", next(iter(bucket.objects.values()))[1])})
    storage.forget(key)
    assert files(bucket) == []


def test_a_photo_is_one_call_in_one_piece(bucket: s3.Bucket) -> None:
    """What is sent in parts can stay behind in parts."""
    key = storage.keep([Rendition("webp", 1600, b"x" * 20_000_000)])
    assert len(storage.read(key, "webp", 1600)) == 20_000_000
    assert [(method, "?" in path) for method, path, _headers in bucket.asked] == [("PUT", False), ("GET", False)]


def test_nothing_is_made_public(bucket: s3.Bucket) -> None:
    """Who may read is the bucket's own: nobody. A bucket whose lists are closed refuses to hear of it at all."""
    storage.keep(RENDITIONS)
    [*_, (_method, _path, headers)] = bucket.asked
    assert not {name.lower() for name in headers} & {"x-amz-acl", "x-amz-grant-read"}
    assert headers["Cache-Control"] == "private, no-store"


def test_an_address_opens_one_photo_for_a_minute(bucket: s3.Bucket) -> None:
    key = storage.keep(RENDITIONS)
    signed = urlsplit(storage.address(key, "webp", 400))
    assert signed.path == f"emmer/{s3.NAME}/{storage.place_of(key, 'webp', 400)}"
    assert parse_qs(signed.query)["X-Amz-Expires"] == [str(SIGNED_FOR_SECONDS)]
    assert SIGNED_FOR_SECONDS <= 60
    assert s3.KEY.partition(":")[2] not in signed.query
    assert len(bucket.asked) == len(RENDITIONS)


@pytest.mark.parametrize("is_open", [False, True])
def test_whether_everybody_is_let_in_is_seen(bucket: s3.Bucket, is_open: bool) -> None:
    bucket.is_open = is_open
    assert storage.is_open_to_all() is is_open
    bucket.refuses = {"GET": (403, "InvalidAccessKeyId")}
    with pytest.raises(BucketError):
        storage.is_open_to_all()
