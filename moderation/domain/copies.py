"""What a sealed hard copy says, read back from its own HTML into plain parts: words, and photos as bytes.

Only the tags of `messaging/hard_copy.html` mean something here. Nothing is ever fetched: a picture that is not inside
the copy is a picture without bytes.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from html.parser import HTMLParser

INSIDE = "data:image/webp;base64,"
KINDS = {"h1", "h2", "h3", "p", "dt", "dd", "li", "figcaption"}
UNSEEN = {"head", "script", "style", "template", "title"}
_SPACE = re.compile(r"[ \t\r\n\f]+")


@dataclass(frozen=True)
class Words:
    """A piece of text of this kind (a tag's name); `is_around`: it stood around what was removed.

    `is_own`: it is the text itself, or an earlier version of it.
    """

    kind: str
    text: str
    is_around: bool = False
    is_own: bool = False


@dataclass(frozen=True)
class Picture:
    """A photo, or None where its bytes are not in the copy."""

    data: bytes | None
    alt: str


Part = Words | Picture


def read_copy(html: str) -> list[Part]:
    """The parts of a copy in their order; any text at all gives some."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.end_piece()
    return reader.parts


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[Part] = []
        self._kind = "p"
        self._said: list[str] = []
        self._unseen = 0
        self._sections: list[bool] = []
        self._articles = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in UNSEEN:
            self._unseen += 1
        elif tag == "br":
            self._said.append("\n")
        elif tag == "img":
            self.end_piece()
            self.parts.append(Picture(_bytes_of(given.get("src", "")), given.get("alt", "")))
        elif tag in KINDS:
            self.end_piece()
            self._kind = tag
        elif tag == "section":
            self.end_piece()
            self._sections.append("around" in given.get("class", "").split())
        elif tag == "article":
            self.end_piece()
            self._articles += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in KINDS or tag == "section":
            self.end_piece()
            if tag == "section" and self._sections:
                self._sections.pop()
        elif tag == "article":
            self.end_piece()
            self._articles = max(0, self._articles - 1)

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._said.append(_SPACE.sub(" ", data))

    def end_piece(self) -> None:
        """What was said since the last piece is one: lines without the blanks around them."""
        text = "\n".join(line.strip(" ") for line in "".join(self._said).split("\n")).strip("\n")
        if text.strip():
            is_own = bool(self._articles or self._sections) and not any(self._sections)
            self.parts.append(Words(self._kind, text, any(self._sections), is_own))
        self._said, self._kind = [], "p"


def _bytes_of(source: str) -> bytes | None:
    if not source.startswith(INSIDE):
        return None
    try:
        return base64.b64decode(source.removeprefix(INSIDE), validate=True)
    except binascii.Error:
        return None
