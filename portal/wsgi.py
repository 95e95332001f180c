"""The WSGI door. In embedded mode the one serving process also carries the Celery worker and beat as threads."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

from portal import embedded
from portal.core.loaded import settle_down

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")


class WholeBody:
    """What a client sends. One that went away halfway raises, where granian would let half a message pass for a whole.

    Django makes a refused form of that error, as of any broken connection.
    """

    def __init__(self, sent: Any, promised: int) -> None:
        self._sent, self._missing = sent, promised

    def read(self, size: int) -> bytes:
        pieces = []
        while size > 0 and self._missing > 0:
            pieces.append(self._arrived(self._sent.read(size)))
            size -= len(pieces[-1])
        return b"".join(pieces)

    def readline(self, size: int) -> bytes:
        return self._arrived(self._sent.readline(size)) if self._missing > 0 else b""

    def _arrived(self, piece: bytes) -> bytes:
        self._missing -= len(piece)
        if not piece:
            raise ConnectionResetError("the client went away")
        return piece


def whole_bodies(serve: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Wrap the input of every request."""

    def application(environ: dict[str, Any], start_response: object) -> Iterable[bytes]:
        promised = environ.get("CONTENT_LENGTH") or ""
        environ["wsgi.input"] = WholeBody(environ["wsgi.input"], int(promised) if promised.isdecimal() else 0)
        return serve(environ, start_response)

    return application


application = whole_bodies(get_wsgi_application())
settle_down()
embedded.start()
