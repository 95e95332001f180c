"""A real mail server on this machine that answers by the name in front of the @: 450, 550, hang, silent, drop …"""

import asyncio
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

CODE = re.compile(r"^c(\d{3})")


class Sink:
    """Keeps what it accepted; misbehaves as the address asks, a limited number of times when `once` is set.

    With `always` it misbehaves like that whatever the address.
    """

    def __init__(self) -> None:
        self.accepted: list[tuple[str, EmailMessage]] = []
        self.dropped = 0
        self.unconfirmed: Counter[str] = Counter()
        self.connections = 0
        self.once = False
        self.slow = 0.0
        self.always = ""
        self._misbehaved: Counter[str] = Counter()

    def _asked(self, address: str, what: str) -> bool:
        if not (self.always or address).startswith(what) or (self.once and self._misbehaved[address]):
            return False
        self._misbehaved[address] += 1
        return True

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        code = CODE.match(self.always or address)
        if code and self._asked(address, code.group()):
            return f"{code[1]} as {address} asks"
        if self._asked(address, "hang"):
            await asyncio.sleep(30)
        if self._asked(address, "drop-early"):
            self._cut(server)
            return "421 gone"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        address = envelope.rcpt_tos[0]
        if self.slow:
            await asyncio.sleep(self.slow)
        if self._asked(address, "data-c"):
            return f"{(self.always or address)[6:9]} not this text"
        if self._asked(address, "silent"):
            await asyncio.sleep(30)
        self.accepted.append((address, message_from_bytes(envelope.content or b"", policy=policy.default)))
        if self._asked(address, "drop"):
            self.dropped += 1
            self.unconfirmed[str(self.accepted[-1][1]["Message-ID"])] += 1
            self._cut(server)
        return "250 OK"

    @staticmethod
    def _cut(server: Any) -> None:
        server.transport.abort()

    @property
    def copies(self) -> Counter[str]:
        """How often each Message-ID arrived."""
        return Counter(str(message["Message-ID"]) for _, message in self.accepted)


@contextmanager
def mail_server() -> Iterator[tuple[Sink, int]]:
    """Yields the sink and its port."""
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield sink, controller.port
    finally:
        controller.stop(no_assert=True)


@contextmanager
def mute_server() -> Iterator[int]:
    """Takes connections and never says a word."""
    listener = socket.create_server(("127.0.0.1", 0))
    held: list[socket.socket] = []

    def accept() -> None:
        try:
            while True:
                held.append(listener.accept()[0])
        except OSError:
            return

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    for line in held:
        line.close()
    thread.join(5)


@contextmanager
def dripping_server() -> Iterator[int]:
    """Says a letter every tenth of a second; its first line has not ended when it is tired of it, after 20 seconds."""
    ends = threading.Event()

    def drip(line: socket.socket) -> None:
        for _ in range(200):
            if not ends.wait(0.1):
                line.sendall(b"2")

    with _talking(drip) as port:
        yield port
    ends.set()


@contextmanager
def talking_server() -> Iterator[int]:
    """Says something that is no answer, and hangs up."""

    def talk(line: socket.socket) -> None:
        line.recv(1 << 16)
        line.sendall(b"220 kring.example\r\n")

    with _talking(talk) as port:
        yield port


@contextmanager
def _talking(say: Callable[[socket.socket], None]) -> Iterator[int]:
    def talk(line: socket.socket) -> None:
        with line, suppress(OSError):
            say(line)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=talk, args=(listener.accept()[0],), daemon=True).start()

    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=accept, daemon=True).start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_until(done: Any, patience: float = 30.0) -> None:
    ends = time.monotonic() + patience
    while not done() and time.monotonic() < ends:
        time.sleep(0.05)
    assert done()
