"""Pictures from strangers, decoded elsewhere: one child process a batch, and a new one for the rest when it dies."""

import contextlib
import json
import os
import select
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from portal.core.media.bare import is_bare

CHILD = (sys.executable, "-I", str(Path(__file__).with_name("child.py")))
PATIENCE = 30.0
MOST_TOLD = 10_000
MOST_IN_A_FILE = 8_000_000
REASONS = {"empty", "kind", "heic", "large", "broken"}


@dataclass(frozen=True)
class Rendition:
    """One size of a picture in one kind, as it will be kept."""

    kind: str
    side: int
    data: bytes


@dataclass(frozen=True)
class Developed:
    """A picture without anything but its pixels; width and height are those of the largest size."""

    width: int
    height: int
    renditions: tuple[Rendition, ...]


@dataclass(frozen=True)
class Refused:
    """Why there is no picture: empty, kind, heic, large or broken."""

    reason: str


class _ChildDiedError(Exception):
    """It crashed, hung, or said what no honest child says."""


def develop_all(
    pictures: Iterable[bytes], *, command: tuple[str, ...] = CHILD, patience: float = PATIENCE
) -> Iterator[Developed | Refused]:
    """An answer for each picture, in order. A picture that takes the child down is refused; the rest goes on."""
    child: _Child | None = None
    try:
        for picture in pictures:
            if not picture:
                yield Refused("empty")
                continue
            try:
                child = child or _Child(command, patience)
                answer = child.develop(picture)
            except _ChildDiedError:
                if child:
                    child.end()
                child, answer = None, Refused("broken")
            yield answer
    finally:
        if child:
            child.end()


def develop(picture: bytes, *, command: tuple[str, ...] = CHILD, patience: float = PATIENCE) -> Developed | Refused:
    """One picture."""
    [answer] = develop_all([picture], command=command, patience=patience)
    return answer


def is_without_network() -> bool:
    """Whether this system lets the child cut itself off; for the status page."""
    child = _Child(CHILD, PATIENCE)
    try:
        return child.without_network
    finally:
        child.end()


class _Child:
    def __init__(self, command: tuple[str, ...], patience: float) -> None:
        self._patience = patience
        self._process = subprocess.Popen(  # noqa: S603 - our own file
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            bufsize=0,
        )
        try:
            self.without_network = bool(self._read_told(time.monotonic() + patience).get("without_network"))
        except _ChildDiedError:
            self.end()
            raise

    def develop(self, picture: bytes) -> Developed | Refused:
        until = time.monotonic() + self._patience
        # Written beside the reading: a child that answers early must not wait for one that still sends.
        sender = threading.Thread(target=self._send, args=(picture,), daemon=True)
        sender.start()
        told = self._read_told(until)
        answer = Refused(_reason(told)) if "refused" in told else self._read_files(told, until)
        sender.join(max(0.0, until - time.monotonic()))
        return answer

    def _send(self, picture: bytes) -> None:
        pipe = _pipe(self._process.stdin)
        with contextlib.suppress(OSError, ValueError):
            for piece in (struct.pack(">Q", len(picture)), picture):
                rest = memoryview(piece)
                while rest:
                    rest = rest[pipe.write(rest) :]

    def _read_told(self, until: float) -> dict[str, Any]:
        (length,) = struct.unpack(">I", self._read(4, until))
        if length > MOST_TOLD:
            raise _ChildDiedError
        try:
            told = json.loads(self._read(length, until))
        except ValueError:
            raise _ChildDiedError from None
        if not isinstance(told, dict):
            raise _ChildDiedError
        return told

    def _read_files(self, told: dict[str, Any], until: float) -> Developed:
        """The files it announced. A child that a picture has taken over is not believed: each is looked through."""
        try:
            width, height = int(told["width"]), int(told["height"])
            announced = [(str(one["kind"]), int(one["side"]), int(one["length"])) for one in told["files"]]
        except (KeyError, TypeError, ValueError):
            raise _ChildDiedError from None
        if not (0 < width <= 1600 and 0 < height <= 1600 and len(announced) == 4):
            raise _ChildDiedError
        return Developed(width, height, tuple(self._read_file(*one, until) for one in announced))

    def _read_file(self, kind: str, side: int, length: int, until: float) -> Rendition:
        if not 0 < length <= MOST_IN_A_FILE or side not in {1600, 400}:
            raise _ChildDiedError
        data = self._read(length, until)
        if not is_bare(kind, data):
            raise _ChildDiedError
        return Rendition(kind, side, data)

    def _read(self, length: int, until: float) -> bytes:
        pipe = _pipe(self._process.stdout)
        found = bytearray()
        while len(found) < length:
            ready, _, _ = select.select([pipe], [], [], max(0.0, until - time.monotonic()))
            piece = os.read(pipe.fileno(), min(length - len(found), 1 << 16)) if ready else b""
            if not piece:
                raise _ChildDiedError
            found += piece
        return bytes(found)

    def end(self) -> None:
        """Whatever it was doing, it stops now."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                _pipe(pipe).close()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise _ChildDiedError
    return pipe


def _reason(told: dict[str, Any]) -> str:
    reason = str(told["refused"])
    return reason if reason in REASONS else "broken"
