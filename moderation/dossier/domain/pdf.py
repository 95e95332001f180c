"""A hard copy drawn as a PDF. It gets words and the bytes of photos, never an address to fetch.

One font that knows the letters of Europe and of Arabic is embedded; a letter it does not know is a box. Lines that are
read from the right are set from the right.
"""

import io
import unicodedata
from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import zip_longest
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import ResourceAccessPolicy, XPos, YPos
from fpdf.fonts import CoreFont, TTFFont
from fpdf.image_parsing import get_img_info

from moderation.dossier.domain.copies import Block, CopiedPicture, Part, Passage, Shape

FONT = Path(__file__).parent.parent / "fonts" / "DejaVuSans.ttf"
MARGIN = 20.0
SIZES = {"h1": 18, "h2": 14, "h3": 12, "dt": 9, "figcaption": 9}
SPACE_ABOVE = {"h1": 0.0, "h2": 6.0, "h3": 3.0, "p": 2.0, "b": 2.0, "by": 2.0, "dt": 2.0, "figcaption": 1.0}
TEXT_SIZE = 11
INDENT = 6.0
DOTS_PER_MM = 6.0
WIDEST, HIGHEST = 140.0, 150.0
FROM_RIGHT = {"R", "AL", "AN", "RLE", "RLO", "RLI"}
BOX = "□"
TOTAL = "\x1fpages\x1f"
"""Stands for the number of pages: no text holds it, because control characters are taken out."""


def draw(blocks: Iterable[Block], *, title: str, foot: tuple[str, str], language: str, made_at: datetime) -> bytes:
    """The blocks on pages of A4; the two lines of `foot` stand under each, with its number. Photos are JPEG by now."""
    sheet = _Sheet(foot)
    sheet.set_title(title)
    sheet.set_lang(language)
    sheet.set_creation_date(made_at)
    sheet.add_page()
    parts = [(part, block.shape == Shape.AROUND) for block in blocks for part in block.parts]
    following = [part for part, _is_around in parts[1:]]
    for (part, is_around), then in zip_longest(parts, following):
        if isinstance(part, CopiedPicture):
            sheet.put_picture(part)
        else:
            sheet.put_words(part, then, is_around=is_around)
    return bytes(sheet.output())


class _Sheet(FPDF):
    def __init__(self, foot: tuple[str, str]) -> None:
        super().__init__(format="A4")
        self._foot, self._digest = foot
        self.resource_access_policy = ResourceAccessPolicy.NONE
        self.alias_nb_pages(TOTAL)
        self.set_margin(MARGIN)
        self.set_auto_page_break(True, MARGIN + 6)
        self.add_font("text", fname=FONT)
        self.set_font("text", size=TEXT_SIZE)
        self._known = _letters_of(self.fonts["text"])

    def footer(self) -> None:
        self.set_y(-MARGIN)
        self.set_font("text", size=8)
        self._set(f"{self._drawable(self._foot)} · {self.page_no()}/{TOTAL}")
        self._set(self._drawable(self._digest))

    def put_words(self, words: Passage, following: Part | None = None, *, is_around: bool = False) -> None:
        size = SIZES.get(words.kind, TEXT_SIZE)
        self.set_font("text", size=size)
        if words.kind.startswith("h"):
            below = self._size_of(following.data)[1] if isinstance(following, CopiedPicture) and following.data else 0.0
            self._keep_together(size * 1.5 + below)
        self.set_y(self.get_y() + SPACE_ABOVE.get(words.kind, 0.5))
        self.set_left_margin(MARGIN + (INDENT if is_around or words.kind == "li" else 0))
        for line in words.text.split("\n"):
            shown = self._drawable(f"• {line}" if words.kind == "li" else line)
            self._set(shown, "R" if _is_from_right(line) else "L")
        self.set_left_margin(MARGIN)

    def put_picture(self, picture: CopiedPicture) -> None:
        if picture.data is None:
            self.put_words(Passage("figcaption", f"[{picture.alt}]"))
            return
        width, height = self._size_of(picture.data)
        self._keep_together(height)
        self.set_y(self.get_y() + 2)
        self.image(io.BytesIO(picture.data), w=width, h=height, alt_text=picture.alt)

    def _size_of(self, photo: bytes) -> tuple[float, float]:
        """In millimetres: within the margins, and with room for the words under it."""
        info = get_img_info("", photo, resource_access_policy=ResourceAccessPolicy.NONE)
        wide, high = info.width / DOTS_PER_MM, info.height / DOTS_PER_MM
        scale = min(1.0, WIDEST / wide, HIGHEST / high)
        return wide * scale, high * scale

    def _set(self, text: str, align: str = "L") -> None:
        self.set_text_shaping(_needs_shaping(text))
        self.multi_cell(0, self.font_size * 1.4, text, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _drawable(self, text: str) -> str:
        """A box for each letter that the font does not know; without control characters, which are no letters."""
        letters = (sign for sign in text if unicodedata.category(sign) not in {"Cc", "Cs"})
        return "".join(sign if ord(sign) in self._known else BOX for sign in letters)

    def _keep_together(self, height: float) -> None:
        if self.will_page_break(height):
            self.add_page()


def _letters_of(font: CoreFont | TTFFont) -> Collection[int]:
    """The numbers of the letters that the embedded font knows."""
    return font.cmap if isinstance(font, TTFFont) else ()


def _is_from_right(line: str) -> bool:
    """The first letter with a direction decides, as in a browser."""
    return next((kind != "L" for sign in line if (kind := unicodedata.bidirectional(sign)) in {"L", "R", "AL"}), False)


def _needs_shaping(line: str) -> bool:
    """Letters that join, turn round or carry marks; for the rest it takes six times as long and changes nothing."""
    return any(unicodedata.combining(sign) or unicodedata.bidirectional(sign) in FROM_RIGHT for sign in line)
