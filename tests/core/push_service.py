"""A push service on this machine: it carries what it is given, checks who gives it, and has moods."""

import json
import threading
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import BinaryIO

import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from portal.core.models import User
from portal.core.phones import devices
from tests.rows import account

KEY = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
"""Of the example of RFC 8291: a secret of nobody."""
SUBJECT = "mailto:ict@kring.example"


def text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw(words: str) -> bytes:
    return urlsafe_b64decode(words + "=" * (-len(words) % 4))


@dataclass
class Browser:
    """What one browser keeps for itself, and how it reads what comes."""

    name: str
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: str = field(default_factory=lambda: text(b"sixteen bytes!!!"))

    @property
    def point(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def p256dh(self) -> str:
        return text(self.point)

    def read(self, body: bytes) -> bytes:
        """RFC 8188 and 8291, written down apart from what seals."""
        salt, length = body[:16], body[20]
        theirs = body[21 : 21 + length]
        shared = self.private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
        info = b"WebPush: info\x00" + self.point + theirs
        secret = HKDF(hashes.SHA256(), 32, raw(self.auth), info).derive(shared)
        key = HKDF(hashes.SHA256(), 16, salt, b"Content-Encoding: aes128gcm\x00").derive(secret)
        nonce = HKDF(hashes.SHA256(), 12, salt, b"Content-Encoding: nonce\x00").derive(secret)
        opened = AESGCM(key).decrypt(nonce, body[21 + length :], None)
        assert opened.endswith(b"\x02")
        return opened[:-1]


@dataclass
class Carried:
    """One word that arrived: where it was sent, how long it may wait, in whose place it comes."""

    path: str
    body: bytes
    headers: dict[str, str]

    @property
    def name(self) -> str:
        """Of the browser."""
        return self.path.rpartition("/")[2]


@dataclass
class PushService:
    """`status` answers whoever asks; a `mood` per browser goes before: a number, `hang`, `drop`, or `late` (taken, then
    silence). What was carried stands in `carried`; `asked` counts what came in at all. With `hangs_up` the line is
    closed after each answer, and nobody is told."""

    port: int = 0
    status: int = 201
    moods: dict[str, int | str] = field(default_factory=dict)
    carried: list[Carried] = field(default_factory=list)
    asked: int = 0
    silence: float = 0.5
    slow: float = 0.0
    hangs_up: bool = False
    refused: list[str] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    def took(self, path: str, body: BinaryIO, headers: dict[str, str], signer: ec.EllipticCurvePublicKey) -> int | str:
        """What becomes of this one."""
        self.asked += 1
        read = body.read(int(headers["Content-Length"]))
        if wrong := _wrong(headers, signer, self.origin):
            self.refused.append(wrong)
            return 403
        word = Carried(path, read, headers)
        mood = self.moods.get(word.name, self.status)
        if mood in {201, "late"}:
            self.carried.append(word)
        return mood

    def endpoint(self, browser: Browser) -> str:
        return f"{self.origin}/push/{browser.name}"

    def shown(self, browser: Browser) -> list[dict[str, object]]:
        """What this browser reads of what was carried for it."""
        return [json.loads(browser.read(one.body)) for one in self.carried if one.name == browser.name]


@contextmanager
def push_service(public_key: bytes) -> Iterator[PushService]:
    """Serves until the end of the block; refuses (403) whoever is not signed by `public_key`."""
    service = PushService()
    signer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            mood = service.took(self.path, self.rfile, dict(self.headers), signer)
            time.sleep(service.slow)
            if mood in {"hang", "late"}:
                time.sleep(service.silence)
            if isinstance(mood, str):
                self.close_connection = True
            else:
                self.answer(mood)
                self.close_connection = service.hangs_up

        def answer(self, status: int) -> None:
            self.send_response(status)
            if status // 100 == 3:
                self.send_header("Location", f"{service.origin}/push/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("localhost", 0), Handler)
    server.daemon_threads = True
    service.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _wrong(headers: dict[str, str], signer: ec.EllipticCurvePublicKey, origin: str) -> str:
    """What a strict service would refuse; read by another library than the one that wrote it."""
    said = headers.get("Authorization", "")
    if not said.startswith("vapid t="):
        return "no signature"
    token, _, key = said.removeprefix("vapid t=").partition(", k=")
    try:
        claims = jwt.decode(token, signer, algorithms=["ES256"], audience=origin, options={"require": ["exp", "sub"]})
    except jwt.InvalidTokenError as error:
        return type(error).__name__
    if key != text(signer.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)):
        return "another key"
    if claims["sub"] != SUBJECT or claims["exp"] > time.time() + 24 * 3600:
        return "claims"
    if headers.get("Content-Encoding") != "aes128gcm" or not headers.get("TTL", "").isdecimal():
        return "headers"
    if headers.get("Content-Type") != "application/octet-stream":
        return "bytes of another kind"
    if headers.get("Urgency") != "high":
        return "a phone that sleeps would hear of it in the morning"
    return "" if len(headers.get("Topic", "")) <= 32 else "topic"


def session_of(user: User) -> str:
    store = SessionStore()
    store["_auth_user_id"] = str(user.pk)
    store.create()
    return str(store.session_key)


def kept(
    service: PushService, name: str, user: User | None = None, now: datetime | None = None, endpoint: str = ""
) -> Browser:
    """A browser on which somebody turned it on."""
    browser, user = Browser(name), user or account(f"{name}@elders.example")
    devices.keep(
        user=user,
        session_key=session_of(user),
        endpoint=endpoint or service.endpoint(browser),
        p256dh=browser.p256dh,
        auth=browser.auth,
        now=now or timezone.now(),
    )
    return browser
