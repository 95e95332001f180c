"""A full disk, uploads that stop halfway, pictures that kill their reader (DR13, DR14, DR17)."""

import hashlib
import io
import os
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone
from PIL import Image as Pillow

from groups.models import Group
from groups.roles import Hat
from messaging.models import Image, Placement, Post
from messaging.photos.domain import Picture
from messaging.photos.services.images import upload_images
from messaging.posts.services.posts import publish_post
from portal.core.actor import Actor
from portal.core.media import storage
from portal.core.media.decoding import Refused
from tests.cast import Cast
from tests.drills.machine import Installation, Visitor, needs_redis, until
from tests.drills.school import classes_of, found_schools, teacher_of, this_friday
from tests.media.corpus import CORPUS, SHOWN, jpeg

pytestmark = pytest.mark.django_db(transaction=True)
UPLOAD, COMPOSE = "/school/schrijven/foto/", "/school/schrijven/"
NO_ROOM = "Er is nu geen ruimte voor foto"
DISK = 2 * 1024 * 1024
ON_A_TINY_DISK = 'mount -t tmpfs -o size=2m tmpfs "$0" && exec "$@"'


@cache
def noise(side: int) -> bytes:
    """A picture that cannot be made small."""
    file = io.BytesIO()
    Pillow.effect_noise((side, side), 90).convert("RGB").save(file, "JPEG", quality=75)
    return file.getvalue()


@pytest.fixture
def group(kring: Installation) -> Iterator[Group]:
    [school] = found_schools(1, this_friday())
    yield classes_of(school)[0]
    assert "Traceback" not in (kring.folder / "web.log").read_text()


def own_mounts(*command: str) -> list[str]:
    """The command in a world with mounts of its own; as somebody else than root by way of a user namespace."""
    if os.geteuid() == 0:
        return ["unshare", "--mount", *command]
    back = ["unshare", "--user", f"--map-user={os.getuid()}", f"--map-group={os.getgid()}"]
    return ["unshare", "--user", "--map-root-user", "--mount", *command, *back]


def may_mount() -> bool:
    if not shutil.which("unshare"):
        return False
    command = own_mounts("sh", "-c", ON_A_TINY_DISK, "/mnt")
    return subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@needs_redis
@pytest.mark.skipif(not may_mount(), reason="this system lets nobody mount a disk of two megabytes")
def test_disk_full(kring: Installation, group: Group, book: Callable[..., None]) -> None:
    """DR13: whatever room is left, a photo that does not fit is refused in words and leaves nothing; texts go on."""
    (kring.folder / "media").mkdir()
    web = kring.web(*own_mounts("sh", "-c", ON_A_TINY_DISK, str(kring.folder / "media")), workers=1)
    media = Path(f"/proc/{web.pid}/root{kring.folder / 'media'}")
    visitor = kring.visitor(teacher_of(group))
    filler = media / "filler"
    refused = 0
    for room in (0, 100_000, 400_000, 700_000):
        filler.write_bytes(b"\0" * (DISK - room - 64_000))
        answer = visitor.upload(UPLOAD, {}, [("photo", noise(1600))])
        assert (answer.status, NO_ROOM in answer.text) == (422, True), answer.text
        assert files(media) == [filler]
        refused += 1
    assert Image.objects.count() == 0
    form = {"topic": "update", "title": "Zonder foto", "text": "Bladeren", "replies": "on", "key": str(uuid4())}
    assert visitor.post(COMPOSE, {**form, "groep": str(group.uid)}).status == 302
    filler.unlink()
    answer = visitor.upload(UPLOAD, {}, [("photo", noise(800))])
    assert answer.status == 201, answer.text
    image = Image.objects.get()
    stored = files(media)
    assert [path.parent.name for path in stored] == [image.key] * 3
    assert image.sha256 in {hashlib.sha256(path.read_bytes()).hexdigest() for path in stored}
    book("DR13", f"photos 5 · kept 1 · refused in words {refused} · rows without file 0 · half files 0 · posts 1")


@needs_redis
@pytest.mark.nightly
@pytest.mark.parametrize("ending", ["closed", "reset"])
def test_upload_stops_halfway(kring: Installation, group: Group, book: Callable[..., None], ending: str) -> None:
    """DR14: at 10, 50 and 99 %; no row, no file, nothing left of it in the temporary folder; the next one works."""
    kring.web(workers=1)
    visitor = kring.visitor(teacher_of(group))
    form = {"topic": "update", "title": "Half", "replies": "on", "declared": "on", "groep": str(group.uid)}
    form |= {"key": str(uuid4()), "text": "Bladeren " * 1000}
    text = urlencode({"csrfmiddlewaretoken": visitor.token, **form}).encode()
    whole = [
        (UPLOAD, visitor.multipart({}, [("photo", noise(2000))])),
        (COMPOSE, visitor.multipart(form, [("photos", noise(2000)), ("photos", jpeg())])),
        (COMPOSE, (text, "application/x-www-form-urlencoded")),
    ]
    stopped = 0
    for path, (body, kind) in whole:
        for part in (0.10, 0.50, 0.99):
            send_part(kring, visitor, path, body[: int(len(body) * part)], kind, len(body), reset=ending == "reset")
            assert visitor.get("/school/berichten/").status == 200
            until(lambda: files(kring.temporary) == [], "the temporary folder is empty", patience=10)
            stopped += 1
    connection.close()
    media = kring.folder / "media"
    assert (Image.objects.count(), Post.objects.filter(title="Half").count(), files(media)) == (0, 0, [])
    assert visitor.upload(UPLOAD, {}, [("photo", noise(2000))]).status == 201
    assert (Image.objects.count(), len(files(media)), files(kring.temporary)) == (1, 3, [])
    book(f"DR14 {ending}", f"sent {stopped + 1} · stopped {stopped} · kept 1 · rows of stopped ones 0 · files left 0")


def send_part(
    kring: Installation, visitor: Visitor, path: str, part: bytes, kind: str, promised: int, *, reset: bool
) -> None:
    """Promise the whole, send a part, and go."""
    headers = {**visitor.headers, "Content-Type": kind, "Content-Length": str(promised)}
    head = f"POST {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
    with socket.create_connection(("127.0.0.1", kring.port), timeout=10) as line:
        line.sendall(head.encode() + part)
        time.sleep(0.2)
        if reset:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def decoders() -> list[int]:
    """The decoding children of this very process."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            number = int(status.parent.name)
            parent = int(status.read_text().rpartition(")")[2].split()[1])
            if parent == os.getpid() and b"child.py" in (status.parent / "cmdline").read_bytes():
                found.append(number)
    return found


def test_pictures_that_kill(cast: Cast, book: Callable[..., None], settings: Any, tmp_path: Path) -> None:
    """DR17: the refused of section F between good ones, and the child hit by SIGSEGV; the rest is placed."""
    settings.KRING_DATA_DIR = tmp_path
    bad = [make() for make, answers in CORPUS.values() if SHOWN not in answers]
    good, slow = jpeg(), noise(5000)
    pictures = [good, slow, *[each for one in bad for each in (one, good)][: 2 * 20], *bad[20:]]
    hit: list[int] = []

    def hit_the_child() -> None:
        until(lambda: Image.objects.count() == 1 and decoders(), "the child is at the slow picture")
        hit.extend(decoders())
        for child in hit:
            os.kill(child, signal.SIGSEGV)
        connection.close()

    gunner = threading.Thread(target=hit_the_child)
    gunner.start()
    now = timezone.now()
    answers = upload_images(pictures=pictures, school=cast.linde, by=Actor(cast.teacher, Hat.STAFF, now))
    gunner.join()
    assert len(hit) == 1
    assert [isinstance(answer, Image) for answer in answers] == [picture == good for picture in pictures]
    assert answers[1] == Refused("broken")
    kept = [answer for answer in answers if isinstance(answer, Image)]
    [post] = publish_post(
        groups=[cast.groep_4],
        topic="update",
        title="Herfst",
        text="Bladeren",
        replies="on",
        by=Actor(cast.teacher, Hat.STAFF, now),
        pictures=[Picture(image.uid) for image in kept],
        declared=True,
    )
    shown = Placement.objects.visible_to(Actor(cast.mother, Hat.FAMILY, now)).filter(writing=post).count()
    assert shown == len(kept) == pictures.count(good)
    assert sorted(storage.kept_keys()) == sorted(image.key for image in kept)
    book("DR17", f"photos {len(pictures)} · placed {shown} · refused {len(pictures) - shown} · files without row 0")
