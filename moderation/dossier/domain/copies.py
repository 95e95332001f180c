"""A hard copy as it is shown, on a page and on paper alike: blocks of words, and photos as bytes."""

from base64 import b64encode
from dataclasses import dataclass
from enum import StrEnum


class Shape(StrEnum):
    """What a block is: facts in pairs, a list, a photo with the words under it, or text of somebody.

    TEXT is what was removed, VERSION an earlier version of it, AROUND what others wrote above or below it.
    """

    PLAIN = "plain"
    FACTS = "facts"
    LIST = "list"
    PHOTO = "photo"
    TEXT = "text"
    VERSION = "version"
    AROUND = "around"


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of text; `kind` is a tag's name; "by" says who wrote it and when, "b" is a title among text."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class CopiedPicture:
    """A photo, or None where its bytes are not in the copy; its sides as it was placed, 0 where that is not known."""

    data: bytes | None
    alt: str
    width: int = 0
    height: int = 0

    @property
    def source(self) -> str:
        """The very bytes as an address that fetches nothing."""
        return f"data:image/webp;base64,{b64encode(self.data or b'').decode()}"


Part = Passage | CopiedPicture


@dataclass(frozen=True, slots=True)
class Block:
    """Parts that stand together, in the language they were written in where somebody wrote them."""

    shape: Shape
    parts: tuple[Part, ...]
    language: str = ""

    @property
    def is_own(self) -> bool:
        """Whether it is the text itself, or a version of it: what its writer wrote."""
        return self.shape in {Shape.TEXT, Shape.VERSION}
