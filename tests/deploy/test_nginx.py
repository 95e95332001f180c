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
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPResponse, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import create_connection, create_server

import pytest
from django.core.management import call_command
from django.test import override_settings

from portal.core.checks import routes

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


def adapted(folder: Path, plain: int, secure: int) -> str:
    """The configuration as it is but for its addresses and folders."""
    replacements = {
        "pid /run/nginx.pid;": f"pid {folder}/nginx.pid;" + (" user root;" if os.geteuid() == 0 else ""),
        "error_log /dev/stderr crit;": f"error_log {folder}/error.log crit;",
        "listen 80 ": f"listen 127.0.0.1:{plain} ",
        "listen 443 ": f"listen 127.0.0.1:{secure} ",
        "listen [::]:80 ": f"listen [::1]:{plain} ",
        "listen [::]:443 ": f"listen [::1]:{secure} ",
        "/etc/nginx/names/": f"{folder}/",
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
    # Once as an address, and once as a name: nginx looks at names alone. By its own name the doctor asks.
    known = "subjectAltName=IP:127.0.0.1,DNS:127.0.0.1,DNS:kring.drill.example"
    names = ["-subj", "/CN=localhost", "-addext", known]
    files = ["-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", *names, *files]
    subprocess.run(command, check=True, capture_output=True)


def make_static(folder: Path) -> None:
    (folder / "static").mkdir()
    (folder / "static" / "favicon.svg").write_text("<svg/>")
    (folder / "static" / "kring.07c2086f9218.css").write_bytes(STYLE)
    (folder / "static" / "kring.07c2086f9218.css.gz").write_bytes(gzip.compress(STYLE))
    with override_settings(STATIC_ROOT=folder / "static"):
        call_command("fault_pages")


def write_names(folder: Path, *nodes: int, **more: str) -> None:
    """As the image does before nginx starts; a file that was half sent is gone afterwards."""
    half = folder / "client_body" / "0000000001"
    half.parent.mkdir(exist_ok=True)
    half.write_bytes(b"half a photo")
    script = CONFIGURATION.parent / "prepare.sh"
    names = {"KRING_HOSTS": "kring.example,www.kring.example", **more}
    names["KRING_NODES"] = ",".join(f"127.0.0.1:{port}" for port in nodes)
    trusted = str(folder / "fullchain.pem")
    subprocess.run(["sh", str(script), str(folder), str(half.parent), trusted], env=os.environ | names, check=True)
    assert not half.exists()


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("10.0.0.2", ["10.0.0.2:8000"]),
        ("10.0.0.2:9000, web2", ["10.0.0.2:9000", "web2:8000"]),
        ("[fd00::2],[fd00::3]:8001", ["[fd00::2]:8000", "[fd00::3]:8001"]),
    ],
)
def test_a_node_without_a_port_is_at_that_of_web(tmp_path: Path, said: str, meant: list[str]) -> None:
    """Shown: nginx asked port 80 there, and the whole site was away."""
    told = os.environ | {"KRING_HOSTS": "kring.example", "KRING_NODES": said, "KRING_SPARE_NODES": "spare"}
    (tmp_path / "in").mkdir()
    command = ["sh", str(CONFIGURATION.parent / "prepare.sh"), str(tmp_path), str(tmp_path / "in")]
    subprocess.run(command, env=told, check=True)
    written = (tmp_path / "nodes.conf").read_text()
    assert re.findall(r"server (\S+) max", written) == meant
    assert "server spare:8000 backup;" in written


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """A running nginx with our configuration, ended with the module."""
    with running(tmp_path_factory.mktemp("nginx")) as front:
        yield front


@contextmanager
def running(
    folder: Path, *nodes: int, behind: type[Upstream] = Upstream, change: Callable[[str], str] = str, **more: str
) -> Iterator[Front]:
    """Our nginx in front of these nodes, or of one that tells what reached it."""
    make_certificate(folder)
    make_static(folder)
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), behind)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    plain, secure = free_port(), free_port()
    configuration = folder / "nginx.conf"
    write_names(folder, *(nodes or [upstream.server_port]), **more)
    configuration.write_text(change(adapted(folder, plain, secure)))
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


@pytest.mark.parametrize("nodes", [[], [8000], [8000, 8001]], ids=["in Docker", "one", "two"])
def test_nginx_accepts_the_configuration_without_a_warning(tmp_path: Path, nodes: list[int]) -> None:
    make_certificate(tmp_path)
    write_names(tmp_path, *nodes)
    (tmp_path / "nginx.conf").write_text(adapted(tmp_path, 8080, 8443))
    command = [str(NGINX), "-t", "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, re.findall(r"\[(?:warn|emerg)\].*", result.stderr)) == (0, [])


@pytest.mark.parametrize(
    ("known", "asked"),
    [
        ("nameserver 127.0.0.11\noptions ndots:0\n", "127.0.0.11"),
        (
            "# of the provider\nsearch home\nnameserver 192.0.2.53\nnameserver 2001:db8::53\n",
            "192.0.2.53 [2001:db8::53]",
        ),
        ("nameserver fe80::1%eth0\n", "[fe80::1]"),
        ("", "127.0.0.1"),
    ],
    ids=["in Docker", "on a server", "by the line it hangs on", "this machine"],
)
def test_names_are_looked_up_where_this_machine_does(tmp_path: Path, known: str, asked: str) -> None:
    """A bucket has a name: without somebody to ask nginx refuses every photo in it."""
    (tmp_path / "resolv.conf").write_text(known)
    (tmp_path / "in").mkdir()
    words = [
        str(CONFIGURATION.parent / "prepare.sh"),
        *map(str, (tmp_path, tmp_path / "in", "-", tmp_path / "resolv.conf")),
    ]
    subprocess.run(["sh", *words], env=os.environ | {"KRING_HOSTS": "kring.example"}, check=True)
    [told] = re.findall(r"^resolver (.*?) ?valid=5s ipv6=off;$", (tmp_path / "resolver.conf").read_text(), re.MULTILINE)
    assert told.split() == asked.split()


def test_plain_address_leads_to_the_secure_one(front: Front) -> None:
    status, headers, _ = ask(f"{front.plain}/thuis/berichten/?x=1", Host="kring.example")
    assert (status, headers["Location"]) == (308, "https://kring.example/thuis/berichten/?x=1")


@pytest.mark.parametrize("host", ["elders.example", "kring.example.elders.example", "127.0.0.1"])
def test_it_leads_to_no_name_but_its_own(front: Front, host: str) -> None:
    status, headers, words = ask(f"{front.plain}/thuis/berichten/", Host=host)
    assert (status, headers["Location"], b"Dit is geen adres van Kring" in words) == (421, None, True)
    assert ask(f"{front.plain}/", Host="www.kring.example")[1]["Location"] == "https://www.kring.example/"


def is_agreed(front: Front, *options: str) -> str:
    """What an openssl of these options agrees on with the front; nothing when it does not come to that.

    Before the cipher stands the version that it is of: SSLv3, for some that TLS 1.2 still knows.
    """
    address = front.secure.removeprefix("https://")
    command = ["openssl", "s_client", "-connect", address, *options]
    said = subprocess.run(command, input="", capture_output=True, text=True, check=False, timeout=20).stdout
    found = re.search(r"^New, ([\w.]+), Cipher is (\S+)", said, re.MULTILINE)
    return " ".join(found.groups()) if found else ""


GOOD = ["ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305", "ECDHE-RSA-AES128-GCM-SHA256"]
WEAK = [
    "AES128-SHA",
    "AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-SHA384",
    "ECDHE-RSA-AES128-SHA",
    "DHE-RSA-AES256-GCM-SHA384",
]


@pytest.mark.parametrize("cipher", GOOD)
def test_with_tls_1_2_these_are_agreed_on(front: Front, cipher: str) -> None:
    assert is_agreed(front, "-tls1_2", "-cipher", cipher) == f"TLSv1.2 {cipher}"


@pytest.mark.parametrize("cipher", WEAK)
def test_with_tls_1_2_nothing_else_is(front: Front, cipher: str) -> None:
    assert is_agreed(front, "-tls1_2", "-cipher", f"{cipher}:@SECLEVEL=0") == ""


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_no_older_tls_is_spoken(front: Front, version: str) -> None:
    assert is_agreed(front, version, "-cipher", "ALL:@SECLEVEL=0") == ""
    assert is_agreed(front, "-tls1_3").startswith("TLSv1.3 ")


def test_it_listens_by_ipv6_as_well(front: Front) -> None:
    port = front.plain.rpartition(":")[2]
    assert ask(f"http://[::1]:{port}/gezond/front")[0] == 200


def test_browsers_are_not_asked_to_ship_its_name() -> None:
    """Who owns the whole domain may ask for that; it is hard to undo."""
    told = re.findall(r'Strict-Transport-Security "([^"]+)"', CONFIGURATION.read_text())
    assert set(told) == {"max-age=31536000; includeSubDomains"}
    assert len(told) == 3


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


def test_a_static_file_that_the_front_lacks_is_of_a_newer_release_and_asked_of_the_web(front: Front) -> None:
    status, headers, body = front.ask("/static/missing.css")
    assert (status, json.loads(body)["path"]) == (200, "/static/missing.css")
    assert headers.get_all("Cache-Control") == [PAGE_HEADERS["Cache-Control"]]


def test_a_spare_node_answers_when_the_others_do_not(tmp_path: Path) -> None:
    """As while a new release takes over (deploy/upgrade.py)."""
    write_names(tmp_path, 8000, KRING_SPARE_NODES="127.0.0.1:8001")
    nodes = (tmp_path / "nodes.conf").read_text()
    assert re.findall(r"server (\S+) (?:.*\b(backup))?", nodes) == [
        ("127.0.0.1:8000", ""),
        ("127.0.0.1:8001", "backup"),
    ]


@pytest.mark.parametrize("path", ["/static../nginx.conf", "/static/../nginx.conf", "/static/%2e%2e/nginx.conf"])
def test_static_folder_cannot_be_left(front: Front, path: str) -> None:
    status, _, body = front.ask(path)
    assert b"worker_processes" not in body
    assert status in {200, 400, 404}


def test_too_large_a_body_is_refused_before_it_is_sent(front: Front) -> None:
    status, _, _ = front.ask("/school/schrijven/", Cookie=COOKIE, Content_Length=str(251 * 1024 * 1024))
    assert status == 413


COOKIE = f"taal=nl; __Host-kring={'a1' * 16}"
A_UID = "7b1f6a0e-0000-4000-8000-00000000000a"


def sample(route: str) -> str:
    """An address of this route."""
    route = re.sub(r"<hat:\w+>", "school", re.sub(r"<uuid:\w+>", A_UID, route))
    return "/" + re.sub(r"<(?:int|slug|str):\w+>", "7", route)


FOR_FILES = sorted({sample(route) for route, view in routes() if getattr(view, "kring_takes_files", False)})
FOR_NONE = sorted({sample(route) for route, _ in routes() if "<" not in sample(route)} - set(FOR_FILES))


def send(front: Front, path: str, size: int, cookie: str = "", method: str = "POST") -> int:
    """The status for a request that says it brings so many bytes, and sends none before it hears."""
    name, port = front.secure.removeprefix("https://").split(":")
    link = HTTPSConnection(name, int(port), context=ssl.create_default_context(cafile=front.certificate), timeout=5)
    try:
        link.putrequest(method, path)
        for header, value in {"Content-Length": str(size), "Cookie": cookie}.items():
            if value:
                link.putheader(header, value)
        link.endheaders()
        if size < 100:
            link.send(b"x" * size)
        return link.getresponse().status
    except TimeoutError:
        return 0  # it waits for them
    finally:
        link.close()


def test_files_are_taken_on_these_pages_and_by_the_front_too() -> None:
    """A page that is new declares it with `access.takes_files`, and has to be named in nginx.conf."""
    places = [re.compile(found) for found in re.findall(r"location ~ (\^/[(s]\S+\$) \{", CONFIGURATION.read_text())]
    open_to = {path for path in [*FOR_FILES, *FOR_NONE] if any(place.search(path) for place in places)}
    assert (open_to, len(FOR_FILES)) == (set(FOR_FILES), 12)


@pytest.mark.parametrize("path", FOR_FILES)
def test_a_heavy_body_is_taken_from_who_is_signed_in_where_files_belong(front: Front, path: str) -> None:
    """Anybody else hears it before a byte is sent; a light form, and a page, are theirs as ever."""
    heavy = 2 * 1024 * 1024
    assert send(front, path, heavy) == send(front, path, heavy, "__Host-kring-csrf=" + "a" * 40) == 413
    assert send(front, path, 9) == send(front, path, 9, COOKIE) == 501
    assert send(front, path, 0, method="GET") == 200


@pytest.mark.nightly
def test_a_heavy_body_waits_for_its_bytes_with_a_cookie(front: Front) -> None:
    assert send(front, "/school/schrijven/", 2 * 1024 * 1024, COOKIE) == 0


@pytest.mark.parametrize(
    "path", ["/", "/inloggen/", "/gelezen/", "/school/mensen/", "/thuis/gesprekken/", "/bestaat-niet"]
)
def test_everywhere_else_a_megabyte_is_the_most(front: Front, path: str) -> None:
    assert send(front, path, 1024 * 1024 + 1, COOKIE) == 413


def test_one_address_holds_no_more_than_its_share(tmp_path: Path) -> None:
    """A thousand at once, for a school on one wifi; here five."""
    assert "limit_conn lines 1000;" in CONFIGURATION.read_text()
    with running(tmp_path, change=lambda text: text.replace("limit_conn lines 1000;", "limit_conn lines 5;")) as front:
        context = ssl.create_default_context(cafile=front.certificate)
        name, port = front.secure.removeprefix("https://").split(":")
        held = []
        for _ in range(5):
            link = context.wrap_socket(create_connection((name, int(port)), 5), server_hostname=name)
            link.sendall(b"POST /gelezen/ HTTP/1.1\r\nHost: kring.example\r\nContent-Length: 9\r\n\r\n")
            held.append(link)
        time.sleep(0.3)
        sixth = front.ask("/")
        for link in held:
            link.close()
        time.sleep(0.3)
        assert (sixth[0], sixth[1]["Retry-After"], front.ask("/")[0]) == (429, "60", 200)
        assert "Het is hier erg druk" in sixth[2].decode()


WAYS = {"GET": "probeert het vanzelf opnieuw", "POST": "Ga terug"}


@pytest.fixture
def front_alone(tmp_path: Path) -> Iterator[Front]:
    """Kring itself is away: nobody listens behind it."""
    with running(tmp_path, free_port()) as front:
        yield front


def send_empty(front: Front, path: str, method: str, **headers: str) -> tuple[int, Message, str]:
    """A whole request without a body, and the page that answers it."""
    context = ssl.create_default_context(cafile=front.certificate)
    request = urllib.request.Request(f"{front.secure}{path}", method=method, headers=headers)
    handlers = [urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)]
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=5) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode()


@pytest.mark.parametrize("method", WAYS)
def test_without_kring_there_is_a_page_of_its_own_that_only_asks_again(front_alone: Front, method: str) -> None:
    status, headers, page = send_empty(front_alone, "/thuis/berichten/?p=2", method)
    assert (status, headers["Retry-After"], headers["Content-Type"]) == (502, "15", "text/html; charset=utf-8")
    assert "Kring is even weg" in page
    assert {asked: words in page for asked, words in WAYS.items()} == {asked: asked == method for asked in WAYS}
    assert ("again.js" in page, 'http-equiv="refresh"' in page) == (method == "GET", method == "GET")
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("told", "language"),
    [
        ({}, "nl"),
        ({"Accept-Language": "en-GB,en;q=0.9"}, "en"),
        ({"Accept-Language": "en", "Cookie": "django_language=nl"}, "nl"),
        ({"Accept-Language": "nl", "Cookie": "a=1; django_language=en"}, "en"),
    ],
)
def test_it_speaks_the_language_of_its_reader(front_alone: Front, told: dict[str, str], language: str) -> None:
    assert f'<html lang="{language}"' in send_empty(front_alone, "/", "GET", **told)[2]


def test_what_is_too_large_has_a_page_too(front: Front) -> None:
    large = front.ask("/gelezen/", Content_Length="9999999", Connection="close")
    assert (large[0], large[1]["Retry-After"], b"Dat is te groot" in large[2]) == (413, None, True)


def said_raw(front: Front, request: bytes) -> tuple[int, str]:
    """The status and the page of what no library would send."""
    name, port = front.secure.removeprefix("https://").split(":")
    context = ssl.create_default_context(cafile=front.certificate)
    with context.wrap_socket(create_connection((name, int(port)), timeout=5), server_hostname=name) as line:
        line.sendall(request + b"\r\nHost: kring.example\r\nAccept-Language: nl\r\nConnection: close\r\n\r\n")
        with HTTPResponse(line) as answer:  # to its length: nginx waits for what was promised before it hangs up
            answer.begin()
            return answer.status, answer.read().decode()


@pytest.mark.parametrize(
    ("request_line", "status", "words"),
    [
        (b"GET /%00 HTTP/1.1", 400, "Kring begreep dit niet"),
        (b"GET /thuis/../../x HTTP/1.1", 400, "Kring begreep dit niet"),
        (b"TRACE / HTTP/1.1", 405, "Kring begreep dit niet"),
        (b"GET /?q=" + b"a" * 9000 + b" HTTP/1.1", 414, "Kring begreep dit niet"),
        (b"GET / HTTP/1.1\r\nCookie: a=" + b"a" * 9000, 400, "Kring begreep dit niet"),
        (b"GET /binnen/weg.webp HTTP/1.1", 404, "Deze pagina is er niet"),
        (b"POST /thuis/berichten/ HTTP/1.1\r\nContent-Length: 2000000", 413, "Dat is te groot"),
    ],
    ids=["no letter", "above the root", "method", "long address", "many cookies", "not there", "large, of families"],
)
def test_what_the_front_refuses_itself_has_a_page_of_kring(
    front: Front, request_line: bytes, status: int, words: str
) -> None:
    said, page = said_raw(front, request_line)
    assert (said, words in page, "<center>" in page) == (status, True, False)


def test_a_folder_of_static_files_is_no_page_of_the_front(front: Front) -> None:
    """Kring says so itself."""
    assert {path: front.ask(path)[0] for path in ("/static/", "//static/")} == {"/static/": 200, "//static/": 200}


def test_who_asks_the_secure_port_without_tls_is_led_there(front: Front) -> None:
    status, headers, _ = ask(front.secure.replace("https", "http") + "/thuis/?x=1", Host="kring.example")
    assert (status, headers["Location"]) == (308, "https://kring.example/thuis/?x=1")


def send_as_browsers_do(front: Front, path: str, size: int) -> bytes:
    """What is read of the answer, over HTTP/2, by who says that so many bytes come."""
    context = ssl.create_default_context(cafile=front.certificate)
    context.set_alpn_protocols(["h2"])
    told = {
        ":method": "POST",
        ":scheme": "https",
        ":authority": "127.0.0.1",
        ":path": path,
        "content-length": str(size),
    }
    head = b"".join(b"\0" + b"".join(bytes([len(one)]) + one.encode() for one in pair) for pair in told.items())
    read = b""
    name, port = front.secure.removeprefix("https://").split(":")
    with context.wrap_socket(create_connection((name, int(port)), timeout=5), server_hostname=name) as line:
        line.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS) + frame(HEADERS, head, END_HEADERS, 1))
        answer = line.makefile("rb")
        while start := answer.read(9):
            content = answer.read(int.from_bytes(start[:3], "big"))
            if start[3] == DATA:
                read += content
                if start[4] & END_STREAM:
                    return read
    return read


DATA, HEADERS, SETTINGS = 0, 1, 4
END_STREAM, END_HEADERS = 1, 4


def frame(kind: int, content: bytes = b"", flags: int = 0, stream: int = 0) -> bytes:
    return len(content).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + content


@pytest.mark.parametrize("path", ["/gelezen/", "/school/schrijven/"])
def test_over_the_line_of_a_browser_too(front: Front, path: str) -> None:
    """Of HTTP/2 nginx weighs what was sent once more where the page lies, and has no page for that."""
    assert "Dat is te groot" in send_as_browsers_do(front, path, 9_999_999).decode()


def test_who_sends_photos_while_kring_is_away_reads_that(front_alone: Front) -> None:
    """And not that they are too large: they were taken, and more than a megabyte."""
    name, port = front_alone.secure.removeprefix("https://").split(":")
    line = HTTPSConnection(
        name, int(port), context=ssl.create_default_context(cafile=front_alone.certificate), timeout=5
    )
    line.request("POST", "/school/schrijven/", b"x" * 2 * 1024 * 1024, {"Cookie": COOKIE})
    answer = line.getresponse()
    assert (answer.status, "Kring is even weg" in answer.read().decode()) == (502, True)
    line.close()


def test_nobody_opens_these_pages_by_their_address(front: Front) -> None:
    assert front.ask("/faults/nl/away-read.html")[0] == 404


def test_the_log_of_the_front_holds_no_page_and_no_visitor(front_alone: Front) -> None:
    send_empty(front_alone, "/school/kind/kanarie-van-de-voorkant/", "GET")
    send(front_alone, "/kanarie-van-de-voorkant/", 2 * 1024 * 1024)
    assert "kanarie" not in (front_alone.certificate.parent / "error.log").read_text()


@dataclass
class Slow:
    """What is made behind the front at this moment, which waits until it is let go."""

    let_go: threading.Event
    began: threading.Semaphore


@pytest.fixture
def crowd(tmp_path: Path) -> Iterator[tuple[Front, Slow]]:
    """A front that lets two of families in at once, before pages that take as long as the test wants."""
    slow = Slow(threading.Event(), threading.Semaphore(0))

    class Behind(Upstream):
        def do_GET(self) -> None:
            if "traag" in self.path:
                slow.began.release()
                slow.let_go.wait(10)
            super().do_GET()

    with running(tmp_path, behind=Behind, KRING_FAMILIES_AT_ONCE="2") as front:
        yield front, slow
        slow.let_go.set()


def test_families_wait_at_a_page_and_who_is_school_does_not(crowd: tuple[Front, Slow]) -> None:
    front, slow = crowd
    with ThreadPoolExecutor(3) as hands:
        first = [hands.submit(front.ask, "/thuis/berichten/?traag") for _ in range(2)]
        assert all(slow.began.acquire(timeout=10) for _ in first)
        status, headers, page = send_empty(front, "/thuis/berichten/", "GET")
        written = send_empty(front, "/thuis/bericht/", "POST")
        others = {path: front.ask(path)[0] for path in ("/school/berichten/", "/bureau/", "/zaken/", "/inloggen/", "/")}
        slow.let_go.set()
        assert [done.result()[0] for done in first] == [200, 200]
    assert (status, headers["Retry-After"], "Het is heel druk" in page, "data-busy" in page) == (503, "15", True, True)
    assert set(others.values()) == {200}
    assert written[0] == 501  # by this upstream, which takes no form: it came there
    assert front.ask("/thuis/berichten/")[0] == 200


def test_a_node_that_is_gone_is_passed_by(tmp_path: Path) -> None:
    """Two machines with pages, of which one is off: every page comes from the other, and nobody sees it."""
    other = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=other.serve_forever, daemon=True).start()
    with running(tmp_path, free_port(), other.server_port) as front:
        assert {front.ask("/thuis/berichten/")[0] for _ in range(10)} == {200}
    other.shutdown()
    other.server_close()
