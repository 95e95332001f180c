"""Photos through the real front: the same bytes and headers as without it, and nothing that was not asked for."""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from portal.core.media import storage
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
from tests.scene import Scene

pytestmark = pytest.mark.skipif(not (NGINX and shutil.which("openssl")), reason="needs nginx and openssl")
NGINX_OWN = {"server", "date", "connection", "content-length", "accept-ranges"}


@dataclass
class Django:
    """The answer that stands behind the front, given before it is asked for."""

    answer: HttpResponse | None = None


@pytest.fixture
def django_behind(tmp_path: Path) -> Iterator[tuple[Django, Front]]:
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

    make_certificate(tmp_path)
    make_static(tmp_path)
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    plain, secure = free_port(), free_port()
    text = adapted(tmp_path, plain, secure).replace("/srv/kring/media/", f"{storage.root()}/")
    write_names(tmp_path, upstream.server_port)
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
