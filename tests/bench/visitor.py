"""One client that asks for a page again and again: `visitor.py PORT HOST PATH SECONDS COOKIES…`; prints how often."""

import socket
import sys
import time

HEAD = "GET {} HTTP/1.1\r\nHost: {}\r\nX-Forwarded-Proto: https\r\nCookie: {}\r\n\r\n"


def ask(line: socket.socket, request: bytes) -> None:
    line.sendall(request)
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += _more(line)
    head, _, body = answer.partition(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n", 1)[0]:
        raise RuntimeError(head.decode())
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    received = len(body)
    while received < length:
        received += len(_more(line))


def _more(line: socket.socket) -> bytes:
    found = line.recv(65536)
    if not found:
        raise RuntimeError("the server hung up")
    return found


def main(port: str, host: str, path: str, seconds: str, *cookies: str) -> None:
    requests = [HEAD.format(path, host, cookie).encode() for cookie in cookies]
    with socket.create_connection(("127.0.0.1", int(port)), timeout=30) as line:
        asked, until = 0, time.monotonic() + float(seconds)
        while time.monotonic() < until:
            ask(line, requests[asked % len(requests)])
            asked += 1
    print(asked)


if __name__ == "__main__":
    main(*sys.argv[1:])
