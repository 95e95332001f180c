"""Pictures from strangers, decoded elsewhere: one child process a batch, and a new one for the rest when it dies.

A photo is refused for what is wrong with it, or "later" when nothing is: the child cannot start, is killed from
outside, or gets no turn on a busy machine. Then sending the same photo again helps.
"""

import contextlib
import json
import logging
import os
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

from portal.core import metrics
from portal.core.media.bare import is_bare
from portal.core.media.spots import Spot

log = logging.getLogger("kring")
CHILD = (sys.executable, "-I", str(Path(__file__).with_name("child.py")))
PATIENCE = 30.0
MOST_TOLD = 10_000
MOST_IN_A_FILE = 8_000_000
LARGEST = 1600
SIDES = {"webp": [LARGEST, 800, 400], "jpeg": [LARGEST, 800, 400], "none": []}
REASONS = {"empty", "kind", "heic", "large", "slow", "broken"}
WHY_ENDED = {-signal.SIGKILL: "later", -signal.SIGTERM: "later", -signal.SIGXCPU: "slow"}


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
    """Why there is no picture: empty, kind, heic, large, slow, broken or later."""

    reason: str


class _ChildDiedError(Exception):
    """It crashed, hung, or said what no honest child says; `reason` is what the picture is refused for."""

    def __init__(self, reason: str = "broken") -> None:
        super().__init__(reason)
        self.reason = reason


class NoChildError(Exception):
    """The child cannot be started on this machine now."""


def develop_all(
    pictures: Iterable[bytes], *, kind: str = "webp", command: tuple[str, ...] = CHILD, patience: float = PATIENCE
) -> Generator[Developed | Refused, None, None]:
    """An answer for each picture, in order. A picture that takes the child down is refused; the rest goes on.

    Of kind "none" nothing is made: the answer says whether it is a picture, and how large.
    """
    children = _Children((*command, kind), patience)
    try:
        for picture in pictures:
            yield children.develop(picture) if picture else Refused("empty")
    finally:
        children.end()


def develop(picture: bytes, *, kind: str = "webp") -> Developed | Refused:
    """One picture, as `kind`: "webp", or "jpeg" for who cannot read that."""
    [answer] = develop_all([picture], kind=kind)
    return answer


def blur(
    picture: bytes, spots: Sequence[Spot], *, command: tuple[str, ...] = CHILD, patience: float = PATIENCE
) -> Developed | Refused:
    """A picture that was kept, in every size again, with nothing left under the spots (one at least)."""
    children = _Children((*command, "webp"), patience)
    try:
        return children.develop(picture, spots)
    finally:
        children.end()


@cache
def _say_that_there_is_network() -> None:
    """Once a process: whoever looks after the server reads it, docs/operations.md explains it."""
    log.warning("Photos are decoded in a process that this system does not cut off from the network.")


def is_without_network() -> bool:
    """Whether this system lets the child cut itself off; raises `NoChildError` where it does not even start."""
    child = _Child((*CHILD, "webp"), PATIENCE)
    try:
        return child.without_network
    finally:
        child.end()


class _Children:
    """One after another, each until it dies. Where none can be started, that is not tried again for each picture."""

    def __init__(self, command: tuple[str, ...], patience: float) -> None:
        self._command, self._patience = command, patience
        self._child: _Child | None = None
        self._none_starts = False

    def develop(self, picture: bytes, spots: Sequence[Spot] = ()) -> Developed | Refused:
        if self._none_starts:
            return Refused("later")
        try:
            self._child = self._child or _Child(self._command, self._patience)
            began = time.monotonic()
            answer = self._child.develop(picture, spots)
            metrics.decode_seconds.observe(time.monotonic() - began)
            return answer
        except NoChildError:
            self._none_starts = True
            return Refused("later")
        except _ChildDiedError as died:
            self.end()
            return Refused(died.reason)

    def end(self) -> None:
        if self._child:
            self._child.end()
        self._child = None


class _Child:
    def __init__(self, command: tuple[str, ...], patience: float) -> None:
        self._patience = patience
        self._kind = command[-1]
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own file
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                bufsize=0,
            )
        except OSError as error:
            raise NoChildError from error
        try:
            self.without_network = bool(self._read_told(time.monotonic() + patience).get("without_network"))
        except _ChildDiedError as error:
            self.end()
            raise NoChildError from error
        if not self.without_network:
            _say_that_there_is_network()

    def develop(self, picture: bytes, spots: Sequence[Spot] = ()) -> Developed | Refused:
        until = time.monotonic() + self._patience
        # Written beside the reading: a child that answers early must not wait for one that still sends.
        sender = threading.Thread(target=self._send, args=(picture, spots), daemon=True)
        sender.start()
        head = self._read_told(until)
        answer = Refused(_reason(head)) if "refused" in head else self._read_files(head, until)
        sender.join(max(0.0, until - time.monotonic()))
        return answer

    def _send(self, picture: bytes, spots: Sequence[Spot]) -> None:
        pipe = _pipe(self._process.stdin)
        drawn = b"".join(struct.pack(">4d", *spot) for spot in spots)
        with contextlib.suppress(OSError, ValueError):
            for piece in (struct.pack(">QI", len(picture), len(spots)), picture, drawn):
                rest = memoryview(piece)
                while rest:
                    rest = rest[pipe.write(rest) :]

    def _read_told(self, until: float) -> dict[str, object]:
        (length,) = struct.unpack(">I", self._read(4, until))
        if length > MOST_TOLD:
            raise _ChildDiedError
        try:
            head = json.loads(self._read(length, until))
        except ValueError:
            raise _ChildDiedError from None
        if not isinstance(head, dict):
            raise _ChildDiedError
        return head

    def _read_files(self, head: dict[str, Any], until: float) -> Developed:
        """The files it announced. A child that a picture has taken over is not believed: each is looked through."""
        try:
            width, height = int(head["width"]), int(head["height"])
            announced = [(str(one["kind"]), int(one["side"]), int(one["length"])) for one in head["files"]]
        except (KeyError, TypeError, ValueError):
            raise _ChildDiedError from None
        fits = 0 < width <= LARGEST and 0 < height <= LARGEST
        if not fits or [side for _, side, _ in announced] != SIDES[self._kind]:
            raise _ChildDiedError
        return Developed(width, height, tuple(self._read_file(*one, until) for one in announced))

    def _read_file(self, kind: str, side: int, length: int, until: float) -> Rendition:
        if not 0 < length <= MOST_IN_A_FILE or kind != self._kind:
            raise _ChildDiedError
        data = self._read(length, until)
        if not is_bare(kind, data):
            raise _ChildDiedError
        return Rendition(kind, side, data)

    def _read(self, length: int, until: float) -> bytes:
        pipe = _pipe(self._process.stdout)
        received = bytearray()
        while len(received) < length:
            ready, _, _ = select.select([pipe], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                # What only computes meets its processor limit first: this machine gave it no turn.
                raise _ChildDiedError("later")
            piece = os.read(pipe.fileno(), min(length - len(received), 1 << 16))
            if not piece:
                raise _ChildDiedError(self._why_gone())
            received += piece
        return bytes(received)

    def _why_gone(self) -> str:
        try:
            return WHY_ENDED.get(self._process.wait(1), "broken")
        except subprocess.TimeoutExpired:
            return "broken"

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


def _reason(head: dict[str, object]) -> str:
    reason = str(head["refused"])
    return reason if reason in REASONS else "broken"
