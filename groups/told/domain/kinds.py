"""The registry of what is told: each room says from its own wiring what it does to people, in words for them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from portal.core.actor import Actor
from portal.core.words import Words

STAFF = "staff"


class ToldWords(NamedTuple):
    """A sentence for a parent, and where it says "u" another one for a colleague."""

    family: Words
    staff: Words = ""

    def to(self, hat: str) -> str:
        """As somebody with this hat reads it."""
        return str(self.staff or self.family) if hat == STAFF else str(self.family)


class ToldKind(NamedTuple):
    """`heading`: what it is, above the page and in the list; `did`: what school did; `still`: what one still can."""

    heading: ToldWords
    did: ToldWords
    still: ToldWords | None = None


OwnPage = Callable[[str, UUID, Actor], str]
"""From the kind and uid of an own text to the page on which the actor still reads it, or nothing."""
Term = Callable[[UUID], datetime | None]
"""From a telling until when it is kept; nothing as long as school is busy with what it is about."""
_kinds: dict[str, ToldKind] = {}
_terms: list[Term] = []
_own_words: dict[str, ToldWords | None] = {}
_own_pages: list[OwnPage] = []


def register(kinds: dict[str, ToldKind]) -> None:
    """Called from `AppConfig.ready`."""
    _kinds.update(kinds)


def kind_of(key: str) -> ToldKind:
    """Raises `KeyError` for what no room registered."""
    return _kinds[key]


def register_own_texts(words: Mapping[str, ToldWords | None], find: OwnPage) -> None:
    """Called from `AppConfig.ready`, by the app that has the texts: an own one in words with its day, and its page."""
    _own_words.update(words)
    _own_pages[:] = [find]


def own_words(kind: str) -> ToldWords | None:
    """The own text, by its day alone: its group could be one that the reader may not know any more."""
    return _own_words.get(kind)


def own_page(kind: str, uid: UUID, actor: Actor) -> str:
    """Where the own text stands, as long as its writer can open it; else nothing."""
    return next((find(kind, uid, actor) for find in _own_pages), "")


def register_term(find: Term) -> None:
    """Called from `AppConfig.ready`, by the app that knows how long a school keeps things."""
    _terms[:] = [find]


def kept_until(telling: UUID) -> datetime | None:
    """Until when this is kept; nothing as long as school is busy with what it is about."""
    return next((find(telling) for find in _terms), None)
