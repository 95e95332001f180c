"""What other rooms add to a weekly mail, below its messages: they register here, as they know the newsletter."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from django.db.models import QuerySet

from messaging.newsletter.models import DigestEdition


class Section(NamedTuple):
    """A heading, and lines of words with the page they lead to."""

    heading: str
    lines: tuple[tuple[str, str], ...]


Words = Callable[[], Section]
"""Made in the language that is in force when it is called."""


class Source(NamedTuple):
    """Something that adds a section.

    `readers` are the keys of who gets the mail of an edition for its sake alone; `gather` is asked as the mails leave
    and says by reader what is left to tell. `is_news`: of the school to families, as its messages are.
    """

    readers: Callable[[DigestEdition, datetime], QuerySet]
    gather: Callable[[DigestEdition, Collection[int], datetime], Mapping[int, Words]]
    is_news: bool = False


class Added(NamedTuple):
    """A section in the mail of one reader."""

    words: Words
    is_news: bool


_sources: list[Source] = []


def register(source: Source) -> None:
    """Called once at the start, in the order in which sections stand."""
    if source not in _sources:
        _sources.append(source)


def readers_of(edition: DigestEdition, now: datetime) -> Iterator[QuerySet]:
    """Of each source, who gets this edition for its sake alone."""
    return (source.readers(edition, now) for source in _sources)


def sections_for(edition: DigestEdition, users: Collection[int], now: datetime) -> dict[int, list[Added]]:
    """What is added for each of these readers."""
    sections: dict[int, list[Added]] = {}
    for source in _sources:
        for user, words in source.gather(edition, users, now).items():
            sections.setdefault(user, []).append(Added(words, source.is_news))
    return sections
