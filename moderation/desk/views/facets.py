"""What somebody asks of a list, and its filters with counts: what is not on this desk is no choice of it."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, ClassVar, NamedTuple, Protocol

from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import Http404, QueryDict
from django.utils.text import smart_split, unescape_string_literal
from django.utils.translation import gettext as _

from portal.core.compiled import compiled
from portal.core.models import User
from portal.core.words import Words

EVERYTHING = "alles"
SEARCH, PAGE = "q", "p"
PAGES = re.compile("[1-9][0-9]{0,5}")

QUOTED = re.compile("""(["']).*\\1""")


@dataclass(frozen=True, eq=False)
class Facet:
    """Choose by `column`; `label` is the one with its words, or `words` has them. `default` holds when none is."""

    title: Words
    name: str
    column: str
    label: str = ""
    words: Mapping[Any, object] = field(default_factory=dict)
    default: str = EVERYTHING

    @property
    def columns(self) -> list[str]:
        return [self.column, *filter(None, [self.label])]

    def narrow(self, rows: QuerySet, chosen: str) -> QuerySet:
        """What is chosen; what cannot be on the desk, or is no choice at all, finds nothing."""
        if chosen == EVERYTHING:
            return rows
        try:
            return rows.filter(**{self.column: chosen}) if chosen.isprintable() else rows.none()
        except (ValidationError, ValueError):
            return rows.none()


class ListQuery(NamedTuple):
    """A page of a list, of rows with these words in it, by what is chosen of each of its facets."""

    chosen: tuple[str, ...]
    words: str
    page: int


def asked_of(facets: Sequence[Facet], asked: QueryDict) -> ListQuery:
    """Raises `Http404` for a question that is none of this list's: only a search, a page and its filters are."""
    page = asked.get(PAGE, "1")
    if not set(asked) <= {SEARCH, PAGE, *(one.name for one in facets)} or not PAGES.fullmatch(page):
        raise Http404
    chosen = tuple(asked.get(one.name) or one.default for one in facets)
    return ListQuery(chosen, asked.get(SEARCH, "").replace("\0", "").strip(), int(page))


class Listed(Protocol):
    """What a list of the desk says about itself."""

    facets: ClassVar[Sequence[Facet]]
    per_page: ClassVar[int]
    related: ClassVar[Sequence[str]]
    search_fields: ClassVar[Sequence[str]]
    ordering: ClassVar[Sequence[str]]

    def rows(self, user: User, *, now: datetime) -> QuerySet: ...


def rows_asked(listing: Listed, asked: ListQuery, *, user: User, now: datetime) -> QuerySet:
    """The rows of the list, in its order."""
    rows = _searched(listing, asked.words, user, now)
    for facet, chosen in zip(listing.facets, asked.chosen, strict=True):
        rows = facet.narrow(rows, chosen)
    return rows.select_related(*listing.related).order_by(*listing.ordering, "-pk")


def page_asked(listing: Listed, asked: ListQuery, *, user: User, now: datetime) -> list[Any]:
    """One page of them. What is searched for is typed by somebody: such a question is not worth keeping."""
    ask = _page.__wrapped__ if asked.words else _page
    return list(ask(listing=listing, asked=asked, size=listing.per_page, user=user, now=now))


@compiled
def _page(listing: Listed, asked: ListQuery, size: int, user: User, now: datetime) -> QuerySet:
    first = (asked.page - 1) * size
    return rows_asked(listing, asked, user=user, now=now)[first : first + size]


class Tally:
    """How many rows each choice leaves, from one question: how many there are of each combination."""

    def __init__(self, listing: Listed, asked: ListQuery, *, user: User, now: datetime) -> None:
        self._facets, self._asked = listing.facets, asked
        ask = _combinations.__wrapped__ if asked.words else _combinations
        self._rows: list[Sequence[Any]] = list(ask(listing=listing, words=asked.words, user=user, now=now))

    @property
    def total(self) -> int:
        """Of what is chosen."""
        return sum(row[-1] for row in self._rows if self._fits(row))

    def options(self, facet: Facet, asked: QueryDict) -> list[dict[str, object]]:
        """The choices of one facet, each with what it leaves under all others."""
        at = self._columns_before(facet)
        counts: Counter[tuple[object, ...]] = Counter()
        for row in self._rows:
            if self._fits(row, without=facet):
                counts[tuple(row[at : at + len(facet.columns)])] += row[-1]
        everything = (EVERYTHING, _("All"), sum(counts.values()))
        choices = [(str(key[0]), _words(facet, key), count) for key, count in sorted(counts.items(), key=_by_label)]
        current = self._asked.chosen[self._facets.index(facet)]
        return [
            {"label": words, "url": query(asked, **{facet.name: value}), "current": value == current, "count": count}
            for value, words, count in [everything, *choices]
        ]

    def _fits(self, row: Sequence[object], without: Facet | None = None) -> bool:
        chosen = zip(self._facets, self._asked.chosen, strict=True)
        return all(
            value in (EVERYTHING, str(row[self._columns_before(facet)]))
            for facet, value in chosen
            if facet is not without
        )

    def _columns_before(self, facet: Facet) -> int:
        return sum(len(one.columns) for one in self._facets[: self._facets.index(facet)])


@compiled
def _combinations(listing: Listed, words: str, user: User, now: datetime) -> QuerySet:
    columns = [column for facet in listing.facets for column in facet.columns]
    counted = _searched(listing, words, user, now).order_by().values_list(*columns)
    return counted.annotate(count=Count("pk"))


def _searched(listing: Listed, words: str, user: User, now: datetime) -> QuerySet:
    """Rows in which each of the words stands somewhere; what stands in quotes is one word."""
    rows = listing.rows(user, now=now)
    for word in smart_split(words) if listing.search_fields else ():
        sought = unescape_string_literal(word) if QUOTED.fullmatch(word) else word
        rows = rows.filter(reduce(or_, (Q(**{f"{name}__icontains": sought}) for name in listing.search_fields)))
    return rows


def _words(facet: Facet, key: tuple[object, ...]) -> str:
    return str(key[1] if facet.label else facet.words.get(key[0], key[0]))


def _by_label(counted: tuple[tuple[object, ...], int]) -> list[str]:
    return [str(column) for column in reversed(counted[0])]


def query(asked: QueryDict, **changed: object) -> str:
    """The question with something else chosen, from its first page on."""
    new = asked.copy()
    new.pop(PAGE, None)
    for name, value in changed.items():
        new[name] = str(value)
    return f"?{new.urlencode()}"
