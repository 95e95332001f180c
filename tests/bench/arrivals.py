"""People who come at their own moments, however slow the answers are, through the front with TLS.

`arrivals.py PORT CERTIFICATE HOST PATH RATE SECONDS HANDS COOKIES…`: so many requests a second over so many
connections. Prints JSON: of each request the status, and the seconds from the moment somebody wanted it.
"""

import itertools
import json
import socket
import ssl
import sys
import threading
import time

HEAD = "GET {} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\n\r\n"


class Line:
    """One connection, kept as long as the server keeps it."""

    def __init__(self, port: int, tls: ssl.SSLContext) -> None:
        self._port, self._tls = port, tls
        self._open: ssl.SSLSocket | None = None

    def ask(self, request: bytes) -> int:
        for _ in range(2):
            try:
                return self._asked(request)
            except OSError:  # it hung up between two requests
                self._open = None
        return self._asked(request)

    def _asked(self, request: bytes) -> int:
        if self._open is None:
            plain = socket.create_connection(("127.0.0.1", self._port), timeout=60)
            self._open = self._tls.wrap_socket(plain, server_hostname="127.0.0.1")
        self._open.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._more()
        head, _, body = answer.partition(b"\r\n\r\n")
        missing = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]) - len(body)
        while missing > 0:
            missing -= len(self._more())
        if b"connection: close" in head.lower():
            self._open = None
        return int(head.split(b" ", 2)[1])

    def _more(self) -> bytes:
        found = self._open.recv(65536) if self._open else b""
        if not found:
            raise ConnectionResetError
        return found


def main(port: str, certificate: str, host: str, path: str, rate: str, seconds: str, hands: str, *cookies: str) -> None:
    requests = [HEAD.format(path, host, cookie).encode() for cookie in cookies]
    tls = ssl.create_default_context(cafile=certificate)
    begun, turns, taking = time.monotonic(), itertools.count(), threading.Lock()
    ends = begun + float(seconds)
    took: list[tuple[int, float]] = []

    def come() -> None:
        line = Line(int(port), tls)
        while True:
            with taking:
                turn = next(turns)
            due = begun + turn / float(rate)
            if max(due, time.monotonic()) > ends:
                return
            time.sleep(max(0.0, due - time.monotonic()))
            status = line.ask(requests[turn % len(requests)])
            took.append((status, time.monotonic() - due))

    people = [threading.Thread(target=come) for _ in range(int(hands))]
    for one in people:
        one.start()
    for one in people:
        one.join()
    print(json.dumps(took))


if __name__ == "__main__":
    main(*sys.argv[1:])
