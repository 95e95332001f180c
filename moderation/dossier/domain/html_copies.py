"""Copies that were sealed as a page of HTML, read back: hard copies of before they were data, and access copies.

Only the tags that Kring put there mean something. Nothing is ever fetched: a picture that is not inside the copy is a
picture without bytes.
"""

import base64
import binascii
import re
from html.parser import HTMLParser

from moderation.dossier.domain.copies import Block, CopiedPicture, Part, Passage, Shape

INSIDE = "data:image/webp;base64,"
KINDS = {"h1", "h2", "h3", "p", "dt", "dd", "li", "figcaption"}
UNSEEN = {"head", "script", "style", "template", "title"}
_SPACE = re.compile(r"[ \t\r\n\f]+")


def read_html(html: str) -> list[Block]:
    """The blocks of a copy in their order; any text at all gives some."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.end_block()
    return reader.blocks


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._parts: list[Part] = []
        self._shapes = [Shape.PLAIN]
        self._kind = "p"
        self._said: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in UNSEEN:
            self._unseen += 1
        elif tag == "br":
            self._said.append("\n")
        elif tag == "img":
            self._end_piece()
            self._parts.append(CopiedPicture(_inside(given.get("src", "")), given.get("alt", "")))
        elif tag in KINDS:
            self._end_piece()
            self._kind = tag
        elif tag in {"article", "section"}:
            self.end_block()
            is_around = "around" in given.get("class", "").split()
            self._shapes.append(Shape.TEXT if tag == "article" else Shape.AROUND if is_around else Shape.VERSION)

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in KINDS:
            self._end_piece()
        elif tag in {"article", "section"}:
            self.end_block()
            self._shapes = self._shapes[:-1] or [Shape.PLAIN]

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._said.append(_SPACE.sub(" ", data))

    def end_block(self) -> None:
        """What was read since the last block is one, unless it is nothing."""
        self._end_piece()
        if self._parts:
            self.blocks.append(Block(self._shapes[-1], tuple(self._parts)))
        self._parts = []

    def _end_piece(self) -> None:
        """What was said since the last piece is one: lines without the blanks around them."""
        text = "\n".join(line.strip(" ") for line in "".join(self._said).split("\n")).strip("\n")
        if text.strip():
            self._parts.append(Passage(self._kind, text))
        self._said, self._kind = [], "p"


def _inside(source: str) -> bytes | None:
    if not source.startswith(INSIDE):
        return None
    try:
        return base64.b64decode(source.removeprefix(INSIDE), validate=True)
    except binascii.Error:
        return None
