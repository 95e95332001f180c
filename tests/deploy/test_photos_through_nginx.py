"""Photos through the real front: the same bytes and headers as without it, and nothing that was not asked for."""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from portal.core.media import storage
from portal.core.media.folder import root
from tests.cast import SIGN_IN, Cast
from tests.deploy.test_nginx import (
    NGINX,
    Front,
    adapted,
    free_port,
    make_certificate,
    make_static,
    wait_for,
    write_names,
)
from tests.media import s3
from tests.scene import Scene

pytestmark = [
    pytest.mark.engines("postgresql"),
    pytest.mark.skipif(not (NGINX and shutil.which("openssl")), reason="needs nginx and openssl"),
]
NGINX_OWN = {"server", "date", "connection", "content-length", "accept-ranges"}


@dataclass
class Django:
    """The answer that stands behind the front, given before it is asked for."""

    answer: HttpResponse | None = None


@pytest.fixture
def django_behind(tmp_path: Path) -> Iterator[tuple[Django, Front]]:
    make_certificate(tmp_path)
    with front_of(tmp_path) as front:
        yield front


@pytest.fixture
def bucket(scene: Scene, tmp_path: Path, settings: Any) -> Iterator[s3.Bucket]:
    """All photos of the scene, at the same places; behind the certificate that the front trusts."""
    make_certificate(tmp_path)
    with s3.standing(tmp_path) as bucket:
        for folder, _, names in os.walk(root()):  # the other process of a run removes its own meanwhile
            for path in map(Path(folder).joinpath, names):
                with suppress(FileNotFoundError):
                    bucket.objects[str(path.relative_to(root()))] = (path.read_bytes(), datetime.now(UTC))
        yield bucket


@contextmanager
def front_of(tmp_path: Path, bucket: str = "") -> Iterator[tuple[Django, Front]]:
    behind = Django()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if behind.answer is None:
                self.send_error(500)
                return
            self.send_response_only(behind.answer.status_code)
            for name, value in {**behind.answer.headers, "Content-Length": str(len(behind.answer.content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(behind.answer.content)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing on the tests' screen."""

    make_static(tmp_path)
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    plain, secure = free_port(), free_port()
    text = adapted(tmp_path, plain, secure).replace("/srv/kring/media/", f"{root()}/")
    write_names(tmp_path, upstream.server_port, KRING_BUCKET=bucket)
    (tmp_path / "nginx.conf").write_text(text)
    server = subprocess.Popen([str(NGINX), "-c", tmp_path / "nginx.conf", "-p", tmp_path, "-g", "daemon off;"])
    try:
        wait_for(f"http://127.0.0.1:{plain}/gezond/front")
        yield behind, Front(f"http://127.0.0.1:{plain}", f"https://127.0.0.1:{secure}", tmp_path / "fullchain.pem")
    finally:
        server.terminate()
        server.wait(10)
        upstream.shutdown()
        upstream.server_close()


@pytest.fixture
def mother(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.mother, backend=SIGN_IN)
    return client


def known(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items() if name.lower() not in NGINX_OWN}


@pytest.mark.parametrize("accept", ["image/webp,*/*", "*/*"])
@pytest.mark.parametrize("side", [400, 1600])
def test_same_bytes_and_headers(
    django_behind: tuple[Django, Front], mother: Client, scene: Scene, settings: Any, side: int, accept: str
) -> None:
    behind, front = django_behind
    path = reverse("messaging:photo", args=[scene.photo_of(scene.post).uid, side])
    direct = mother.get(path, headers={"accept": accept})
    settings.KRING_ACCEL = "/binnen/"
    behind.answer = mother.get(path, headers={"accept": accept})
    status, headers, body = front.ask(path, Accept=accept)
    assert (status, body) == (200, direct.content)
    through = known(headers)
    assert through.pop("strict-transport-security").startswith("max-age=31536000")
    assert through == known(direct.headers)
    assert all(len(headers.get_all(name)) == 1 for name in headers)


def test_known_photo_stays_where_it_is(
    django_behind: tuple[Django, Front], mother: Client, scene: Scene, settings: Any
) -> None:
    behind, front = django_behind
    settings.KRING_ACCEL = "/binnen/"
    path = reverse("messaging:photo", args=[scene.photo_of(scene.post).uid, 400])
    etag = mother.get(path)["ETag"]
    behind.answer = mother.get(path, headers={"if-none-match": etag})
    status, headers, body = front.ask(path, If_None_Match=etag)
    assert (status, body, headers["ETag"]) == (304, b"", etag)
    assert headers["Cache-Control"] == "private, no-cache"


def test_place_of_a_photo_opens_nothing(django_behind: tuple[Django, Front], scene: Scene) -> None:
    _, front = django_behind
    place = storage.place_of(scene.photo_of(scene.post).key, "webp", 400)
    for path in (f"/binnen/{place}", f"/binnen/../binnen/{place}", f"/static/../binnen/{place}", f"/media/{place}"):
        status, _, body = front.ask(path)
        assert status in {404, 500}
        assert b"RIFF" not in body


def in_the_bucket(mother: Client, settings: Any, bucket: s3.Bucket, path: str, **headers: str) -> HttpResponse:
    """What Django answers where photos lie in the bucket. It may look there; here it does not read the certificate."""
    settings.KRING_ACCEL = "/binnen/"
    s3.use(settings, bucket)
    with patch.dict(os.environ, AWS_CA_BUNDLE=str(settings.KRING_TEST_CERTIFICATE)):
        return mother.get(path, headers=headers)


@pytest.mark.parametrize("accept", ["image/webp,*/*", "*/*"])
@pytest.mark.parametrize("side", [400, 800, 1600])
def test_same_bytes_and_headers_from_a_bucket(
    bucket: s3.Bucket, tmp_path: Path, mother: Client, scene: Scene, settings: Any, side: int, accept: str
) -> None:
    """Nothing of the reader reaches the bucket, and nothing of the bucket but the bytes reaches the reader."""
    settings.KRING_TEST_CERTIFICATE = tmp_path / "fullchain.pem"
    path = reverse("messaging:photo", args=[scene.photo_of(scene.post).uid, side])
    direct = mother.get(path, headers={"accept": accept})
    kind = direct["Content-Type"].partition("/")[2]
    bucket.objects.setdefault(
        storage.place_of(scene.photo_of(scene.post).key, kind, side), (direct.content, datetime.now(UTC))
    )
    with front_of(tmp_path, bucket.address) as (behind, front):
        behind.answer = in_the_bucket(mother, settings, bucket, path, accept=accept)
        bucket.asked.clear()
        status, headers, body = front.ask(path, Accept=accept, Cookie="__Host-kring=" + "k" * 32, If_None_Match='"x"')
    assert (status, body) == (200, direct.content)
    through = known(headers)
    assert through.pop("strict-transport-security").startswith("max-age=31536000")
    assert through == known(direct.headers)
    assert all(len(headers.get_all(name)) == 1 for name in headers)
    [(method, asked, sent)] = bucket.asked
    assert (method, "X-Amz-Signature=" in asked) == ("GET", True)
    assert {name.lower() for name in sent} <= {"host", "connection"}


def test_what_a_bucket_refuses_is_said_in_our_own_words(
    bucket: s3.Bucket, tmp_path: Path, mother: Client, scene: Scene, settings: Any
) -> None:
    """An address that has ended, one that was signed for another object, and a photo that is not there."""
    settings.KRING_TEST_CERTIFICATE = tmp_path / "fullchain.pem"
    photo = scene.photo_of(scene.post)
    path = reverse("messaging:photo", args=[photo.uid, 400])
    answer = in_the_bucket(mother, settings, bucket, path)
    fresh = f"/binnen/{storage.address(photo.key, 'webp', 400)}"
    with time_machine.travel(datetime.now(UTC) - timedelta(seconds=61), tick=False):
        ended = f"/binnen/{storage.address(photo.key, 'webp', 400)}"
    gone = f"/binnen/{storage.address('0' * 32, 'webp', 400)}"
    statuses = []
    with front_of(tmp_path, bucket.address) as (behind, front):
        for inside in (fresh, ended, fresh.replace("400.webp", "1600.webp"), gone):
            answer.headers["X-Accel-Redirect"] = inside
            behind.answer = answer
            status, headers, body = front.ask(path)
            statuses.append(status)
            assert b"<Code>" not in body
            assert "X-Amz-Request-Id" not in headers
    assert statuses == [200, 502, 502, 404]


def test_a_bucket_that_shows_anothers_certificate_gives_nothing(
    bucket: s3.Bucket, tmp_path: Path, mother: Client, scene: Scene, settings: Any
) -> None:
    settings.KRING_TEST_CERTIFICATE = tmp_path / "fullchain.pem"
    path = reverse("messaging:photo", args=[scene.photo_of(scene.post).uid, 400])
    behind_answer = in_the_bucket(mother, settings, bucket, path)
    make_certificate(tmp_path)
    with front_of(tmp_path, bucket.address) as (behind, front):
        behind.answer = behind_answer
        bucket.asked.clear()
        status, _headers, _body = front.ask(path)
    assert (status, bucket.asked) == (502, [])


def test_without_a_bucket_its_place_is_nowhere(django_behind: tuple[Django, Front], settings: Any) -> None:
    behind, front = django_behind
    behind.answer = HttpResponse(headers={"X-Accel-Redirect": "/binnen/emmer/somewhere/else?a=b"})
    assert front.ask("/thuis/")[0] == 404
    assert front.ask("/binnen/emmer/somewhere/else?a=b")[0] == 404
