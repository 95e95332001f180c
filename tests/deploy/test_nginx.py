"""deploy/nginx.conf in a real nginx, in front of an upstream that tells what reached it."""

import gzip
import json
import os
import re
import shutil
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import create_server

import pytest

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "nginx.conf"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
pytestmark = pytest.mark.skipif(not (NGINX and shutil.which("openssl")), reason="needs nginx and openssl")

PAGE_HEADERS = {"Content-Security-Policy": "default-src 'none'", "Cache-Control": "private, no-store"}
STYLE = b"body { color: black }\n" * 100


class Upstream(BaseHTTPRequestHandler):
    """Answers every request with the headers it came with, under the headers of a page."""

    def do_GET(self) -> None:
        body = json.dumps({"path": self.path, "headers": dict(self.headers)}).encode() + b" " * 5000
        self.send_response(200)
        for name, value in {**PAGE_HEADERS, "Content-Type": "text/html", "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing on the tests' screen."""


@dataclass(frozen=True)
class Front:
    """Where the front can be reached, and the certificate it shows."""

    plain: str
    secure: str
    certificate: Path

    def ask(self, path: str, **headers: str) -> tuple[int, Message, bytes]:
        """One request over TLS."""
        context = ssl.create_default_context(cafile=self.certificate)
        return ask(f"{self.secure}{path}", urllib.request.HTTPSHandler(context=context), **headers)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer here."""

    def redirect_request(self, *_arguments: object) -> None:
        return None


def ask(url: str, *handlers: urllib.request.BaseHandler, **headers: str) -> tuple[int, Message, bytes]:
    """One request, without the environment's proxies and without following a redirect."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect(), *handlers)
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with opener.open(request, timeout=5) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def free_port() -> int:
    with create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def adapted(folder: Path, plain: int, secure: int, upstream: int) -> str:
    """The configuration as it is but for its addresses and folders."""
    replacements = {
        "pid /run/nginx.pid;": f"pid {folder}/nginx.pid;" + (" user root;" if os.geteuid() == 0 else ""),
        "error_log /dev/stderr warn;": f"error_log {folder}/error.log warn;",
        "listen 80 ": f"listen 127.0.0.1:{plain} ",
        "listen 443 ": f"listen 127.0.0.1:{secure} ",
        "http://web:8000": f"http://127.0.0.1:{upstream}",
        "/etc/nginx/tls/": f"{folder}/",
        "/srv/kring/static/": f"{folder}/static/",
        "/var/www/acme": f"{folder}/acme",
        "default_type application/octet-stream;": "default_type application/octet-stream;\n"
        + "".join(
            f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        ),
    }
    text = CONFIGURATION.read_text()
    for old, new in replacements.items():
        assert old in text, f"{old!r} is no longer in nginx.conf"
        text = text.replace(old, new)
    return text


def make_certificate(folder: Path) -> None:
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names, *files]
    subprocess.run(command, check=True, capture_output=True)


def make_static(folder: Path) -> None:
    (folder / "static").mkdir()
    (folder / "static" / "favicon.svg").write_text("<svg/>")
    (folder / "static" / "kring.07c2086f9218.css").write_bytes(STYLE)
    (folder / "static" / "kring.07c2086f9218.css.gz").write_bytes(gzip.compress(STYLE))


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """A running nginx with our configuration, ended with the module."""
    folder = tmp_path_factory.mktemp("nginx")
    make_certificate(folder)
    make_static(folder)
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    plain, secure = free_port(), free_port()
    configuration = folder / "nginx.conf"
    configuration.write_text(adapted(folder, plain, secure, upstream.server_port))
    server = subprocess.Popen([str(NGINX), "-c", configuration, "-p", folder, "-g", "daemon off;"])
    try:
        wait_for(f"http://127.0.0.1:{plain}/gezond/front")
        yield Front(f"http://127.0.0.1:{plain}", f"https://127.0.0.1:{secure}", folder / "fullchain.pem")
    finally:
        server.terminate()
        server.wait(10)
        upstream.shutdown()
        upstream.server_close()


def wait_for(url: str) -> None:
    for _ in range(100):
        try:
            assert ask(url)[0] == 200
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("nginx did not start")


def test_nginx_accepts_the_configuration_without_a_warning(tmp_path: Path) -> None:
    make_certificate(tmp_path)
    (tmp_path / "nginx.conf").write_text(adapted(tmp_path, 8080, 8443, 8000))
    command = [str(NGINX), "-t", "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, re.findall(r"\[(?:warn|emerg)\].*", result.stderr)) == (0, [])


def test_plain_address_leads_to_the_secure_one(front: Front) -> None:
    status, headers, _ = ask(f"{front.plain}/thuis/berichten/?x=1", Host="kring.example")
    assert (status, headers["Location"]) == (308, "https://kring.example/thuis/berichten/?x=1")


def test_client_cannot_speak_for_a_proxy(front: Front) -> None:
    told = {
        "X_Forwarded_For": "203.0.113.9",
        "X_Forwarded_Proto": "http",
        "X_Forwarded_Host": "evil.example",
        "X_Real_IP": "203.0.113.9",
        "Forwarded": "for=203.0.113.9",
    }
    _, _, body = front.ask("/", Host="kring.example", **told)
    arrived = {name.lower(): value for name, value in json.loads(body)["headers"].items()}
    assert {name: arrived.get(name) for name in ("host", *(name.lower().replace("_", "-") for name in told))} == {
        "host": "kring.example",
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-proto": "https",
        "x-forwarded-host": None,
        "x-real-ip": None,
        "forwarded": None,
    }


def test_pages_keep_their_headers_and_are_not_compressed(front: Front) -> None:
    status, headers, _ = front.ask("/", Accept_Encoding="gzip, br")
    assert status == 200
    assert {name: headers.get_all(name) for name in PAGE_HEADERS} == {n: [v] for n, v in PAGE_HEADERS.items()}
    assert (headers["Content-Encoding"], headers["Server"]) == (None, "nginx")


def test_static_files_come_compressed_and_may_be_kept(front: Front) -> None:
    status, headers, body = front.ask("/static/kring.07c2086f9218.css", Accept_Encoding="gzip")
    assert (status, headers["Content-Encoding"], gzip.decompress(body)) == (200, "gzip", STYLE)
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_static_file_without_a_hash_is_asked_for_again(front: Front) -> None:
    status, headers, _ = front.ask("/static/favicon.svg")
    assert (status, headers["Cache-Control"]) == (200, "public, max-age=3600")


def test_missing_static_file_is_not_kept(front: Front) -> None:
    status, headers, _ = front.ask("/static/missing.css")
    assert (status, headers["Cache-Control"]) == (404, None)


@pytest.mark.parametrize("path", ["/static../nginx.conf", "/static/../nginx.conf", "/static/%2e%2e/nginx.conf"])
def test_static_folder_cannot_be_left(front: Front, path: str) -> None:
    status, _, body = front.ask(path)
    assert b"worker_processes" not in body
    assert status in {200, 400, 404}


def test_too_large_a_body_is_refused_before_it_is_sent(front: Front) -> None:
    status, _, _ = front.ask("/school/schrijven/", Content_Length=str(251 * 1024 * 1024))
    assert status == 413
