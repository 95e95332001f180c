"""What another server answers, waited for no longer than it has: a socket's own limit begins anew with each byte."""

from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from io import BufferedReader, RawIOBase
from socket import socket
from time import monotonic
from typing import TYPE_CHECKING
from urllib.request import HTTPHandler, HTTPSHandler, Request, build_opener

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class InTime(RawIOBase):
    """What comes by a line; nothing more from `until` on, or after one more wait at most."""

    def __init__(self, line: socket, until: float = 0.0) -> None:
        self._line = line.makefile("rb", buffering=0)
        self.until = until

    def readable(self) -> bool:
        return True

    def readinto(self, room: "WriteableBuffer") -> int | None:
        if monotonic() >= self.until:
            raise TimeoutError
        return self._line.readinto(room)

    def close(self) -> None:
        self._line.close()
        super().close()


class AnswerInTime(HTTPResponse):
    """All of it within the time that its line has for each part."""

    def __init__(self, sock: socket, debuglevel: int = 0, method: str | None = None, url: str | None = None) -> None:
        super().__init__(sock, debuglevel, method, url)
        self.fp.close()
        self.fp = BufferedReader(InTime(sock, monotonic() + (sock.gettimeout() or 0.0)))


class LineInTime(HTTPConnection):
    response_class = AnswerInTime


class SecureLineInTime(HTTPSConnection):
    response_class = AnswerInTime


class _Plain(HTTPHandler):
    def http_open(self, request: Request) -> HTTPResponse:
        return self.do_open(LineInTime, request)


class _Secure(HTTPSHandler):
    def https_open(self, request: Request) -> HTTPResponse:
        return self.do_open(SecureLineInTime, request, context=self._context)  # type: ignore[attr-defined]


def post_words(url: str, words: str, *, title: str, seconds: float, **headers: str) -> None:
    """As ntfy takes it: the text is the body, the title a header, which holds ASCII only."""
    told = {"Title": title.encode("ascii", "replace").decode(), "Content-Type": "text/plain; charset=utf-8", **headers}
    request = Request(url, words.encode(), told, method="POST")
    with build_opener(_Plain, _Secure).open(request, timeout=seconds) as answer:
        answer.read(1)
