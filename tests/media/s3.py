"""A stand-in for a bucket: what Kring asks of one, and no more.

It proves which calls are made, that an address which was signed arrives as it was signed and ends when it says, and
what Kring does with an answer. It does not prove that somebody's S3 takes the calls or refuses what it has to: the
signature of a call with headers is not looked at, nor are rights, quota or policies, unless a test sets them.
"""

import hashlib
import hmac
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape

NAME, KEY, REGION = "photos-of-a-school", "somebody:a-secret/with+signs:in it", "nl-ams"
PAGE = 3
"""So few in a list at once, so that there is a second page."""
OWN_HEADERS = {
    "Accept-Ranges": "bytes",
    "Cache-Control": "public, max-age=31536000",
    "Content-Disposition": "attachment",
    "Content-Security-Policy": "block-all-mixed-content",
    "ETag": '"of-the-bucket"',
    "Expires": "Thu, 01 Dec 2050 16:00:00 GMT",
    "Last-Modified": "Tue, 24 Nov 2026 10:00:00 GMT",
    "Set-Cookie": "bucket=1",
    "Strict-Transport-Security": "max-age=1",
    "Vary": "Origin",
    "X-Accel-Redirect": "/gezond/",
    "X-Amz-Id-2": "of-the-bucket",
    "X-Amz-Request-Id": "of-the-bucket",
    "X-Content-Type-Options": "sniff",
    "X-Minio-Deployment-Id": "of-the-bucket",
    "X-Rgw-Object-Type": "Normal",
    "X-Xss-Protection": "1",
}
"""What buckets say more than was asked; all of it wrong for a reader."""


@dataclass
class Bucket:
    """What lies there, what was asked, and what it refuses: by method, a status and a code."""

    address: str = ""
    objects: dict[str, tuple[bytes, datetime]] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    refuses: dict[str, tuple[int, str]] = field(default_factory=dict)
    lets_in: int = 0
    """So many of the calls that it refuses pass first."""
    is_open: bool = False
    before: dict[str, Any] = field(default_factory=dict)
    """By method: called once, before it is answered."""


def signature(method: str, path: str, query: dict[str, list[str]], host: str) -> str:
    """As the address has to be signed (Signature Version 4, by query)."""
    sent = {name: values[0] for name, values in query.items() if name != "X-Amz-Signature"}
    asked = "&".join(f"{quote(name, safe='-_.~')}={quote(sent[name], safe='-_.~')}" for name in sorted(sent))
    canonical = "\n".join([method, path, asked, f"host:{host}", "", "host", "UNSIGNED-PAYLOAD"])
    scope = sent["X-Amz-Credential"].partition("/")[2]
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    signing = f"AWS4{KEY.partition(':')[2]}".encode()
    for part in scope.split("/"):
        signing = hmac.digest(signing, part.encode(), "sha256")
    text = "\n".join(["AWS4-HMAC-SHA256", sent["X-Amz-Date"], scope, hashed])
    return hmac.digest(signing, text.encode(), "sha256").hex()


class _Handler(BaseHTTPRequestHandler):
    bucket: Bucket
    protocol_version = "HTTP/1.1"

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _refuse(self, status: int, code: str) -> None:
        body = f"<Error><Code>{code}</Code><Key>{NAME}</Key></Error>".encode()
        self._answer(status, body, **{"Content-Type": "application/xml"})

    def _is_let_in(self, path: str, query: dict[str, list[str]]) -> bool:
        if "X-Amz-Signature" not in query:
            return self.bucket.is_open or self.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 ")
        begins = datetime.strptime(query["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        ends = begins + timedelta(seconds=int(query["X-Amz-Expires"][0]))
        right = signature(self.command, path, query, self.headers["Host"])
        return query["X-Amz-Signature"] == [right] and datetime.now(UTC) < ends

    def _take(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        where = urlsplit(self.path)
        query = parse_qs(where.query, keep_blank_values=True)
        self.bucket.asked.append((self.command, self.path, dict(self.headers)))
        if first := self.bucket.before.pop(self.command, None):
            first()
        if not self._is_let_in(where.path, query):
            return self._refuse(403, "AccessDenied")
        if self.command in self.bucket.refuses:
            self.bucket.lets_in -= 1
            if self.bucket.lets_in < 0:
                return self._refuse(*self.bucket.refuses[self.command])
        name, _slash, place = unquote(where.path).removeprefix("/").partition("/")
        if name != NAME:
            return self._refuse(404, "NoSuchBucket")
        if not place:
            return self._list(query)
        return self._object(place, data)

    do_GET = do_HEAD = do_PUT = do_DELETE = _take  # noqa: N815 - the names are of http.server

    def _object(self, place: str, data: bytes) -> None:
        if self.command == "PUT":
            self.bucket.objects[place] = (data, datetime.now(UTC))
            return self._answer(200, ETag='"x"')
        if self.command == "DELETE":
            self.bucket.objects.pop(place, None)
            return self._answer(204)
        if place not in self.bucket.objects:
            return self._refuse(404, "NoSuchKey")
        return self._answer(200, self.bucket.objects[place][0], **OWN_HEADERS)

    def _list(self, query: dict[str, list[str]]) -> None:
        prefix, after = (query.get(name, [""])[0] for name in ("prefix", "continuation-token"))
        names = sorted(name for name in self.bucket.objects if name.startswith(prefix) and name > after)
        rows = "".join(
            f"<Contents><Key>{escape(name)}</Key><LastModified>{self.bucket.objects[name][1].isoformat()}</LastModified>"
            f"<Size>{len(self.bucket.objects[name][0])}</Size></Contents>"
            for name in names[:PAGE]
        )
        more = f"<NextContinuationToken>{names[PAGE - 1]}</NextContinuationToken>" if len(names) > PAGE else ""
        body = f"<ListBucketResult><IsTruncated>{str(bool(more)).lower()}</IsTruncated>{more}{rows}</ListBucketResult>"
        self._answer(200, body.encode(), **{"Content-Type": "application/xml"})

    def log_message(self, *_arguments: object) -> None:
        """Say nothing on the tests' screen."""


@contextmanager
def standing(certificate: Path | None = None) -> Iterator[Bucket]:
    """The stand-in, by plain http, or with the certificate and key of this folder."""
    bucket = Bucket()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"bucket": bucket}))
    scheme = "http"
    if certificate:
        context = SSLContext(PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate / "fullchain.pem", certificate / "privkey.pem")
        server.socket, scheme = context.wrap_socket(server.socket, server_side=True), "https"
    bucket.address = f"{scheme}://127.0.0.1:{server.server_port}/{NAME}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield bucket
    finally:
        server.shutdown()
        server.server_close()


def emptied(bucket: Bucket) -> Bucket:
    """As it was at first, at the same address: a connection to another one is dear."""
    for name, value in vars(Bucket(bucket.address)).items():
        setattr(bucket, name, value)
    return bucket


def use(settings: Any, bucket: Bucket) -> None:
    """Let Kring keep its photos there."""
    settings.KRING_BUCKET, settings.KRING_BUCKET_KEY, settings.KRING_BUCKET_REGION = bucket.address, KEY, REGION
