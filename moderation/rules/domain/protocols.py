"""The rules of a school as its people meet them: who must confirm which version when, and how a text is laid out."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from portal.core.domain.moments import SCHOOL_ZONE, at_school

REST = timedelta(days=3)
"""For so long somebody who pressed "later" is left alone; never past the day by which it must be done."""


class Asking(StrEnum):
    """What a person meets on the next page."""

    NOTHING = "nothing"
    MAY_WAIT = "may_wait"
    MUST = "must"


def asked(
    *, effective_at: datetime, required_at: datetime, as_staff: bool, is_confirmed: bool, now: datetime
) -> Asking:
    """POL-67: staff confirm before they go on; a parent may wait up to, but not at, `required_at`.

    Who is both is staff: knowing the rules belongs to the person, not to a hat.
    """
    if is_confirmed or now < effective_at:
        return Asking.NOTHING
    return Asking.MUST if as_staff or now >= required_at else Asking.MAY_WAIT


def begin_of(day: date, *, now: datetime) -> datetime:
    """When something holds that holds from `day` on: at once when that is today, otherwise as the day begins."""
    return now if day == at_school(now).date() else datetime.combine(day, time(), SCHOOL_ZONE)


@dataclass(frozen=True)
class ProtocolWords:
    """The rules in both languages: the whole text, and in short."""

    summary_nl: str
    text_nl: str
    summary_en: str
    text_en: str

    def in_language(self, language: str) -> tuple[str, str, str]:
        """Language, short version, whole text: Dutch unless somebody reads English."""
        is_english = language.startswith("en")
        return ("en", self.summary_en, self.text_en) if is_english else ("nl", self.summary_nl, self.text_nl)


@dataclass(frozen=True)
class TextBlock:
    """A heading, a list or a paragraph of a text; plain words still, nothing is HTML."""

    kind: str
    lines: tuple[str, ...]


def blocks_of(text: str) -> list[TextBlock]:
    """Lines that begin with "#" are headings, those with "-" are items, and an empty line ends a paragraph."""
    blocks: list[tuple[str, list[str]]] = []
    kind_before = ""
    for line in (raw.strip() for raw in text.splitlines()):
        kind, words = _read(line)
        if kind in ("item", "paragraph") and kind == kind_before:
            blocks[-1][1].append(words)
        elif kind:
            blocks.append((kind, [words]))
        kind_before = kind
    return [TextBlock(kind, tuple(lines)) for kind, lines in blocks]


def _read(line: str) -> tuple[str, str]:
    if line.startswith("#") and line.strip("# "):
        return "heading", line.strip("# ")
    if line.startswith(("- ", "* ", "• ")) and line[2:].strip():
        return "item", line[2:].strip()
    return ("paragraph", line) if line else ("", "")
